//! The tracker: the external service that counts where users come from.

use std::{fmt::Debug, time::Duration};

use async_trait::async_trait;
use domain::{Track, UserId};

/// Why the tracker did not accept a report. Names neither the key nor the content of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// A temporary failure: the same report may succeed later.
    #[error("the tracker did not accept the report: {why}")]
    NotNow {
        /// The cause of the failure.
        why: TrackTrouble,
        /// How long the tracker asks to wait, if it says so.
        wait: Option<Duration>,
    },
    /// A permanent refusal: an HTTP error, or an error code in a successful HTTP response.
    #[error("the tracker refused the report: status {status}{}", of_code(*code))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// `error.code` of the response, if it has one.
        code: Option<i64>,
    },
}

/// The code of a refusal, if there is one.
fn of_code(code: Option<i64>) -> String {
    code.map(|code| format!(", code {code}")).unwrap_or_default()
}

/// The cause of a temporary failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TrackTrouble {
    /// 429: too many reports.
    #[error("too many reports")]
    Busy,
    /// 401, 403 or 404: the key is unknown, or the address is wrong. A person can correct it, and no report is lost.
    #[error("the key is unknown, or the address is wrong")]
    Denied,
    /// 5xx: an error of the tracker.
    #[error("an error of the tracker")]
    Server,
    /// The response is not the tracker's: no JSON, or a redirect.
    #[error("an answer that is not the tracker's")]
    Malformed,
    /// No response in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or the connection broke.
    #[error("no connection")]
    Network,
}

/// Sends reports.
#[async_trait]
pub trait Tracker: Debug + Send + Sync + 'static {
    /// Sends a report once: no retry. The report may have been sent before, because callers repeat it after a crash or
    /// a lost response. Bounded in time. If cancelled, it may or may not have taken effect.
    async fn report(&self, user: UserId, track: &Track) -> Result<(), TrackError>;
}
