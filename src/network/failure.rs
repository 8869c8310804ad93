//! Recognizes failures to connect that a setting causes or mends.

use std::error::Error;

/// A failure to connect that a setting causes or mends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkFailure {
    /// The proxy lets nothing through.
    Proxy(&'static str, ProxyFailure),
    /// No trusted authority signed the server's certificate.
    UnknownAuthority,
}

/// What a proxy did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFailure {
    /// It cannot be reached, or does not answer in time.
    Unreachable,
    /// It asks for a user name and a password, or accepts none of those it was sent.
    Password,
    /// It does not connect to the server.
    Refused,
}

/// Signs in the texts of the HTTP client's errors: it keeps their types private. Checked in this order.
const SIGNS: [(&str, ProxyFailure); 9] = [
    ("tunnel error: proxy authorization required", ProxyFailure::Password),
    ("tunnel error: failed to create underlying connection", ProxyFailure::Unreachable),
    ("tunnel error", ProxyFailure::Refused),
    ("SOCKS error: failed to create underlying connection", ProxyFailure::Unreachable),
    ("SOCKS error: credentials not accepted", ProxyFailure::Password),
    ("SOCKS error: server does not support user/pass authentication", ProxyFailure::Password),
    ("SOCKS error: server implements authentication incorrectly", ProxyFailure::Password),
    ("SOCKS error", ProxyFailure::Refused),
    ("socks proxy", ProxyFailure::Refused),
];

/// The failure in this chain of errors. `proxy` is the setting that names the proxy, if there is one; `always`: no host is
/// reached without it.
pub(super) fn of(
    error: &reqwest::Error,
    proxy: Option<&'static str>,
    always: bool,
) -> Option<NetworkFailure> {
    if !error.is_connect() {
        return None;
    }
    let mut texts = Vec::new();
    let mut cause = error.source();
    while let Some(found) = cause {
        texts.push(found.to_string());
        cause = found.source();
    }
    let says = |sign: &str| texts.iter().any(|text| text.contains(sign));
    if says("UnknownIssuer") {
        return Some(NetworkFailure::UnknownAuthority);
    }
    let setting = proxy?;
    let known = SIGNS.into_iter().find(|(sign, _)| says(sign)).map(|(_, failure)| failure);
    // A proxy that says nothing leaves no sign.
    let silent = (always && error.is_timeout()).then_some(ProxyFailure::Unreachable);
    known.or(silent).map(|failure| NetworkFailure::Proxy(setting, failure))
}
