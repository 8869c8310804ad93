//! The service that counts where users come from.

use std::{fmt::Debug, time::Duration};

use domain::{Track, UserId};

use super::Answer;

/// Why the tracker did not take a report. Names neither its key nor what was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// It could not: the same may work later.
    #[error("the tracker did not take it: {why}")]
    NotNow {
        /// What was wrong.
        why: TrackTrouble,
        /// So long it wants to be left alone, if it says so.
        wait: Option<Duration>,
    },
    /// It will not: this HTTP status, or this code of its own under a status of success.
    #[error("the tracker refused it: status {status}, code {code:?}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// `error.code` of its answer, if it has one.
        code: Option<i64>,
    },
}

/// What may be over the next time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TrackTrouble {
    /// 429: too many reports.
    #[error("too many at once")]
    Busy,
    /// 401, 403 or 404: it does not know the key, or nothing is at the address. A person can mend that, and loses nothing.
    #[error("it does not know the key, or the address is not its own")]
    Denied,
    /// 5xx.
    #[error("an error of its own")]
    Server,
    /// An answer that is not its own: no JSON, or a redirect.
    #[error("an answer that makes no sense")]
    Malformed,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or a broken one.
    #[error("no connection")]
    Network,
}

/// Takes reports.
pub trait Tracker: Debug + Send + Sync + 'static {
    /// Reports once: no retry. It may have been reported before: callers repeat after a crash or a lost answer. Bounded in
    /// time. Cancelled, it may or may not have been done.
    fn report<'a>(&'a self, user: UserId, track: &'a Track) -> Answer<'a, Result<(), TrackError>>;
}
