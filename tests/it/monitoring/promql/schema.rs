//! The metrics that queries may use, with their labels and label values.
//!
//! The desk's metrics come from the catalogue, and recorded series from their rules. For other exporters only the
//! prefixes of the names are known here; `asked.rs` checks on real servers that such metrics exist.

use std::collections::{BTreeMap, BTreeSet};

use support_bot::telemetry::{Catalogue, Kind, Metric};

use super::{labels::result_labels, parser::tree};
use crate::monitoring::files::Rule;

/// The other exporters, by the prefix of their metrics.
const OTHERS: [&str; 10] = [
    "redis_",
    "node_",
    "probe_",
    "caddy_",
    "prometheus_",
    "alertmanager_",
    "process_",
    "go_",
    "grafana_",
    "scrape_",
];

/// The possible values of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Values {
    Any,
    Of(BTreeSet<String>),
}

/// The labels of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Any labels: they are not known here.
    Open,
    Closed(BTreeMap<String, Values>),
}

impl Labels {
    /// No labels.
    pub(crate) fn none() -> Self {
        Self::Closed(BTreeMap::new())
    }

    pub(crate) fn has(&self, label: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Closed(labels) => labels.contains_key(label),
        }
    }
}

/// All metrics and recorded series.
#[derive(Debug)]
pub(crate) struct Known {
    series: BTreeMap<String, Labels>,
    /// The bucket bounds of histograms.
    bounds: BTreeMap<String, Vec<f64>>,
    /// Names of counters.
    counters: BTreeSet<String>,
}

impl Known {
    /// The metrics of the catalogue and the series that these rules record.
    pub(crate) fn new(catalogue: &Catalogue, rules: &[Rule]) -> Self {
        let mut known =
            Self { series: BTreeMap::new(), bounds: BTreeMap::new(), counters: BTreeSet::new() };
        for metric in &catalogue.metrics {
            known.add(metric);
        }
        known.series.insert(
            "up".to_owned(),
            closed([
                ("job", Values::Any),
                ("instance", Values::Any),
                ("service", of(["supportbot"])),
            ]),
        );
        known.series.insert("ALERTS".to_owned(), Labels::Closed(alerts(rules)));
        let mut since = alerts(rules);
        since.remove("alertstate");
        known.series.insert("ALERTS_FOR_STATE".to_owned(), Labels::Closed(since));
        known.record(rules);
        known
    }

    /// The labels of a metric; `None` if no metric has this name.
    pub(crate) fn labels(&self, name: &str) -> Option<Labels> {
        let foreign = || OTHERS.iter().any(|beginning| name.starts_with(beginning));
        self.series.get(name).cloned().or_else(|| foreign().then_some(Labels::Open))
    }

    /// The bounds of the histogram that has these buckets.
    pub(crate) fn bounds(&self, name: &str) -> Option<&[f64]> {
        self.bounds.get(name).map(Vec::as_slice)
    }

    /// Whether only the growth of this metric is meaningful.
    pub(crate) fn only_grows(&self, name: &str) -> bool {
        let foreign = !self.series.contains_key(name) && name.ends_with("_total");
        foreign || self.counters.contains(name)
    }

    fn add(&mut self, metric: &Metric) {
        // Prometheus and Alertmanager export the same metrics of their processes.
        let everybodys = metric.name.starts_with("process_");
        let mut labels = BTreeMap::from([
            ("job".to_owned(), if everybodys { Values::Any } else { of(["supportbot"]) }),
            ("service".to_owned(), of(["supportbot"])),
            ("instance".to_owned(), Values::Any),
        ]);
        // Whoever makes no backups says so at the desk's target.
        if metric.name.starts_with("supportbot_backup_") {
            labels.insert("backups".to_owned(), of(["none"]));
        }
        for (label, values) in &metric.labels {
            let open = values.is_empty();
            let values = if open { Values::Any } else { of(values.iter().copied()) };
            labels.insert((*label).to_owned(), values);
        }
        let mut put = |suffix: &str, labels: &BTreeMap<String, Values>, grows: bool| {
            let name = format!("{}{suffix}", metric.name);
            if grows {
                self.counters.insert(name.clone());
            }
            self.series.insert(name, Labels::Closed(labels.clone()));
        };
        match metric.kind {
            Kind::Counter | Kind::FractionalCounter => put("", &labels, true),
            Kind::Gauge => put("", &labels, false),
            Kind::Histogram(bounds) => {
                put("_count", &labels, true);
                put("_sum", &labels, true);
                labels.insert("le".to_owned(), Values::Any);
                put("_bucket", &labels, true);
                self.bounds.insert(format!("{}_bucket", metric.name), bounds.to_vec());
            }
        }
    }

    /// Adds the recorded series, each after the series that it needs.
    fn record(&mut self, rules: &[Rule]) {
        let mut waiting: Vec<&Rule> = rules.iter().filter(|rule| rule.record.is_some()).collect();
        let names: BTreeSet<&str> = waiting.iter().map(|rule| rule.name()).collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            waiting.retain(|rule| {
                let Ok(expr) = tree(&rule.expr) else { return false };
                let readings = super::parser::readings(&expr);
                // A rule may fall back to what it recorded before.
                let missing = |name: &str| {
                    name != rule.name() && names.contains(name) && !self.series.contains_key(name)
                };
                if readings.iter().any(|reading| missing(reading.name)) {
                    return true;
                }
                let labels = result_labels(&expr, self);
                self.series.insert(rule.name().to_owned(), labels);
                false
            });
            assert!(waiting.len() < before, "these rules depend on each other: {waiting:?}");
        }
    }
}

/// A label with these possible values.
pub(crate) fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Values {
    Values::Of(values.into_iter().map(str::to_owned).collect())
}

fn closed<const N: usize>(labels: [(&str, Values); N]) -> Labels {
    Labels::Closed(labels.map(|(label, values)| (label.to_owned(), values)).into())
}

/// The labels of `ALERTS` and `ALERTS_FOR_STATE`, the series in which Prometheus keeps the state of alerts.
fn alerts(rules: &[Rule]) -> BTreeMap<String, Values> {
    let alerts: Vec<&Rule> = rules.iter().filter(|rule| rule.alert.is_some()).collect();
    let mut labels = BTreeMap::from([
        ("job".to_owned(), Values::Any),
        ("instance".to_owned(), Values::Any),
        // Of what some of them compare.
        ("probe".to_owned(), Values::Any),
        ("task".to_owned(), Values::Any),
        ("alertstate".to_owned(), of(["firing", "pending"])),
        ("alertname".to_owned(), of(alerts.iter().map(|rule| rule.name()))),
    ]);
    for (label, value) in alerts.iter().flat_map(|rule| &rule.labels) {
        match labels.entry(label.clone()).or_insert_with(|| of([])) {
            Values::Of(values) => {
                let _new = values.insert(value.clone());
            }
            Values::Any => {}
        }
    }
    labels
}
