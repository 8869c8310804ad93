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
    decision::{Decided, Poison},
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

impl Worker {
    /// Takes in all batches that were handed over.
    pub(super) async fn take_in_all(&mut self) {
        while let Some(first) = self.batches.pop_front() {
            let mut count = first.updates.len();
            let mut batches = vec![first];
            while let Some(next) =
                self.batches.pop_front_if(|next| count + next.updates.len() <= BATCH)
            {
                count += next.updates.len();
                batches.push(next);
            }
            self.take_in(batches).await;
        }
    }

    /// Takes in these batches, in one step.
    async fn take_in(&mut self, mut batches: Vec<IncomingBatch>) {
        let begun = Instant::now();
        let offset = batches.iter().filter_map(|batch| batch.offset).max();
        let sizes: Vec<usize> = batches.iter().map(|batch| batch.updates.len()).collect();
        let updates = batches.iter_mut().flat_map(|batch| {
            let received = batch.received;
            std::mem::take(&mut batch.updates).into_iter().map(move |update| (update, received))
        });
        let (arrivals, decisions) = self.decide_arrivals(updates.collect(), begun).await;
        let take_in = self.desk.store.take_in(arrivals, offset);
        match self.desk.stored(StoreOperation::Receive, take_in).await {
            Ok(taken) => {
                let mut new = taken.iter().map(|taken| *taken != Taken::Known);
                for (batch, size) in batches.into_iter().zip(sizes) {
                    let new = new.by_ref().take(size).filter(|new| *new).count();
                    self.desk.metrics.queues.enqueued.of(Queue::Inbox).increment(new as u64);
                    let _unheard = batch.answer.send(Ok(new));
                }
                self.on_stored(taken, decisions, begun.elapsed()).await;
            }
            Err(error) => {
                if matches!(error, StoreError::Corrupt(_)) {
                    self.cautious_until = begun + CAUTION;
                }
                for batch in batches {
                    let _unheard = batch.answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// Decides the updates that can be decided at once; the others have no decision yet. None can while others wait:
    /// then new updates are stored behind them, so that the caller need not wait for the whole backlog.
    async fn decide_arrivals(
        &self,
        updates: Vec<(RawUpdate, Millis)>,
        now: Instant,
    ) -> (Vec<Arrival>, Vec<Option<Result<Decided, Poison>>>) {
        let at_once = self.ready.is_empty() && self.cautious_until <= now;
        let mut changed = HashMap::new();
        let mut poisoned: HashSet<InboxLane> = HashSet::new();
        let mut arrivals = Vec::with_capacity(updates.len());
        let mut decisions = Vec::with_capacity(updates.len());
        for (update, received) in updates {
            let lane = update.lane;
            let ours = at_once && self.desk.store.decides(lane);
            let mut decision = None;
            if ours && !self.paused.contains(lane) && !poisoned.contains(&lane) {
                decision = Some(self.decide(&update, received, &mut changed).await);
            }
            let commit = match &mut decision {
                Some(Ok(decided)) => Some(std::mem::take(&mut decided.commit)),
                Some(Err(_)) => {
                    poisoned.insert(lane);
                    None
                }
                None => None,
            };
            arrivals.push(Arrival { update, received, commit });
            decisions.push(decision);
        }
        (arrivals, decisions)
    }

    /// Continues with the updates that are now on disk.
    async fn on_stored(
        &mut self,
        taken: Vec<Taken>,
        decisions: Vec<Option<Result<Decided, Poison>>>,
        took: Duration,
    ) {
        let (mut sends, mut failed) = (Vec::with_capacity(taken.len()), Vec::new());
        for (taken, decision) in taken.into_iter().zip(decisions) {
            match (taken, decision) {
                (Taken::Known | Taken::Elsewhere, _) => {}
                (Taken::Decided(written), decision) => {
                    // Without a decision here, an earlier call decided this update, but its result never arrived: the
                    // sends that it queued are still to be performed.
                    if let Some(Ok(decided)) = &decision {
                        self.record_decided(decided, took);
                    }
                    sends.extend(written.queued);
                    self.enqueue(written.reopened);
                }
                (Taken::Waits(item), Some(Err(poison))) => failed.push((item, poison)),
                (Taken::Waits(item), None | Some(Ok(_))) => self.enqueue([item]),
            }
        }
        self.announce(sends);
        for (item, poison) in failed {
            self.capacity.take(1);
            if let Some((item, dead)) = self.handle_poison(item, &poison).await {
                self.commit_dead_letter(item, dead).await;
            }
        }
    }
}
