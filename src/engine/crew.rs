//! Follows the store's assignment of partitions to this process: assigns them to the engine's loops, and revokes
//! them.
//!
//! Invariant: a partition is given back only after all work on it in this process has ended, so that its next holder
//! continues where this one stopped. The sender is assigned a partition first, because the worker and the timers may
//! queue sends at once.

use std::{fmt, sync::Arc};

use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::telemetry::events;
use domain::Shards;
use ports::{Shift, Store};

use super::Desk;

/// An instruction to one loop of the engine. Those with a reply channel are answered when they are done.
#[derive(Debug)]
pub(super) enum Order {
    /// These partitions are assigned to this process: load their waiting work.
    TakeUp(Taken, oneshot::Sender<()>),
    /// Updates were stored in the inboxes of these partitions.
    Look(Shards),
    /// These partitions are revoked: finish work in progress and start none.
    LetGo(Shards, oneshot::Sender<()>),
    /// Show that the loop is alive.
    Answer(oneshot::Sender<()>),
}

/// Partitions that were assigned to this process.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub shards: Shards,
    /// The partitions for which the store holds nothing any more.
    pub emptied: Shards,
}

/// A handle to instruct one loop of the engine.
#[derive(Debug, Clone)]
pub struct Orders(mpsc::UnboundedSender<Order>);

impl Orders {
    pub(super) fn channel() -> (Self, mpsc::UnboundedReceiver<Order>) {
        let (orders, received) = mpsc::unbounded_channel();
        (Self(orders), received)
    }

    /// Sends an instruction and waits until it is done. A loop that has ended has no work in progress.
    async fn give(&self, order: impl FnOnce(oneshot::Sender<()>) -> Order) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(order(done)).is_ok() {
            let _ended = is_done.await;
        }
    }

    /// Whether the loop answers. Waits for as long as the loop is busy.
    pub(super) async fn answers(&self) -> bool {
        let (done, is_done) = oneshot::channel();
        self.0.send(Order::Answer(done)).is_ok() && is_done.await.is_ok()
    }
}

/// Passes the store's assignments on to the engine's loops.
pub struct Crew<S, M> {
    desk: Arc<Desk<S, M>>,
    worker: Orders,
    sender: Orders,
    timers: Orders,
    newsletters: Orders,
}

impl<S: Store, M: Send + Sync + 'static> Crew<S, M> {
    /// Creates it for the loops with these handles.
    pub fn new(desk: Arc<Desk<S, M>>, [worker, sender, timers, newsletters]: [Orders; 4]) -> Self {
        Self { desk, worker, sender, timers, newsletters }
    }

    /// Runs until `intake` is cancelled. Closing the store then gives back the partitions.
    pub async fn run(self, intake: CancellationToken) {
        // Calls to Telegram take time; meanwhile other partitions continue.
        let mut ending: FuturesUnordered<BoxFuture<'_, ()>> = FuturesUnordered::new();
        loop {
            let shift = tokio::select! {
                () = intake.cancelled() => return,
                Some(()) = ending.next() => continue,
                shift = self.desk.store.shift() => shift,
            };
            match shift {
                Shift::Taken { shards, unclean, emptied } => {
                    if unclean {
                        events::unclean_shutdown(&self.desk.metrics);
                    }
                    tokio::select! {
                        () = intake.cancelled() => return,
                        () = self.take_up(Taken { shards, emptied }) => {}
                    }
                }
                Shift::Arrived(shards) => {
                    // A worker that has ended reads nothing more.
                    let _ended = self.worker.0.send(Order::Look(shards));
                }
                Shift::Leave(shards) | Shift::Lost(shards) => {
                    ending.push(Box::pin(self.let_go(shards)));
                }
                Shift::Group(moved) => self.desk.heard_of_move(moved),
            }
        }
    }

    async fn take_up(&self, taken: Taken) {
        self.sender.give(|done| Order::TakeUp(taken, done)).await;
        self.desk.store.serve(taken.shards);
        self.worker.give(|done| Order::TakeUp(taken, done)).await;
        self.timers.give(|done| Order::TakeUp(taken, done)).await;
        self.newsletters.give(|done| Order::TakeUp(taken, done)).await;
    }

    async fn let_go(&self, shards: Shards) {
        self.newsletters.give(|done| Order::LetGo(shards, done)).await;
        self.timers.give(|done| Order::LetGo(shards, done)).await;
        self.worker.give(|done| Order::LetGo(shards, done)).await;
        self.sender.give(|done| Order::LetGo(shards, done)).await;
        self.desk.store.release(shards).await;
    }
}

impl<S, M> fmt::Debug for Crew<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crew").finish_non_exhaustive()
    }
}
