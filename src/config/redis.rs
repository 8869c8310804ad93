//! The address of Redis, if the store is there: one URL, or its parts.

use std::net::Ipv6Addr;

use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

use crate::config::{checks::is_private, reader::Reader};

/// Settings of a store in Redis. `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct Redis {
    /// `REDIS_URL`, or a URL composed from `REDIS_HOST` and the other parts. May contain a password.
    pub url: SecretString,
    /// `REDIS_ACCEPT_LOSS`: suppresses the warning about Redis settings that risk losing stored data.
    pub accept_loss: bool,
    /// `REDIS_IGNORE_OLD_USERS`: lets the desk start although users of the old bot have not been imported.
    pub ignore_old_users: bool,
}

/// Schemes for a single server, a cluster and Sentinel, each with and without TLS.
const SCHEMES: [&str; 6] =
    ["redis", "rediss", "redis-cluster", "rediss-cluster", "redis-sentinel", "rediss-sentinel"];
/// Variables that have an effect only with `REDIS_HOST`.
const PARTS: [&str; 5] =
    ["REDIS_PORT", "REDIS_DB", "REDIS_USERNAME", "REDIS_PASSWORD", "REDIS_TLS"];
/// Variables that have an effect only with a Redis, but do not say where it is.
const CHOICES: [&str; 2] = ["REDIS_ACCEPT_LOSS", "REDIS_IGNORE_OLD_USERS"];
const IN_THE_CLEAR: &str =
    "would send the password, and what users write, unencrypted over the internet";

/// Reads the Redis settings. `None` means that the store is not in Redis, or that a mistake was reported. `warnings`
/// gets settings without effect.
pub(in crate::config) fn redis(r: &mut Reader<'_>, warnings: &mut Vec<String>) -> Option<Redis> {
    let before = r.mistakes.len();
    let url = r.secret("REDIS_URL");
    let host = r.text("REDIS_HOST");
    let port = r.number("REDIS_PORT", 1..=u16::MAX);
    let database = r.number("REDIS_DB", 0..=u8::MAX);
    let username = r.text("REDIS_USERNAME");
    let password = host.as_ref().and_then(|_host| r.secret("REDIS_PASSWORD"));
    let tls = r.switch("REDIS_TLS");
    let accept_loss = r.switch("REDIS_ACCEPT_LOSS");
    let ignore_old_users = r.switch("REDIS_IGNORE_OLD_USERS");
    report_contradictions(r, url.is_some(), host.is_some(), warnings);
    let url = match (url, host) {
        (Some(url), _) => checked(r, url),
        (None, Some(host)) => {
            let parts = Parts { host, port: port?, database: database?, tls: tls? };
            parts.url(r, username.as_deref(), password.as_ref())
        }
        (None, None) => None,
    };
    if r.mistakes.len() > before {
        return None;
    }
    Some(Redis { url: url?, accept_loss: accept_loss?, ignore_old_users: ignore_old_users? })
}

/// Reports contradictory settings, and warns of settings without effect.
fn report_contradictions(r: &mut Reader<'_>, url: bool, host: bool, warnings: &mut Vec<String>) {
    let given: Vec<&str> = PARTS.into_iter().filter(|name| r.differs(name)).collect();
    let all = if host { vec!["REDIS_HOST"] } else { Vec::new() };
    let all = [all, given.clone()].concat();
    if url && !all.is_empty() {
        r.mistake(
            &format!("REDIS_URL and {}", all.join(", ")),
            "contradict each other: both say where Redis is",
            "keep REDIS_URL, which can hold all of it, or the others",
        );
    } else if !url && !host {
        let choices = CHOICES.into_iter().filter(|name| r.differs(name));
        let warning =
            |name| format!("{name} has no effect: neither REDIS_HOST nor REDIS_URL is set");
        warnings.extend(given.into_iter().chain(choices).map(warning));
    }
}

/// Checks the form of a Redis URL. No mistake quotes it: it may hold a password.
fn checked(r: &mut Reader<'_>, text: SecretString) -> Option<SecretString> {
    let url = Url::parse(text.expose_secret()).ok();
    let trouble = match &url {
        None => {
            Some(("is not a URL", "write it with its scheme, such as redis://127.0.0.1:6379/0"))
        }
        Some(url) if !SCHEMES.contains(&url.scheme()) => Some((
            "has a scheme that Redis does not use",
            "begin it with redis://, rediss:// for TLS, redis-sentinel:// or redis-cluster://",
        )),
        Some(url) if url.host_str().is_none_or(str::is_empty) => {
            Some(("names no host", "write it as redis://host:6379/0"))
        }
        Some(url)
            if url.scheme().ends_with("-sentinel")
                && !url.query_pairs().any(|(name, _)| name == "sentinelServiceName") =>
        {
            Some((
                "does not name the master that Sentinel monitors",
                "add its name at the end: ?sentinelServiceName=mymaster",
            ))
        }
        Some(url) if !is_database(url) => {
            Some(("has a path that is not a database number", "end it with /0, or leave it out"))
        }
        Some(url) if is_unencrypted(url) => Some((
            IN_THE_CLEAR,
            "write rediss:// (rediss-sentinel://, rediss-cluster://), or reach Redis on this machine or in a private network",
        )),
        Some(_) => None,
    };
    if let Some((wrong, remedy)) = trouble {
        r.mistake("REDIS_URL", wrong, remedy);
        return None;
    }
    Some(text)
}

/// Whether a connection to one of the hosts would cross the internet without TLS.
fn is_unencrypted(url: &Url) -> bool {
    let others = url.query_pairs().filter(|(name, _)| name == "node");
    let others = others.map(|(_, node)| match node.rsplit_once(':') {
        Some((host, _port)) => host.to_owned(),
        None => node.into_owned(),
    });
    let mut hosts = url.host_str().map(str::to_owned).into_iter().chain(others);
    !url.scheme().starts_with("rediss") && !hosts.all(|host| is_local_or_private(&host))
}

/// Whether a host is this machine or in a private network.
fn is_local_or_private(host: &str) -> bool {
    // `Url` does not parse IPv4 addresses in a URL whose scheme is not one of the web's.
    Host::parse(host).is_ok_and(|host| match &host {
        Host::Domain(name) => is_private(&Host::Domain(name.as_str())),
        Host::Ipv4(address) => is_private(&Host::Ipv4(*address)),
        Host::Ipv6(address) => is_private(&Host::Ipv6(*address)),
    })
}

/// Whether a connection to this URL would cross the internet without TLS. A URL that cannot be parsed is refused elsewhere.
pub fn is_sent_in_the_clear(url: &SecretString) -> bool {
    Url::parse(url.expose_secret()).is_ok_and(|url| is_unencrypted(&url))
}

/// Whether the path names a usable database. A cluster has only database 0.
fn is_database(url: &Url) -> bool {
    let path = url.path().trim_matches('/');
    let number = if path.is_empty() { Some(0) } else { path.parse::<u8>().ok() };
    number.is_some_and(|number| number == 0 || !url.scheme().ends_with("-cluster"))
}

struct Parts {
    host: String,
    port: u16,
    database: u8,
    tls: bool,
}

impl Parts {
    fn url(
        self,
        r: &mut Reader<'_>,
        username: Option<&str>,
        password: Option<&SecretString>,
    ) -> Option<SecretString> {
        let Self { host, port, database, tls } = self;
        let scheme = if tls { "rediss" } else { "redis" };
        let host = if host.parse::<Ipv6Addr>().is_ok() { format!("[{host}]") } else { host };
        let plain = !host.contains(['/', '@', '?', '#', ' ']);
        let url = Url::parse(&format!("{scheme}://{host}:{port}/{database}")).ok();
        let Some(mut url) = url.filter(|_| plain) else {
            r.mistake(
                "REDIS_HOST",
                "is not the name or address of a host",
                "write only the host, such as 127.0.0.1 or redis; a URL goes into REDIS_URL",
            );
            return None;
        };
        if is_unencrypted(&url) {
            let remedy =
                "set REDIS_TLS=true, or reach Redis on this machine or in a private network";
            r.mistake("REDIS_HOST", IN_THE_CLEAR, remedy);
            return None;
        }
        let named = username.is_none_or(|name| url.set_username(name).is_ok());
        let secret = password.map(SecretString::expose_secret);
        let known = url.set_password(secret).is_ok();
        (named && known).then(|| SecretString::from(String::from(url)))
    }
}
