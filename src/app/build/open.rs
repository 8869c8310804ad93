//! The second half of the start, on an open store: the operations server first, so that a waiting start can be
//! observed; then Telegram, the engine's loops, and the intake last.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use tokio_util::sync::DropGuard;

use crate::{
    adapters::telegram::{BotProfile, Client, TelegramDecoder, TelegramMessenger},
    app::{
        Lifecycle, StartError,
        clock::SharedClock,
        ops::{
            CallMetrics, LoopWatch, StatusReporter, Systemd, WatchdogReceiver, Watching, serve_ops,
            spawn_redis_watcher, spawn_upkeep, spawn_watchers, watch_for_silence,
        },
        owner::{Crashes, IncidentMonitor, Notifier},
        settings,
        startup_checks::StartupChecks,
        stores::{Joined, StoreLocation},
    },
    config::Settings,
    engine::{Contexts, Groups, Parts},
    i18n::Texts,
    telemetry::{Heartbeats, Loop, Readiness, Telemetry, events},
};
use domain::{ChatId, GroupChats, GroupKey};
use ports::{Clock, Commit, GroupMove, Messenger, Store, StoreFigures, Welcomes};

use super::{
    commands::{MenuLanguages, register_menus},
    intake::{Intake, WebhookSocket},
    loops::Loops,
};

/// What exists before a desk is opened.
pub(super) struct Opening<'a> {
    pub(super) settings: &'a Settings,
    pub(super) telemetry: &'a Telemetry,
    /// The tasks that outlive the desk's own.
    pub(super) ops: &'a Lifecycle,
    pub(super) clock: Arc<SharedClock>,
    pub(super) texts: Arc<Texts>,
    pub(super) welcome: Option<Arc<dyn Welcomes>>,
    /// The store as the one of the two that it is.
    pub(super) joined: Joined,
    pub(super) store: Arc<dyn Store>,
    pub(super) crashes: Crashes,
    pub(super) heartbeats: Heartbeats,
    pub(super) systemd: Systemd,
}

/// A desk that is open.
pub(super) struct Opened {
    pub(super) lifecycle: Lifecycle,
    pub(super) loop_watch: LoopWatch,
    pub(super) readiness: Readiness,
    pub(super) ops_address: SocketAddr,
    pub(super) webhook_address: Option<SocketAddr>,
}

/// The operations server and its sources.
struct Ops {
    begun: Instant,
    loop_watch: LoopWatch,
    readiness: Readiness,
    watchdog: Option<WatchdogReceiver>,
    address: SocketAddr,
}

/// The bot and its group, as Telegram knows them.
struct Telegram {
    client: Client,
    bot: BotProfile,
    /// The operators' group of the settings.
    configured_group: ChatId,
    /// Its current id.
    group: ChatId,
}

impl Opening<'_> {
    /// Opens the desk. Waits while Telegram cannot be reached.
    pub(super) async fn open(self) -> Result<Opened, StartError> {
        let ops = self.serve_ops().await?;
        let telegram = self.connect(&ops.readiness).await?;
        let opened = self.opened(&telegram, ops.address).await?;
        let socket = WebhookSocket::bind(self.settings)?;
        let messenger: Arc<dyn Messenger> =
            Arc::new(TelegramMessenger::new(telegram.client.clone()));
        let contexts = self.contexts(&ops, &telegram, Arc::clone(&messenger))?;
        let desk = Arc::clone(&contexts.desk);
        let loops = Loops::resume(contexts, messenger).await?;
        let notifier = Notifier::new(
            self.settings,
            loops.direct_calls(),
            &self.texts,
            Arc::clone(&desk.clock),
            &desk.metrics,
            self.crashes,
        );
        let lifecycle = Lifecycle::new(&desk.metrics);
        let ingest = loops.spawn(&lifecycle, &self.heartbeats, self.settings.limits.stuck);
        let intake = lifecycle.intake();
        let (notices, sending) = notifier.start(intake.clone());
        // The auxiliary tasks are not watched: users are served without notices to the owner.
        lifecycle.spawn_auxiliary("owner", sending);
        let monitor = IncidentMonitor::new(&desk.metrics, &ops.readiness, Arc::clone(&desk.clock));
        lifecycle.spawn_auxiliary("needs", monitor.run(notices.clone(), intake.clone()));
        if let Some(receiver) = ops.watchdog {
            let store = Arc::clone(&self.store);
            let watching = watch_for_silence(receiver, store, notices, intake.clone());
            lifecycle.spawn_auxiliary("watchdog", watching);
        }
        let roles = settings::roles(self.settings);
        let languages = MenuLanguages {
            users: self.settings.texts.fallback.into(),
            operators: self.settings.texts.operators.into(),
        };
        let (client, group) = (telegram.client.clone(), telegram.group);
        let menus = register_menus(client, group, roles, self.texts, languages);
        lifecycle.spawn_brief("commands", menus);
        let intake = Intake {
            settings: self.settings,
            client: telegram.client,
            ingest,
            store: self.store,
            metrics: desk.metrics.clone(),
            heartbeats: self.heartbeats.clone(),
            readiness: ops.readiness.clone(),
        };
        let webhook_address = open_intake(intake, socket, &lifecycle, self.ops).await?;
        events::opened(&opened);
        Ok(Opened {
            lifecycle,
            loop_watch: ops.loop_watch,
            readiness: ops.readiness,
            ops_address: ops.address,
            webhook_address,
        })
    }

    /// Starts the operations server and its sources.
    async fn serve_ops(&self) -> Result<Ops, StartError> {
        let Self { settings, telemetry, ops, .. } = *self;
        let metrics = telemetry.metrics();
        let (begun, heartbeats, readiness) =
            (Instant::now(), &self.heartbeats, Readiness::new(metrics));
        let loop_watch = self.watch_loops()?;
        let clock: Arc<dyn Clock> = Arc::<SharedClock>::clone(&self.clock);
        let watchdog = WatchdogReceiver::new(settings, metrics, &clock);
        let endpoint = watchdog.as_ref().map(WatchdogReceiver::endpoint);
        let address = serve_ops(settings, telemetry, heartbeats, &readiness, endpoint, ops).await?;
        spawn_upkeep(telemetry, (heartbeats, settings.limits.stuck), ops);
        spawn_watchers(settings, metrics, &self.clock.own, ops);
        spawn_redis_watcher(settings, &self.joined, metrics, ops);
        Ok(Ops { begun, loop_watch, readiness, watchdog, address })
    }

    /// Begins to watch the loops, and those of a store in Redis.
    fn watch_loops(&self) -> Result<LoopWatch, StartError> {
        if matches!(self.joined, Joined::Redis(_)) {
            self.heartbeats.watch(Loop::Leases, self.settings.limits.stuck);
        }
        let watching = Watching {
            heartbeats: self.heartbeats.clone(),
            metrics: self.telemetry.metrics().clone(),
            clock: Arc::clone(&self.clock.own),
            crashes: self.crashes.files(),
            systemd: self.systemd.clone(),
        };
        LoopWatch::start(watching).map_err(StartError::Thread)
    }

    /// Reports an unclean end of the last run, then runs the startup checks until Telegram answers.
    async fn connect(&self, readiness: &Readiness) -> Result<Telegram, StartError> {
        let Self { settings, telemetry, store, texts, .. } = self;
        let (metrics, clock) = (telemetry.metrics(), &self.clock.own);
        let observer = CallMetrics::new(metrics.clone(), Arc::clone(&self.clock));
        let client = settings::client(settings, Arc::new(observer))?;
        let notebook = store.notebook().await?;
        if self.has_unreported_end(notebook.unclean).await {
            events::unclean_shutdown(metrics);
        }
        let configured_group = ChatId(settings.desk.group);
        let moved = notebook.group.filter(|_| notebook.group_moved_from == Some(configured_group));
        let known = moved.unwrap_or(configured_group);
        let checks =
            StartupChecks { client: &client, settings, metrics, readiness, clock: &**clock, texts };
        let (bot, group) = checks.run(known).await?;
        if group != known {
            // The group has migrated while the desk was closed.
            let group = Some(GroupMove {
                group: GroupKey::FIRST,
                from: configured_group,
                to: group,
                at: clock.now(),
            });
            store.commit(vec![Commit { group, ..Commit::default() }]).await?;
        }
        Ok(Telegram { client, bot, configured_group, group })
    }

    /// What the first line of the log says.
    async fn opened(
        &self,
        telegram: &Telegram,
        metrics: SocketAddr,
    ) -> Result<events::Opened, StartError> {
        let StoreFigures { conversations, bytes, .. } = self.store.figures().await?;
        Ok(events::Opened {
            group: telegram.group.0,
            store: StoreLocation::chosen(self.settings).to_string(),
            conversations: conversations.iter().sum(),
            bytes,
            updates: if self.settings.webhook.is_some() { "webhook" } else { "polling" },
            metrics: format!("http://{metrics}/metrics"),
            bot: format!("@{}", telegram.bot.username),
        })
    }

    /// Whether an unclean end must be reported: the store or the folder shows one, and no other process has reported
    /// it.
    async fn has_unreported_end(&self, in_store: bool) -> bool {
        let mut is_news = in_store;
        for run in self.crashes.new_runs() {
            is_news |= self.store.is_first_report(run).await;
        }
        is_news
    }

    /// Assembles what the engine's loops can reach.
    fn contexts(
        &self,
        ops: &Ops,
        telegram: &Telegram,
        messenger: Arc<dyn Messenger>,
    ) -> Result<Contexts, StartError> {
        let Self { settings, store, clock, .. } = self;
        let Telegram { client, bot, configured_group, group } = telegram;
        let roles = settings::roles(settings);
        let reporter = StatusReporter::new(
            ops.begun,
            clock,
            &ops.readiness,
            store,
            settings,
            (client, *group),
        );
        let parts = Parts {
            store: Arc::clone(store),
            messenger,
            decoder: Arc::new(TelegramDecoder::new(bot.clone(), roles)),
            reporter: Arc::new(reporter),
            texts: Arc::clone(&self.texts),
            clock: Arc::<SharedClock>::clone(clock),
            metrics: self.telemetry.metrics().clone(),
            heartbeats: self.heartbeats.clone(),
            readiness: ops.readiness.clone(),
            welcome: self.welcome.clone(),
            tracker: settings::tracker(settings)?,
        };
        let [configured, now] = [*configured_group, *group].map(GroupChats::of_one);
        Ok(parts.divide(settings::engine(settings), Groups::new(configured, now)))
    }
}

/// Opens the intake. If that fails or is abandoned, the desk's tasks are stopped.
async fn open_intake(
    intake: Intake<'_>,
    socket: Option<WebhookSocket>,
    lifecycle: &Lifecycle,
    ops: &Lifecycle,
) -> Result<Option<SocketAddr>, StartError> {
    let guards = [lifecycle.intake(), lifecycle.work()].map(|token| token.clone().drop_guard());
    match intake.open(socket, lifecycle, ops).await {
        Ok(address) => {
            let _open = guards.map(DropGuard::disarm);
            Ok(address)
        }
        Err(failed) => {
            lifecycle.stop(std::time::Duration::ZERO).await;
            Err(failed)
        }
    }
}
