//! Long polling: asks for updates, stores them, and only then asks for the next ones.
//!
//! Invariant: the offset that Telegram sees never passes an update that is not on disk.

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    engine::Ingest,
    telemetry::{Heartbeats, Loop, Metrics, PaceScope, Probe, Readiness, Source, events, waiting},
};
use domain::{Backoff, UpdateId};
use ports::{PollError, RemovedWebhook, Updates};

use super::ingest::Accepted;

/// Delay after `409 Conflict`: another process is polling.
const PAUSE_ON_CONFLICT: Duration = Duration::from_secs(3);

/// Back-off while Telegram cannot be reached.
const UNAVAILABLE: Backoff =
    Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(16) };

/// Delay after an immediate answer without new updates.
const PAUSE_WITHOUT_UPDATES: Duration = Duration::from_millis(250);

/// Longest wait for room in the inbox between two heartbeats of this loop.
const WAIT_FOR_ROOM: Duration = Duration::from_secs(5);

/// Longest wait for leadership between two heartbeats of this loop.
const WAIT_FOR_LEADERSHIP: Duration = Duration::from_secs(1);

/// The polling loop.
#[derive(Debug)]
pub struct Polling {
    /// Receives the updates.
    ingest: Ingest,
    /// Delivers the updates.
    updates: Box<dyn Updates>,
    metrics: Metrics,
    heartbeats: Heartbeats,
    /// Shows whether Telegram answers.
    readiness: Readiness,
    offset: Option<UpdateId>,
}

impl Polling {
    /// Creates a loop that passes updates on to `ingest`.
    pub fn new(
        ingest: Ingest,
        updates: Box<dyn Updates>,
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
                () = self.wait_for_leadership() => {}
            }
            self.poll(&intake).await;
        }
        self.heartbeats.retire(Loop::Poll);
    }

    /// Waits until this process is the leader, and reads the stored offset.
    async fn wait_for_leadership(&mut self) {
        let store = Arc::clone(self.ingest.store());
        let mut leading = pin!(store.leading());
        while tokio::time::timeout(WAIT_FOR_LEADERSHIP, &mut leading).await.is_err() {
            self.heartbeats.beat(Loop::Poll);
            // Only the leader reports whether Telegram answers.
            self.readiness.ready(Probe::Telegram);
        }
        loop {
            self.heartbeats.beat(Loop::Poll);
            if let Ok(notebook) = waiting(store.notebook()).await {
                self.offset = notebook.offset;
                return;
            }
            self.sleep(PAUSE_WITHOUT_UPDATES).await;
        }
    }

    /// Polls until `intake` is cancelled or another process becomes the leader.
    async fn poll(&mut self, intake: &CancellationToken) {
        let mut failures = 0_u32;
        let store = Arc::clone(self.ingest.store());
        let mut leadership_lost = pin!(store.leadership_lost());
        while !intake.is_cancelled() {
            self.heartbeats.beat(Loop::Poll);
            // A full inbox does not stop this loop: it reports that it is alive while it waits for room.
            let room = tokio::time::timeout(WAIT_FOR_ROOM, self.ingest.wait_for_room());
            tokio::select! {
                () = intake.cancelled() => break,
                room = room => if room.is_err() { continue },
            }
            let asked = Instant::now();
            let request = self.updates.next(self.offset);
            let answer = tokio::select! {
                () = intake.cancelled() => break,
                () = &mut leadership_lost => return,
                answer = request => answer,
            };
            let pause = match answer {
                Ok(batch) => {
                    if failures > 0 {
                        tracing::info!(failures, "Telegram answers again");
                    }
                    failures = 0;
                    self.readiness.ready(Probe::Telegram);
                    let pause = self.accept(batch).await;
                    // If the server answers at once with nothing new, instead of waiting, the next request is
                    // delayed.
                    pause.filter(|pause| {
                        *pause > PAUSE_WITHOUT_UPDATES || asked.elapsed() < PAUSE_WITHOUT_UPDATES
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
                    () = self.sleep(pause) => {}
                }
            }
        }
    }

    /// Sleeps, and meanwhile reports that the loop is alive.
    async fn sleep(&self, mut pause: Duration) {
        while !pause.is_zero() {
            let slice = pause.min(WAIT_FOR_ROOM);
            tokio::time::sleep(slice).await;
            self.heartbeats.beat(Loop::Poll);
            pause -= slice;
        }
    }

    /// Stores a batch. Returns the delay before the next request if nothing new was stored: Telegram keeps the
    /// updates that the store did not accept.
    async fn accept(&mut self, batch: Vec<String>) -> Option<Duration> {
        if batch.is_empty() {
            return Some(PAUSE_WITHOUT_UPDATES);
        }
        // The loop is alive, no matter how long the store takes.
        match waiting(self.ingest.accept(batch, self.offset, Source::Polling)).await {
            Ok(Accepted { offset, new }) => {
                self.offset = offset.or(self.offset);
                (new == 0).then_some(PAUSE_WITHOUT_UPDATES)
            }
            Err(_counted) => Some(Duration::from_millis(500)),
        }
    }

    /// Handles a failed request. Returns the delay before the next one.
    async fn failed(&self, error: PollError, failures: u32) -> Duration {
        match error {
            PollError::Conflict => {
                events::poll_conflict(&self.metrics);
                PAUSE_ON_CONFLICT
            }
            PollError::WebhookActive => match self.updates.remove_webhook().await {
                Ok(RemovedWebhook { host, waiting }) => {
                    warn!(
                        %host,
                        waiting,
                        "removed a webhook, which prevents polling; the updates that wait are kept. If another program set it, stop that program"
                    );
                    Duration::ZERO
                }
                Err(error) => {
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "the webhook could not be removed"
                    );
                    PAUSE_ON_CONFLICT
                }
            },
            PollError::Throttled(wait) => {
                events::flood_wait(&self.metrics, PaceScope::Overall, wait);
                // `sleep` keeps the loop alive, no matter how long this is.
                wait
            }
            PollError::Unauthorized => {
                events::token_refused(&self.metrics);
                Duration::from_secs(15)
            }
            PollError::Unavailable(why) => {
                // Logged once, not at every attempt of an outage.
                if failures == 1 {
                    warn!(why, "Telegram does not answer; trying again");
                }
                UNAVAILABLE.jittered(failures.saturating_sub(1), fastrand::f64())
            }
        }
    }
}
