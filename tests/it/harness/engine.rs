//! The engine with its real store but without polling: the test supplies the input and sees the output.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    ChatId, Finding, GroupChats, HoldTimes, Language, PartitionSet, Roles, Status, UserId, Work,
};
use ports::{Decoder, Inbox as _, Messenger, Outbox as _, Reporter, Store, SystemClock};
use support_bot::{
    adapters::{
        sqlite::{Options, SqliteStore},
        telegram::{BotProfile, Client, Poller, TelegramDecoder},
    },
    app::Lifecycle,
    engine::{
        Contexts, DeskSettings, DirectCalls, Groups, Ingest, PacingLimits, Parts, Polling,
        QueuedSends, Sender, Worker,
    },
    i18n::Texts,
    telemetry::{Heartbeats, Readiness, Telemetry, panics},
};
use tempfile::TempDir;

use super::OWNER;

/// A running engine.
pub(crate) struct Engine {
    pub(crate) ingest: Ingest,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) telemetry: Telemetry,
    pub(crate) direct_calls: DirectCalls,
    lifecycle: Lifecycle,
    pub(crate) folder: TempDir,
}

/// A reporter that never replies: no owner asks a bare engine for its status.
#[derive(Debug)]
struct Unasked;

#[ports::async_trait]
impl Reporter for Unasked {
    async fn status(&self, _work: Work) -> Status {
        std::future::pending().await
    }

    async fn doctor(&self) -> Vec<Finding> {
        std::future::pending().await
    }
}

/// Limits so high that they never apply.
pub(crate) const UNLIMITED: PacingLimits = PacingLimits {
    overall_per_second: 0,
    private_per_second: 0,
    private_burst: 1,
    group: 0,
    group_period: Duration::from_mins(1),
};

/// The bot's decoder.
pub(crate) fn decoder() -> TelegramDecoder {
    let roles = Roles { owner: UserId(OWNER), administrators: Vec::new() };
    TelegramDecoder::new(BotProfile { id: UserId(99), username: "support_bot".to_owned() }, roles)
}

/// The contexts of the parts of an engine.
pub(crate) fn contexts(
    store: Arc<dyn Store>,
    messenger: Arc<dyn Messenger>,
    decoder: Arc<dyn Decoder>,
    pacing: PacingLimits,
    group: ChatId,
    telemetry: &Telemetry,
) -> Contexts {
    let parts = Parts {
        store,
        messenger,
        decoder,
        reporter: Arc::new(Unasked),
        texts: Arc::new(Texts::load(None).unwrap()),
        clock: Arc::new(SystemClock),
        metrics: telemetry.metrics().clone(),
        heartbeats: Heartbeats::new(),
        readiness: Readiness::new(telemetry.metrics()),
        welcome: None,
        tracker: None,
    };
    let settings = DeskSettings {
        topic_icon: None,
        operators_language: Language::English,
        default_language: Language::English,
        pacing,
        known_for: Duration::from_hours(24 * 30),
        send_concurrency: 64,
        album_window: Duration::from_millis(100),
        flood: 0,
        hold_times: HoldTimes::default(),
        inbox_limit: 2000,
        administrators: Vec::new(),
        link_retention: Duration::from_hours(48),
    };
    let group = GroupChats::of_one(group);
    parts.divide(settings, Groups::new(group.clone(), group))
}

impl Engine {
    /// Starts an engine for this group on an empty store.
    pub(crate) async fn start(
        messenger: impl Messenger,
        decoder: Arc<dyn Decoder>,
        pacing: PacingLimits,
        group: ChatId,
    ) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), messenger, decoder, pacing, group).await
    }

    /// Starts an engine on the store that an earlier one has left.
    pub(crate) async fn start_in(
        folder: TempDir,
        messenger: impl Messenger,
        decoder: Arc<dyn Decoder>,
        pacing: PacingLimits,
        group: ChatId,
    ) -> Self {
        let store = Arc::new(SqliteStore::open(folder.path(), &Options::default()).unwrap());
        let telemetry = Telemetry::install().unwrap();
        panics::install(telemetry.metrics());
        let contexts = contexts(
            Arc::<SqliteStore>::clone(&store),
            Arc::new(messenger),
            decoder,
            pacing,
            group,
            &telemetry,
        );
        let (queued_sends, sends, _reports) = QueuedSends::channel();
        let mut sender = Sender::new(contexts.sending, sends);
        sender.resume(PartitionSet::ALL).await.unwrap();
        let direct_calls = sender.direct_calls();
        let (mut worker, ingest) = Worker::new(contexts.deciding, queued_sends);
        worker.resume(PartitionSet::ALL).await.unwrap();
        let lifecycle = Lifecycle::new(telemetry.metrics());
        let (intake, work) = (lifecycle.intake().clone(), lifecycle.work().clone());
        lifecycle.spawn("worker", worker.run(intake.clone(), work));
        lifecycle.spawn("sender", sender.run(intake));
        Self { ingest, store, telemetry, direct_calls, lifecycle, folder }
    }

    /// Polls Telegram for updates.
    pub(crate) fn polls(&self, client: Client) {
        let metrics = self.telemetry.metrics().clone();
        let (updates, readiness) =
            (Poller::new(client, Duration::from_secs(5)), Readiness::new(&metrics));
        let beats = Heartbeats::new();
        let polling =
            Polling::new(self.ingest.clone(), Box::new(updates), metrics, beats, readiness);
        self.lifecycle.spawn("poll", polling.run(self.lifecycle.intake().clone()));
    }

    /// Whether each update is decided and each send is done.
    pub(crate) async fn is_idle(&self) -> bool {
        self.store.undecided(PartitionSet::ALL, None, 1).await.unwrap().is_empty()
            && self.store.backlog(PartitionSet::ALL).await.unwrap().is_empty()
    }

    /// Waits until each update is decided and each send is done.
    pub(crate) async fn settle(&self) {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(5);
        while !self.is_idle().await {
            assert!(tokio::time::Instant::now() < deadline, "the engine did not become idle");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// All series of a metric, by their labels.
    pub(crate) fn series(&self, name: &str) -> BTreeMap<String, f64> {
        let page = self.telemetry.render();
        let lines = page.lines().filter_map(|line| line.strip_prefix(name)?.rsplit_once(' '));
        let own = lines.filter(|(labels, _)| labels.is_empty() || labels.starts_with('{'));
        own.map(|(labels, value)| (labels.to_owned(), value.parse().unwrap())).collect()
    }

    /// The sum of all series of a metric.
    pub(crate) fn total(&self, name: &str) -> f64 {
        self.series(name).values().sum()
    }

    /// Stops gracefully.
    pub(crate) async fn stop(self) -> TempDir {
        self.lifecycle.stop(Duration::from_secs(20)).await;
        self.store.close(Duration::from_secs(20)).await.unwrap();
        self.folder
    }
}
