//! Starting a desk, part by part, and stopping it in the reverse order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::mpsc};
use tracing::{error, info, warn};

use crate::{
    adapters::{
        sqlite::{self, SqliteStore},
        telegram::{
            BotProfile, Check, Client, CommandSet, CommandsFor, EndpointError, Finding, Inspected,
            Poller, TelegramDecoder, TelegramMessenger, Verdict, inspect, register_commands,
        },
    },
    config::Settings,
    domain::{ChatId, Language, UserId},
    engine::{Desk, Parts, Polling, Sender, Sweeper, Worker},
    http::{self, OpsState},
    i18n::{TextMistakes, Texts},
    ports::{Clock, Commit, GroupMove, Ledger as _, Store as _, StoreError},
    telemetry::{
        Heartbeats, Label as _, Loop, Metrics, Probe, Readiness, Telemetry, events, timestamp,
    },
};

use super::{Lifecycle, Stopped, backups, observer::Counting, settings};

/// What is collected from memory this often.
const UPKEEP: Duration = Duration::from_secs(5);

/// A group moves once in its life; a server that says more is not followed for ever.
const MOVES_FOLLOWED: u32 = 5;

/// So long the store may take to close.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// A loop that has not turned for so long is stuck: far above what any of its turns may take.
const TURN_LIMIT: Duration = Duration::from_mins(2);

/// A running desk.
#[derive(Debug)]
pub struct App {
    lifecycle: Lifecycle,
    /// The operations server and what feeds it: they tell of the stop until it is over.
    watch: Lifecycle,
    heartbeats: Heartbeats,
    readiness: Readiness,
    store: Arc<SqliteStore>,
    ops: SocketAddr,
    drain: Duration,
}

/// Why a desk does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The texts of the owner have mistakes.
    #[error("the texts in TEXTS_DIR cannot be used:\n{0}")]
    Texts(#[from] TextMistakes),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] sqlite::OpenError),
    /// The store does not answer.
    #[error("the store cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The address of the operations server is taken.
    #[error("OPS_HOST and OPS_PORT: cannot listen on {address}: {source}; choose another port")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// The Bot API server cannot be called.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Telegram says that the desk cannot work as it is.
    #[error("the desk cannot work yet:\n{0}")]
    Unfit(String),
    /// A stop was asked for before the desk was open.
    #[error("asked to stop before the desk was open")]
    Abandoned,
}

impl App {
    /// Starts a desk. While Telegram cannot be reached it waits, being alive but not ready.
    pub async fn start(
        settings: &Settings,
        telemetry: &Telemetry,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StartError> {
        Self::start_unless(settings, telemetry, clock, std::future::pending()).await
    }

    /// As [`App::start`], but gives up when `asked` to. A desk that does not start leaves its store in order.
    pub async fn start_unless(
        settings: &Settings,
        telemetry: &Telemetry,
        clock: Arc<dyn Clock>,
        asked: impl Future<Output = ()>,
    ) -> Result<Self, StartError> {
        let watch = Lifecycle::new(telemetry.metrics());
        let texts = Arc::new(Texts::load(settings.texts.folder.as_deref())?);
        let options = sqlite::Options::default();
        let store = Arc::new(SqliteStore::open(&settings.store.folder, &options)?);
        let opening = Self::open(settings, telemetry, clock, texts, Arc::clone(&store), &watch);
        let opened = tokio::select! {
            opened = opening => opened,
            () = asked => Err(StartError::Abandoned),
        };
        if opened.is_err() {
            close(&store).await;
            watch.stop(CLOSE_LIMIT).await;
        }
        opened
    }

    async fn open(
        settings: &Settings,
        telemetry: &Telemetry,
        clock: Arc<dyn Clock>,
        texts: Arc<Texts>,
        store: Arc<SqliteStore>,
        watch: &Lifecycle,
    ) -> Result<Self, StartError> {
        let metrics = telemetry.metrics().clone();
        let (heartbeats, readiness) = (Heartbeats::new(), Readiness::new(&metrics));
        let ops = serve_ops(settings, telemetry, &heartbeats, &readiness, watch).await?;
        spawn_upkeep(telemetry, &heartbeats, &clock, watch);
        let folder = settings.store.folder.clone();
        let backups = backups::watch(folder, metrics.clone(), watch.intake().clone());
        watch.spawn("backups", backups);

        let observer = Arc::new(Counting::new(metrics.clone(), Arc::clone(&clock)));
        let client = settings::client(settings, observer)?;
        let notebook = store.notebook().await?;
        if notebook.unclean {
            events::unclean_shutdown(&metrics);
        }
        let configured = ChatId(settings.desk.group);
        let moved = notebook.group.filter(|_| notebook.group_moved_from == Some(configured));
        let known = moved.unwrap_or(configured);
        let (bot, group) = fit(&client, known, settings, (&metrics, &readiness), &*clock).await?;
        if group != known {
            let group = Some(GroupMove { from: configured, to: group });
            store.commit(vec![Commit { group, ..Commit::default() }]).await?;
        }

        let poller = Poller::new(client.clone(), settings.telegram.poll_timeout);
        let parts = Parts {
            store: Arc::clone(&store),
            messenger: TelegramMessenger::new(client.clone()),
            decoder: Arc::new(TelegramDecoder::new(bot)),
            texts: Arc::clone(&texts),
            clock,
            metrics: metrics.clone(),
            heartbeats: heartbeats.clone(),
            readiness: readiness.clone(),
        };
        let desk = Desk::new(parts, settings::desk(settings), configured, group);
        let (to_sender, queued) = mpsc::unbounded_channel();
        let mut sender = Sender::new(Arc::clone(&desk), queued);
        sender.resume().await?;
        let (mut worker, ingest) = Worker::new(Arc::clone(&desk), to_sender);
        let left = worker.resume().await?;
        if left > 0 {
            info!(updates = left, "taking up what the last run has left");
        }

        let lifecycle = Lifecycle::new(&metrics);
        for task in [Loop::Worker, Loop::Sender, Loop::Sweeper] {
            heartbeats.watch(task, TURN_LIMIT);
        }
        // Its turn lasts as long as a poll that nobody answers.
        let patience = settings.telegram.poll_timeout + settings.telegram.request_timeout;
        heartbeats.watch(Loop::Poll, TURN_LIMIT + patience);
        let (intake, work) = (lifecycle.intake(), lifecycle.work());
        let offset = notebook.offset;
        let polling = Polling {
            ingest,
            updates: poller,
            offset,
            metrics,
            heartbeats: heartbeats.clone(),
            readiness: readiness.clone(),
        };
        lifecycle.spawn("worker", worker.run(intake.clone(), work.clone()));
        lifecycle.spawn("sender", until(work.clone(), sender.run(intake.clone())));
        lifecycle.spawn("sweeper", Sweeper::new(desk).run(intake.clone()));
        lifecycle.spawn("poll", polling.run(intake.clone()));
        lifecycle.spawn_brief("commands", offer_commands(client, group, texts));
        info!(ops = %ops, "the desk is open");
        let (watch, drain) = (watch.clone(), settings.limits.drain);
        Ok(Self { lifecycle, watch, heartbeats, readiness, store, ops, drain })
    }

    /// Where the operations server listens.
    pub fn ops(&self) -> SocketAddr {
        self.ops
    }

    /// Where everything is kept.
    pub fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// The tasks of the desk.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// Stops: no more updates are taken in, what is being sent is finished, within the limit of the settings or until
    /// `again`. What is not finished resumes at the next start.
    pub async fn stop(self, again: impl Future<Output = ()>) -> Stopped {
        let grace_seconds = self.drain.as_secs();
        info!(
            grace_seconds,
            "stopping: finishing what is under way; a second signal stops at once"
        );
        self.readiness.drain();
        // From here on the loops wait for what is under way, for as long as DRAIN_SECONDS allows.
        for task in Loop::ALL {
            self.heartbeats.retire(*task);
        }
        let stopped = self.lifecycle.stop_unless_asked_again(self.drain, again).await;
        close(&self.store).await;
        self.watch.stop(CLOSE_LIMIT).await;
        match stopped {
            Stopped::Drained => info!("stopped"),
            Stopped::TimedOut => {
                warn!("stopped before everything was finished; the rest resumes at the next start");
            }
        }
        stopped
    }
}

async fn close(store: &SqliteStore) {
    if let Err(failed) = store.close(CLOSE_LIMIT).await {
        let error = &failed as &dyn std::error::Error;
        error!(error, "the store was not closed in order; nothing is lost");
    }
}

/// The server answers from the first moment, so that a start that waits can be told from one that hangs.
async fn serve_ops(
    settings: &Settings,
    telemetry: &Telemetry,
    heartbeats: &Heartbeats,
    readiness: &Readiness,
    watch: &Lifecycle,
) -> Result<SocketAddr, StartError> {
    let address = settings.ops.address;
    let listen = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let bound = listener.local_addr().map_err(listen)?;
    let (heartbeats, readiness) = (heartbeats.clone(), readiness.clone());
    let state = OpsState { telemetry: telemetry.clone(), heartbeats, readiness };
    let intake = watch.intake().clone();
    watch.spawn("http", async move {
        if let Err(failed) = http::serve(listener, state, intake).await {
            error!(error = &failed as &dyn std::error::Error, "the operations server ended");
        }
    });
    Ok(bound)
}

fn spawn_upkeep(
    telemetry: &Telemetry,
    heartbeats: &Heartbeats,
    clock: &Arc<dyn Clock>,
    watch: &Lifecycle,
) {
    let (telemetry, heartbeats, clock) = (telemetry.clone(), heartbeats.clone(), Arc::clone(clock));
    let intake = watch.intake().clone();
    watch.spawn("upkeep", async move {
        let mut tick = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = tick.tick() => {}
            }
            heartbeats.publish(telemetry.metrics(), timestamp(clock.now().0));
            telemetry.upkeep();
        }
    });
}

/// Checks whether the desk can work, as `doctor` does: fails on what cannot, warns of the rest. Returns who the bot
/// is, and the id that the operators' group has now.
async fn fit(
    client: &Client,
    mut group: ChatId,
    settings: &Settings,
    (metrics, readiness): (&Metrics, &Readiness),
    clock: &dyn Clock,
) -> Result<(BotProfile, ChatId), StartError> {
    let owner = i64::try_from(settings.desk.owner).ok().map(UserId);
    let mut pause = Duration::from_millis(500);
    let mut moves = 0;
    loop {
        let Inspected { findings, bot, moved_to } = inspect(client, group, owner, clock).await;
        if let Some(to) = moved_to.filter(|to| *to != group) {
            warn!(
                group = to.0,
                "the operators' group moved while the desk was closed; following it"
            );
            group = to;
            moves += 1;
            if moves > MOVES_FOLLOWED {
                return Err(StartError::Unfit("the operators' group moves on and on".to_owned()));
            }
            continue;
        }
        let bad =
            |found: &&Finding| found.check == Check::Connection && found.verdict == Verdict::Fail;
        if let Some(found) = findings.iter().find(bad) {
            readiness.unready(Probe::Telegram, &found.what);
            events::unreachable(metrics, &found.what);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(15));
            continue;
        }
        for found in findings.iter().filter(|found| found.verdict == Verdict::Warn) {
            warn!(check = ?found.check, what = %in_words(found), "the desk works, but not as well as it could");
        }
        let failures: Vec<String> =
            findings.iter().filter(|found| found.verdict == Verdict::Fail).map(in_words).collect();
        return match bot {
            Some(bot) if failures.is_empty() => {
                readiness.ready(Probe::Group);
                Ok((bot, group))
            }
            _ => Err(StartError::Unfit(failures.join("\n"))),
        };
    }
}

fn in_words(found: &Finding) -> String {
    match &found.click {
        Some(click) => format!("{}: {}", found.what, click),
        None => found.what.clone(),
    }
}

/// Registers the commands for each audience and language. A desk without menus still works.
async fn offer_commands(client: Client, group: ChatId, texts: Arc<Texts>) {
    let languages = Language::ALL.into_iter().map(|language| (Some(language), language));
    let mut sets = Vec::new();
    for (code, language) in std::iter::once((None, Language::English)).chain(languages) {
        let (users, staff) = (texts.user_commands(language), texts.staff_commands(language));
        sets.push(CommandSet { audience: CommandsFor::Users, language: code, commands: users });
        sets.push(CommandSet { audience: CommandsFor::Operators, language: code, commands: staff });
    }
    if let Err(failed) = register_commands(&client, group, &sets).await {
        warn!(
            error = &failed as &dyn std::error::Error,
            "the menus of commands could not be registered"
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
