//! What can go wrong, in words that say what to do.

use fred::error::{Error, ErrorKind};

use ports::StoreError;

/// Why the store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process has the lease.
    #[error(
        "another support-bot is running on this Redis store; stop it first, or give this one another REDIS_DB"
    )]
    Running,
    /// A restore, an import or a move of a store has the place.
    #[error("this Redis is being filled by another support-bot: wait until that has ended")]
    Filling,
    /// Somebody began to fill it and was stopped.
    #[error(
        "this Redis was not filled to its end, so there is no store in it yet: run `support-bot restore` or \
         `support-bot migrate` again, which begins anew"
    )]
    Unfinished,
    /// There is nothing to look at.
    #[error("there is no store in the Redis at {0}: the bot has not run there yet")]
    Missing(String),
    /// A desk has worked there.
    #[error(
        "there is a desk in the Redis at {0} already: choose another REDIS_DB, or an empty Redis; \
         nothing was changed"
    )]
    Occupied(String),
    /// What was set is no address.
    #[error("the Redis settings make no address ({0}): check REDIS_URL")]
    Address(String),
    /// Nobody answers, or not as Redis does.
    #[error(
        "Redis at {at} cannot be reached ({why}): check REDIS_URL or REDIS_HOST and REDIS_PORT, and that it runs"
    )]
    Unreachable {
        /// Where, without user and password.
        at: String,
        /// What the system says.
        why: String,
    },
    /// The password is wrong, missing, or may not do what is needed.
    #[error(
        "Redis at {at} does not let the bot in ({why}): check REDIS_PASSWORD and REDIS_USERNAME, or those in REDIS_URL"
    )]
    Denied {
        /// Where, without user and password.
        at: String,
        /// What Redis says.
        why: String,
    },
    /// It takes no writes.
    #[error(
        "Redis at {at} is a replica and takes no writes: set REDIS_HOST or REDIS_URL to its master, or let Sentinel find it: redis-sentinel://"
    )]
    Replica {
        /// Where, without user and password.
        at: String,
    },
    /// The server lacks what the scripts need.
    #[error("Redis {0} is too old: version 6.2 or later is needed")]
    Old(String),
    /// A later release wrote what is there.
    #[error(
        "the Redis store has format {found}, this release knows up to {known}: \
         install the release that wrote it, or a later one"
    )]
    Newer {
        /// The format found.
        found: i64,
        /// The last format known.
        known: i64,
    },
    /// It answers, and cannot be used.
    #[error("the Redis store at {at} cannot be used: {why}")]
    Unusable {
        /// Where, without user and password.
        at: String,
        /// Why not.
        why: String,
    },
}

impl OpenError {
    /// The error of a command while the store at `at` is opened.
    pub(super) fn of(at: &str, error: &Error) -> Self {
        let (at, why) = (at.to_owned(), words(error));
        let code = error.details().split(' ').next().unwrap_or_default();
        match (error.kind(), code) {
            (ErrorKind::Auth, _) | (_, "NOAUTH" | "WRONGPASS" | "NOPERM") => {
                Self::Denied { at, why }
            }
            (_, "ERR") if why.contains("AUTH") => Self::Denied { at, why },
            (_, "READONLY") => Self::Replica { at },
            (ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled | ErrorKind::Tls, _) => {
                Self::Unreachable { at, why }
            }
            (ErrorKind::Sentinel | ErrorKind::Routing, _) => Self::Unreachable { at, why },
            (ErrorKind::Config | ErrorKind::Url, _) => Self::Address(why),
            (_, _) => Self::Unusable { at, why },
        }
    }
}

/// What an error of Redis or of the way to it means to callers. Redis names no contents in its words, but may repeat
/// an argument of a command that it does not know: only the beginning is taken over.
pub(super) fn store_error(error: &Error) -> StoreError {
    let why = words(error);
    let code = error.details().split([' ', ':']).next().unwrap_or_default();
    match (code, error.kind()) {
        ("OOM", _) => StoreError::Full(format!("Redis has reached its maxmemory: {why}")),
        ("MISCONF", _) => StoreError::Full(format!("Redis cannot write its file: {why}")),
        ("FENCED", _) => StoreError::Busy(why),
        ("LOADING", _) => StoreError::Busy(format!("Redis is reading its file: {why}")),
        ("MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN", _) => {
            StoreError::Busy(format!("Redis is changing its master: {why}"))
        }
        ("BUSY", _) => StoreError::Busy(format!("Redis is busy with a script: {why}")),
        (_, ErrorKind::Routing) if why.contains("redirections") => {
            StoreError::Busy("a part of the cluster is moving to another node".to_owned())
        }
        ("READONLY", _) => StoreError::Io(format!("this Redis is a replica: {why}")),
        ("NOREPLICAS", _) => StoreError::Io(format!("Redis has too few replicas: {why}")),
        ("WRONGTYPE", _) => StoreError::Corrupt(format!("a key holds what is not ours: {why}")),
        (_, ErrorKind::InvalidArgument | ErrorKind::Parse) => StoreError::Corrupt(why),
        (_, ErrorKind::Unknown) if why.contains("user_script") => StoreError::Corrupt(why),
        (_, _) => StoreError::Io(why),
    }
}

/// Whether a command may have been done although nobody heard: then it is asked for again.
pub(super) fn is_tracker_unavailable(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Timeout | ErrorKind::IO | ErrorKind::Canceled | ErrorKind::Routing
    )
}

/// The first words of an error.
fn words(error: &Error) -> String {
    let details = error.details();
    let end = details.floor_char_boundary(160.min(details.len()));
    let line = details.get(..end).unwrap_or_default().lines().next().unwrap_or_default();
    if *error.kind() == ErrorKind::Timeout {
        "it does not answer in time".to_owned()
    } else if *error.kind() == ErrorKind::Canceled {
        "the connection was closed".to_owned()
    } else {
        line.to_owned()
    }
}

/// Something stored that makes no sense.
pub(super) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt(what.into())
}
