//! Checks of single values. Each mistake explains the usual cause.

use std::{net::IpAddr, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sentry::types::Dsn;
use url::{Host, Url};

use crate::config::reader::Reader;

/// `BOT_TOKEN`: digits, a colon, about 35 characters.
pub(in crate::config) fn token(r: &mut Reader<'_>) -> Option<SecretString> {
    let token = r.secret("BOT_TOKEN")?;
    let fits = token.expose_secret().split_once(':').is_some_and(|(id, key)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        !id.is_empty()
            && id.chars().all(|c| c.is_ascii_digit())
            && (20..=100).contains(&key.len())
            && key.chars().all(plain)
    });
    if !fits {
        r.mistake(
            "BOT_TOKEN",
            "does not look like a token (digits, a colon, 35 letters and digits)",
            "copy it whole from @BotFather, without spaces or quotes",
        );
    }
    fits.then_some(token)
}

/// `BOT_DEV_ID`: a user's id.
pub(in crate::config) fn owner(r: &mut Reader<'_>) -> Option<u64> {
    let value = r.text("BOT_DEV_ID")?;
    let owner = user(&value);
    if let Err(NoUser { wrong, remedy }) = owner {
        let remedy = remedy.unwrap_or("write your own numeric id, not a @username");
        r.mistake("BOT_DEV_ID", wrong, remedy);
    }
    owner.ok()
}

/// `BOT_ADMIN_IDS`: user ids, each once. `None` means that a mistake was reported.
pub(in crate::config) fn administrators(r: &mut Reader<'_>) -> Option<Vec<u64>> {
    const NAME: &str = "BOT_ADMIN_IDS";
    let mut administrators = Vec::new();
    for value in r.text(NAME).unwrap_or_default().split(',').map(str::trim) {
        match user(value) {
            Ok(id) if !administrators.contains(&id) => administrators.push(id),
            Ok(id) => {
                r.mistake(NAME, &format!("names {id} twice"), "name each administrator once");
                return None;
            }
            // An empty list, or a comma at the end.
            Err(_) if value.is_empty() => {}
            Err(NoUser { wrong, remedy }) => {
                let wrong = format!("holds {value:?}, which {wrong}");
                let usual = "write numeric ids with commas between them, no @usernames";
                let remedy = remedy.unwrap_or(usual);
                r.mistake(NAME, &wrong, remedy);
                return None;
            }
        }
    }
    Some(administrators)
}

/// The reason why a value is not a user id.
struct NoUser {
    /// Names what the value is instead.
    wrong: &'static str,
    /// Overrides the usual remedy.
    remedy: Option<&'static str>,
}

/// Telegram's own accounts that stand for other people, with the way to find the id of the person behind them.
const STAND_INS: [(u64, NoUser); 3] = [
    (
        1_087_968_824,
        NoUser {
            wrong: "is the id of GroupAnonymousBot, which stands for every anonymous administrator",
            remedy: Some(
                "turn off 'Remain anonymous' in your administrator rights and send /id again, or ask @userinfobot in a private chat",
            ),
        },
    ),
    (
        136_817_688,
        NoUser {
            wrong: "is the id of Channel_Bot, which stands for everybody who writes as a channel",
            remedy: Some(
                "send /id as yourself, not as a channel, or ask @userinfobot in a private chat",
            ),
        },
    ),
    (
        777_000,
        NoUser {
            wrong: "is the id of Telegram itself",
            remedy: Some(
                "send /id in the group as yourself, or ask @userinfobot in a private chat",
            ),
        },
    ),
];

/// Parses a user id.
fn user(value: &str) -> Result<u64, NoUser> {
    let id = value.parse().ok().filter(|id| (1..1_u64 << 52).contains(id));
    let wrong =
        if value.starts_with('-') { "is the id of a group or channel" } else { "is not a user id" };
    let id = id.ok_or(NoUser { wrong, remedy: None })?;
    match STAND_INS.into_iter().find(|(stand_in, _)| *stand_in == id) {
        Some((_, no_user)) => Err(no_user),
        None => Ok(id),
    }
}

/// `BOT_GROUP_ID`: a supergroup's id.
pub(in crate::config) fn group(r: &mut Reader<'_>) -> Option<i64> {
    const SUPERGROUPS: i64 = -1_000_000_000_000;
    let value = r.text("BOT_GROUP_ID")?;
    let (wrong, remedy) = match value.parse::<i64>() {
        Ok(id) if id < SUPERGROUPS => return Some(id),
        Ok(id) if id < 0 => (
            "is the id of a basic group, which has no topics, or lacks the 100 after the minus sign",
            "write -100 before its digits; if topics are off, turn them on in the group's settings, which gives the group a new id; or run `support-bot setup`, which finds it",
        ),
        Ok(_positive) if value.starts_with("100") => {
            ("lacks its minus sign", "write it with the minus sign: -100…")
        }
        Ok(_positive) => (
            "is the id of a user, or a group's id as some clients show it",
            "write the group's id with -100 before it, or run `support-bot setup`, which finds it",
        ),
        Err(_not_a_number) => (
            "is not a number",
            "write the numeric id, which begins with -100, or run `support-bot setup`, which finds it",
        ),
    };
    r.mistake("BOT_GROUP_ID", wrong, remedy);
    None
}

/// `BOT_EMOJI_ID`: digits.
pub(in crate::config) fn custom_emoji(r: &mut Reader<'_>) -> Option<String> {
    let value = r.text("BOT_EMOJI_ID")?;
    let fits = value.chars().all(|c| c.is_ascii_digit());
    if !fits {
        r.mistake(
            "BOT_EMOJI_ID",
            "is not the id of a custom emoji",
            "write its digits, not the emoji itself, or remove it for the plain icon",
        );
    }
    fits.then_some(value)
}

/// `BOT_API_URL`: a server that may receive the token.
pub(in crate::config) fn api_url(r: &mut Reader<'_>) -> Option<Url> {
    server_url(
        r,
        "BOT_API_URL",
        "https://api.telegram.org",
        "would send the token unencrypted over the internet",
    )
}

/// `NAME`: the URL of a server that may receive a secret, such as `example`. `in_the_clear` is the mistake's text for
/// unencrypted transport over the internet.
pub(in crate::config) fn server_url(
    r: &mut Reader<'_>,
    name: &'static str,
    example: &str,
    in_the_clear: &'static str,
) -> Option<Url> {
    let value = r.text(name)?;
    // No mistake quotes the value: it may hold a password.
    let Ok(url) = Url::parse(&value) else {
        r.mistake(name, "is not a URL", &format!("write it with its scheme, such as {example}"));
        return None;
    };
    let trouble = if url.host().is_none() || !matches!(url.scheme(), "http" | "https") {
        Some(("is not an http or https URL", "write https://, a host, and a port if it needs one"))
    } else if !url.username().is_empty() || url.password().is_some() {
        Some(("holds a user name or password", "remove them; the server accepts none"))
    } else if url.query().is_some() || url.fragment().is_some() {
        Some(("holds a query or fragment", "remove the ? or # and everything after it"))
    } else if url.scheme() == "http" && !url.host().is_some_and(|host| is_private(&host)) {
        Some((
            in_the_clear,
            "write https://, or run the server on this machine or in a private network",
        ))
    } else {
        None
    };
    if let Some((wrong, remedy)) = trouble {
        r.mistake(name, wrong, remedy);
        return None;
    }
    Some(url)
}

/// Suffixes of names that do not exist in the public DNS: only this machine or a private network resolves them. A service in a
/// Kubernetes cluster is `name.namespace.svc`, or `name.namespace.svc.cluster.local`.
pub const PRIVATE_SUFFIXES: [&str; 5] = [".localhost", ".local", ".internal", ".lan", ".svc"];

/// Whether a host is this machine, in a private network, or has a name that only a private network resolves.
pub(in crate::config) fn is_private(host: &Host<&str>) -> bool {
    let address = match host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            return !name.contains('.') || PRIVATE_SUFFIXES.iter().any(|end| name.ends_with(end));
        }
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
    };
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// `OPS_ALLOWED_HOSTS`: host names. `None` means that a mistake was reported.
pub(in crate::config) fn allowed_hosts(r: &mut Reader<'_>) -> Option<Vec<String>> {
    const NAME: &str = "OPS_ALLOWED_HOSTS";
    let value = r.text(NAME).unwrap_or_default();
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let (names, others): (Vec<&str>, Vec<&str>) = names.partition(|name| name.chars().all(plain));
    if let Some(other) = others.first() {
        let wrong = format!("holds {other:?}, which is not the name of a host");
        let remedy = "write names such as desk.example.org with commas between them, without scheme, port or asterisk";
        r.mistake(NAME, &wrong, remedy);
        return None;
    }
    Some(names.into_iter().map(str::to_owned).collect())
}

/// `SENTRY_DSN`: the address of a Sentry project.
pub(in crate::config) fn dsn(r: &mut Reader<'_>) -> Option<SecretString> {
    let dsn = r.secret("SENTRY_DSN")?;
    let fits = Dsn::from_str(dsn.expose_secret()).is_ok();
    if !fits {
        let remedy =
            "copy it from the project's settings in Sentry, or remove it to report nowhere";
        r.mistake("SENTRY_DSN", "is not the address of a Sentry project", remedy);
    }
    fits.then_some(dsn)
}
