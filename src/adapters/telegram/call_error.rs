//! Why a call to Telegram failed: everything that a policy needs and nothing private.
//!
//! No variant holds a body, a URL or the token. Quoted parts are removed from descriptions.

use std::{error::Error, time::Duration};

use crate::{
    files::words,
    network::{Network, NetworkFailure, ProxyFailure},
};
use domain::ChatId;

/// An error that the Bot API reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// `error_code`, or the HTTP status if that is missing.
    pub code: u16,
    /// `description`, without quoted parts and tokens.
    pub description: String,
    /// `parameters.retry_after`, or the wait that the description mentions.
    pub retry_after: Option<Duration>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to: Option<ChatId>,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Telegram understood the request and refused it.
    #[error("telegram answered {}: {}", .0.code, .0.description)]
    Refused(ApiError),
    /// Telegram, or a proxy in front of it, answered with a server error. A gateway error
    /// (502, 504) leaves open whether the request was carried out.
    #[error("telegram answered with status {0}")]
    Server(u16),
    /// The answer is not a Bot API answer; the request may have been carried out.
    #[error("the answer with status {0} is not a Bot API answer")]
    Malformed(u16),
    /// No connection was established, so the request was not carried out.
    #[error("no connection: {0}")]
    NotSent(String),
    /// No connection was established, because of a setting or for lack of one.
    #[error("no connection: {}", said(*.0))]
    Network(NetworkFailure),
    /// The connection broke before the answer was complete; the request may have been carried out.
    #[error("the connection broke: {0}")]
    Lost(String),
    /// No answer arrived in time; the request may have been carried out.
    #[error("no answer in time")]
    Timeout,
    /// The request could not be serialized; nothing was sent.
    #[error("the request cannot be serialized")]
    Unwritable,
}

/// How a call ended, as a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// The call succeeded.
    Ok,
    /// 400, and every other code without its own outcome.
    BadRequest,
    /// 403
    Forbidden,
    /// 409: another poller or a webhook receives the updates.
    Conflict,
    /// 401, or 404, which is Telegram's answer to a malformed token.
    Unauthorized,
    /// 429
    Flood,
    /// 5xx, or an answer that is not a Bot API answer.
    ServerError,
    /// No answer arrived in time.
    Timeout,
    /// No connection was established, or it broke.
    Network,
}

impl CallOutcome {
    /// All outcomes.
    pub const ALL: [Self; 9] = [
        Self::Ok,
        Self::BadRequest,
        Self::Forbidden,
        Self::Conflict,
        Self::Unauthorized,
        Self::Flood,
        Self::ServerError,
        Self::Timeout,
        Self::Network,
    ];
}

impl CallError {
    /// The outcome that metrics count this error as.
    pub fn outcome(&self) -> CallOutcome {
        match self {
            Self::Refused(api) => match api.code {
                401 | 404 => CallOutcome::Unauthorized,
                403 => CallOutcome::Forbidden,
                409 => CallOutcome::Conflict,
                429 => CallOutcome::Flood,
                _ => CallOutcome::BadRequest,
            },
            Self::Server(_) | Self::Malformed(_) => CallOutcome::ServerError,
            Self::Timeout => CallOutcome::Timeout,
            Self::NotSent(_) | Self::Network(_) | Self::Lost(_) => CallOutcome::Network,
            Self::Unwritable => CallOutcome::BadRequest,
        }
    }

    /// Whether Telegram does not know one of the chats in the call.
    pub(super) fn is_unknown_chat(&self) -> bool {
        matches!(self, Self::Refused(api) if api.description.to_ascii_lowercase().contains("chat not found"))
    }

    /// Whether the request may have been carried out although it failed.
    pub fn perhaps_done(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Lost(_) | Self::Timeout | Self::Server(502 | 504) => true,
            Self::Refused(_)
            | Self::Server(_)
            | Self::NotSent(_)
            | Self::Network(_)
            | Self::Unwritable => false,
        }
    }

    /// Converts an error of the HTTP client, without its URL, which contains the token.
    pub(super) fn of_transport(error: &reqwest::Error, network: &Network) -> Self {
        if let Some(failure) = network.failure(error) {
            Self::Network(failure)
        } else if error.is_connect() {
            Self::NotSent(root(error))
        } else if error.is_timeout() {
            Self::Timeout
        } else if error.is_builder() {
            Self::NotSent("the address is not valid".to_owned())
        } else {
            Self::Lost(root(error))
        }
    }
}

/// The failure in a few words, without an address.
fn said(failure: NetworkFailure) -> String {
    match failure {
        NetworkFailure::UnknownAuthority => {
            "no authority that this machine trusts signed the certificate".to_owned()
        }
        NetworkFailure::Proxy(setting, ProxyFailure::Unreachable) => {
            format!("the proxy in {setting} cannot be reached or does not answer")
        }
        NetworkFailure::Proxy(setting, ProxyFailure::Password) => {
            format!("the proxy in {setting} wants another user name or password")
        }
        NetworkFailure::Proxy(setting, ProxyFailure::Refused) => {
            format!("the proxy in {setting} does not connect to this server")
        }
    }
}

/// The innermost cause: the only error in the chain that mentions neither the URL nor this program.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &(dyn Error + 'static) = match error.source() {
        Some(source) => source,
        None => return "unknown cause".to_owned(),
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    words(cause)
}

/// Upper bound of `retry_after`: an absurd number must not stop the desk for years.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

impl ApiError {
    pub(super) fn new(
        code: u16,
        description: &str,
        retry_after: Option<u64>,
        migrate_to: Option<i64>,
    ) -> Self {
        let retry_after = retry_after.or_else(|| said_retry_after(description));
        Self {
            code,
            retry_after: retry_after.map(|wait| Duration::from_secs(wait).min(LONGEST_WAIT)),
            migrate_to: migrate_to.filter(|to| *to < 0).map(ChatId),
            description: without_quotes(&without_tokens(description)),
        }
    }
}

/// Reads the wait from the description: `sendMediaGroup` reports a rate limit there, without `parameters`.
fn said_retry_after(description: &str) -> Option<u64> {
    let lower = description.to_ascii_lowercase();
    let (_, after) = lower.split_once("retry after ")?;
    let digits = after.find(|c: char| !c.is_ascii_digit()).map_or(after, |end| &after[..end]);
    digits.parse().ok()
}

/// Removes tokens: a proxy may quote the requested path in its answer.
fn without_tokens(description: &str) -> String {
    let words = description.split_whitespace();
    words.map(|word| if holds_token(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Whether a word contains digits, a colon and many letters and digits, as a token does.
fn holds_token(word: &str) -> bool {
    let in_key = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    word.match_indices(':').any(|(colon, _)| {
        let (number, key) = (&word[..colon], &word[colon + 1..]);
        number.ends_with(|c: char| c.is_ascii_digit())
            && key.chars().take_while(in_key).count() > 15
    })
}

/// Removes everything in quotes: some descriptions quote names, texts and file names.
fn without_quotes(description: &str) -> String {
    const LONGEST: usize = 200; // longer than any description in the Bot API server's source
    let mut kept = String::with_capacity(description.len().min(LONGEST));
    let mut inside: Option<char> = None;
    let mut before = ' ';
    for c in description.chars().filter(|c| !c.is_control()).take(LONGEST) {
        match inside {
            Some(quote) if c == quote => {
                kept.push(c);
                inside = None;
            }
            Some(_) => {}
            None => {
                kept.push(c);
                // An apostrophe inside a word ("can't") does not open a quote.
                if matches!(c, '"' | '`') || (c == '\'' && !before.is_alphanumeric()) {
                    inside = Some(c);
                    kept.push('…');
                }
            }
        }
        before = c;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_parts_of_descriptions_are_private() {
        for (said, kept) in [
            ("Bad Request: message can't be edited", "Bad Request: message can't be edited"),
            (
                "Bad Request: can't find end tag corresponding to start tag \"Ada\"",
                "Bad Request: can't find end tag corresponding to start tag \"…\"",
            ),
            ("invalid file name 'passport.jpg' given", "invalid file name '…' given"),
            ("broken \"never closed", "broken \"…"),
        ] {
            assert_eq!(without_quotes(said), kept);
        }
    }

    #[test]
    fn descriptions_hold_no_token_and_stay_on_their_line() {
        for (said, kept) in [
            ("Not Found: /bot42:SECRET-token_of_a_bot/sendMessage", "Not Found: …"),
            (
                "proxy: no route\r\n\u{1b}[31mERROR all is lost",
                "proxy: no route [31mERROR all is lost",
            ),
            ("Bad Request: message #1:5 is empty", "Bad Request: message #1:5 is empty"),
        ] {
            assert_eq!(ApiError::new(400, said, None, None).description, kept);
        }
    }

    #[test]
    fn numbers_that_make_no_sense_do_no_harm() {
        let error = |wait, group| ApiError::new(429, "", Some(wait), Some(group));
        assert_eq!(error(u64::MAX, 7).retry_after, Some(LONGEST_WAIT));
        assert_eq!(error(7, 7).retry_after, Some(Duration::from_secs(7)));
        assert_eq!(error(7, 7).migrate_to, None, "a user's id is not a group's");
        assert_eq!(error(7, -1007).migrate_to, Some(ChatId(-1007)));
    }

    #[test]
    fn a_wait_said_only_in_words_is_read() {
        let said = "Bad Request: failed to send message #1 with the error message \"Too Many Requests: retry after 8\"";
        assert_eq!(ApiError::new(400, said, None, None).retry_after, Some(Duration::from_secs(8)));
        assert_eq!(ApiError::new(400, "retry after lunch", None, None).retry_after, None);
    }
}
