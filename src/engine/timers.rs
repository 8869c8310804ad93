//! Timers of conversations: each that has run out is decided and written as an update would be.
//!
//! Invariant: only those of parts that the sender has taken up, so that it hears of what is queued for them. A timer is a
//! field of its conversation, so whatever changes that changes the timer in the same commit; what was decided upon an
//! outdated one is not written, and looked at again.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Loop, StoreOperation};
use domain::{Conversation, Decision, Event, Fact, Millis, Shards, Subject, UpdateId, UserId};
use ports::{Commit, Committed, OutboxItem, Queued, Store, StoreError};

use super::{
    Desk,
    crew::{Order, Orders},
    record,
    worker::decided,
};

/// Timers are looked at this often.
const EVERY: Duration = Duration::from_secs(1);
/// So many are decided at once.
const BATCH: usize = 256;

/// Looks for timers that have run out.
pub struct Timers<S, M> {
    desk: Arc<Desk<S, M>>,
    sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
    orders: (Orders, mpsc::UnboundedReceiver<Order>),
    shards: Shards,
}

impl<S: Store, M: Send + Sync + 'static> Timers<S, M> {
    /// Timers that hand what must be sent to `sender`, of these parts at first.
    pub fn new(
        desk: Arc<Desk<S, M>>,
        sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
        shards: Shards,
    ) -> Self {
        Self { desk, sender, orders: Orders::channel(), shards }
    }

    /// The way to give them orders.
    pub fn orders(&self) -> Orders {
        self.orders.0.clone()
    }

    /// Works until `intake` is cancelled.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                Some(order) = self.orders.1.recv() => {
                    self.obey(order);
                    continue;
                }
                _ = tick.tick() => {}
            }
            // What cannot be read now is looked at again; so is what is stale.
            while self.turn().await.is_ok_and(|done| done == BATCH) && !intake.is_cancelled() {}
        }
    }

    /// Nothing is under way between two turns.
    fn obey(&mut self, order: Order) {
        let done = match order {
            Order::TakeUp(taken, done) => {
                self.shards = self.shards.and(taken.shards);
                done
            }
            Order::LetGo(shards, done) => {
                self.shards = self.shards.without(shards);
                done
            }
            Order::Answer(done) => done,
            Order::Look(_) => return,
        };
        let _gone = done.send(());
    }

    /// Decides those that have run out. Returns how many.
    async fn turn(&self) -> Result<usize, StoreError> {
        let desk = &self.desk;
        desk.heartbeats.beat(Loop::Timers);
        let now = desk.now();
        let users =
            desk.stored(StoreOperation::Read, desk.store.due(self.shards, now, BATCH)).await?;
        let load = |user: UserId| async move {
            let loaded = desk.store.load(Subject::User(user));
            desk.stored(StoreOperation::Load, loaded).await.ok().flatten()
        };
        let loaded = join_all(users.into_iter().map(load)).await;
        let (commits, facts): (Vec<_>, Vec<_>) =
            loaded.iter().flatten().map(|stored| decide(desk, stored, now)).unzip();
        if commits.is_empty() {
            return Ok(0);
        }
        let mut done = 0;
        for (outcome, facts) in desk.write(Loop::Timers, commits).await.into_iter().zip(facts) {
            if let Some(Committed::Done { queued, .. }) = outcome {
                done += 1;
                record::facts(&desk.metrics, &facts);
                // The sender ends only with the program; what it does not take is in the store.
                let _ = self.sender.send(queued);
            }
        }
        Ok(done)
    }
}

/// What a timer leads to.
fn decide<S, M>(desk: &Desk<S, M>, stored: &Conversation, now: Millis) -> (Commit, Vec<Fact>) {
    let user = stored.user;
    let conversation = Some(stored.clone());
    let rules = AssertUnwindSafe(|| decided(desk, Event::Due(user), conversation, None));
    // One that panics, which the hook has counted, must not do so each second.
    let stopped = || Decision {
        next: Some(Conversation { due: None, ..stored.clone() }),
        ..Decision::default()
    };
    let decision = catch_unwind(rules).unwrap_or_else(|_counted| stopped());
    let queue = |effect: domain::Effect| Queued {
        lane: effect.lane(user),
        effect,
        cause: UpdateId(0),
        received: now,
        not_before: None,
    };
    let commit = Commit {
        expects: Some((user, stored.revision)),
        conversation: decision.next,
        queued: decision.effects.into_iter().map(queue).collect(),
        ..Commit::default()
    };
    (commit, decision.facts)
}

impl<S, M> fmt::Debug for Timers<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timers").finish_non_exhaustive()
    }
}
