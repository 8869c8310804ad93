//! What becomes of a process among those on one store: takes up what is given to it, lets go of what is taken.
//!
//! Invariant: a part of the conversations is given back only when nothing of it is under way here any more, so that its next
//! holder goes on where this one has ended. Parts are taken up sends first: the worker and the timers may queue more at once.

use std::{fmt, sync::Arc};

use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::telemetry::events;
use domain::Shards;
use ports::{Shift, Store};

use super::Desk;

/// What a part of the engine is told; each is answered when it is done.
#[derive(Debug)]
pub(super) enum Order {
    /// These are ours: take up what waits in them.
    TakeUp(Taken, oneshot::Sender<()>),
    /// Something was stored in the inboxes of these.
    Look(Shards),
    /// End what is under way in these, and begin nothing new.
    LetGo(Shards, oneshot::Sender<()>),
    /// Show that you turn.
    Answer(oneshot::Sender<()>),
}

/// Parts of the conversations that were taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub shards: Shards,
    /// Of these the store has nothing any more.
    pub emptied: Shards,
}

/// The way to give orders to a part of the engine.
#[derive(Debug, Clone)]
pub struct Orders(mpsc::UnboundedSender<Order>);

impl Orders {
    pub(super) fn channel() -> (Self, mpsc::UnboundedReceiver<Order>) {
        let (orders, received) = mpsc::unbounded_channel();
        (Self(orders), received)
    }

    /// Gives an order and waits until it is done; who has ended has nothing under way.
    async fn give(&self, order: impl FnOnce(oneshot::Sender<()>) -> Order) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(order(done)).is_ok() {
            let _ended = is_done.await;
        }
    }

    /// Whether it comes round to its orders; for as long as it does not, nothing is said.
    pub(super) async fn answers(&self) -> bool {
        let (done, is_done) = oneshot::channel();
        self.0.send(Order::Answer(done)).is_ok() && is_done.await.is_ok()
    }
}

/// Passes on what the store says of the parts of this process.
pub struct Crew<S, M> {
    desk: Arc<Desk<S, M>>,
    worker: Orders,
    sender: Orders,
    timers: Orders,
    newsletters: Orders,
}

impl<S: Store, M: Send + Sync + 'static> Crew<S, M> {
    /// For these.
    pub fn new(desk: Arc<Desk<S, M>>, [worker, sender, timers, newsletters]: [Orders; 4]) -> Self {
        Self { desk, worker, sender, timers, newsletters }
    }

    /// Works until `intake` is cancelled: what is held then is given back when the store is closed.
    pub async fn run(self, intake: CancellationToken) {
        // Calls to Telegram take their time; meanwhile other parts go on.
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
