//! What is both logged and counted: one function for each fact, so that the two never disagree.
//!
//! Invariant: sentences are fixed, and fields are numbers and closed words; nothing here takes a
//! text, a name or a token.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use tracing::{debug, error, info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    labels::{
        Arrival, CallOutcome, DeadReason, Delivery, Direction, Handler, HealReason, Method,
        Outcome, PaceScope, Processed, Queue, StoreFailure, StoreOperation, Task,
    },
    panics,
    trouble::{Over, Say},
};

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

/// A call to Telegram ended; `at` is the time in seconds since the epoch.
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

/// Telegram told us to wait.
pub fn flood_wait(metrics: &Metrics, scope: PaceScope, wait: Duration) {
    metrics.telegram.flood_wait.increment(wait.as_secs());
    warn!(%scope, wait_ms = millis(wait), "Telegram asked to wait; this limit rests");
}

/// Another program polls with the same token.
pub fn poll_conflict(metrics: &Metrics) {
    metrics.telegram.poll_conflicts.increment(1);
    error!("another program polls with this token; waiting for it to stop");
}

/// A send whose answer was lost is made again: the message may arrive twice.
pub fn possible_repeat(metrics: &Metrics) {
    metrics.telegram.possible_repeats.increment(1);
    warn!("the answer to a send was lost; sending again, so it may arrive twice");
}

/// A topic that could not be used was made usable again.
pub fn topic_healed(metrics: &Metrics, reason: HealReason) {
    metrics.telegram.topics_healed.of(reason).increment(1);
    info!(%reason, "a topic was unusable and has been healed");
}

/// A message arrived on the other side, so long after its receipt.
pub fn delivered(metrics: &Metrics, direction: Direction, took: Duration) {
    metrics.queues.deliveries.of((direction, Delivery::Delivered)).increment(1);
    metrics.queues.delivery_duration.of((direction, Arrival::Delivered)).record(took);
    debug!(%direction, took_ms = millis(took), "delivered a message");
}

/// A message will not arrive because the user blocked the bot or is gone.
pub fn recipient_blocked(metrics: &Metrics, direction: Direction, took: Duration) {
    metrics.queues.deliveries.of((direction, Delivery::Blocked)).increment(1);
    metrics.queues.delivery_duration.of((direction, Arrival::Failed)).record(took);
    info!(%direction, "a message cannot be delivered: the user blocked the bot or is gone");
}

/// A message will not arrive; the operator is told in the topic.
pub fn send_failed_for_good(metrics: &Metrics, direction: Direction, took: Duration) {
    metrics.queues.deliveries.of((direction, Delivery::Failed)).increment(1);
    metrics.queues.delivery_duration.of((direction, Arrival::Failed)).record(took);
    error!(%direction, "a message could not be delivered; the operators see it in the topic");
}

/// Telegram does not let the bot work in the group at all; the sends wait.
pub fn desk_broken(metrics: &Metrics, error: &(dyn Error + 'static)) {
    if metrics.desk_trouble.failed(Instant::now()) != Say::Nothing {
        error!(
            error,
            "the bot may not work in the operators' group; sends wait: run `support-bot doctor`"
        );
    }
}

/// An item was given up and kept.
pub fn dead_lettered(metrics: &Metrics, queue: Queue, reason: DeadReason, item: i64) {
    metrics.queues.dead_lettered.of((queue, reason)).increment(1);
    metrics.queues.processed.of((queue, Processed::Dead)).increment(1);
    error!(%queue, %reason, item, "gave up on an item; `support-bot dead` shows and replays it");
}

/// An operation of the store failed.
pub fn store_failed(
    metrics: &Metrics,
    operation: StoreOperation,
    kind: StoreFailure,
    error: &(dyn Error + 'static),
) {
    metrics.program.store_errors.of(kind).increment(1);
    match metrics.store_trouble.failed(Instant::now()) {
        Say::First => error!(%operation, %kind, error, "the store failed; trying again"),
        Say::Still { failures, since } => {
            let for_seconds = since.as_secs();
            error!(%operation, %kind, failures, for_seconds, error, "the store is still failing");
        }
        Say::Nothing => {}
    }
}

/// An operation of the store succeeded; `took` includes the wait for its turn.
pub fn store_worked(metrics: &Metrics, operation: StoreOperation, took: Duration) {
    metrics.program.store_duration.of(operation).record(took);
    if let Some(Over { failures, lasted }) = metrics.store_trouble.worked(Instant::now()) {
        info!(failures, for_seconds = lasted.as_secs(), "the store works again");
    }
}

/// The previous run did not end in order.
pub fn unclean_shutdown(metrics: &Metrics) {
    metrics.program.previous_shutdown_unclean.set(1.0);
    warn!("the previous run did not end in order; resuming what it left");
}

/// A task that must run as long as the program does has ended.
pub fn task_died(task: &'static str) {
    error!(task, "a task ended by itself; stopping the program");
}

/// Code panicked; what it said may be private and is not passed on.
pub fn panicked(metrics: Option<&Metrics>, task: Task, file: &str, line: u32) {
    if let Some(metrics) = metrics {
        metrics.program.panics.of(task).increment(1);
    }
    error!(target: panics::LOG_TARGET, %task, file, line, "a panic; only the work at hand is harmed");
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
