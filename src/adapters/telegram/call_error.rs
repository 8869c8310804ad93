//! Why a call to Telegram failed, with everything that a policy needs and nothing that is private.
//!
//! No variant holds a body, an URL or the token; descriptions have their quoted parts taken out.

use std::{error::Error, time::Duration};

use domain::ChatId;

/// Telegram's own words for why it refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// `error_code`, or the HTTP status.
    pub code: u16,
    /// `description`, without what it quotes.
    pub description: String,
    /// `parameters.retry_after`, or the same said in words.
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
    /// Telegram, or what stands before it, answered with a server error. A gateway's answer
    /// (502, 504) does not say whether the request was carried out.
    #[error("telegram answered with status {0}")]
    Server(u16),
    /// The answer is not what the Bot API answers; the request was perhaps carried out.
    #[error("the answer with status {0} cannot be understood")]
    Malformed(u16),
    /// No connection was made, so nothing was carried out.
    #[error("no connection: {0}")]
    NotSent(String),
    /// The connection broke before the answer was complete; the request was perhaps carried out.
    #[error("the connection broke: {0}")]
    Lost(String),
    /// No answer in time; the request was perhaps carried out.
    #[error("no answer in time")]
    Timeout,
    /// The request could not be written as JSON; nothing was sent.
    #[error("the request cannot be written")]
    Unwritable,
}

/// How a call ended, as metrics count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// Done.
    Ok,
    /// 400, and whatever has no outcome of its own.
    BadRequest,
    /// 403
    Forbidden,
    /// 409: another poller, or a webhook.
    Conflict,
    /// 401, and 404: Telegram's answer to a token that cannot be one.
    Unauthorized,
    /// 429
    Flood,
    /// 5xx, or an answer that is not the Bot API's.
    ServerError,
    /// No answer in time.
    Timeout,
    /// No connection, or a broken one.
    Network,
}

impl CallOutcome {
    /// All of them.
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
    /// What metrics count it as.
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
            Self::NotSent(_) | Self::Lost(_) => CallOutcome::Network,
            Self::Unwritable => CallOutcome::BadRequest,
        }
    }

    /// Whether Telegram does not know one of the chats that the call names.
    pub(super) fn is_unknown_chat(&self) -> bool {
        matches!(self, Self::Refused(api) if api.description.to_ascii_lowercase().contains("chat not found"))
    }

    /// Whether the request may have been carried out although it failed.
    pub fn perhaps_done(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Lost(_) | Self::Timeout | Self::Server(502 | 504) => true,
            Self::Refused(_) | Self::Server(_) | Self::NotSent(_) | Self::Unwritable => false,
        }
    }

    /// Reads an error of the HTTP client. Its URL, which holds the token, is left out.
    pub(super) fn of_transport(error: &reqwest::Error) -> Self {
        if error.is_connect() {
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

/// The innermost cause: the only link of the chain that names neither the URL nor ourselves.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = match error.source() {
        Some(source) => source,
        None => return "unknown cause".to_owned(),
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A longer wait is asked again after this: a number that makes no sense must not silence the desk for years.
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

/// `sendMediaGroup` wraps a flood error in words, without `parameters`.
fn said_retry_after(description: &str) -> Option<u64> {
    let lower = description.to_ascii_lowercase();
    let (_, after) = lower.split_once("retry after ")?;
    let digits = after.find(|c: char| !c.is_ascii_digit()).map_or(after, |end| &after[..end]);
    digits.parse().ok()
}

/// A proxy may answer with the path that it was asked for.
fn without_tokens(description: &str) -> String {
    let words = description.split_whitespace();
    words.map(|word| if holds_token(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Digits, a colon, many letters and digits.
fn holds_token(word: &str) -> bool {
    let in_key = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    word.match_indices(':').any(|(colon, _)| {
        let (number, key) = (&word[..colon], &word[colon + 1..]);
        number.ends_with(|c: char| c.is_ascii_digit())
            && key.chars().take_while(in_key).count() > 15
    })
}

/// Telegram quotes names, texts and file names in some descriptions; whatever stands in quotes goes.
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
                // An apostrophe inside a word ("can't") opens nothing.
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
        assert_eq!(error(7, 7).migrate_to, None, "a user is no group");
        assert_eq!(error(7, -1007).migrate_to, Some(ChatId(-1007)));
    }

    #[test]
    fn a_wait_said_only_in_words_is_read() {
        let said = "Bad Request: failed to send message #1 with the error message \"Too Many Requests: retry after 8\"";
        assert_eq!(ApiError::new(400, said, None, None).retry_after, Some(Duration::from_secs(8)));
        assert_eq!(ApiError::new(400, "retry after lunch", None, None).retry_after, None);
    }
}
