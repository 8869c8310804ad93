//! Follows the store's assignment of partitions to this process: assigns them to the engine's loops, and revokes
//! them.
//!
//! Invariant: a partition is given back only after all work on it in this process has ended, so that its next holder
//! continues where this one stopped. The loops that perform sends are assigned a partition first, because the worker and
//! the timers may queue sends at once.

use std::sync::Arc;

use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::Desk,
    telemetry::{events, waiting},
};
use domain::PartitionSet;
use ports::PartitionEvent;

/// An instruction to one loop of the engine. Those with a reply channel are answered when they are done.
#[derive(Debug)]
pub(in crate::engine) enum PartitionCommand {
    /// These partitions are assigned to this process: load their waiting work.
    Assign(Assigned, oneshot::Sender<()>),
    /// Updates were stored in the inboxes of these partitions.
    Poll(PartitionSet),
    /// These partitions are revoked: finish work in progress and start none.
    Revoke(PartitionSet, oneshot::Sender<()>),
    /// Show that the loop is alive.
    Ping(oneshot::Sender<()>),
}

/// Partitions that were assigned to this process.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine) struct Assigned {
    pub partitions: PartitionSet,
    /// The partitions for which the store holds nothing any more.
    pub emptied: PartitionSet,
}

/// A handle to instruct one loop of the engine.
#[derive(Debug, Clone)]
pub struct PartitionCommands(mpsc::UnboundedSender<PartitionCommand>);

impl PartitionCommands {
    pub(in crate::engine) fn channel() -> (Self, mpsc::UnboundedReceiver<PartitionCommand>) {
        let (orders, received) = mpsc::unbounded_channel();
        (Self(orders), received)
    }

    /// Sends an instruction and waits until it is done. A loop that has ended has no work in progress; one that is busy
    /// is watched itself.
    async fn send(&self, order: impl FnOnce(oneshot::Sender<()>) -> PartitionCommand) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(order(done)).is_ok() {
            let _ended = waiting(is_done).await;
        }
    }

    /// Whether the loop answers. Waits for as long as the loop is busy.
    pub(in crate::engine) async fn answers(&self) -> bool {
        let (done, is_done) = oneshot::channel();
        self.0.send(PartitionCommand::Ping(done)).is_ok() && is_done.await.is_ok()
    }
}

/// Passes the store's assignments on to the engine's loops.
#[derive(Debug)]
pub struct PartitionManager {
    desk: Arc<Desk>,
    loops: PartitionedLoops,
}

/// The handles of the loops whose work is divided by partition.
#[derive(Debug)]
#[expect(missing_docs, reason = "each is the loop of that name")]
pub struct PartitionedLoops {
    pub worker: PartitionCommands,
    pub sender: PartitionCommands,
    pub tracker: PartitionCommands,
    pub timers: PartitionCommands,
    pub newsletters: PartitionCommands,
}

impl PartitionManager {
    /// Creates it for the loops with these handles.
    pub fn new(desk: Arc<Desk>, loops: PartitionedLoops) -> Self {
        Self { desk, loops }
    }

    /// Runs until `intake` is cancelled. Closing the store then gives back the partitions.
    pub async fn run(self, intake: CancellationToken) {
        // Calls to Telegram take time; meanwhile other partitions continue.
        let mut revocations: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
        loop {
            let event = tokio::select! {
                () = intake.cancelled() => return,
                Some(()) = revocations.next() => continue,
                event = waiting(self.desk.store.next_event()) => event,
            };
            match event {
                PartitionEvent::Assigned { partitions, unclean, emptied } => {
                    if unclean {
                        events::unclean_shutdown(&self.desk.metrics);
                    }
                    tokio::select! {
                        () = intake.cancelled() => return,
                        () = self.assign(Assigned { partitions, emptied }) => {}
                    }
                }
                PartitionEvent::InboxUpdated(partitions) => {
                    // A worker that has ended reads nothing more.
                    let _ended = self.loops.worker.0.send(PartitionCommand::Poll(partitions));
                }
                PartitionEvent::RevokeRequested(partitions) | PartitionEvent::Lost(partitions) => {
                    revocations.push(Box::pin(self.revoke(partitions)));
                }
                PartitionEvent::GroupMigrated(moved) => self.desk.groups.learn(moved),
            }
        }
    }

    async fn assign(&self, assigned: Assigned) {
        let PartitionedLoops { worker, sender, tracker, timers, newsletters } = &self.loops;
        tokio::join!(
            sender.send(|done| PartitionCommand::Assign(assigned, done)),
            tracker.send(|done| PartitionCommand::Assign(assigned, done)),
        );
        self.desk.store.serve(assigned.partitions);
        worker.send(|done| PartitionCommand::Assign(assigned, done)).await;
        timers.send(|done| PartitionCommand::Assign(assigned, done)).await;
        newsletters.send(|done| PartitionCommand::Assign(assigned, done)).await;
    }

    async fn revoke(&self, partitions: PartitionSet) {
        let PartitionedLoops { worker, sender, tracker, timers, newsletters } = &self.loops;
        newsletters.send(|done| PartitionCommand::Revoke(partitions, done)).await;
        timers.send(|done| PartitionCommand::Revoke(partitions, done)).await;
        worker.send(|done| PartitionCommand::Revoke(partitions, done)).await;
        tokio::join!(
            sender.send(|done| PartitionCommand::Revoke(partitions, done)),
            tracker.send(|done| PartitionCommand::Revoke(partitions, done)),
        );
        waiting(self.desk.store.release(partitions)).await;
    }
}
