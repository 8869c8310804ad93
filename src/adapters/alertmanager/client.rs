//! Asks Alertmanager which of the desk's alerts are firing and notify someone.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Url, redirect::Policy};
use serde::Deserialize;

use crate::network::Network;
use domain::Firing;

/// Time limit for an answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Size limit of an answer, in bytes. One of our alerts has about two thousand.
const LONGEST_ANSWER: usize = 1 << 20;

/// A client for Alertmanager's API, version 2 (`api/v2/openapi.yaml` in its repository).
#[derive(Debug)]
pub struct Alertmanager {
    /// If creating the client failed, every request fails.
    http: reqwest::Result<Client>,
    alerts: Url,
}

#[derive(Deserialize)]
struct Alert {
    labels: BTreeMap<String, String>,
}

impl Alertmanager {
    /// Creates a client for this `http` or `https` URL, reached through this network. It does not connect yet.
    pub fn new(base: &Url, network: &Network) -> Self {
        let builder = network.client(base).timeout(LIMIT).redirect(Policy::none());
        let mut alerts = base.clone();
        if let Ok(mut path) = alerts.path_segments_mut() {
            path.pop_if_empty().extend(["api", "v2", "alerts"]);
        }
        // The watchdog, which always fires, has a different severity.
        alerts.query_pairs_mut().extend_pairs([
            ("active", "true"),
            ("silenced", "false"),
            ("inhibited", "false"),
            ("filter", "severity=~\"critical|warning\""),
        ]);
        Self { http: builder.build(), alerts }
    }

    /// The firing alerts that are neither silenced nor inhibited: critical ones first, each name once. `None` if
    /// Alertmanager does not answer within two seconds, or its answer is not valid.
    pub async fn firing(&self) -> Option<Vec<Firing>> {
        let asked = self.http.as_ref().ok()?.get(self.alerts.clone()).send().await;
        let mut answer = asked.ok()?.error_for_status().ok()?;
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await.ok()? {
            if part.len() > LONGEST_ANSWER - bytes.len() {
                return None;
            }
            bytes.extend_from_slice(&part);
        }
        read(&bytes)
    }
}

fn read(answer: &[u8]) -> Option<Vec<Firing>> {
    let alerts: Vec<Alert> = serde_json::from_slice(answer).ok()?;
    let mut firing: Vec<Firing> = alerts
        .into_iter()
        .filter_map(|mut alert| {
            let critical = alert.labels.get("severity").is_some_and(|word| word == "critical");
            Some(Firing { critical, name: alert.labels.remove("alertname")? })
        })
        .collect();
    firing.sort_unstable_by(|one, other| {
        (!one.critical, &one.name).cmp(&(!other.critical, &other.name))
    });
    firing.dedup();
    Some(firing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_critical_ones_come_first_and_each_once() {
        let answer = br#"[
            {"labels": {"alertname": "B", "severity": "warning"}, "status": {"state": "active"}},
            {"labels": {"alertname": "Z", "severity": "critical", "instance": "1"}},
            {"labels": {"alertname": "Z", "severity": "critical", "instance": "2"}},
            {"labels": {"alertname": "A", "severity": "warning"}}, {"labels": {}}]"#;
        let firing = |name: &str, critical| Firing { critical, name: name.to_owned() };
        let expected = vec![firing("Z", true), firing("A", false), firing("B", false)];
        assert_eq!(read(answer), Some(expected));
        assert_eq!(read(b"[]"), Some(Vec::new()));
        for odd in [&b""[..], b"{}", b"[{}]", b"<html>"] {
            assert_eq!(read(odd), None);
        }
    }

    #[test]
    fn its_address_may_have_a_path() {
        for (base, asked) in [
            ("http://am:9093", "http://am:9093/api/v2/alerts?"),
            ("https://example.org/alerts/", "https://example.org/alerts/api/v2/alerts?"),
        ] {
            let network = Network::direct().unwrap();
            let there = Alertmanager::new(&Url::parse(base).unwrap(), &network);
            assert!(there.alerts.as_str().starts_with(asked), "{}", there.alerts);
        }
    }
}
