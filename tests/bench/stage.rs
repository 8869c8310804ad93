//! Where a round takes place.

use telegram_simulator::{Group, Limits, Options, Simulator};
use tempfile::TempDir;

use crate::{
    balancer::Balancer,
    contender::{Contender, Who},
    load::Crowd,
    redis::Redis,
};

/// The users of the load have ids from here on; those that are only known, below.
const FIRST: i64 = 1_000_000;

/// A Telegram, a group, and a place for the store.
pub(crate) struct Stage {
    pub(crate) telegram: Simulator,
    pub(crate) group: Group,
    /// Before its folder goes, it ends.
    pub(crate) redis: Option<Redis>,
    /// Where Telegram pushes to if several are behind it, and on which port.
    pub(crate) balancer: Option<(Balancer, u16)>,
    pub(crate) folder: TempDir,
}

impl Stage {
    /// Without a Redis.
    pub(crate) async fn set() -> Self {
        let options = Options {
            limits: Limits::off(),
            call_log: 0,
            history_per_chat: 200_000,
            ..Options::default()
        };
        let telegram = Simulator::start(options).await.unwrap();
        let group = telegram.forum("Support");
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { telegram, group, redis: None, balancer: None, folder }
    }

    /// With a Redis, if this contender keeps its store there.
    pub(crate) async fn set_for(who: Who) -> Self {
        let mut stage = Self::set().await;
        stage.redis = who.is_on_redis().then(|| Redis::start(stage.folder.path()));
        stage
    }

    /// The same, for several of them at once.
    pub(crate) async fn set_for_several(who: Who) -> Self {
        let mut stage = Self::set_for(who).await;
        if who.is_pushed() {
            stage.balancer = Some(Balancer::start(Vec::new()).await);
        }
        stage
    }

    /// So many users, who have not written yet.
    pub(crate) fn crowd(&self, count: usize) -> Crowd {
        Crowd::new(&self.telegram, FIRST, count)
    }

    /// Starts a contender.
    pub(crate) fn start(&self, who: Who) -> Contender {
        Contender::start(who, self)
    }
}
