//! Translates what happens in the engine into metrics and events.

use std::time::Duration;

use crate::telemetry::{
    DELIVERY_TARGET, DeadReason, Direction, Ended, HealReason, Mailed, Metrics, PaceScope,
    Processed, Queue, QueueState, Took, UpdateType, events, figure, newsletters, timestamp,
};
use domain::{
    Channel, Effect, Fact, FailureReason, Millis, OutboxLane, Progress, RecipientOutcome, Side,
    WelcomeEnd,
};
use ports::{OutboxItem, Queued, UpdateKind};

use super::{
    Desk,
    deliver::{NextStep, Outcome, OutcomeEvent},
    lanes::{Depth, ThrottledTimes},
};

/// Records queued sends. Newsletters are counted separately.
pub(super) fn queued(metrics: &Metrics, items: &[OutboxItem]) {
    let sends = items.iter().filter(|item| item.queued.lane.channel != Channel::Newsletter);
    let count = sends.count();
    metrics.queues.enqueued.of(Queue::Outbox).increment(count as u64);
}

/// Records the facts of a committed decision.
pub(super) fn facts(metrics: &Metrics, facts: &[Fact]) {
    for fact in facts {
        match fact {
            Fact::Opened => metrics.desk.opened.increment(1),
            Fact::Answered { after } => metrics.desk.first_response.record(*after),
            Fact::WelcomeEnded(end) => metrics.welcome.ended.of(ended(*end)).increment(1),
            Fact::Chose { step, choice } => metrics.welcome.answers.count(*step, *choice),
        }
    }
}

fn ended(end: WelcomeEnd) -> Ended {
    match end {
        WelcomeEnd::Finished => Ended::Finished,
        WelcomeEnd::Answered => Ended::Answered,
        WelcomeEnd::Banned => Ended::Banned,
        WelcomeEnd::Restarted => Ended::Restarted,
        WelcomeEnd::Closed => Ended::Closed,
        WelcomeEnd::Left => Ended::Left,
        WelcomeEnd::Changed => Ended::Changed,
    }
}

/// Records the progress of this process's newsletters.
pub(super) fn newsletters(metrics: &Metrics, running: usize, progress: Progress) {
    let metrics = &metrics.newsletters;
    metrics.running.set(figure(running as u64));
    metrics.pending.set(figure(progress.pending));
    metrics.queued.set(figure(progress.queued));
}

/// Records the stored outcome of a newsletter for one recipient.
pub(super) fn newsletter_outcome(metrics: &Metrics, outcome: RecipientOutcome) {
    let outcome = match outcome {
        // Not an outcome yet.
        RecipientOutcome::Queued | RecipientOutcome::Recalling => return,
        RecipientOutcome::Sent => Mailed::Sent,
        RecipientOutcome::Blocked => Mailed::Blocked,
        RecipientOutcome::Failed | RecipientOutcome::Vanished => Mailed::Failed,
        RecipientOutcome::Recalled => Mailed::Recalled,
        RecipientOutcome::Kept => Mailed::Kept,
    };
    newsletters::settled(metrics, outcome);
}

/// Records the depth of the outbox.
pub(super) fn outbox(desk: &Desk, depth: Depth) {
    let set =
        |state, value: u64| desk.metrics.queues.depth.of((Queue::Outbox, state)).set(figure(value));
    set(QueueState::Ready, depth.ready);
    set(QueueState::Delayed, depth.delayed);
    set(QueueState::InFlight, depth.in_flight);
    desk.metrics.queues.late.set(figure(depth.late));
    desk.metrics.queues.held_lanes.set(figure(depth.held_lanes));
    desk.metrics.queues.held_sends.set(figure(depth.held_sends));
    let oldest = depth.oldest.map_or(0.0, |oldest| timestamp(oldest.0));
    desk.metrics.queues.oldest_timestamp.of(Queue::Outbox).set(oldest);
}

/// Records the outcome of a dispatch.
pub(super) fn outcome(
    desk: &Desk,
    lane: OutboxLane,
    batch: &[OutboxItem],
    throttled: &ThrottledTimes,
    outcome: &Outcome,
    called: bool,
) {
    let metrics = &desk.metrics;
    if lane.channel == Channel::Newsletter {
        // The outcome of a newsletter is counted when it is stored.
        for count in &outcome.counts {
            match count {
                OutcomeEvent::PossibleRepeat => events::possible_repeat(metrics),
                OutcomeEvent::Flood(wait) => events::flood_wait(metrics, scope(lane), *wait),
                OutcomeEvent::Delivered
                | OutcomeEvent::Failed(_)
                | OutcomeEvent::TopicOpened
                | OutcomeEvent::TopicDeleted
                | OutcomeEvent::LandedInGeneral
                | OutcomeEvent::TopicClosed => {}
            }
        }
        return;
    }
    let now = desk.now();
    // A dispatch without a call does not show whether calls succeed.
    let settled = match (outcome.settles(), called) {
        (true, true) => Processed::Ok,
        (true, false) => Processed::Unneeded,
        (false, _) => Processed::Retry,
    };
    if outcome.dead.is_empty() {
        metrics.queues.processed.of((Queue::Outbox, settled)).increment(batch.len() as u64);
    }
    let head = batch.first();
    // The time of a hold is the user's own.
    let waited = |since: fn(&Queued) -> Millis| {
        let waited = move |(item, held): (&OutboxItem, Duration)| {
            now.since(since(&item.queued)).saturating_sub(held)
        };
        batch.iter().zip(throttled.held()).map(waited)
    };
    if outcome.settles() {
        for wait in waited(|queued| queued.received) {
            metrics.queues.wait.of(Queue::Outbox).record(wait);
        }
    }
    let direction = match head.map(|item| &item.queued.effect) {
        Some(Effect::Relay(relay)) if relay.from == Side::Staff => Direction::OperatorToUser,
        Some(Effect::Edit(edit)) if edit.from == Side::Staff => Direction::OperatorToUser,
        _ => Direction::UserToOperator,
    };
    // Each message of a batch has waited for a time of its own; failed messages are counted in the same order.
    let took = |(whole, limited)| Took { whole, limited };
    let mut messages = waited(Queued::since).zip(throttled.each()).map(took);
    let first = messages.clone().next();
    if outcome.settles() && !matches!(outcome.next_step, NextStep::MoveTo(_)) {
        let arrived = |count: &&OutcomeEvent| match count {
            OutcomeEvent::Delivered => true,
            OutcomeEvent::Failed(reason) => {
                !matches!(reason, FailureReason::Blocked | FailureReason::Gone)
            }
            OutcomeEvent::PossibleRepeat
            | OutcomeEvent::TopicOpened
            | OutcomeEvent::TopicDeleted
            | OutcomeEvent::LandedInGeneral
            | OutcomeEvent::TopicClosed
            | OutcomeEvent::Flood(_) => false,
        };
        let arrived = outcome.counts.iter().filter(arrived).count();
        let relays = batch.iter().map(|item| item.queued.effect.relay().is_some());
        let dropped = relays.zip(messages.clone()).filter(|(relay, _)| *relay).skip(arrived);
        let overdue = dropped.filter(|(_, took)| took.own() > DELIVERY_TARGET).count();
        metrics.queues.late_dropped.increment(overdue as u64);
    }
    for count in &outcome.counts {
        let ends = matches!(count, OutcomeEvent::Delivered | OutcomeEvent::Failed(_));
        let message = if ends { messages.next().or(first) } else { first };
        let took = message.unwrap_or_default();
        match count {
            OutcomeEvent::Delivered => events::delivered(metrics, direction, took),
            OutcomeEvent::Failed(FailureReason::Blocked | FailureReason::Gone) => {
                events::recipient_blocked(metrics, direction, took);
            }
            OutcomeEvent::Failed(_) => events::send_failed_for_good(metrics, direction, took),
            OutcomeEvent::PossibleRepeat => events::possible_repeat(metrics),
            OutcomeEvent::TopicOpened => metrics.telegram.topics_opened.increment(1),
            // Counted by `settle`, once the conversation reflects it.
            OutcomeEvent::TopicDeleted | OutcomeEvent::LandedInGeneral => {}
            OutcomeEvent::TopicClosed => events::topic_healed(metrics, HealReason::Closed),
            OutcomeEvent::Flood(wait) => events::flood_wait(metrics, scope(lane), *wait),
        }
    }
    let reason = outcome.counts.iter().find_map(|count| {
        if let OutcomeEvent::Failed(reason) = count { Some(*reason) } else { None }
    });
    for letter in &outcome.dead {
        let cause = head.map_or(0, |item| item.queued.cause.0);
        events::dead_lettered(metrics, Queue::Outbox, dead_reason(reason), letter.id().0, cause);
    }
}

/// The metrics' label for an update's kind.
pub(super) fn update_type(kind: UpdateKind) -> UpdateType {
    match kind {
        UpdateKind::Message => UpdateType::Message,
        UpdateKind::EditedMessage => UpdateType::EditedMessage,
        UpdateKind::CallbackQuery => UpdateType::CallbackQuery,
        UpdateKind::MessageReaction => UpdateType::MessageReaction,
        UpdateKind::MyChatMember => UpdateType::MyChatMember,
        UpdateKind::Other => UpdateType::Other,
    }
}

fn scope(lane: OutboxLane) -> PaceScope {
    match lane.channel {
        Channel::User | Channel::Newsletter => PaceScope::Private,
        Channel::Button
        | Channel::Topic
        | Channel::Cosmetic
        | Channel::Desk
        | Channel::Track
        | Channel::Stuck => PaceScope::Group,
    }
}

fn dead_reason(reason: Option<FailureReason>) -> DeadReason {
    match reason {
        Some(FailureReason::Blocked | FailureReason::Gone) => DeadReason::Blocked,
        Some(FailureReason::Topic) => DeadReason::Topic,
        Some(
            FailureReason::NotCopyable
            | FailureReason::Vanished
            | FailureReason::CopyGone
            | FailureReason::Privacy
            | FailureReason::Refused
            | FailureReason::Defect,
        )
        | None => DeadReason::Refused,
    }
}
