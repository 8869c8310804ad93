//! Starts a desk part by part, and stops it in reverse order.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;
use tracing::{error, info, warn};

use crate::{
    adapters::{
        telegram::{
            Client, CommandSet, CommandsFor, TelegramDecoder, TelegramMessenger, register_commands,
        },
        welcome::{WelcomeFile, WelcomeMistakes},
    },
    config::Settings,
    engine::{
        Contexts, Desk, Heartbeat, Newsletters, PartitionManager, PartitionedLoops, Parts,
        Relocation, Sender, Sweeper, Timers, Worker,
    },
    i18n::Texts,
    telemetry::{Heartbeats, Label as _, Loop, Readiness, Telemetry, events},
};
use domain::{ChatId, Language, Role, Roles};
use ports::{Clock, Commit, GroupMove, Store, StoreError, Welcomes};

use super::{
    Lifecycle, Stopped,
    clock::CommonClock,
    crashes::Crashes,
    incident_monitor::IncidentMonitor,
    intake::{Hook, Intake},
    observer::CallMetrics,
    old_users::nobody_is_left,
    ops::{serve_ops, spawn_ops, spawn_upkeep},
    owner::Owner,
    redis::{self, CountingCommands},
    reporter::StatusReporter,
    run_marker::{self, RunMarker},
    settings, soundness,
    start_error::StartError,
    startup_checks::fit,
    store::Joined,
    watchdog::{self, WatchdogReceiver},
};

/// Time limit for closing the store.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// A loop without a sign of life for this long counts as stuck. The limit is far above the longest iteration.
pub(super) const TURN_LIMIT: Duration = Duration::from_mins(2);

/// A running desk.
#[derive(Debug)]
pub struct App {
    lifecycle: Lifecycle,
    /// The operations server and its sources. They answer until the stop is over.
    watch: Lifecycle,
    heartbeats: Heartbeats,
    readiness: Readiness,
    store: Arc<dyn Store>,
    /// Present once the desk is open.
    run: Option<RunMarker>,
    ops: SocketAddr,
    webhook: Option<SocketAddr>,
    drain: Duration,
}

/// The parts that exist before the desk is opened.
type Opening = (Arc<CommonClock>, Arc<Texts>, Option<Arc<dyn Welcomes>>, Joined, Crashes);

impl App {
    /// Starts a desk. If Telegram is unreachable it waits, alive but not ready.
    pub async fn start(
        settings: &Settings,
        telemetry: &Telemetry,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        let never = std::future::pending();
        // Boxed: nested in the callers' futures, the types would be too deep for the compiler.
        Box::pin(Self::start_unless(settings, telemetry, clock, never)).await
    }

    /// Like [`App::start`], but gives up when `asked` completes. A desk that does not start closes its store cleanly.
    pub async fn start_unless(
        settings: &Settings,
        telemetry: &Telemetry,
        clock: Arc<dyn Clock>,
        asked: impl Future<Output = ()>,
    ) -> Result<Self, StartError> {
        let watch = Lifecycle::new(telemetry.metrics());
        let texts = Arc::new(Texts::load(settings.texts.folder.as_deref())?);
        let welcome = welcome(settings, telemetry)?;
        let clock = Arc::new(CommonClock::of(clock));
        let metrics = telemetry.metrics().clone();
        let observer = Arc::new(CountingCommands { metrics, clock: Arc::clone(&clock) });
        let (joined, run, crashes) = Self::take(settings, &clock.own, observer).await?;
        let own = Arc::clone(&clock.own);
        let store = joined.store();
        let parts = (clock, texts, welcome, joined.clone(), crashes);
        let opening = async {
            nobody_is_left(settings, &joined, &*own).await?;
            Self::open(settings, telemetry, parts, &watch).await
        };
        let opened = tokio::select! {
            opened = opening => opened,
            () = asked => Err(StartError::Abandoned),
        };
        match opened {
            Ok(app) => {
                if let Joined::Sqlite(store) = &joined {
                    soundness::look(store, &settings.store.folder, telemetry.metrics(), &watch);
                }
                Ok(Self { run: Some(run), ..app })
            }
            Err(failed) => {
                close(&*store).await;
                watch.stop(CLOSE_LIMIT).await;
                run.end(None);
                Err(failed)
            }
        }
    }

    /// Opens the store and begins a run. In a shared store, the leases carry the run's id. The marker must exist
    /// before them: without it, nothing proves that a killed process is dead.
    async fn take(
        settings: &Settings,
        clock: &Arc<dyn Clock>,
        observer: Arc<CountingCommands>,
    ) -> Result<(Joined, RunMarker, Crashes), StartError> {
        let folder = Crashes::folder(&settings.store.folder);
        let begin = || RunMarker::begin(&folder, clock.now());
        let shared = settings.store.redis.is_some().then(|| (run_marker::dead(&folder), begin()));
        let names = shared.as_ref().map(|(dead, run)| (run.id.clone(), dead.clone()));
        let opened = Joined::join(settings, names.unwrap_or_default(), observer).await;
        let run = shared.map(|(_, run)| run);
        let store = match opened {
            Ok(store) => store,
            Err(failed) => {
                if let Some(run) = run {
                    run.end(None);
                }
                return Err(failed.into());
            }
        };
        let run = run.unwrap_or_else(begin);
        let crashes = Crashes::of(&run, folder, clock);
        Ok((store, run, crashes))
    }

    async fn open(
        settings: &Settings,
        telemetry: &Telemetry,
        (clock, texts, welcome, joined, crashes): Opening,
        watch: &Lifecycle,
    ) -> Result<Self, StartError> {
        let (store, metrics) = (joined.store(), telemetry.metrics().clone());
        let (begun, heartbeats, readiness) =
            (Instant::now(), Heartbeats::new(), Readiness::new(&metrics));
        let common: Arc<dyn Clock> = Arc::<CommonClock>::clone(&clock);
        let ear = WatchdogReceiver::new(settings, &metrics, &common);
        let door = ear.as_ref().map(WatchdogReceiver::door);
        let ops = serve_ops(settings, telemetry, &heartbeats, &readiness, door, watch).await?;
        spawn_upkeep(telemetry, &heartbeats, &clock.own, watch);
        spawn_ops(settings, &metrics, &clock.own, watch);
        redis::spawn_checks(settings, joined, &metrics, watch);

        let observer = Arc::new(CallMetrics::new(metrics.clone(), Arc::clone(&clock.own)));
        let client = settings::client(settings, observer)?;
        let notebook = store.notebook().await?;
        if unclean(&*store, notebook.unclean, crashes.new_runs()).await {
            events::unclean_shutdown(&metrics);
        }
        let configured = ChatId(settings.desk.group);
        let moved = notebook.group.filter(|_| notebook.group_moved_from == Some(configured));
        let known = moved.unwrap_or(configured);
        let (bot, group) =
            fit(&client, known, settings, (&metrics, &readiness), (&*clock.own, &texts)).await?;
        follow(&*store, known, GroupMove { from: configured, to: group }).await?;

        let (hook, roles) = (Hook::prepare(settings)?, settings::roles(settings));
        let info =
            StatusReporter::new(begun, &clock, &readiness, &store, settings, (&client, group));
        let parts = Parts {
            store: Arc::clone(&store),
            messenger: Arc::new(TelegramMessenger::new(client.clone())),
            decoder: Arc::new(TelegramDecoder::new(bot, roles.clone())),
            reporter: Arc::new(info),
            texts: Arc::clone(&texts),
            clock,
            metrics: metrics.clone(),
            heartbeats: heartbeats.clone(),
            readiness: readiness.clone(),
            welcome,
            tracker: settings::tracker(settings)?,
        };
        let (clock, messenger) = (Arc::clone(&parts.clock), Arc::clone(&parts.messenger));
        let Contexts { desk, deciding, sending } =
            parts.divide(settings::desk(settings), configured, group);
        let (to_sender, queued) = mpsc::unbounded_channel();
        let mut sender = Sender::new(sending, queued);
        let held = store.held_at_start();
        sender.resume(held).await?;
        let owner = Owner::of(settings, sender.direct_calls(), &texts, clock, &metrics, crashes);
        let timers = Timers::new(Arc::clone(&deciding), to_sender.clone(), held);
        let letters = Newsletters::new(Arc::clone(&desk), to_sender.clone(), held);
        let (mut worker, ingest) = Worker::new(deciding, to_sender);
        let left = worker.resume(held).await?;
        let loops = PartitionedLoops {
            worker: worker.orders(),
            sender: sender.orders(),
            timers: timers.orders(),
            newsletters: letters.orders(),
        };
        let heartbeat = Heartbeat::new(Arc::clone(&desk), Arc::clone(&messenger), &loops);
        let manager = PartitionManager::new(Arc::clone(&desk), loops);
        if left > 0 {
            info!(updates = left, "resuming the waiting updates of the last run");
        }
        let lifecycle = Lifecycle::new(&metrics);
        watch_loops(&heartbeats);
        let (intake, work) = (lifecycle.intake(), lifecycle.work());
        lifecycle.spawn("worker", worker.run(intake.clone(), work.clone()));
        lifecycle.spawn("sender", until(work.clone(), sender.run(intake.clone())));
        lifecycle.spawn("timers", until(work.clone(), timers.run(intake.clone())));
        lifecycle.spawn("newsletter", until(work.clone(), letters.run(intake.clone())));
        lifecycle.spawn("crew", manager.run(intake.clone()));
        spawn_owner(owner, ear, &desk, &lifecycle);
        lifecycle.spawn("heartbeat", heartbeat.run(intake.clone()));
        lifecycle.spawn("group", Relocation::new(Arc::clone(&desk), messenger).run(intake.clone()));
        lifecycle.spawn("sweeper", Sweeper::new(desk).run(intake.clone()));
        lifecycle.spawn_brief("commands", offer_commands(client.clone(), group, roles, texts));
        let opening = Intake {
            settings,
            client,
            ingest,
            store: Arc::clone(&store),
            metrics,
            heartbeats: heartbeats.clone(),
            readiness: readiness.clone(),
        };
        // If the start is abandoned from here on, the desk must not continue by itself.
        let guards = [intake, work].map(|token| token.clone().drop_guard());
        let webhook = match opening.open(hook, &lifecycle, watch).await {
            Ok(webhook) => webhook,
            Err(failed) => {
                lifecycle.stop(Duration::ZERO).await;
                return Err(failed);
            }
        };
        let _open = guards.map(DropGuard::disarm);
        info!(ops = %ops, "the desk is open");
        let (watch, drain) = (watch.clone(), settings.limits.drain);
        Ok(Self { lifecycle, watch, heartbeats, readiness, store, run: None, ops, webhook, drain })
    }

    /// The address of the operations server.
    pub fn ops(&self) -> SocketAddr {
        self.ops
    }

    /// The address of the webhook; `None` if the desk polls.
    pub fn webhook(&self) -> Option<SocketAddr> {
        self.webhook
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The tasks of the desk.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// Stops the desk: takes in no more updates and finishes sends in progress, until the configured time limit or
    /// until `again` completes. The rest resumes at the next start.
    pub async fn stop(self, again: impl Future<Output = ()>) -> Stopped {
        let grace_seconds = self.drain.as_secs();
        info!(grace_seconds, "stopping: finishing work in progress; a second signal stops at once");
        self.readiness.drain();
        // From here on the loops wait for work in progress, at most `DRAIN_SECONDS`.
        for task in Loop::ALL {
            self.heartbeats.retire(*task);
        }
        let stopped = self.lifecycle.stop_unless_asked_again(self.drain, again).await;
        close(&*self.store).await;
        self.watch.stop(CLOSE_LIMIT).await;
        if let Some(run) = self.run {
            run.end(self.lifecycle.dead().map(|died| died.task));
        }
        match stopped {
            Stopped::Drained => info!("stopped"),
            Stopped::TimedOut => {
                warn!("stopped before everything was finished; the rest resumes at the next start");
            }
        }
        stopped
    }
}

/// Begins to watch for stuck loops.
fn watch_loops(heartbeats: &Heartbeats) {
    let all = [Loop::Worker, Loop::Sender, Loop::Sweeper, Loop::Heartbeat, Loop::Timers];
    for task in all.into_iter().chain([Loop::Newsletter]) {
        heartbeats.watch(task, TURN_LIMIT);
    }
}

/// Loads the owner's welcome, and creates a metric series for each answer to its questions.
fn welcome(
    settings: &Settings,
    telemetry: &Telemetry,
) -> Result<Option<Arc<dyn Welcomes>>, WelcomeMistakes> {
    let Some(file) = &settings.texts.welcome else { return Ok(None) };
    let welcome = WelcomeFile::load(file, Some(&settings.store.folder))?;
    telemetry.expect_answers(welcome.scene().questions().map(|(place, question, choices)| {
        (place, question, choices.iter().map(|choice| choice.answer.as_str()).collect())
    }));
    Ok(Some(Arc::new(welcome)))
}

/// Tells the owner of incidents, and of monitoring that is silent.
fn spawn_owner(owner: Owner, ear: Option<WatchdogReceiver>, desk: &Desk, lifecycle: &Lifecycle) {
    let intake = lifecycle.intake();
    let (to_owner, telling) = Owner::begin(owner, intake.clone());
    lifecycle.spawn_auxiliary("owner", telling);
    let watch_for = IncidentMonitor::new(&desk.metrics, &desk.readiness, Arc::clone(&desk.clock));
    lifecycle.spawn_auxiliary("needs", watch_for.watch(to_owner.clone(), intake.clone()));
    if let Some(ear) = ear {
        let watching = watchdog::watch(ear, Arc::clone(&desk.store), to_owner, intake.clone());
        lifecycle.spawn_auxiliary("watchdog", watching);
    }
}

/// Whether an abnormal end must be reported: the store or the folder shows one, and no other process has reported it.
async fn unclean(store: &dyn Store, known: bool, runs: &[String]) -> bool {
    let mut news = known;
    for run in runs {
        news |= store.is_news(run).await;
    }
    news
}

async fn close(store: &dyn Store) {
    if let Err(failed) = store.close(CLOSE_LIMIT).await {
        let error = &failed as &dyn std::error::Error;
        error!(error, "the store did not close cleanly; nothing is lost");
    }
}

/// Stores that the operators' group moved while the desk was closed, if its id differs from the known one.
async fn follow(store: &dyn Store, known: ChatId, moved: GroupMove) -> Result<(), StoreError> {
    if moved.to == known {
        return Ok(());
    }
    store.commit(vec![Commit { group: Some(moved), ..Commit::default() }]).await.map(drop)
}

/// Registers the commands for each audience and language. A desk without command menus still works.
async fn offer_commands(client: Client, group: ChatId, roles: Roles, texts: Arc<Texts>) {
    let languages = Language::ALL.into_iter().map(|language| (Some(language), language));
    let mut sets = Vec::new();
    for (code, language) in std::iter::once((None, Language::English)).chain(languages) {
        let mut offer =
            |audience, commands| sets.push(CommandSet { audience, language: code, commands });
        offer(CommandsFor::Users, texts.private_commands(Role::User, language));
        offer(CommandsFor::Operators, texts.staff_commands(language));
        for user in std::iter::once(&roles.owner).chain(&roles.administrators) {
            let commands = texts.private_commands(roles.of(*user), language);
            offer(CommandsFor::Only(*user), commands);
        }
    }
    if let Err(failed) = register_commands(&client, group, &sets).await {
        warn!(
            error = &failed as &dyn std::error::Error,
            "the command menus could not be registered"
        );
    }
}

/// Runs a task until `work` is cancelled.
async fn until(work: tokio_util::sync::CancellationToken, task: impl Future<Output = ()>) {
    tokio::select! {
        () = work.cancelled() => {}
        () = task => {}
    }
}
