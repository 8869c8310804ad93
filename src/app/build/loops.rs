//! The engine's loops, in the order in which they are created and spawned.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{
    app::{Lifecycle, StartError},
    engine::{
        Contexts, DirectCalls, Heartbeat, Ingest, Newsletters, PartitionManager, PartitionedLoops,
        QueuedSends, Relocation, Sender, Sweeper, Timers, TrackerReports, Worker,
    },
    telemetry::{Heartbeats, Loop},
};
use ports::Messenger;

/// The loops before they run.
pub(super) struct Loops {
    contexts: Contexts,
    messenger: Arc<dyn Messenger>,
    worker: Worker,
    sender: Sender,
    reports: TrackerReports,
    timers: Timers,
    newsletters: Newsletters,
    ingest: Ingest,
}

impl Loops {
    /// Creates the loops, which resume what the last run has left of this process's partitions.
    pub(super) async fn resume(
        contexts: Contexts,
        messenger: Arc<dyn Messenger>,
    ) -> Result<Self, StartError> {
        let Contexts { desk, deciding, sending } = &contexts;
        let held = desk.store.held_at_start();
        let (queued_sends, sends, reports) = QueuedSends::channel();
        let mut sender = Sender::new(Arc::clone(sending), sends);
        let mut reports = TrackerReports::new(Arc::clone(desk), reports);
        sender.resume(held).await?;
        reports.resume(held).await?;
        let timers = Timers::new(Arc::clone(deciding), queued_sends.clone(), held);
        let newsletters = Newsletters::new(Arc::clone(desk), queued_sends.clone(), held);
        let (mut worker, ingest) = Worker::new(Arc::clone(deciding), queued_sends);
        let updates = worker.resume(held).await?;
        if updates > 0 {
            info!(updates, "resuming the waiting updates of the last run");
        }
        Ok(Self { contexts, messenger, worker, sender, reports, timers, newsletters, ingest })
    }

    /// A handle for calls that are not queued.
    pub(super) fn direct_calls(&self) -> DirectCalls {
        self.sender.direct_calls()
    }

    /// Spawns the loops, and begins to watch for stuck ones, whose limit is `stuck`. Returns the way in for updates.
    pub(super) fn spawn(
        self,
        lifecycle: &Lifecycle,
        heartbeats: &Heartbeats,
        stuck: Duration,
    ) -> Ingest {
        let Self { contexts, messenger, worker, sender, reports, timers, newsletters, ingest } =
            self;
        let desk = contexts.desk;
        let loops = PartitionedLoops {
            worker: worker.commands(),
            sender: sender.commands(),
            tracker: reports.orders(),
            timers: timers.commands(),
            newsletters: newsletters.orders(),
        };
        let heartbeat = Heartbeat::new(Arc::clone(&desk), Arc::clone(&messenger), &loops);
        let manager = PartitionManager::new(Arc::clone(&desk), loops);
        let watched = [
            Loop::Worker,
            Loop::Sender,
            Loop::Sweeper,
            Loop::Heartbeat,
            Loop::Timers,
            Loop::Newsletter,
            Loop::Tracker,
            Loop::Cluster,
        ];
        for task in watched {
            heartbeats.watch(task, stuck);
        }
        let (intake, work) = (lifecycle.intake(), lifecycle.work());
        let spawn = Spawn { lifecycle, heartbeats };
        spawn.turning("worker", Loop::Worker, worker.run(intake.clone(), work.clone()));
        spawn.turning("sender", Loop::Sender, until(work.clone(), sender.run(intake.clone())));
        spawn.turning("tracker", Loop::Tracker, until(work.clone(), reports.run(intake.clone())));
        spawn.turning("timers", Loop::Timers, until(work.clone(), timers.run(intake.clone())));
        let newsletters = until(work.clone(), newsletters.run(intake.clone()));
        spawn.turning("newsletter", Loop::Newsletter, newsletters);
        spawn.turning("cluster", Loop::Cluster, manager.run(intake.clone()));
        spawn.turning("heartbeat", Loop::Heartbeat, heartbeat.run(intake.clone()));
        // Not watched: it only learns earlier what the sender learns from the next refusal.
        lifecycle.spawn("group", Relocation::new(Arc::clone(&desk), messenger).run(intake.clone()));
        // It says itself which of its parts is the loop.
        lifecycle.spawn("sweeper", Sweeper::new(desk).run(intake.clone()));
        ingest
    }
}

/// Spawns loops that are watched.
struct Spawn<'a> {
    lifecycle: &'a Lifecycle,
    heartbeats: &'a Heartbeats,
}

impl Spawn<'_> {
    fn turning<F>(&self, name: &'static str, task: Loop, turning: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.lifecycle.spawn(name, run(self.heartbeats, task, turning));
    }
}

/// Runs a future as this loop.
pub(super) fn run<F: Future>(
    heartbeats: &Heartbeats,
    task: Loop,
    turning: F,
) -> impl Future<Output = F::Output> + use<F> {
    let heartbeats = heartbeats.clone();
    async move { heartbeats.run(task, turning).await }
}

/// Runs a task until `work` is cancelled.
async fn until(work: CancellationToken, task: impl Future<Output = ()>) {
    tokio::select! {
        () = work.cancelled() => {}
        () = task => {}
    }
}
