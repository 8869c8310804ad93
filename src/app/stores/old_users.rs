//! Finds users of the old bot that were not imported. A desk does not start beside them: it would not know them.
//!
//! Invariant: once an import is recorded, nobody looks for old users; until then, a check ends at the first one.

use crate::{
    adapters::{import::read, redis::RedisStore},
    config::Settings,
};
use ports::{Clock, DeskState as _, StoreError};

use super::store::{Joined, Reading};

/// The problem, as reported at the start and by `doctor`.
pub const OLD_USERS: &str =
    "import first: this Redis holds users of the old bot, and no import of them is recorded";
/// The remedy.
pub const IMPORT_FIRST: &str = "run `support-bot import`, which brings their bans and topics; with `--dry-run` it only \
     shows what it would do. To start without them, set REDIS_IGNORE_OLD_USERS=true";

/// Whether users of the old bot must be imported before the desk starts. Needs one or two round trips.
pub(in crate::app) async fn old_users_wait(
    settings: &Settings,
    store: &Joined,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    match store {
        Joined::Sqlite(_) => Ok(false),
        Joined::Redis(redis) => wait_in(settings, redis, clock).await,
    }
}

impl Reading {
    /// Whether users of the old bot must be imported before the desk starts.
    pub async fn old_users_wait(
        &self,
        settings: &Settings,
        clock: &dyn Clock,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Redis(redis) => wait_in(settings, redis, clock).await,
        }
    }
}

async fn wait_in(
    settings: &Settings,
    redis: &RedisStore,
    clock: &dyn Clock,
) -> Result<bool, StoreError> {
    let ignored = settings.store.redis.as_ref().is_none_or(|redis| redis.ignore_old_users);
    if ignored || redis.notebook().await?.imported.is_some() {
        return Ok(false);
    }
    let now = clock.now();
    // Users that an import would leave out do not count.
    redis.old_bot().has(|id, json| read(id, json, now).is_ok()).await
}
