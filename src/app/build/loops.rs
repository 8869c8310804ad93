//! The engine's loops, in the order in which they are created and spawned.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{
    adapters::telegram::TelegramMessenger,
    app::{Lifecycle, StartError, stores::AnyStore},
    engine::{
        self, DirectCalls, Heartbeat, Newsletters, PartitionManager, QueuedSends, Relocation,
        Sender, Sweeper, Timers, TrackerReports, Worker,
    },
    telemetry::{Heartbeats, Loop},
};
use ports::Cluster as _;

/// A loop without a sign of life for this long counts as stuck. The limit is far above the longest iteration.
pub(super) const STUCK_LIMIT: Duration = Duration::from_mins(2);

/// What the loops share.
pub(super) type Desk = engine::Desk<AnyStore, TelegramMessenger>;
/// The way in for updates.
pub(super) type Ingest = engine::Ingest<AnyStore, TelegramMessenger>;

/// The loops before they run.
pub(super) struct Loops {
    desk: Arc<Desk>,
    worker: Worker<AnyStore, TelegramMessenger>,
    sender: Sender<AnyStore, TelegramMessenger>,
    reports: TrackerReports<AnyStore, TelegramMessenger>,
    timers: Timers<AnyStore, TelegramMessenger>,
    newsletters: Newsletters<AnyStore, TelegramMessenger>,
    ingest: Ingest,
}

impl Loops {
    /// Creates the loops, which resume what the last run has left of this process's partitions.
    pub(super) async fn resume(desk: Arc<Desk>) -> Result<Self, StartError> {
        let held = desk.store.held_at_start();
        let (queued_sends, sends, reports) = QueuedSends::channel();
        let mut sender = Sender::new(Arc::clone(&desk), sends);
        let mut reports = TrackerReports::new(Arc::clone(&desk), reports);
        sender.resume(held).await?;
        reports.resume(held).await?;
        let timers = Timers::new(Arc::clone(&desk), queued_sends.clone(), held);
        let newsletters = Newsletters::new(Arc::clone(&desk), queued_sends.clone(), held);
        let (mut worker, ingest) = Worker::new(Arc::clone(&desk), queued_sends);
        let updates = worker.resume(held).await?;
        if updates > 0 {
            info!(updates, "resuming the waiting updates of the last run");
        }
        Ok(Self { desk, worker, sender, reports, timers, newsletters, ingest })
    }

    /// A handle for calls that are not queued.
    pub(super) fn direct_calls(&self) -> DirectCalls {
        self.sender.direct_calls()
    }

    /// Spawns the loops, and begins to watch for stuck ones. Returns the way in for updates.
    pub(super) fn spawn(self, lifecycle: &Lifecycle, heartbeats: &Heartbeats) -> Ingest {
        let Self { desk, worker, sender, reports, timers, newsletters, ingest } = self;
        let commands = [
            worker.orders(),
            sender.orders(),
            reports.orders(),
            timers.orders(),
            newsletters.orders(),
        ];
        let manager = PartitionManager::new(Arc::clone(&desk), commands);
        let heartbeat = Heartbeat::new(Arc::clone(&desk), worker.orders(), sender.orders());
        let watched = [
            Loop::Worker,
            Loop::Sender,
            Loop::Sweeper,
            Loop::Heartbeat,
            Loop::Timers,
            Loop::Newsletter,
            Loop::Tracker,
        ];
        for task in watched {
            heartbeats.watch(task, STUCK_LIMIT);
        }
        let (intake, work) = (lifecycle.intake(), lifecycle.work());
        lifecycle.spawn("worker", worker.run(intake.clone(), work.clone()));
        lifecycle.spawn("sender", until(work.clone(), sender.run(intake.clone())));
        lifecycle.spawn("tracker", until(work.clone(), reports.run(intake.clone())));
        lifecycle.spawn("timers", until(work.clone(), timers.run(intake.clone())));
        lifecycle.spawn("newsletter", until(work.clone(), newsletters.run(intake.clone())));
        lifecycle.spawn("crew", manager.run(intake.clone()));
        lifecycle.spawn("heartbeat", heartbeat.run(intake.clone()));
        lifecycle.spawn("group", Relocation::new(Arc::clone(&desk)).run(intake.clone()));
        lifecycle.spawn("sweeper", Sweeper::new(desk).run(intake.clone()));
        ingest
    }
}

/// Runs a task until `work` is cancelled.
async fn until(work: CancellationToken, task: impl Future<Output = ()>) {
    tokio::select! {
        () = work.cancelled() => {}
        () = task => {}
    }
}
