//! Sets the webhook and reads its state from Telegram.
//!
//! Neither its URL nor Telegram's error messages about it leave this module: many people put a token into the URL,
//! and a message may quote a server in between.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use teloxide::payloads as theirs;
use url::Url;

use super::{
    api::{
        method::{Method, Unread},
        payloads::ALLOWED_UPDATES,
    },
    call_error::CallError,
    client::Client,
};
use domain::PushTrouble;
use ports::{PushFailure, Webhook, WebhookError, WebhookState};

/// The result of `getWebhookInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct WebhookInfo {
    url: Address,
    /// Number of updates waiting at Telegram.
    pub pending_update_count: u64,
    last_error_date: Option<u64>,
    last_error_message: Option<Words>,
    last_synchronization_error_date: Option<u64>,
    /// The kinds of updates requested by the last `getUpdates` or `setWebhook`.
    pub allowed_updates: Option<Vec<String>>,
}

/// A URL that `Debug` does not print.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
struct Address(String);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "set" })
    }
}

/// An error message that `Debug` does not print.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
struct Words(String);

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", trouble(&self.0))
    }
}

impl WebhookInfo {
    /// Whether a webhook is set.
    pub fn is_set(&self) -> bool {
        !self.url.0.is_empty()
    }

    /// Whether the webhook is set to this URL.
    pub fn is(&self, url: &Url) -> bool {
        Url::parse(&self.url.0).is_ok_and(|set| set == *url)
    }

    /// The host that updates are pushed to. The path is left out: it may be a secret.
    pub(super) fn host(&self) -> String {
        let host = Url::parse(&self.url.0).ok().and_then(|url| url.host_str().map(str::to_owned));
        host.unwrap_or_default()
    }

    /// The last failed push.
    pub fn failure(&self) -> Option<PushFailure> {
        let words = self.last_error_message.as_ref().map_or("", |words| words.0.as_str());
        self.last_error_date.map(|at| PushFailure { at, trouble: trouble(words) })
    }

    /// When the Bot API server last failed to fetch updates, in seconds since the epoch.
    pub fn unsynchronized_at(&self) -> Option<u64> {
        self.last_synchronization_error_date
    }
}

/// Classifies Telegram's message about a failed push.
fn trouble(words: &str) -> PushTrouble {
    const ANSWERED: &str = "wrong response from the webhook: ";
    let words = words.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if let Some(status) = words.split_once(ANSWERED).map(|(_, rest)| rest) {
        let digits: String = status.chars().take_while(char::is_ascii_digit).collect();
        return digits.parse().map_or(PushTrouble::Other, PushTrouble::Answered);
    }
    if has(&["resolve host", "name or service"]) {
        PushTrouble::Name
    } else if has(&["ssl", "certificate", "tls"]) {
        PushTrouble::Certificate
    } else if has(&["read timeout", "timeout expired"]) {
        PushTrouble::Timeout
    } else if has(&["connection", "connect", "unreachable", "no route", "timed out"]) {
        PushTrouble::Unreachable
    } else {
        PushTrouble::Other
    }
}

impl Method for theirs::GetWebhookInfo {
    const NAME: &'static str = "getWebhookInfo";
    type Output = WebhookInfo;
}

/// `setWebhook`
#[derive(Debug, Serialize)]
struct SetWebhook<'a> {
    url: &'a str,
    secret_token: &'a str,
    max_connections: u8,
    /// Always sent: if absent, Telegram keeps the previous list.
    allowed_updates: [&'static str; 5],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    drop_pending_updates: bool,
}

impl Method for SetWebhook<'_> {
    const NAME: &'static str = "setWebhook";
    type Output = Unread;
}

/// The webhook of this desk. `Debug` shows neither its URL nor its secret.
#[derive(Clone)]
pub struct OwnWebhook {
    /// The client that makes the calls.
    pub client: Client,
    /// The URL that Telegram pushes to.
    pub url: Url,
    /// The secret that Telegram sends with each update.
    pub secret: SecretString,
    /// Maximum number of concurrent pushes.
    pub max_connections: u8,
    /// A self-signed certificate that Telegram must trust, in PEM format.
    pub certificate: Option<Vec<u8>>,
}

impl fmt::Debug for OwnWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnWebhook")
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

#[ports::async_trait]
impl Webhook for OwnWebhook {
    async fn set(&self, drop_pending: bool) -> Result<(), WebhookError> {
        let method = SetWebhook {
            url: self.url.as_str(),
            secret_token: self.secret.expose_secret(),
            max_connections: self.max_connections,
            allowed_updates: ALLOWED_UPDATES,
            drop_pending_updates: drop_pending,
        };
        match &self.certificate {
            None => self.client.call(&method).await?,
            Some(pem) => self.client.upload(&method, ("certificate", "certificate"), pem).await?,
        };
        Ok(())
    }

    async fn state(&self) -> Result<WebhookState, WebhookError> {
        let info = self.client.call(&theirs::GetWebhookInfo::new()).await?;
        Ok(WebhookState {
            ours: info.is(&self.url),
            pending: info.pending_update_count,
            failure: info.failure(),
            unsynchronized_at: info.unsynchronized_at(),
        })
    }
}

impl From<CallError> for WebhookError {
    fn from(error: CallError) -> Self {
        let CallError::Refused(api) = &error else { return Self::Unavailable(error.to_string()) };
        match (api.code, api.retry_after) {
            (401 | 404, _) => Self::Unauthorized,
            (_, Some(wait)) => Self::Throttled(wait),
            (429, None) => Self::Throttled(std::time::Duration::from_secs(5)),
            (400, None) => Self::Refused(api.description.clone()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_telegrams_words_means_what_it_says() {
        for (words, expected) in [
            ("Wrong response from the webhook: 502 Bad Gateway", PushTrouble::Answered(502)),
            ("Wrong response from the webhook: 401 Unauthorized", PushTrouble::Answered(401)),
            ("Connection refused", PushTrouble::Unreachable),
            ("Connection timed out", PushTrouble::Unreachable),
            ("Read timeout expired", PushTrouble::Timeout),
            (
                "SSL error {error:0A000086:SSL routines::certificate verify failed}",
                PushTrouble::Certificate,
            ),
            ("Failed to resolve host: Name or service not known", PushTrouble::Name),
            ("Something new", PushTrouble::Other),
        ] {
            assert_eq!(trouble(words), expected, "{words}");
        }
    }
}
