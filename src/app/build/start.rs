//! The whole start of a desk: opens the store, begins the run, then calls `open`. A failed start is undone.

use std::sync::Arc;

use crate::{
    adapters::{toml_file::FileMistakes, welcome::WelcomeFile},
    app::{
        Lifecycle, StartError,
        clock::SharedClock,
        ops::{CommandMetrics, Systemd, check_after_kill},
        owner::{Crashes, RunMarker, dead_runs},
        stores::{Joined, old_users_wait},
    },
    config::Settings,
    i18n::Texts,
    telemetry::{Heartbeats, Telemetry},
};
use ports::{Clock, Welcomes};

use super::{
    app::{App, CLOSE_LIMIT, close},
    open::{Opened, Opening},
};

/// An open store and the run that works on it.
struct Run {
    store: Joined,
    marker: RunMarker,
    crashes: Crashes,
}

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
        let ops = Lifecycle::new(telemetry.metrics());
        let texts = Arc::new(Texts::load(settings.texts.folder.as_deref())?);
        let welcome = load_welcome(settings, telemetry).map_err(StartError::Welcome)?;
        let clock = Arc::new(SharedClock::new(clock));
        let metrics = telemetry.metrics().clone();
        let (heartbeats, systemd) = (Heartbeats::new(), Systemd::of_environment());
        let observer = Arc::new(CommandMetrics {
            metrics,
            heartbeats: heartbeats.clone(),
            clock: Arc::clone(&clock),
        });
        let Run { store, marker, crashes } = Run::begin(settings, &clock.own, observer).await?;
        let own_clock = Arc::clone(&clock.own);
        let opening = Opening {
            settings,
            telemetry,
            ops: &ops,
            clock,
            texts,
            welcome,
            joined: store.clone(),
            store: store.store(),
            crashes,
            heartbeats: heartbeats.clone(),
            systemd: systemd.clone(),
        };
        let opened = async {
            if old_users_wait(settings, &store, &*own_clock).await? {
                return Err(StartError::ImportFirst);
            }
            opening.open().await
        };
        let opened = tokio::select! {
            opened = opened => opened,
            () = asked => Err(StartError::Abandoned),
        };
        match opened {
            Ok(Opened { lifecycle, loop_watch, readiness, ops_address, webhook_address }) => {
                if let Joined::Sqlite(file) = &store {
                    check_after_kill(file, &settings.store.folder, telemetry.metrics(), &ops);
                }
                systemd.ready();
                Ok(Self {
                    lifecycle,
                    ops,
                    heartbeats,
                    loop_watch,
                    systemd,
                    readiness,
                    store: store.store(),
                    run: marker,
                    ops_address,
                    webhook_address,
                    drain: settings.limits.drain,
                    stuck: settings.limits.stuck,
                })
            }
            Err(failed) => {
                close(&*store.store()).await;
                ops.stop(CLOSE_LIMIT).await;
                marker.end(None);
                Err(failed)
            }
        }
    }
}

impl Run {
    /// Opens the store and begins a run. In a shared store, the leases carry the run's id. The marker must exist
    /// before them: without it, nothing proves that a killed process is dead.
    async fn begin(
        settings: &Settings,
        clock: &Arc<dyn Clock>,
        observer: Arc<CommandMetrics>,
    ) -> Result<Self, StartError> {
        let folder = Crashes::folder(&settings.store.folder);
        let mark = || RunMarker::begin(&folder, clock.now());
        let is_shared = settings.store.redis.is_some();
        let (dead, marker) =
            if is_shared { (dead_runs(&folder), Some(mark())) } else { (Vec::new(), None) };
        let id = marker.as_ref().map(|marker| marker.id.clone()).unwrap_or_default();
        let store = match Joined::join(settings, (id, dead), observer).await {
            Ok(store) => store,
            Err(failed) => {
                if let Some(marker) = marker {
                    marker.end(None);
                }
                return Err(failed.into());
            }
        };
        // A store of one process proves by its lock that no other one runs: only now is this a run.
        let marker = marker.unwrap_or_else(mark);
        let crashes = Crashes::collect(&marker, folder.clone(), clock);
        Ok(Self { store, marker, crashes })
    }
}

/// Loads the owner's welcome, and creates a metric series for each answer to its questions.
fn load_welcome(
    settings: &Settings,
    telemetry: &Telemetry,
) -> Result<Option<Arc<dyn Welcomes>>, FileMistakes> {
    let Some(file) = &settings.texts.welcome else { return Ok(None) };
    let welcome = WelcomeFile::load(file, Some(&settings.store.folder))?;
    telemetry.expect_answers(welcome.scene().questions().map(|(place, question, choices)| {
        (place, question, choices.iter().map(|choice| choice.answer.as_str()).collect())
    }));
    Ok(Some(Arc::new(welcome)))
}
