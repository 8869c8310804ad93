//! The host names under which the operations server answers.
//!
//! A web page can point its own host name to 127.0.0.1 and then read the answers of a local server: DNS rebinding.
//! The attack needs a name in the public DNS. Therefore the server answers only under other names, and under those
//! that the owner has configured.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

const REFUSED: &str = "421: unknown host name. Use an IP address or a name without dots, or add the name to OPS_ALLOWED_HOSTS.\n";

/// The allowed host names; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    names: Arc<[String]>,
    private_suffixes: &'static [&'static str],
}

impl Hosts {
    /// Allows these names, and all with one of the private suffixes, which do not exist in the public DNS. IP addresses
    /// and names without a dot are always allowed.
    pub fn new(names: &[String], private_suffixes: &'static [&'static str]) -> Self {
        let names = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { names, private_suffixes }
    }

    /// Whether all host names of a request are allowed. A request without one does not come from a browser.
    fn allows_request(&self, request: &Request) -> bool {
        let in_headers = request.headers().get_all(HOST).into_iter().map(HeaderValue::to_str);
        let mut hosts = request.uri().host().map(Ok).into_iter().chain(in_headers);
        hosts.all(|host| host.is_ok_and(|host| self.allows(host)))
    }

    /// Whether a host, with or without a port, is allowed.
    fn allows(&self, host: &str) -> bool {
        let name = without_port(host);
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        !name.contains('.')
            || name.parse::<IpAddr>().is_ok()
            || self.private_suffixes.iter().any(|suffix| name.ends_with(suffix))
            || self.names.contains(&name)
    }
}

fn without_port(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    let numbered = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    host.rsplit_once(':').filter(|(_, port)| numbered(port)).map_or(host, |(name, _)| name)
}

/// Refuses requests for other host names.
pub(super) async fn allow_known_hosts(
    State(hosts): State<Hosts>,
    request: Request,
    next: Next,
) -> Response {
    if hosts.allows_request(&request) {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, REFUSED).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: &[&str] = &[".localhost", ".local", ".internal", ".lan", ".svc"];

    #[test]
    fn only_names_outside_the_public_dns_are_allowed() {
        let hosts = Hosts::new(&["Desk.Example.Org".to_owned()], PRIVATE);
        for host in [
            "127.0.0.1:9464",
            "10.0.0.7",
            "203.0.113.9:80",
            "[::1]:9464",
            "[::ffff:127.0.0.1]",
            "::1",
            "localhost:9464",
            "LOCALHOST.",
            "support-bot:9464",
            "support_bot-2",
            "desk.internal:9464",
            "desk.home.lan",
            "support-bot.desk.svc:9464",
            "support-bot.desk.svc.cluster.local:9464",
            "a.localhost",
            "desk.example.org",
            "DESK.example.org.:443",
            "",
        ] {
            assert!(hosts.allows(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9464",
            "evil.example.",
            "127.0.0.1.nip.io",
            "127.0.0.1.evil.example:9464",
            "localhost.evil.example",
            "desk.example.org.evil.example",
            "xdesk.example.org",
            "evil.local.example",
            "127.1",
            "0x7f.0.0.1",
            "[evil.example]:9464",
            "evil.example:80:80",
            "127.0.0.1@evil.example",
        ] {
            assert!(!hosts.allows(host), "{host}");
        }
    }

    #[test]
    fn every_host_of_a_request_must_be_allowed() {
        let hosts = Hosts::default();
        let asks = |uri: &str, named: &[&str]| {
            let request = named
                .iter()
                .fold(Request::builder().uri(uri), |request, host| request.header(HOST, *host));
            hosts.allows_request(&request.body(axum::body::Body::empty()).unwrap())
        };
        assert!(asks("/metrics", &[]), "HTTP/1.0 needs no host");
        assert!(asks("/metrics", &["localhost"]));
        assert!(!asks("/metrics", &["localhost", "evil.example"]));
        assert!(!asks("http://evil.example/metrics", &["localhost"]));
        assert!(!asks("/metrics", &["\u{fc}.example"]), "a name must be ASCII");
    }
}
