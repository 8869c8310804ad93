//! Periodic maintenance: deletes expired data and collects figures.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::{
    engine::Desk,
    telemetry::{
        ConversationState, Loop, Queue, StoreOperation, events, figure, timestamp, waiting,
    },
};
use domain::{Millis, State};
use ports::StoreFigures;

use super::limit_use;

/// Number of rounds between two deletions of expired links and decided updates.
const ROUNDS_PER_DELETION: u32 = 240;

/// How long decided updates stay known: twice the 24 hours for which Telegram keeps them.
const UPDATES_KNOWN_FOR: Duration = Duration::from_hours(48);

/// Interval between rounds.
const ROUND_INTERVAL: Duration = Duration::from_secs(15);

/// The maintenance loop.
#[derive(Debug)]
pub struct Sweeper {
    desk: Arc<Desk>,
}

impl Sweeper {
    /// Creates the loop.
    pub fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(self, intake: CancellationToken) {
        let heartbeats = &self.desk.heartbeats;
        tokio::select! {
            // The measurement has no turns that are watched, and its waits must not pass for turns of the sweep.
            () = heartbeats.run(Loop::Sweeper, self.sweep(&intake)) => {}
            () = limit_use::measure(&self.desk) => {}
        }
    }

    async fn sweep(&self, intake: &CancellationToken) {
        let mut tick = tokio::time::interval(ROUND_INTERVAL);
        let mut rounds = 0_u32;
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = waiting(tick.tick()) => {}
            }
            self.desk.heartbeats.beat(Loop::Sweeper);
            events::desk_looked_after(&self.desk.metrics, &self.desk.readiness, Instant::now());
            self.figures().await;
            if rounds.is_multiple_of(ROUNDS_PER_DELETION) {
                self.forget(intake).await;
            }
            rounds = rounds.wrapping_add(1);
        }
    }

    async fn figures(&self) {
        let Ok(figures) = self.desk.stored(StoreOperation::Read, self.desk.store.figures()).await
        else {
            return;
        };
        let StoreFigures { conversations, oldest_waiting, dead_updates, dead_sends, bytes } =
            figures;
        let metrics = &self.desk.metrics;
        for (state, count) in State::ALL.into_iter().zip(conversations) {
            metrics.desk.conversations.of(label(state)).set(figure(count));
        }
        let oldest = oldest_waiting.map_or(0.0, |Millis(at)| timestamp(at));
        metrics.desk.oldest_unanswered_timestamp.set(oldest);
        metrics.queues.dead_letters.of(Queue::Inbox).set(figure(dead_updates));
        metrics.queues.dead_letters.of(Queue::Outbox).set(figure(dead_sends));
        metrics.program.store_size.set(figure(bytes));
    }

    async fn forget(&self, intake: &CancellationToken) {
        let now = self.desk.now();
        let ago = |age: Duration| {
            Millis(now.0.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX)))
        };
        let (links, updates) = (ago(self.desk.settings.link_retention), ago(UPDATES_KNOWN_FOR));
        while !intake.is_cancelled() {
            match self
                .desk
                .stored(StoreOperation::Commit, self.desk.store.forget(links, updates))
                .await
            {
                // Small steps with pauses, so that other work does not wait behind them.
                Ok(gone) if gone > 0 => tokio::time::sleep(Duration::from_millis(20)).await,
                Ok(_) | Err(_) => return,
            }
        }
    }
}

fn label(state: State) -> ConversationState {
    match state {
        State::WaitingOperator => ConversationState::WaitingOperator,
        State::WaitingUser => ConversationState::WaitingUser,
        State::Closed => ConversationState::Closed,
        State::Banned => ConversationState::Banned,
        State::Unreachable => ConversationState::Unreachable,
    }
}
