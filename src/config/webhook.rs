//! Settings of the webhook.

use std::net::{IpAddr, SocketAddr};

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use crate::{
    config::{
        checks::is_private,
        paths::path_of,
        reader::{MISSING, Reader},
    },
    files,
};

/// The only ports to which Telegram's own servers push.
const PUSH_PORTS: [u16; 4] = [443, 80, 88, 8443];
/// Host of Telegram's own Bot API server. A self-hosted server pushes to any port, and without encryption too.
const OFFICIAL_HOST: &str = "api.telegram.org";
/// Minimum length of the secret; a shorter one could be guessed.
const MIN_SECRET: usize = 16;
/// Maximum length of the secret that Telegram accepts.
const MAX_SECRET: usize = 256;
/// Size limit of a certificate file, in bytes.
const MAX_CERTIFICATE_BYTES: usize = 256 << 10;

/// The webhook to register, and the address to listen on.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// `WEBHOOK_URL` with `WEBHOOK_PATH`: the URL that is registered at Telegram.
    pub url: Url,
    /// `WEBHOOK_PATH`: begins with a slash.
    pub path: String,
    /// `WEBAPP_HOST` and `WEBAPP_PORT`: the address that the desk listens on.
    pub address: SocketAddr,
    /// `WEBHOOK_SECRET`; derived from the token if not set.
    pub secret: Option<SecretString>,
    /// `WEBHOOK_MAX_CONNECTIONS`: concurrent pushes that Telegram may make.
    pub max_connections: u8,
    /// `WEBHOOK_CERTIFICATE`: the contents of the file, uploaded so that Telegram trusts it.
    pub certificate: Option<Vec<u8>>,
    /// `WEBHOOK_DROP_PENDING`: whether a start discards the updates that wait at Telegram.
    pub drop_pending: bool,
}

/// Reads the settings. Returns `None` if the webhook is off, or if a mistake was reported. Settings without effect go
/// to `warnings`.
pub(in crate::config) fn webhook(
    r: &mut Reader<'_>,
    api: Option<&Url>,
    ops: Option<SocketAddr>,
    warnings: &mut Vec<String>,
) -> Option<Webhook> {
    let enabled = r.switch("WEBHOOK_ENABLED");
    let max_connections = r.number("WEBHOOK_MAX_CONNECTIONS", 1..=100);
    let drop_pending = r.switch("WEBHOOK_DROP_PENDING");
    if enabled != Some(true) {
        let mut ineffective: Vec<&str> = ["WEBHOOK_URL", "WEBHOOK_SECRET", "WEBHOOK_CERTIFICATE"]
            .into_iter()
            .filter(|name| r.is_given(name))
            .collect();
        ineffective.extend((drop_pending == Some(true)).then_some("WEBHOOK_DROP_PENDING"));
        let warning = |name| format!("{name} has no effect: WEBHOOK_ENABLED is not true");
        warnings.extend(ineffective.into_iter().map(warning));
        return None;
    }
    let official = api.is_none_or(|api| api.host_str() == Some(OFFICIAL_HOST));
    let (base, path) = (public_url(r, official), path(r));
    let address = address(r, ops);
    let (secret, certificate) = (secret(r), certificate(r));
    let path = path?;
    let url = base?.join(&path).ok()?;
    let (secret, certificate) = (secret.ok()?, certificate.ok()?);
    let (max_connections, drop_pending) = (max_connections?, drop_pending?);
    Some(Webhook {
        url,
        path,
        address: address?,
        secret,
        max_connections,
        certificate,
        drop_pending,
    })
}

/// `WEBHOOK_URL`: an address that Telegram can push to. `official` says whether Telegram's own server pushes, and no
/// self-hosted one.
fn public_url(r: &mut Reader<'_>, official: bool) -> Option<Url> {
    const NAME: &str = "WEBHOOK_URL";
    let Some(value) = r.text(NAME) else {
        r.mistake(
            NAME,
            MISSING,
            "set it to the public address, such as https://desk.example.org, or set WEBHOOK_ENABLED to false",
        );
        return None;
    };
    // No mistake quotes the value: many people put a secret into this address.
    let Ok(url) = Url::parse(&value) else {
        r.mistake(NAME, "is not a URL", "write it whole, such as https://desk.example.org");
        return None;
    };
    let port = url.port_or_known_default().unwrap_or_default();
    let trouble = if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        Some(("is not an https URL", "write https://, a host, and a port if it needs one"))
    } else if !url.username().is_empty() || url.password().is_some() {
        Some(("holds a user name or password", "remove them; WEBHOOK_SECRET keeps strangers out"))
    } else if url.query().is_some() || url.fragment().is_some() {
        Some(("holds a query or fragment", "remove the ? or # and everything after it"))
    } else if url.path() != "/" {
        Some(("holds a path", "put the path into WEBHOOK_PATH"))
    } else if url.scheme() == "http"
        && (official || !url.host().is_some_and(|host| is_private(&host)))
    {
        Some((
            "is not encrypted",
            "write https://, and put a proxy with a certificate in front of the desk; only a self-hosted Bot API server pushes over http, to the same machine or a private network",
        ))
    } else if official && !PUSH_PORTS.contains(&port) {
        Some((
            "names a port that Telegram does not push to",
            "let the proxy listen on 443, 80, 88 or 8443",
        ))
    } else if official && url.host().is_some_and(|host| is_unreachable(&host)) {
        Some((
            "names this machine or a private network, which Telegram cannot reach",
            "write the public name of the proxy, or poll: WEBHOOK_ENABLED=false",
        ))
    } else {
        None
    };
    if let Some((wrong, remedy)) = trouble {
        r.mistake(NAME, wrong, remedy);
        return None;
    }
    Some(url)
}

/// Whether Telegram cannot reach a host: its address is private, or it is `0.0.0.0` or `::`.
fn is_unreachable(host: &Host<&str>) -> bool {
    let any = match host {
        Host::Ipv4(address) => address.is_unspecified(),
        Host::Ipv6(address) => address.is_unspecified(),
        Host::Domain(_) => false,
    };
    any || is_private(host)
}

/// `WEBHOOK_PATH`: begins with a slash and needs no escapes, so that all proxies treat it alike.
fn path(r: &mut Reader<'_>) -> Option<String> {
    let path = r.text("WEBHOOK_PATH")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~');
    let fits = path.starts_with('/')
        && path.chars().all(plain)
        && !path.contains("//")
        && !path.split('/').any(|part| matches!(part, "." | ".."));
    if !fits {
        r.mistake(
            "WEBHOOK_PATH",
            "is not a plain path",
            "begin it with a slash and use letters, digits, - _ . ~ and single slashes",
        );
    }
    fits.then_some(path)
}

/// `WEBAPP_HOST` and `WEBAPP_PORT`.
fn address(r: &mut Reader<'_>, ops: Option<SocketAddr>) -> Option<SocketAddr> {
    let host = r.text("WEBAPP_HOST").and_then(|host| {
        let parsed = host.parse::<IpAddr>().ok();
        if parsed.is_none() {
            r.mistake(
                "WEBAPP_HOST",
                &format!("is {host:?}, which is not an IP address"),
                "write 127.0.0.1 for a proxy on this machine, 0.0.0.0 for all networks",
            );
        }
        parsed
    });
    let port = r.number("WEBAPP_PORT", 1..=u16::MAX);
    let address = SocketAddr::new(host?, port?);
    let collides = |ops: SocketAddr| {
        let same = ops.ip() == address.ip();
        ops.port() == address.port()
            && (same || ops.ip().is_unspecified() || address.ip().is_unspecified())
    };
    if ops.is_some_and(collides) {
        r.mistake(
            "OPS_PORT and WEBAPP_PORT",
            "are the same: the internet could then reach /metrics",
            "choose two ports",
        );
        return None;
    }
    Some(address)
}

/// `WEBHOOK_SECRET`: `Ok(None)` if it is not set, `Err` if a mistake was reported.
fn secret(r: &mut Reader<'_>) -> Result<Option<SecretString>, ()> {
    const NAME: &str = "WEBHOOK_SECRET";
    let before = r.mistakes.len();
    let Some(secret) = r.secret(NAME) else {
        return if r.mistakes.len() == before { Ok(None) } else { Err(()) };
    };
    let text = secret.expose_secret();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let fits = (MIN_SECRET..=MAX_SECRET).contains(&text.len()) && text.chars().all(plain);
    if !fits {
        r.mistake(
            NAME,
            "is too short, too long, or has characters that Telegram does not accept",
            "write 16 to 256 letters, digits, - and _, or remove it: the desk makes its own",
        );
        return Err(());
    }
    Ok(Some(secret))
}

/// `WEBHOOK_CERTIFICATE`: `Ok(None)` if it is not set, `Err` if a mistake was reported.
fn certificate(r: &mut Reader<'_>) -> Result<Option<Vec<u8>>, ()> {
    const NAME: &str = "WEBHOOK_CERTIFICATE";
    let before = r.mistakes.len();
    let Some(file) = path_of(r, NAME) else {
        return if r.mistakes.len() == before { Ok(None) } else { Err(()) };
    };
    let (wrong, remedy) = match files::read(&file, MAX_CERTIFICATE_BYTES) {
        Ok(content) => {
            let has = |part: &str| content.windows(part.len()).any(|at| at == part.as_bytes());
            if has("PRIVATE KEY") {
                (
                    "names a file with a private key in it".to_owned(),
                    "name the certificate alone; the key stays with the proxy",
                )
            } else if has("BEGIN CERTIFICATE") {
                return Ok(Some(content));
            } else {
                (
                    "names a file that is not a certificate".to_owned(),
                    "name a file in PEM format, which has a line BEGIN CERTIFICATE",
                )
            }
        }
        Err(error) => (
            format!("names a file that cannot be read ({error})"),
            "name the certificate's file, or remove the setting if an authority has signed it",
        ),
    };
    r.mistake(NAME, &wrong, remedy);
    Err(())
}
