//! Errors of the Redis store, with texts that say what to do.

use fred::error::{Error, ErrorKind};

use ports::StoreError;

use super::error_words::{outside_docker, plain};

/// Reason why the store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process holds a lease on the store.
    #[error(
        "another support-bot is running on this Redis store; stop it first, or give this one another REDIS_DB"
    )]
    Running,
    /// A restore, an import or a migration is loading data into this Redis.
    #[error("another support-bot is loading data into this Redis: wait until it has finished")]
    Filling,
    /// A bulk load was interrupted.
    #[error(
        "loading data into this Redis was interrupted, so there is no store in it yet: run `support-bot restore` or \
         `support-bot migrate` again, which starts from the beginning"
    )]
    Unfinished,
    /// There is no store to read.
    #[error("there is no store in the Redis at {0}: the bot has not run there yet")]
    Missing(String),
    /// There is already a store.
    #[error(
        "there is a desk in the Redis at {at} already: choose another REDIS_DB, or an empty Redis{hint}; \
         nothing was changed", at = .0, hint = in_docker(.0)
    )]
    Occupied(String),
    /// The settings do not give a valid address.
    #[error("the Redis settings do not give a valid address ({0}): check REDIS_URL")]
    Address(String),
    /// Nothing answers at the address, or it does not speak Redis' protocol.
    #[error(
        "Redis at {at} cannot be reached ({why}): check REDIS_URL or REDIS_HOST and REDIS_PORT, and that it runs{hint}", hint = outside_docker(at, why)
    )]
    Unreachable {
        /// The address, without user and password.
        at: String,
        /// The error of the connection.
        why: String,
    },
    /// The password is wrong or missing, or the user lacks permissions.
    #[error(
        "Redis at {at} does not let the bot in ({why}): check REDIS_PASSWORD and REDIS_USERNAME, or those in REDIS_URL"
    )]
    Denied {
        /// The address, without user and password.
        at: String,
        /// The error from Redis.
        why: String,
    },
    /// The server is a read-only replica.
    #[error(
        "Redis at {at} is a replica and takes no writes: set REDIS_HOST or REDIS_URL to its master, or let Sentinel find it: redis-sentinel://"
    )]
    Replica {
        /// The address, without user and password.
        at: String,
    },
    /// The server's version lacks commands that the scripts need.
    #[error("Redis {0} is too old: version 6.2 or later is needed")]
    Old(String),
    /// A later release wrote the store.
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
    /// Redis answers, but the store in it cannot be used.
    #[error("the Redis store at {at} cannot be used: {why}")]
    Unusable {
        /// The address, without user and password.
        at: String,
        /// The reason.
        why: String,
    },
}

/// How the Redis of our compose file is emptied. The compose file names it and its volume.
fn in_docker(at: &str) -> &'static str {
    if at.starts_with("support-redis:") {
        " (in Docker: `docker compose down`, `docker volume rm support-bot_redis`, then \
         `docker compose up -d --wait support-redis`)"
    } else {
        ""
    }
}

impl OpenError {
    /// The store at `at` answers with data that cannot be used.
    pub(super) fn unusable(at: &str, error: &StoreError) -> Self {
        Self::Unusable { at: at.to_owned(), why: error.to_string() }
    }

    /// The error of a command while the store at `at` is opened.
    pub(super) fn of(at: &str, error: &Error) -> Self {
        let (at, why) = (at.to_owned(), words(error));
        match (error.kind(), code(error.details())) {
            _ if is_denial(error) => Self::Denied { at, why },
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

/// Converts an error of Redis or of the connection for callers. Redis' messages contain no user data, except that Redis
/// may repeat an argument of an unknown command: so only the beginning of a message is kept.
pub(super) fn store_error(error: &Error) -> StoreError {
    let why = words(error);
    if is_denial(error) {
        return StoreError::Denied(format!("check REDIS_PASSWORD and REDIS_USERNAME ({why})"));
    }
    match (code(error.details()), error.kind()) {
        ("OOM", _) => StoreError::Full(format!("Redis has reached its maxmemory: {why}")),
        ("MISCONF", _) => StoreError::Full(format!("Redis cannot write its file: {why}")),
        ("FENCED", _) => StoreError::Busy(why),
        ("LOADING", _) => StoreError::Busy(format!("Redis is reading its file: {why}")),
        ("MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN", _) => {
            StoreError::Busy(format!("Redis is changing its master: {why}"))
        }
        ("BUSY", _) => StoreError::Busy(format!("Redis is busy with a script: {why}")),
        (_, ErrorKind::Routing) if why.contains("redirections") => {
            StoreError::Busy("a slot of the cluster is moving to another node".to_owned())
        }
        ("READONLY", _) => StoreError::Io(format!("this Redis is a replica: {why}")),
        ("NOREPLICAS", _) => StoreError::Io(format!("Redis has too few replicas: {why}")),
        ("WRONGTYPE", _) => StoreError::Corrupt(format!("a key has the wrong type: {why}")),
        (_, ErrorKind::InvalidArgument | ErrorKind::Parse) => StoreError::Corrupt(why),
        (_, ErrorKind::Unknown) if why.contains("user_script") => StoreError::Corrupt(why),
        (_, _) => StoreError::Io(why),
    }
}

/// The code at the beginning of an error. Redis 6.2 names the script and the line before the error of a command that
/// fails in a script: `ERR Error running script (call to f_90cb3d): @user_script:55: WRONGTYPE Operation ...`.
fn code(details: &str) -> &str {
    fn first_word(text: &str) -> &str {
        text.split([' ', ':']).next().unwrap_or_default()
    }
    let is_code =
        |word: &&str| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let raised = details.strip_prefix("ERR Error running script").unwrap_or_default();
    let mut raised = raised.split(": ").map(|part| first_word(part.trim_start_matches('-')));
    raised.find(is_code).unwrap_or_else(|| first_word(details))
}

/// Whether Redis refuses the password, the user, or a command that the user has no right to.
pub(super) fn is_denial(error: &Error) -> bool {
    let code = code(error.details());
    *error.kind() == ErrorKind::Auth
        || matches!(code, "NOAUTH" | "WRONGPASS" | "NOPERM")
        || code == "ERR" && words(error).contains("AUTH")
}

/// Whether a command may have taken effect without an answer: then it is repeated.
pub(super) fn is_unanswered(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Timeout | ErrorKind::IO | ErrorKind::Canceled | ErrorKind::Routing
    )
}

/// The first words of an error.
fn words(error: &Error) -> String {
    let details = &*plain(error.details());
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

/// An error for stored data that cannot be understood.
pub(super) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt(what.into())
}

#[cfg(test)]
mod tests {
    use super::{OpenError, code};

    #[test]
    fn the_redis_of_the_compose_file_is_a_volume_with_a_name() {
        let said = |at: &str| OpenError::Occupied(at.to_owned()).to_string();
        assert!(said("support-redis:6379").contains("docker volume rm support-bot_redis"));
        assert!(!said("redis.example.org:6379").contains("docker"));
    }

    #[test]
    fn the_code_is_found_also_in_what_redis_6_2_reports_of_a_script() {
        let script = "ERR Error running script (call to f_90cb3d): @user_script:55: ";
        let replica = "READONLY You can't write against a read only replica.";
        for (details, expected) in [
            (replica, "READONLY"),
            (&format!("{replica} script: 90cb3d, on @user_script:55."), "READONLY"),
            (&format!("{script}{replica}"), "READONLY"),
            (&format!("{script}@user_script: 55: -OOM command not allowed."), "OOM"),
            (&format!("{script}user_script:55: attempt to index a nil value"), "ERR"),
            ("ERR AUTH <password> called without any password configured", "ERR"),
            ("ERR unknown command", "ERR"),
            ("FENCED another process holds this partition", "FENCED"),
            ("", ""),
        ] {
            assert_eq!(code(details), expected, "{details}");
        }
    }
}
