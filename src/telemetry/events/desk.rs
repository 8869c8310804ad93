//! Events that are both logged and counted: one function per event, so that logs and metrics never disagree.
//!
//! Invariant: sentences are constant, and fields are numbers and closed words; no function takes
//! user text, a name or a token.

use std::{
    error::Error,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tracing::{debug, error, info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    health::Readiness,
    logging::throttle::{Occurrence, Recovery},
    registry::{
        labels::{
            Arrival, CallOutcome, DeadReason, Delivery, Direction, Handler, HealReason, LossReason,
            Method, Outcome, PaceScope, Probe, Processed, Pushed, Queue, StoreFailure,
            StoreOperation,
        },
        units::Took,
    },
};

/// Time without a refusal after which the bot counts as working in the group again.
const DESK_WORKS_AFTER: Duration = Duration::from_secs(40);

/// An update was handled, or an attempt at it failed.
pub fn update_handled(
    metrics: &Metrics,
    update_id: i64,
    handler: Handler,
    outcome: Outcome,
    took: Duration,
) {
    metrics.updates.handled.of((handler, outcome)).increment(1);
    metrics.updates.handle_duration.of(handler).record(took);
    debug!(update.id = update_id, %handler, %outcome, took_ms = millis(took), "handled an update");
}

/// A call to Telegram ended. `at` is the time, in seconds since the epoch.
pub fn telegram_called(
    metrics: &Metrics,
    method: Method,
    outcome: CallOutcome,
    took: Duration,
    at: f64,
) {
    metrics.telegram.requests.of((method, outcome)).increment(1);
    metrics.telegram.request_duration.of(method).record(took);
    if outcome == CallOutcome::Ok {
        metrics.telegram.last_success_timestamp.set(at);
    }
    debug!(%method, %outcome, took_ms = millis(took), "called Telegram");
}

/// A send failed because Telegram was unavailable. It is retried after a back-off.
pub fn send_postponed(metrics: &Metrics) {
    match metrics.troubles.sends.failed(Instant::now()) {
        Occurrence::First => warn!("Telegram was unavailable for a send; retrying"),
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(failures, for_seconds, "sends still fail because Telegram is unavailable");
        }
        Occurrence::Suppressed => {}
    }
}

/// Telegram answered `429` and asked to wait.
pub fn flood_wait(metrics: &Metrics, scope: PaceScope, wait: Duration) {
    metrics.telegram.flood_wait.increment(wait.as_secs());
    let wait_ms = millis(wait);
    match metrics.troubles.flood.failed(Instant::now()) {
        Occurrence::First => {
            warn!(%scope, wait_ms, "Telegram asked to wait; this bucket is frozen");
        }
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(%scope, wait_ms, failures, for_seconds, "Telegram keeps asking to wait");
        }
        Occurrence::Suppressed => {}
    }
}

/// A request to the webhook was answered. The duration of unauthenticated requests is not measured.
pub fn webhook_answered(metrics: &Metrics, outcome: Pushed, took: Duration) {
    metrics.webhook.requests.of(outcome).increment(1);
    match outcome {
        Pushed::WrongSecret | Pushed::NotFound | Pushed::WrongMethod => {}
        Pushed::Stored
        | Pushed::Full
        | Pushed::Unstored
        | Pushed::Busy
        | Pushed::Stopping
        | Pushed::TooLarge
        | Pushed::TooSlow
        | Pushed::Broken => metrics.webhook.request_duration.record(took),
    }
    debug!(%outcome, took_ms = millis(took), "answered a request to the webhook");
}

/// Another program changed the webhook. It is set again.
pub fn webhook_put_right(metrics: &Metrics) {
    metrics.webhook.put_right.increment(1);
    warn!("the webhook was changed by another program; setting it again");
}

/// Another program keeps changing the webhook.
pub fn webhook_contended(metrics: &Metrics) {
    if metrics.troubles.contention.failed(Instant::now()) != Occurrence::Suppressed {
        error!(
            "the webhook keeps being changed: another program uses this token, or a proxy drops the header with the secret"
        );
    }
}

/// Telegram could not push updates. `reason` is a closed word; `status` is the status that it got, or 0.
pub fn webhook_unreached(metrics: &Metrics, reason: &'static str, status: u16, pending: u64) {
    if metrics.troubles.pushes.failed(Instant::now()) != Occurrence::Suppressed {
        warn!(reason, status, pending, "Telegram cannot push updates: run `support-bot doctor`");
    }
}

/// Telegram has not reported a failed push since the last check.
pub fn webhook_reached(metrics: &Metrics) {
    if let Some(Recovery { failures, lasted }) = metrics.troubles.pushes.succeeded(Instant::now()) {
        let for_seconds = lasted.as_secs();
        info!(failures, for_seconds, "Telegram pushes updates again");
    }
}

/// Another program polls with the same token.
pub fn poll_conflict(metrics: &Metrics) {
    metrics.telegram.poll_conflicts.increment(1);
    match metrics.troubles.conflict.failed(Instant::now()) {
        // During a restart, this is the last poll of the previous run.
        Occurrence::First => warn!("another program polls with this token; waiting for it to stop"),
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            error!(failures, for_seconds, "another program still polls with this token");
        }
        Occurrence::Suppressed => {}
    }
}

/// Telegram refuses the token.
pub fn token_refused(metrics: &Metrics) {
    if metrics.troubles.token.failed(Instant::now()) != Occurrence::Suppressed {
        error!("Telegram does not accept the token; waiting for it to be valid again");
    }
}

/// Telegram is unreachable at startup. `why` contains no address.
pub fn unreachable(metrics: &Metrics, why: &str) {
    if metrics.troubles.connection.failed(Instant::now()) != Occurrence::Suppressed {
        warn!(why, "Telegram cannot be reached; the desk starts as soon as it can");
    }
}

/// A send whose answer was lost is repeated: the message may arrive twice.
pub fn possible_repeat(metrics: &Metrics) {
    metrics.telegram.possible_repeats.increment(1);
    match metrics.troubles.repeats.failed(Instant::now()) {
        Occurrence::First => {
            warn!("the answer to a send was lost; sending again, so the message may arrive twice");
        }
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(failures, for_seconds, "answers to sends are still being lost");
        }
        Occurrence::Suppressed => {}
    }
}

/// An unusable topic was repaired.
pub fn topic_healed(metrics: &Metrics, reason: HealReason) {
    metrics.telegram.topics_healed.of(reason).increment(1);
    info!(%reason, "an unusable topic was repaired");
}

/// A message arrived on the other side. `took` counts from its receipt.
pub fn delivered(metrics: &Metrics, direction: Direction, took: Took) {
    metrics.queues.deliveries.of((direction, Delivery::Delivered)).increment(1);
    record(metrics, direction, Arrival::Delivered, took);
    debug!(%direction, took_ms = millis(took.whole), "delivered a message");
}

/// A message cannot be delivered because the user blocked the bot or is gone.
pub fn recipient_blocked(metrics: &Metrics, direction: Direction, took: Took) {
    metrics.queues.deliveries.of((direction, Delivery::Blocked)).increment(1);
    record(metrics, direction, Arrival::Failed, took);
    debug!(%direction, "a message cannot be delivered: the user blocked the bot or is gone");
}

/// A message could not be delivered. The operators are told in the topic.
pub fn send_failed_for_good(metrics: &Metrics, direction: Direction, took: Took) {
    metrics.queues.deliveries.of((direction, Delivery::Failed)).increment(1);
    record(metrics, direction, Arrival::Failed, took);
    debug!(%direction, "a message could not be delivered; the operators see it in the topic");
}

/// `count` updates or sends that the store had confirmed are missing from it.
pub fn messages_lost(metrics: &Metrics, count: u64) {
    metrics.queues.lost.of(LossReason::Store).increment(count);
    if metrics.troubles.losses.failed(Instant::now()) != Occurrence::Suppressed {
        error!(
            count,
            "messages are lost: the store no longer has data that it had confirmed; check the persistence and failover of Redis"
        );
    }
}

/// Telegram refuses to let the bot work in the group. Its sends wait, and the desk is not ready.
pub fn desk_broken(metrics: &Metrics, readiness: &Readiness, error: &(dyn Error + 'static)) {
    readiness.unready(
        Probe::Group,
        "Telegram does not let the bot work in the operators' group: run `support-bot doctor`",
    );
    if metrics.troubles.desk.failed(Instant::now()) != Occurrence::Suppressed {
        error!(
            error,
            "Telegram refuses the bot's work in the operators' group; sends wait: run `support-bot doctor`"
        );
    }
}

/// The bot works in the operators' group again if nothing has failed there for `DESK_WORKS_AFTER`, in which waiting
/// sends are retried several times. A single success proves little, because rights can be removed one by one.
pub fn desk_looked_after(metrics: &Metrics, readiness: &Readiness, now: Instant) {
    // While Telegram is unreachable, nothing fails in the group either.
    if !readiness.is_ready(Probe::Telegram) {
        return;
    }
    let over = metrics.troubles.desk.quiet(now, DESK_WORKS_AFTER);
    if let Some(Recovery { failures, lasted }) = over {
        readiness.ready(Probe::Group);
        let for_seconds = lasted.as_secs();
        info!(failures, for_seconds, "the bot works in the operators' group again");
    }
}

/// An item became a dead letter. `update_id` is the update that it came from.
pub fn dead_lettered(
    metrics: &Metrics,
    queue: Queue,
    reason: DeadReason,
    item: i64,
    update_id: i64,
) {
    metrics.queues.dead_lettered.of((queue, reason)).increment(1);
    metrics.queues.processed.of((queue, Processed::Dead)).increment(1);
    if (queue, reason) != (Queue::Outbox, DeadReason::Blocked) {
        metrics.owner.given_up.fetch_add(1, Ordering::Relaxed);
    }
    match (queue, reason) {
        (Queue::Inbox, _) => {
            error!(update.id = update_id, %reason, item, "gave up on an update; `support-bot dead` shows and replays it");
        }
        // Not a warning: nobody can do anything about it.
        (Queue::Outbox, DeadReason::Blocked) => {
            info!(update.id = update_id, %reason, item, "kept a send for a user who blocked the bot or is gone");
        }
        (Queue::Outbox, _) => {
            warn!(update.id = update_id, %reason, item, "gave up on a send; operators see it in the topic, and `support-bot dead` shows it");
        }
    }
}

/// An operation of the store failed.
pub fn store_failed(
    metrics: &Metrics,
    operation: StoreOperation,
    kind: StoreFailure,
    error: &(dyn Error + 'static),
) {
    metrics.program.store_errors.of(kind).increment(1);
    metrics.owner.denied.store(kind == StoreFailure::Auth, Ordering::Relaxed);
    match metrics.troubles.store.of(operation).failed(Instant::now()) {
        // Most failures are over at the next attempt.
        Occurrence::First => warn!(%operation, %kind, error, "the store failed; trying again"),
        Occurrence::Ongoing { failures, since } => {
            let for_seconds = since.as_secs();
            error!(%operation, %kind, failures, for_seconds, error, "the store is still failing");
        }
        Occurrence::Suppressed => {}
    }
}

/// An operation of the store succeeded. `took` includes the time in its queue.
pub fn store_worked(metrics: &Metrics, operation: StoreOperation, took: Duration) {
    metrics.program.store_duration.of(operation).record(took);
    let trouble = metrics.troubles.store.of(operation);
    if let Some(Recovery { failures, lasted }) = trouble.succeeded(Instant::now()) {
        info!(%operation, failures, for_seconds = lasted.as_secs(), "the store works again");
    }
}

/// The state of backups: whether the last one failed, and whether the last good one is too old.
pub fn backups_seen(metrics: &Metrics, failing: bool, late: bool) {
    metrics.backups.failing.set(f64::from(u8::from(failing)));
    let (trouble, now) = (&metrics.troubles.backups, Instant::now());
    if failing {
        if trouble.failed(now) != Occurrence::Suppressed {
            warn!("the last backup failed; run `support-bot backup` by hand to see why");
        }
    } else if late {
        if trouble.failed(now) != Occurrence::Suppressed {
            warn!("no backup was made for two days; check whatever runs `support-bot backup`");
        }
    } else if let Some(Recovery { failures, lasted }) = trouble.succeeded(now) {
        info!(failures, for_seconds = lasted.as_secs(), "backups are made again");
    }
}

/// Whether the disk of the store is nearly full.
pub fn disk_seen(metrics: &Metrics, low: bool) {
    let (trouble, now) = (&metrics.troubles.disk, Instant::now());
    if low {
        if trouble.failed(now) != Occurrence::Suppressed {
            warn!("the disk of the store is nearly full");
        }
    } else if let Some(Recovery { lasted, .. }) = trouble.succeeded(now) {
        info!(for_seconds = lasted.as_secs(), "the disk of the store has free space again");
    }
}

/// The end of the previous run was unclean.
pub fn unclean_shutdown(metrics: &Metrics) {
    metrics.program.previous_shutdown_unclean.set(1.0);
    warn!("the previous run did not shut down cleanly; resuming its work");
}

fn record(metrics: &Metrics, direction: Direction, arrival: Arrival, took: Took) {
    metrics.queues.delivery_duration.of((direction, arrival)).record(took.whole);
    metrics.queues.delivery_own_duration.of((direction, arrival)).record(took.own());
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
