//! What the worker records of decided updates, and of those that wait.

use std::time::Duration;

use crate::{
    engine::instrumentation,
    telemetry::{Outcome, Processed, Queue, QueueState, events, figure, timestamp},
};
use domain::Waiting;

use super::{Worker, decision::Decided};

impl Worker {
    /// Records a decided update, once its commit is written.
    pub(super) fn record_decided(&self, decided: &Decided, took: Duration) {
        let metrics = &self.desk.metrics;
        if let Some((group, from)) = decided.moved {
            self.desk.is_said_to_have_moved(group, from);
        }
        self.desk.released_holds.extend(decided.released);
        self.desk.pressed.extend(decided.pressed);
        instrumentation::facts(metrics, &decided.facts);
        let now = self.desk.now();
        metrics.queues.wait.of(Queue::Inbox).record(now.since(decided.received));
        if let Some(happened) = decided.happened {
            metrics.updates.age.record(now.since(happened));
        }
        if decided.outcome != Outcome::Dead {
            metrics.queues.processed.of((Queue::Inbox, Processed::Ok)).increment(1);
        }
        events::update_handled(metrics, decided.update.0, decided.handler, decided.outcome, took);
    }

    /// Records what waits in the inbox.
    pub(super) fn record_depth(&self) {
        let (waiting, delayed) = (self.capacity.taken(), self.paused.len());
        let queues = &self.desk.metrics.queues;
        let set =
            |state, count: usize| queues.depth.of((Queue::Inbox, state)).set(figure(count as u64));
        set(QueueState::Ready, waiting.saturating_sub(delayed));
        set(QueueState::Delayed, delayed);
        let ready = self.ready.front().map(|item| item.received);
        let oldest = ready.into_iter().chain(self.paused.oldest()).min();
        self.desk.overview.inbox(Waiting { count: waiting as u64, oldest });
        queues.oldest_timestamp.of(Queue::Inbox).set(oldest.map_or(0.0, |at| timestamp(at.0)));
    }
}
