//! Watches the webhook: sets it, checks its state, and restores it if another program has changed it.
//!
//! Invariant: pending updates are dropped only at the start, and only on request. Two desks with one token do not
//! take the webhook from each other forever.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::telemetry::{Heartbeats, Loop, Metrics, PaceScope, Probe, Readiness, events, figure};
use domain::{Backoff, PushTrouble};
use ports::{PushFailure, Webhook, WebhookError, WebhookState};

/// When the webhook is checked.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    /// Delays between checks.
    checks: Backoff,
    /// Delay after giving the webhook up to another program.
    contended: Duration,
}

const SCHEDULE: Schedule = Schedule {
    checks: Backoff { base: Duration::from_secs(1), cap: Duration::from_mins(1) },
    contended: Duration::from_mins(10),
};

/// Back-off while Telegram cannot be reached.
const UNAVAILABLE: Backoff =
    Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(16) };

/// Number of consecutive restorations. After them the webhook is left to the other program for a while; otherwise
/// both would go on forever.
const RESTORATIONS_LIMIT: u32 = 3;

/// Interval between heartbeats of this loop while it waits.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(5);

/// The loop that watches the webhook.
#[derive(Debug)]
pub struct Watcher {
    webhook: Box<dyn Webhook>,
    metrics: Metrics,
    heartbeats: Heartbeats,
    readiness: Readiness,
    /// `Some` until the webhook is set; the value says whether to drop pending updates then.
    to_set: Option<bool>,
    schedule: Schedule,
    /// Number of checks since the webhook was last set.
    checked: u32,
    failures: u32,
    restorations: u32,
    contended_until: Option<Instant>,
    /// The last known failed push, in seconds since the epoch, or 0 for none. `None` until the first check.
    last_failure: Option<u64>,
}

impl Watcher {
    /// Creates a watcher. It does not set the webhook yet.
    pub fn new(
        webhook: Box<dyn Webhook>,
        drop_pending: bool,
        metrics: Metrics,
        heartbeats: Heartbeats,
        readiness: Readiness,
    ) -> Self {
        Self {
            webhook,
            metrics,
            heartbeats,
            readiness,
            to_set: Some(drop_pending),
            schedule: SCHEDULE,
            checked: 0,
            failures: 0,
            restorations: 0,
            contended_until: None,
            last_failure: None,
        }
    }

    /// Sets the webhook. Fails only if Telegram will never accept it; [`Watcher::run`] retries after temporary
    /// failures.
    pub async fn begin(&mut self) -> Result<(), WebhookError> {
        let Some(drop_pending) = self.to_set else { return Ok(()) };
        match self.set(drop_pending).await {
            Err(refused @ WebhookError::Refused(_)) => return Err(refused),
            Err(error) => {
                self.failed(&error);
            }
            Ok(_) => {}
        }
        Ok(())
    }

    /// Watches until `intake` is cancelled. The webhook stays set: Telegram keeps new updates and retries.
    pub async fn run(mut self, intake: CancellationToken) {
        while !intake.is_cancelled() {
            self.heartbeats.beat(Loop::Webhook);
            let pause = tokio::select! {
                () = intake.cancelled() => break,
                pause = self.set_or_check() => pause,
            };
            tokio::select! {
                () = intake.cancelled() => break,
                () = self.sleep(pause) => {}
            }
        }
        self.heartbeats.retire(Loop::Webhook);
    }

    /// Sleeps, and meanwhile reports that the loop is alive.
    async fn sleep(&self, mut pause: Duration) {
        while !pause.is_zero() {
            let slice = pause.min(HEARTBEAT_INTERVAL);
            tokio::time::sleep(slice).await;
            self.heartbeats.beat(Loop::Webhook);
            pause -= slice;
        }
    }

    /// Sets or checks the webhook. Returns the delay before the next check.
    async fn set_or_check(&mut self) -> Duration {
        let pause = match self.to_set {
            Some(drop_pending) => self.set(drop_pending).await,
            None => self.webhook.state().await.map(|state| self.handle_state(state)),
        };
        pause.unwrap_or_else(|error| self.failed(&error))
    }

    async fn set(&mut self, drop_pending: bool) -> Result<Duration, WebhookError> {
        self.webhook.set(drop_pending).await?;
        self.to_set = None;
        self.checked = 0;
        self.answered();
        Ok(self.next_check())
    }

    /// Telegram answered.
    fn answered(&mut self) {
        if self.failures > 0 {
            info!(failures = self.failures, "Telegram answers again");
            self.failures = 0;
        }
        if self.contended_until.is_none() {
            self.readiness.ready(Probe::Telegram);
        }
    }

    /// Evaluates the webhook's state. Failing pushes do not make the desk unready: some proxies send no requests to
    /// an unready server, so it would never become ready again.
    fn handle_state(&mut self, state: WebhookState) -> Duration {
        let webhook = &self.metrics.webhook;
        webhook.ours.set(if state.ours { 1.0 } else { 0.0 });
        webhook.pending.set(figure(state.pending));
        webhook.last_error_timestamp.set(state.failure.map_or(0.0, |failure| figure(failure.at)));
        let unsynchronized = state.unsynchronized_at.map_or(0.0, figure);
        webhook.last_synchronization_error_timestamp.set(unsynchronized);
        // Failures before the first check may date from a time when the desk was not running.
        let known = self.last_failure.unwrap_or(u64::MAX);
        let failure = state.failure.filter(|failure| known < failure.at);
        self.last_failure = Some(state.failure.map_or(0, |failure| failure.at));
        match failure {
            Some(failure) => self.push_failed(failure, state.pending),
            None => events::webhook_reached(&self.metrics),
        }
        // Another program has set our URL with its own secret, so the desk refuses Telegram's pushes.
        let foreign_secret =
            failure.is_some_and(|failure| failure.trouble == PushTrouble::Answered(401));
        if state.ours && !foreign_secret {
            self.is_ours();
        } else {
            self.is_not_ours();
        }
        self.answered();
        if self.to_set.is_some() {
            return Duration::ZERO;
        }
        let pause = self.next_check();
        self.checked = self.checked.saturating_add(1);
        pause
    }

    /// Delay before the next check.
    fn next_check(&self) -> Duration {
        self.schedule.checks.delay(self.checked)
    }

    fn push_failed(&self, failure: PushFailure, pending: u64) {
        let (reason, status) = match failure.trouble {
            PushTrouble::Unreachable => ("unreachable", 0),
            PushTrouble::Name => ("name", 0),
            PushTrouble::Certificate => ("certificate", 0),
            PushTrouble::Timeout => ("timeout", 0),
            PushTrouble::Answered(status) => ("answered", status),
            PushTrouble::Other => ("other", 0),
        };
        events::webhook_unreached(&self.metrics, reason, status, pending);
    }

    fn is_ours(&mut self) {
        // The webhook has been stable for a while, not only since it was last restored.
        if self.next_check() >= self.schedule.checks.cap {
            self.restorations = 0;
        }
        self.contended_until = None;
    }

    fn is_not_ours(&mut self) {
        let now = Instant::now();
        if self.restorations < RESTORATIONS_LIMIT {
            self.restorations += 1;
            self.to_set = Some(false);
            events::webhook_put_right(&self.metrics);
            return;
        }
        events::webhook_contended(&self.metrics);
        let until = *self.contended_until.get_or_insert(now + self.schedule.contended);
        self.readiness.unready(
            Probe::Telegram,
            "the webhook changes repeatedly: another program uses the same token",
        );
        if now >= until {
            self.restorations = RESTORATIONS_LIMIT - 1;
            self.contended_until = None;
        }
    }

    /// Handles a failed call. Returns the delay before the next check.
    fn failed(&mut self, error: &WebhookError) -> Duration {
        self.readiness.unready(Probe::Telegram, &error.to_string());
        self.failures = self.failures.saturating_add(1);
        match error {
            WebhookError::Throttled(wait) => {
                events::flood_wait(&self.metrics, PaceScope::Overall, *wait);
                *wait
            }
            WebhookError::Unauthorized => {
                events::token_refused(&self.metrics);
                Duration::from_secs(15)
            }
            WebhookError::Refused(why) => {
                if self.failures == 1 {
                    warn!(why, "Telegram no longer accepts the webhook; trying again");
                }
                self.schedule.checks.cap
            }
            WebhookError::Unavailable(why) => {
                // Logged once, not at every attempt of an outage.
                if self.failures == 1 {
                    warn!(why, "Telegram does not answer; trying again");
                }
                UNAVAILABLE.jittered(self.failures.saturating_sub(1), fastrand::f64())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use super::*;

    /// A fake Telegram whose webhook another program removes as soon as it is set.
    #[derive(Debug, Clone, Default)]
    struct ContendedWebhook {
        sets: Arc<AtomicU64>,
    }

    #[ports::async_trait]
    impl Webhook for ContendedWebhook {
        async fn set(&self, drop_pending: bool) -> Result<(), WebhookError> {
            let before = self.sets.fetch_add(1, Ordering::Relaxed);
            assert_eq!(drop_pending, before == 0, "dropped at the start only, as asked");
            Ok(())
        }

        async fn state(&self) -> Result<WebhookState, WebhookError> {
            Ok(WebhookState::default())
        }
    }

    #[tokio::test]
    async fn a_webhook_that_another_program_keeps_changing_is_left_alone_for_a_while() {
        let metrics = Metrics::nowhere();
        let readiness = Readiness::new(&metrics);
        let contended = ContendedWebhook::default();
        let (own, heartbeats) = (contended.clone(), Heartbeats::new());
        let mut watcher = Watcher::new(Box::new(own), true, metrics, heartbeats, readiness.clone());
        watcher.schedule = Schedule {
            checks: Backoff { base: Duration::from_millis(1), cap: Duration::from_millis(10) },
            contended: Duration::from_millis(500),
        };
        watcher.begin().await.unwrap();
        let intake = CancellationToken::new();
        let sets = || contended.sets.load(Ordering::Relaxed);
        let watch = async {
            tokio::time::sleep(Duration::from_millis(250)).await;
            assert_eq!(sets(), 1 + u64::from(RESTORATIONS_LIMIT));
            let probes = readiness.probes();
            let telegram = probes.iter().find(|state| state.probe == Probe::Telegram).unwrap();
            assert!(telegram.unready.as_ref().unwrap().contains("same token"), "{telegram:?}");
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert!((5..=8).contains(&sets()), "tried again, but seldom: {}", sets());
            intake.cancel();
        };
        tokio::join!(watcher.run(intake.clone()), watch);
    }
}
