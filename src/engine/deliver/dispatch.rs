//! One dispatch of a lane: plan the next call, make it, interpret the answer.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info_span};

use crate::{
    engine::{
        instrumentation,
        lanes::{Hints, STORE_PAUSE, ThrottledTimes},
        limits::Family,
    },
    telemetry::{StoreOperation, events, owner},
};
use domain::{Channel, Conversation, GroupKey, OutboxLane, Subject};
use ports::{Call, OutboxItem, SendError, StoreError};

use super::{
    Sending,
    outcome::{Attempt, NextStep, Outcome},
    plan::{self, Step},
};

/// Panics after which a send is given up.
const PANICS_LIMIT: u32 = 3;
/// Delay of a lane whose dispatch has panicked.
const PAUSE_AFTER_PANIC: Duration = Duration::from_secs(1);

/// A dispatch that has ended, with what must be committed before its lane goes on.
#[derive(Debug)]
pub(super) struct DispatchResult {
    pub lane: OutboxLane,
    /// The group whose slots were taken for it.
    pub counted: Option<GroupKey>,
    /// The batch.
    pub batch: Vec<OutboxItem>,
    /// The hints for the lane's next dispatch, unless the outcome says otherwise.
    pub hints: Hints,
    /// Number of slots that Telegram counts for the call.
    pub used: usize,
    /// Time of Telegram's answer.
    pub answered: Instant,
    /// The family of the method that was called, if Telegram throttles it apart from copies.
    pub family: Option<Family>,
    /// The conversation that the outcome is based on.
    pub conversation: Option<Arc<Conversation>>,
    pub outcome: Outcome,
}

/// Does the work of a task. `None` if it panics; the panic hook has counted and logged that.
pub(super) async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

/// Runs one dispatch. A panic harms only the head of this lane, which is given up after [`PANICS_LIMIT`] panics.
pub(super) async fn run_dispatch(
    context: &Sending,
    lane: OutboxLane,
    batch: Vec<OutboxItem>,
    throttled: &ThrottledTimes,
    hints: Hints,
    counted: Option<GroupKey>,
) -> DispatchResult {
    let desk = &*context.desk;
    // The update's id joins this span and the span of the decision in the logs.
    let update = batch.first().map_or(0, |item| item.queued.cause.0);
    let span = info_span!("delivery", update.id = update, lane = lane.key());
    let dispatch = deliver(context, lane, batch.clone(), throttled, hints, counted);
    if let Some(result) = caught(dispatch.instrument(span)).await {
        return result;
    }
    let panics = hints.panics + 1;
    let hints = Hints { panics, singly: true, ..hints };
    let (used, answered, conversation) = (batch.len(), Instant::now(), None);
    if panics < PANICS_LIMIT || batch.len() > 1 {
        let next_step = NextStep::Retry(hints, Some(PAUSE_AFTER_PANIC));
        let outcome = Outcome { next_step, ..Outcome::default() };
        let family = None;
        return DispatchResult {
            lane,
            counted,
            batch,
            hints,
            used,
            answered,
            family,
            conversation,
            outcome,
        };
    }
    let (groups, now) = (desk.groups(), desk.now());
    let case = Attempt {
        lane,
        batch: &batch,
        hints,
        conversation: None,
        groups: &groups,
        now,
        switched_off: false,
        others_succeed: false,
    };
    let outcome = case.panicked();
    instrumentation::outcome(desk, lane, &batch, throttled, &outcome, true);
    let family = None;
    DispatchResult { lane, counted, batch, hints, used, answered, family, conversation, outcome }
}

/// Runs one dispatch. If it is cancelled, the sends stay queued and are made again at the next start.
async fn deliver(
    context: &Sending,
    lane: OutboxLane,
    batch: Vec<OutboxItem>,
    throttled: &ThrottledTimes,
    hints: Hints,
    counted: Option<GroupKey>,
) -> DispatchResult {
    let Sending { desk, messenger, .. } = context;
    let subject = if lane.user.0 == 0 { Subject::Nobody } else { Subject::User(lane.user) };
    let read = async {
        let conversation = desk.store.load(subject).await?;
        let step = plan::next(context, lane, &batch, hints, conversation.as_deref()).await?;
        Ok::<_, StoreError>((conversation, step))
    };
    let (conversation, step) = match desk.stored(StoreOperation::Load, read).await {
        Ok(read) => read,
        Err(_counted) => return unread(lane, batch, hints, counted),
    };
    let groups = desk.groups();
    let mut case = Attempt {
        lane,
        batch: &batch,
        hints,
        conversation: conversation.as_deref(),
        groups: &groups,
        now: desk.now(),
        switched_off: false,
        others_succeed: context.performed_lately(Instant::now().into_std()),
    };
    let step = case.in_its_group(step, counted);
    let called = matches!(step, Step::Call(..));
    let family = if let Step::Call(call, _) = &step { family(lane, call) } else { None };
    let (outcome, used, answered) = match step {
        Step::Learn(learnt) => uncalled(case.learn_and_retry(learnt)),
        Step::Nothing => uncalled(Outcome::default()),
        Step::Singly => uncalled(case.send_singly()),
        Step::ReturnToOwnLane => uncalled(case.return_to_own_lane()),
        Step::InGroup(group) => uncalled(case.regroup(group)),
        Step::Tell(text, reply_to) => uncalled(case.notice_instead(text, reply_to)),
        Step::Call(call, then) => {
            // What Telegram numbers in a group is a message or topic of that group.
            let group = call.place().and_then(|place| groups.group(place.chat));
            let result = messenger.perform(&call).await;
            let result = result.map(|receipt| receipt.in_group(group.unwrap_or_default()));
            let answered = Instant::now();
            let there = group.map_or_else(|| case.home(), |group| groups.chat(group));
            if case.seems_lost(&call, &result)
                && !context.forum.has_topics(&**messenger, there, answered).await
            {
                case.switched_off = true;
                let why = SendError::GroupBroken("the group has no topics now".to_owned());
                events::desk_broken(&desk.metrics, &desk.readiness, &why);
            }
            let outcome = match result {
                Ok(receipt) => {
                    let seen = receipt.opened.or(receipt.landed.flatten());
                    if let Some(topic) = seen.filter(|_| !case.is_private(&call)) {
                        desk.topics.seen(topic, answered);
                    }
                    if let (Call::Photo { photo, .. }, Some(file), Some(welcome)) =
                        (&call, &receipt.file, &context.welcome)
                    {
                        welcome.uploaded(photo, file);
                    }
                    context.performed(answered.into_std());
                    context.latest.performed(&batch);
                    case.succeeded(&call, then, &receipt)
                }
                Err(error) => {
                    debug!(%error, attempt = hints.attempts, "Telegram call failed");
                    if matches!(error, SendError::Unavailable { .. }) {
                        events::send_postponed(&desk.metrics);
                        if lane.channel == Channel::Stuck {
                            owner::stuck(&desk.metrics);
                        }
                    }
                    let outcome = case.failed(&call, then, &error);
                    let broken = matches!(error, SendError::GroupBroken(_));
                    let paused = match outcome.next_step {
                        NextStep::PauseBucket(_) | NextStep::PauseAll(_) => true,
                        NextStep::Retry(..) => broken,
                        NextStep::Done
                        | NextStep::Throttled(_)
                        | NextStep::CosmeticThrottled(_)
                        | NextStep::MoveTo(_) => false,
                    };
                    if paused && !case.switched_off {
                        events::desk_broken(&desk.metrics, &desk.readiness, &error);
                    }
                    outcome
                }
            };
            (outcome, cost(&call), answered)
        }
    };
    if let Some(stray) = &outcome.stray {
        // The message is sent again to the right topic. If this copy stays in General, nothing is lost.
        let _ = messenger.perform(stray).await;
    }
    let topic = case.conversation.and_then(|conversation| conversation.topic.id());
    if let (NextStep::Retry(Hints { probed: true, .. }, None), Some(topic)) =
        (outcome.next_step, topic)
    {
        desk.topics.seen(topic, answered);
    }
    instrumentation::outcome(desk, lane, &batch, throttled, &outcome, called);
    DispatchResult { lane, counted, batch, hints, used, answered, family, conversation, outcome }
}

/// The result of a dispatch for which the store could not be read.
fn unread(
    lane: OutboxLane,
    batch: Vec<OutboxItem>,
    hints: Hints,
    counted: Option<GroupKey>,
) -> DispatchResult {
    let next_step = NextStep::Retry(hints, Some(STORE_PAUSE));
    let (outcome, used, answered) = uncalled(Outcome { next_step, ..Outcome::default() });
    let (family, conversation) = (None, None);
    DispatchResult { lane, counted, batch, hints, used, answered, family, conversation, outcome }
}

/// Number of messages that Telegram counts for a call.
fn cost(call: &Call) -> usize {
    match call {
        Call::CopyMany { messages, .. } | Call::ForwardMany { messages, .. } => messages.len(),
        Call::Album { pieces, .. } => pieces.len(),
        Call::Copy { .. }
        | Call::Broadcast { .. }
        | Call::Document { .. }
        | Call::Forward { .. }
        | Call::Say { .. }
        | Call::Photo { .. }
        | Call::EditText { .. }
        | Call::EditCaption { .. }
        | Call::EditMedia { .. }
        | Call::EditSaid { .. }
        | Call::RemoveKeys { .. }
        | Call::Pin { .. }
        | Call::Unpin { .. }
        | Call::OpenTopic { .. }
        | Call::RenameTopic { .. }
        | Call::CloseTopic { .. }
        | Call::ReopenTopic { .. } => 1,
        Call::React { .. }
        | Call::Delete { .. }
        | Call::DeleteMany { .. }
        | Call::Answer { .. } => 0,
    }
}

/// The family of methods that a call belongs to; `None` for copies and messages, which show the group's own limit.
fn family(lane: OutboxLane, call: &Call) -> Option<Family> {
    match call {
        _ if lane.channel == Channel::Cosmetic => Some(Family::Looks),
        Call::OpenTopic { .. } => Some(Family::Openings),
        Call::EditText { .. }
        | Call::EditCaption { .. }
        | Call::EditMedia { .. }
        | Call::EditSaid { .. } => Some(Family::Edits),
        Call::RemoveKeys { .. }
        | Call::Pin { .. }
        | Call::Unpin { .. }
        | Call::RenameTopic { .. }
        | Call::CloseTopic { .. }
        | Call::ReopenTopic { .. }
        | Call::React { .. } => Some(Family::Looks),
        Call::CopyMany { .. }
        | Call::ForwardMany { .. }
        | Call::Album { .. }
        | Call::Copy { .. }
        | Call::Broadcast { .. }
        | Call::Document { .. }
        | Call::Forward { .. }
        | Call::Say { .. }
        | Call::Photo { .. }
        | Call::Delete { .. }
        | Call::DeleteMany { .. }
        | Call::Answer { .. } => None,
    }
}

/// An outcome that was reached without calling Telegram.
fn uncalled(outcome: Outcome) -> (Outcome, usize, Instant) {
    (outcome, 0, Instant::now())
}
