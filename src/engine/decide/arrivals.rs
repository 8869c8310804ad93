//! New updates: decided and stored in one commit.
//!
//! Invariant: the caller that handed over a batch gets an answer only when the whole batch is on disk.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};

use crate::telemetry::{Queue, StoreOperation};
use domain::{InboxLane, Millis, UpdateId};
use ports::{Arrival, RawUpdate, StoreError, Taken};

use super::{
    BATCH, Worker,
    decision::{Decided, Poison, Report},
};

/// Period of storing updates before deciding them, after the store could not write the decisions of a batch.
const CAUTION: Duration = Duration::from_secs(30);

/// A batch on its way to the worker.
#[derive(Debug)]
pub(in crate::engine) struct IncomingBatch {
    /// The updates, in order.
    pub updates: Vec<RawUpdate>,
    /// The offset of the next request to Telegram after this batch.
    pub offset: Option<UpdateId>,
    /// When the batch was received.
    pub received: Millis,
    /// Receives the number of new updates once all are on disk.
    pub answer: oneshot::Sender<Result<usize, StoreError>>,
}

/// What the worker remembers about a new update during its commit.
enum ArrivalPlan {
    Undecided,
    Decided(Report),
    Poisoned(Poison),
}

/// The size of a batch, and where its answer goes.
type Waiter = (usize, oneshot::Sender<Result<usize, StoreError>>);

impl Worker {
    /// Takes in all batches that were handed over.
    pub(super) async fn take_in_all(&mut self) {
        while let Some(first) = self.handed.pop_front() {
            let mut offset = first.offset;
            let mut waiters = vec![(first.updates.len(), first.answer)];
            let mut updates: Vec<_> = together(first.updates, first.received).collect();
            while let Some(next) =
                self.handed.pop_front_if(|next| updates.len() + next.updates.len() <= BATCH)
            {
                offset = offset.max(next.offset);
                waiters.push((next.updates.len(), next.answer));
                updates.extend(together(next.updates, next.received));
            }
            self.take_in(updates, offset, waiters).await;
        }
    }

    async fn take_in(
        &mut self,
        updates: Vec<(RawUpdate, Millis)>,
        offset: Option<UpdateId>,
        waiters: Vec<Waiter>,
    ) {
        let begun = Instant::now();
        let (batch, notes) = self.prepare(updates, begun).await;
        let take_in = self.desk.store.take_in(batch, offset);
        match self.desk.stored(StoreOperation::Receive, take_in).await {
            Ok(taken) => self.took_in(taken, notes, waiters, begun.elapsed()).await,
            Err(error) => {
                if matches!(error, StoreError::Corrupt(_)) {
                    self.cautious_until = begun + CAUTION;
                }
                for (_, answer) in waiters {
                    let _unheard = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// Decides the updates that can be decided at once. None can while others wait: then new updates are stored
    /// behind them, so that the caller need not wait for the whole backlog.
    async fn prepare(
        &self,
        updates: Vec<(RawUpdate, Millis)>,
        now: Instant,
    ) -> (Vec<Arrival>, Vec<ArrivalPlan>) {
        let at_once = self.ready.is_empty() && self.cautious_until <= now;
        let mut changed = HashMap::new();
        let mut poisoned: HashSet<InboxLane> = HashSet::new();
        let mut batch = Vec::with_capacity(updates.len());
        let mut notes = Vec::with_capacity(updates.len());
        for (update, received) in updates {
            let lane = update.lane;
            let (mut commit, mut note) = (None, ArrivalPlan::Undecided);
            let ours = at_once && self.desk.store.decides(lane);
            if ours && !self.held.has(lane) && !poisoned.contains(&lane) {
                match self.decide(&update, received, &mut changed).await {
                    Ok(Decided { commit: decided, report }) => {
                        (commit, note) = (Some(decided), ArrivalPlan::Decided(report));
                    }
                    Err(poison) => {
                        poisoned.insert(lane);
                        note = ArrivalPlan::Poisoned(poison);
                    }
                }
            }
            batch.push(Arrival { update, received, commit });
            notes.push(note);
        }
        (batch, notes)
    }

    /// Continues with the updates that are now on disk, and answers those who handed them over.
    async fn took_in(
        &mut self,
        taken: Vec<Taken>,
        notes: Vec<ArrivalPlan>,
        waiters: Vec<Waiter>,
        took: Duration,
    ) {
        let mut new = taken.iter().map(|taken| *taken != Taken::Known);
        for (size, answer) in waiters {
            let new = new.by_ref().take(size).filter(|new| *new).count();
            self.desk.metrics.queues.enqueued.of(Queue::Inbox).increment(new as u64);
            let _unheard = answer.send(Ok(new));
        }
        let (mut sends, mut failed) = (Vec::with_capacity(taken.len()), Vec::new());
        for (taken, note) in taken.into_iter().zip(notes) {
            match (taken, note) {
                (Taken::Known | Taken::Elsewhere, _) => {}
                (Taken::Decided { queued, reopened }, ArrivalPlan::Decided(report)) => {
                    self.decided(&report, took);
                    sends.extend(queued);
                    self.wait(reopened);
                }
                (Taken::Waits(item), ArrivalPlan::Poisoned(poison)) => failed.push((item, poison)),
                (Taken::Waits(item), ArrivalPlan::Undecided | ArrivalPlan::Decided(_)) => {
                    self.wait([item]);
                }
                // An earlier call decided this update, but its result never arrived: the sends that it queued are
                // still to be performed.
                (
                    Taken::Decided { queued, reopened },
                    ArrivalPlan::Undecided | ArrivalPlan::Poisoned(_),
                ) => {
                    sends.extend(queued);
                    self.wait(reopened);
                }
            }
        }
        self.hand_over(sends);
        for (item, poison) in failed {
            self.places.take(1);
            if let Some((item, dead)) = self.poisoned(item, &poison).await {
                self.bury(item, dead).await;
            }
        }
    }
}

/// The updates of a batch, each with the time of its receipt.
fn together(
    updates: Vec<RawUpdate>,
    received: Millis,
) -> impl Iterator<Item = (RawUpdate, Millis)> {
    updates.into_iter().map(move |update| (update, received))
}
