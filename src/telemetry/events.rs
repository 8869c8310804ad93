//! What is both logged and counted: one function for each fact, so that the two never disagree.
//!
//! Invariant: sentences are fixed, and fields are numbers and closed words; nothing here takes a
//! text, a name or a token.

use std::{
    error::Error,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use tracing::{debug, error, info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    figures::Took,
    health::Readiness,
    labels::{
        Arrival, CallOutcome, DeadReason, Delivery, Direction, Handler, HealReason, LossReason,
        Method, Outcome, PaceScope, Probe, Processed, Pushed, Queue, StoreFailure, StoreOperation,
        Task,
    },
    panics,
    trouble::{Over, Say},
};

/// So long after the last refusal the bot is taken to be at work again.
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

/// A send failed because Telegram was not available, and is made again after a pause.
pub fn send_postponed(metrics: &Metrics) {
    match metrics.troubles.sends.failed(Instant::now()) {
        Say::First => warn!("Telegram was not available for a send; it is made again"),
        Say::Still { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(failures, for_seconds, "Telegram is still not available for all sends");
        }
        Say::Nothing => {}
    }
}

/// Telegram told us to wait.
pub fn flood_wait(metrics: &Metrics, scope: PaceScope, wait: Duration) {
    metrics.telegram.flood_wait.increment(wait.as_secs());
    let wait_ms = millis(wait);
    match metrics.troubles.flood.failed(Instant::now()) {
        Say::First => warn!(%scope, wait_ms, "Telegram asked to wait; this limit rests"),
        Say::Still { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(%scope, wait_ms, failures, for_seconds, "Telegram keeps asking to wait");
        }
        Say::Nothing => {}
    }
}

/// A request to the webhook was answered. Those of strangers take no time worth measuring.
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

/// The webhook was found changed, and is set again.
pub fn webhook_put_right(metrics: &Metrics) {
    metrics.webhook.put_right.increment(1);
    warn!("the webhook was not as the desk had set it; setting it again");
}

/// The webhook is changed again and again.
pub fn webhook_contended(metrics: &Metrics) {
    if metrics.troubles.contention.failed(Instant::now()) != Say::Nothing {
        error!(
            "the webhook does not stay as the desk sets it: another program uses this token, or a proxy drops the header with the secret"
        );
    }
}

/// Telegram could not push; `reason` is a closed word, `status` what it was answered with or 0.
pub fn webhook_unreached(metrics: &Metrics, reason: &'static str, status: u16, pending: u64) {
    if metrics.troubles.pushes.failed(Instant::now()) != Say::Nothing {
        warn!(reason, status, pending, "Telegram cannot push updates: run `support-bot doctor`");
    }
}

/// Telegram has pushed without failing since it was last asked.
pub fn webhook_reached(metrics: &Metrics) {
    if let Some(Over { failures, lasted }) = metrics.troubles.pushes.worked(Instant::now()) {
        let for_seconds = lasted.as_secs();
        info!(failures, for_seconds, "Telegram pushes updates again");
    }
}

/// Another program polls with the same token.
pub fn poll_conflict(metrics: &Metrics) {
    metrics.telegram.poll_conflicts.increment(1);
    match metrics.troubles.conflict.failed(Instant::now()) {
        // In a restart this is the last poll of the run before.
        Say::First => warn!("another program polls with this token; waiting for it to stop"),
        Say::Still { failures, since } => {
            let for_seconds = since.as_secs();
            error!(failures, for_seconds, "another program still polls with this token");
        }
        Say::Nothing => {}
    }
}

/// Telegram does not know the token any more.
pub fn token_refused(metrics: &Metrics) {
    if metrics.troubles.token.failed(Instant::now()) != Say::Nothing {
        error!("Telegram does not accept the token; waiting for it to be valid again");
    }
}

/// Telegram cannot be reached at the start; `why` names no address.
pub fn unreachable(metrics: &Metrics, why: &str) {
    if metrics.troubles.connection.failed(Instant::now()) != Say::Nothing {
        warn!(why, "Telegram cannot be reached; the desk opens as soon as it can");
    }
}

/// A send whose answer was lost is made again: the message may arrive twice.
pub fn possible_repeat(metrics: &Metrics) {
    metrics.telegram.possible_repeats.increment(1);
    match metrics.troubles.repeats.failed(Instant::now()) {
        Say::First => {
            warn!("the answer to a send was lost; sending again, so it may arrive twice");
        }
        Say::Still { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(failures, for_seconds, "answers to sends are still being lost");
        }
        Say::Nothing => {}
    }
}

/// A topic that could not be used was made usable again.
pub fn topic_healed(metrics: &Metrics, reason: HealReason) {
    metrics.telegram.topics_healed.of(reason).increment(1);
    info!(%reason, "a topic was unusable and has been healed");
}

/// A message arrived on the other side, so long after its receipt.
pub fn delivered(metrics: &Metrics, direction: Direction, took: Took) {
    metrics.queues.deliveries.of((direction, Delivery::Delivered)).increment(1);
    record(metrics, direction, Arrival::Delivered, took);
    debug!(%direction, took_ms = millis(took.whole), "delivered a message");
}

/// A message will not arrive because the user blocked the bot or is gone.
pub fn recipient_blocked(metrics: &Metrics, direction: Direction, took: Took) {
    metrics.queues.deliveries.of((direction, Delivery::Blocked)).increment(1);
    record(metrics, direction, Arrival::Failed, took);
    debug!(%direction, "a message cannot be delivered: the user blocked the bot or is gone");
}

/// A message will not arrive; the operator is told in the topic.
pub fn send_failed_for_good(metrics: &Metrics, direction: Direction, took: Took) {
    metrics.queues.deliveries.of((direction, Delivery::Failed)).increment(1);
    record(metrics, direction, Arrival::Failed, took);
    debug!(%direction, "a message could not be delivered; the operators see it in the topic");
}

/// The store had confirmed so many updates or sends, and has them no longer.
pub fn messages_lost(metrics: &Metrics, count: u64) {
    metrics.queues.lost.of(LossReason::Store).increment(count);
    if metrics.troubles.losses.failed(Instant::now()) != Say::Nothing {
        error!(
            count,
            "the store does not have what it had confirmed: messages are lost; see how Redis writes down and fails over"
        );
    }
}

/// Telegram does not let the bot work; the sends wait, and so does readiness.
pub fn desk_broken(metrics: &Metrics, readiness: &Readiness, error: &(dyn Error + 'static)) {
    readiness.unready(
        Probe::Group,
        "Telegram does not let the bot work in the operators' group: run `support-bot doctor`",
    );
    if metrics.troubles.desk.failed(Instant::now()) != Say::Nothing {
        error!(
            error,
            "the bot may not work in the operators' group; sends wait: run `support-bot doctor`"
        );
    }
}

/// The bot works in the operators' group again if nothing has failed there for a while: what waits is tried several
/// times in `DESK_WORKS_AFTER`, and one success alone proves little, since rights are taken away one by one.
pub fn desk_looked_after(metrics: &Metrics, readiness: &Readiness, now: Instant) {
    // While Telegram is away nothing fails there either.
    if !readiness.is_ready(Probe::Telegram) {
        return;
    }
    let over = metrics.troubles.desk.quiet(now, DESK_WORKS_AFTER);
    if let Some(Over { failures, lasted }) = over {
        readiness.ready(Probe::Group);
        let for_seconds = lasted.as_secs();
        info!(failures, for_seconds, "the bot may work in the operators' group again");
    }
}

/// An item was given up and kept; `update_id` is that of the update that it comes from.
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
        // Nobody on call can do anything about it.
        (Queue::Outbox, DeadReason::Blocked) => {
            info!(update.id = update_id, %reason, item, "kept a send for a user who blocked the bot or is gone");
        }
        (Queue::Outbox, _) => {
            warn!(update.id = update_id, %reason, item, "gave up on a send; operators see it in the topic, `support-bot dead` shows it");
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
    match metrics.troubles.store.of(operation).failed(Instant::now()) {
        // Most such troubles are over at the next attempt.
        Say::First => warn!(%operation, %kind, error, "the store failed; trying again"),
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
    let trouble = metrics.troubles.store.of(operation);
    if let Some(Over { failures, lasted }) = trouble.worked(Instant::now()) {
        info!(%operation, failures, for_seconds = lasted.as_secs(), "the store works again");
    }
}

/// How backups do: whether the last one failed, and whether the last good one is too old.
pub fn backups_seen(metrics: &Metrics, failing: bool, late: bool) {
    metrics.backups.failing.set(f64::from(u8::from(failing)));
    let (trouble, now) = (&metrics.troubles.backups, Instant::now());
    if failing {
        if trouble.failed(now) != Say::Nothing {
            warn!("the last backup failed; run `support-bot backup` by hand to see why");
        }
    } else if late {
        if trouble.failed(now) != Say::Nothing {
            warn!("no backup was made for two days; see to what runs `support-bot backup`");
        }
    } else if let Some(Over { failures, lasted }) = trouble.worked(now) {
        info!(failures, for_seconds = lasted.as_secs(), "backups are made again");
    }
}

/// Whether the disk of the store is nearly full.
pub fn disk_seen(metrics: &Metrics, low: bool) {
    let (trouble, now) = (&metrics.troubles.disk, Instant::now());
    if low {
        if trouble.failed(now) != Say::Nothing {
            warn!("the disk of the store is nearly full");
        }
    } else if let Some(Over { lasted, .. }) = trouble.worked(now) {
        info!(for_seconds = lasted.as_secs(), "the disk of the store has room again");
    }
}

/// Redis does not answer on a connection that seems to be there.
pub fn redis_unanswered(metrics: &Metrics) {
    match metrics.troubles.redis.failed(Instant::now()) {
        Say::First => warn!("Redis does not answer; connecting anew"),
        Say::Still { failures, since } => {
            let for_seconds = since.as_secs();
            warn!(failures, for_seconds, "Redis still does not answer");
        }
        Say::Nothing => {}
    }
}

/// Redis has answered.
pub fn redis_answered(metrics: &Metrics) {
    if let Some(Over { failures, lasted }) = metrics.troubles.redis.worked(Instant::now()) {
        info!(failures, for_seconds = lasted.as_secs(), "Redis answers again");
    }
}

/// The connection to Redis was made anew, or lost.
pub fn redis_connected(metrics: &Metrics, connected: bool) {
    metrics.redis.connected.set(if connected { 1.0 } else { 0.0 });
    if connected {
        metrics.redis.reconnects.increment(1);
        info!("connected to Redis again");
    }
}

/// Another process took what this one holds.
pub fn partition_lost(metrics: &Metrics) {
    warn!(
        "a partition was lost: this process did not renew its lease in time and another has taken it, or Redis was emptied"
    );
    metrics.replicas.lost.increment(1);
}

/// Redis is set up so that it may lose what is stored; `what` says how, and what to set.
pub fn redis_may_lose(what: &str) {
    warn!(what, "Redis may lose messages; with REDIS_ACCEPT_LOSS=true this is not said");
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

fn record(metrics: &Metrics, direction: Direction, arrival: Arrival, took: Took) {
    metrics.queues.delivery_duration.of((direction, arrival)).record(took.whole);
    metrics.queues.delivery_own_duration.of((direction, arrival)).record(took.own());
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
