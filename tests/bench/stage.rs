//! The stage of a round: a simulated Telegram, a group and a folder for the store.

use telegram_simulator::{Group, Limits, Options, Simulator};
use tempfile::TempDir;

use crate::{
    balancer::Balancer,
    contender::{Contender, Who},
    load::Crowd,
    redis::Redis,
};

/// First id of the users who write; users who are only stored have lower ids.
const FIRST: i64 = 1_000_000;

/// A simulated Telegram, a group and a place for the store.
pub(crate) struct Stage {
    pub(crate) telegram: Simulator,
    pub(crate) group: Group,
    /// Declared before the folder, so that the server stops before its folder is deleted.
    pub(crate) redis: Option<Redis>,
    /// The load balancer that Telegram pushes to if there are several replicas, and its port.
    pub(crate) balancer: Option<(Balancer, u16)>,
    pub(crate) folder: TempDir,
}

impl Stage {
    /// Sets a stage without Redis.
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

    /// Sets a stage, with a Redis if the contender keeps its store there.
    pub(crate) async fn set_for(who: Who) -> Self {
        let mut stage = Self::set().await;
        stage.redis = who.is_on_redis().then(|| Redis::start(stage.folder.path()));
        stage
    }

    /// Sets a stage for several processes of the contender.
    pub(crate) async fn set_for_several(who: Who) -> Self {
        let mut stage = Self::set_for(who).await;
        if who.is_pushed() {
            stage.balancer = Some(Balancer::start(Vec::new()).await);
        }
        stage
    }

    /// Creates `count` users who have not written yet.
    pub(crate) fn crowd(&self, count: usize) -> Crowd {
        Crowd::new(&self.telegram, FIRST, count)
    }

    pub(crate) fn start(&self, who: Who) -> Contender {
        Contender::start(who, self)
    }
}
