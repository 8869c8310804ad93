//! Long polling: ask, store, and only then ask on.
//!
//! Invariant: the offset that Telegram sees never passes an update that is not on disk.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::telemetry::{Heartbeats, Loop, Metrics, PaceScope, Probe, Readiness, Source, events};
use domain::UpdateId;
use ports::{PollError, Store, Updates};

use super::{Ingest, ingest::Accepted};

/// So long polling rests when another process polls.
const REST_ON_CONFLICT: Duration = Duration::from_secs(3);

/// So long polling rests when it was answered at once, with nothing new.
const REST_ON_NOTHING: Duration = Duration::from_millis(250);

/// So long the loop waits for a place in the inbox before it shows that it is alive.
const WAIT_FOR_PLACE: Duration = Duration::from_secs(5);

/// So long the loop waits for its turn before it says that it is well without it.
const WAIT_FOR_TURN: Duration = Duration::from_secs(1);

/// The loop that asks for updates.
#[derive(Debug)]
pub struct Polling<S, M, U> {
    /// Where updates go.
    ingest: Ingest<S, M>,
    /// Where they come from.
    updates: U,
    /// What is counted.
    metrics: Metrics,
    /// Told at each turn.
    heartbeats: Heartbeats,
    /// Told whether Telegram answers.
    readiness: Readiness,
    offset: Option<UpdateId>,
}

impl<S: Store, M: Send + Sync + 'static, U: Updates> Polling<S, M, U> {
    /// A loop that takes updates to a door.
    pub fn new(
        ingest: Ingest<S, M>,
        updates: U,
        metrics: Metrics,
        heartbeats: Heartbeats,
        readiness: Readiness,
    ) -> Self {
        Self { ingest, updates, metrics, heartbeats, readiness, offset: None }
    }

    /// Polls until `intake` is cancelled.
    pub async fn run(mut self, intake: CancellationToken) {
        while !intake.is_cancelled() {
            tokio::select! {
                () = intake.cancelled() => break,
                () = self.wait_for_turn() => {}
            }
            self.poll(&intake).await;
        }
        self.heartbeats.retire(Loop::Poll);
    }

    /// Waits until this process is the one that polls, and reads from where to go on.
    async fn wait_for_turn(&mut self) {
        let store = Arc::clone(self.ingest.store());
        let mut leading = pin!(store.leading());
        while tokio::time::timeout(WAIT_FOR_TURN, &mut leading).await.is_err() {
            self.heartbeats.beat(Loop::Poll);
            // Whether Telegram answers is for the one that asks it to say.
            self.readiness.ready(Probe::Telegram);
        }
        loop {
            self.heartbeats.beat(Loop::Poll);
            if let Ok(notebook) = store.notebook().await {
                self.offset = notebook.offset;
                return;
            }
            self.rest(REST_ON_NOTHING).await;
        }
    }

    /// Polls until `intake` is cancelled, or another process does.
    async fn poll(&mut self, intake: &CancellationToken) {
        let mut failures = 0_u32;
        let store = Arc::clone(self.ingest.store());
        let mut another = pin!(store.led_by_another());
        while !intake.is_cancelled() {
            self.heartbeats.beat(Loop::Poll);
            // A full inbox is no standstill: this loop keeps turning while it waits for a place.
            let place = tokio::time::timeout(WAIT_FOR_PLACE, self.ingest.has_place());
            tokio::select! {
                () = intake.cancelled() => break,
                place = place => if place.is_err() { continue },
            }
            let asked = Instant::now();
            let turn = self.updates.next(self.offset);
            let answer = tokio::select! {
                () = intake.cancelled() => break,
                () = &mut another => return,
                answer = turn => answer,
            };
            let pause = match answer {
                Ok(batch) => {
                    if failures > 0 {
                        tracing::info!(failures, "Telegram answers again");
                    }
                    failures = 0;
                    self.readiness.ready(Probe::Telegram);
                    let pause = self.take(batch).await;
                    // A server that answers nothing new at once, instead of waiting, is not asked in a hurry.
                    pause.filter(|pause| {
                        *pause > REST_ON_NOTHING || asked.elapsed() < REST_ON_NOTHING
                    })
                }
                Err(error) => {
                    failures = failures.saturating_add(1);
                    self.readiness.unready(Probe::Telegram, &error.to_string());
                    Some(self.failed(error, failures).await)
                }
            };
            if let Some(pause) = pause {
                tokio::select! {
                    () = intake.cancelled() => break,
                    () = self.rest(pause) => {}
                }
            }
        }
    }

    /// Rests, and shows meanwhile that the loop is alive.
    async fn rest(&self, mut pause: Duration) {
        while !pause.is_zero() {
            let slice = pause.min(WAIT_FOR_PLACE);
            tokio::time::sleep(slice).await;
            self.heartbeats.beat(Loop::Poll);
            pause -= slice;
        }
    }

    /// Stores a batch. Returns how long to rest if nothing came of it: what the store does not take, Telegram
    /// keeps for us.
    async fn take(&mut self, batch: Vec<String>) -> Option<Duration> {
        if batch.is_empty() {
            return Some(REST_ON_NOTHING);
        }
        let mut accepted = pin!(self.ingest.accept(batch, self.offset, Source::Polling));
        // However long the store takes, this loop is alive.
        let accepted = loop {
            match tokio::time::timeout(WAIT_FOR_PLACE, &mut accepted).await {
                Ok(accepted) => break accepted,
                Err(_not_yet) => self.heartbeats.beat(Loop::Poll),
            }
        };
        match accepted {
            Ok(Accepted { offset, new }) => {
                self.offset = offset.or(self.offset);
                (new == 0).then_some(REST_ON_NOTHING)
            }
            Err(_counted) => Some(Duration::from_millis(500)),
        }
    }

    /// What to do about a failure. Returns how long to rest.
    async fn failed(&self, error: PollError, failures: u32) -> Duration {
        match error {
            PollError::Conflict => {
                events::poll_conflict(&self.metrics);
                REST_ON_CONFLICT
            }
            PollError::WebhookActive => {
                warn!(
                    "a webhook is set, which keeps updates from polling; removing it, nothing pending is dropped"
                );
                match self.updates.remove_webhook().await {
                    Ok(()) => Duration::ZERO,
                    Err(error) => {
                        warn!(
                            error = &error as &dyn std::error::Error,
                            "the webhook could not be removed"
                        );
                        REST_ON_CONFLICT
                    }
                }
            }
            PollError::Throttled(wait) => {
                events::flood_wait(&self.metrics, PaceScope::Overall, wait);
                // However long it is, this loop turns.
                wait
            }
            PollError::Unauthorized => {
                events::token_refused(&self.metrics);
                Duration::from_secs(15)
            }
            PollError::Unavailable(why) => {
                // Said once, not at every attempt of an outage.
                if failures == 1 {
                    warn!(why, "Telegram does not answer; trying again");
                }
                Duration::from_millis(250 * (1 << failures.min(6)))
                    .mul_f64(0.75 + 0.5 * fastrand::f64())
            }
        }
    }
}
