//! A running desk, and its stop.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tracing::{error, info, warn};

use crate::{
    app::{
        Lifecycle, Stopped,
        ops::{LoopWatch, Systemd},
        owner::RunMarker,
    },
    telemetry::{Heartbeats, Label as _, Loop, Readiness},
};
use ports::Store;

/// Time limit for closing the store, and another for stopping what outlives the desk.
pub(super) const CLOSE_LIMIT: Duration = Duration::from_secs(10);

/// A running desk.
#[derive(Debug)]
pub struct App {
    pub(super) lifecycle: Lifecycle,
    /// The operations server and its sources. They answer until the stop is over.
    pub(super) ops: Lifecycle,
    pub(super) heartbeats: Heartbeats,
    pub(super) loop_watch: LoopWatch,
    pub(super) systemd: Systemd,
    pub(super) readiness: Readiness,
    pub(super) store: Arc<dyn Store>,
    pub(super) run: RunMarker,
    pub(super) ops_address: SocketAddr,
    pub(super) webhook_address: Option<SocketAddr>,
    /// How long a stop may take.
    pub(super) drain: Duration,
    /// How long a turn of a loop may take.
    pub(super) stuck: Duration,
}

impl App {
    /// The address of the operations server.
    pub fn ops(&self) -> SocketAddr {
        self.ops_address
    }

    /// The address of the webhook; `None` if the desk polls.
    pub fn webhook(&self) -> Option<SocketAddr> {
        self.webhook_address
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// The tasks of the desk.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// Which loops turn.
    pub fn heartbeats(&self) -> &Heartbeats {
        &self.heartbeats
    }

    /// Stops the desk: takes in no more updates and finishes sends in progress, until the configured time limit or
    /// until `again` completes. The rest resumes at the next start.
    pub async fn stop(self, again: impl Future<Output = ()>) -> Stopped {
        let grace_seconds = self.drain.as_secs();
        info!(grace_seconds, "stopping: finishing work in progress; a second signal stops at once");
        self.readiness.drain();
        self.systemd.stopping();
        // From here on the loops wait for work in progress, at most `DRAIN_SECONDS`. The stop itself is watched: after a task
        // has died, nobody else waits for the stop to end.
        for task in Loop::ALL {
            self.heartbeats.retire(*task);
        }
        self.heartbeats.watch(Loop::Stop, self.drain + CLOSE_LIMIT * 2 + self.stuck);
        let stopped = self.lifecycle.stop_unless_asked_again(self.drain, again).await;
        close(&*self.store).await;
        self.ops.stop(CLOSE_LIMIT).await;
        self.run.end(self.lifecycle.dead().map(|died| died.task));
        drop(self.loop_watch);
        match stopped {
            Stopped::Drained => info!("stopped"),
            Stopped::TimedOut => {
                warn!("stopped before everything was finished; the rest resumes at the next start");
            }
        }
        stopped
    }
}

/// Closes the store. A failure is only logged, because everything that was confirmed is stored.
pub(super) async fn close(store: &dyn Store) {
    if let Err(failed) = store.close(CLOSE_LIMIT).await {
        let error = &failed as &dyn std::error::Error;
        error!(error, "the store did not close cleanly; nothing is lost");
    }
}
