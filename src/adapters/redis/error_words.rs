//! The words of errors that the Redis client passes on in Rust's debug notation.

use std::borrow::Cow;

/// What the certificate's checks and the reading of URLs report, by a sign in the text.
const SIGNS: [(&str, &str); 5] = [
    ("UnknownIssuer", "no trusted authority signed its certificate"),
    ("NotValidForName", "its certificate is for another name"),
    ("Expired", "its certificate has expired"),
    ("RelativeUrlWithoutBase", "it does not begin with redis:// or rediss://"),
    ("UnexpectedEof", "the connection was closed"),
];

/// The text of an error, in plain words. What Redis itself says is left as it is.
pub(super) fn plain(details: &str) -> Cow<'_, str> {
    let is_value = |name: &str| details.starts_with(name) && details.ends_with(['}', ')']);
    let is_struct = is_value("Os {") || is_value("Custom {");
    let is_name = details.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && details.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_variant = details.split_once('(').is_some_and(|(name, _)| !name.contains(' '))
        && details.ends_with(')');
    if !(is_struct || is_name || is_variant) {
        return Cow::Borrowed(details);
    }
    if let Some(quoted) = quoted(details) {
        return Cow::Owned(quoted.replace("\\\"", "\""));
    }
    if let Some((_, words)) = SIGNS.into_iter().find(|(sign, _)| details.contains(sign)) {
        return Cow::Borrowed(words);
    }
    let name = details.split_once("kind: ").map_or(details, |(_, rest)| rest);
    let name = name.rsplit_once('(').map_or(name, |(_, inside)| inside);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    Cow::Owned(separated(name.get(..end).unwrap_or(name)))
}

/// A hint, if the name of the host exists only inside Docker.
pub(super) fn outside_docker(at: &str, why: &str) -> String {
    let host = at.split(':').next().unwrap_or_default();
    if host.contains('.') || !why.contains("lookup address") {
        return String::new();
    }
    format!(
        "; `{host}` may be a name inside Docker: without Docker, remove the settings of Redis, and the store is a file"
    )
}

/// The message inside the notation.
fn quoted(details: &str) -> Option<&str> {
    let (_, rest) =
        details.split_once("message: \"").or_else(|| details.split_once("error: \""))?;
    Some(rest.rsplit_once('"')?.0)
}

/// `InvalidPort` as `invalid port`.
fn separated(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::io::{Error, ErrorKind};

    use super::*;

    #[test]
    fn debug_notation_becomes_words() {
        let refused = format!("{:?}", Error::from_raw_os_error(111));
        let lookup = "failed to lookup address information: Name or service not known";
        let unknown = format!("{:?}", Error::other(lookup));
        let closed = format!("{:?}", Error::from(ErrorKind::UnexpectedEof));
        let reset = format!("{:?}", Error::from(ErrorKind::ConnectionReset));
        for (details, expected) in [
            (refused.as_str(), "Connection refused"),
            (&unknown, lookup),
            (&closed, "the connection was closed"),
            (&reset, "connection reset"),
            ("RelativeUrlWithoutBase", "it does not begin with redis:// or rediss://"),
            ("InvalidPort", "invalid port"),
            (
                "Custom { kind: InvalidData, error: InvalidCertificate(UnknownIssuer) }",
                "no trusted authority signed its certificate",
            ),
            ("InvalidCertificate(BadEncoding)", "bad encoding"),
            ("NOAUTH Authentication required.", "NOAUTH Authentication required."),
            ("ERR AUTH failed (see the log)", "ERR AUTH failed (see the log)"),
            ("READONLY", "READONLY"),
            ("", ""),
        ] {
            assert_eq!(plain(details), expected, "{details}");
        }
    }

    #[test]
    fn a_name_that_only_docker_knows_gets_a_hint() {
        let why = "failed to lookup address information: Name or service not known";
        assert!(outside_docker("redis:6379", why).contains("`redis` may be a name inside Docker"));
        assert_eq!(outside_docker("redis.example.org:6379", why), "");
        assert_eq!(outside_docker("redis:6379", "Connection refused"), "");
    }
}
