//! One turn of a lane: plan the next call, make it, judge what it means.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt as _;
use tokio::time::Instant;
use tracing::{Instrument as _, debug, info_span};

use crate::{
    engine::{Desk, instrumentation},
    telemetry::{StoreOperation, events, owner},
};
use domain::{Channel, Effect, OutboxLane, Subject};
use ports::{Call, Messenger, OutboxItem, SendError, Store, StoreError};

use super::{
    hints::Hints,
    outcome::{Attempt, NextStep, Outcome},
    pending_commit::PendingCommit,
    plan,
    step::Step,
    throttle_time::ThrottledTimes,
    track,
};

/// Delay of a lane after the store did not answer.
pub(super) const STORE_PAUSE: Duration = Duration::from_millis(500);

/// Panics after which a send is given up.
const PANICS_LIMIT: u32 = 3;

/// How a turn has ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Whose turn it was.
    pub lane: OutboxLane,
    /// How many sends the run had.
    pub count: usize,
    /// What was known of it before.
    pub hints: Hints,
    /// How many of the slots Telegram has counted.
    pub used: usize,
    /// When Telegram had answered.
    pub answered: Instant,
    /// What becomes of the run.
    pub next_step: NextStep,
    /// What must be written down before the lane goes on.
    pub pending: Option<PendingCommit>,
}

/// Takes one turn. A panic in it harms only this lane's head: after some attempts it is given up.
pub(super) async fn guarded<S: Store, M: Messenger>(
    desk: &Desk<S, M>,
    lane: OutboxLane,
    run: Vec<OutboxItem>,
    waits: &ThrottledTimes,
    hints: Hints,
) -> Ended {
    // The update that caused it is what joins the two spans in the logs.
    let update = run.first().map_or(0, |item| item.queued.cause.0);
    let span = info_span!("delivery", update.id = update, lane = lane.key());
    let turn = AssertUnwindSafe(deliver(desk, lane, run.clone(), waits, hints).instrument(span))
        .catch_unwind();
    // What it said was counted by the panic hook.
    if let Ok(ended) = turn.await {
        return ended;
    }
    let count = run.len();
    let panics = hints.panics + 1;
    let hints = Hints { panics, singly: true, ..hints };
    let answered = Instant::now();
    let ended = |next_step, pending| Ended {
        lane,
        count,
        hints,
        used: count,
        answered,
        next_step,
        pending,
    };
    if panics < PANICS_LIMIT || count > 1 {
        return ended(NextStep::Retry(hints, Some(Duration::from_secs(1))), None);
    }
    let outcome = if let (Channel::Track, [report]) = (lane.channel, run.as_slice()) {
        track::given_up(desk, report, "a panic, several times")
    } else {
        let (group, now) = (desk.group(), desk.now());
        let case = Attempt {
            lane,
            run: &run,
            hints,
            conversation: None,
            group,
            now,
            switched_off: false,
            others_go: false,
        };
        let outcome = case.panicked();
        instrumentation::outcome(desk, lane, &run, waits, &outcome, true);
        outcome
    };
    ended(NextStep::Done, PendingCommit::of(lane, &run, None, outcome))
}

/// Takes one turn. Cancelled, it leaves the sends queued: they are done again at the next start.
async fn deliver<S: Store, M: Messenger>(
    desk: &Desk<S, M>,
    lane: OutboxLane,
    run: Vec<OutboxItem>,
    waits: &ThrottledTimes,
    hints: Hints,
) -> Ended {
    let count = run.len();
    if let [item] = run.as_slice()
        && let Effect::Track(about) = &item.queued.effect
    {
        let (outcome, answered) = track::report(desk, lane, item, about, hints).await;
        let (next_step, used) = (outcome.next_step, usize::from(answered));
        let pending = PendingCommit::of(lane, &run, None, outcome);
        return Ended { lane, count, hints, used, answered: Instant::now(), next_step, pending };
    }
    let subject = if lane.user.0 == 0 { Subject::Nobody } else { Subject::User(lane.user) };
    let read = async {
        let conversation = desk.store.load(subject).await?;
        let step = plan::next(desk, lane, &run, hints, conversation.as_deref()).await?;
        Ok::<_, StoreError>((conversation, step))
    };
    let (conversation, step) = match desk.stored(StoreOperation::Load, read).await {
        Ok(read) => read,
        Err(_counted) => {
            let next_step = NextStep::Retry(hints, Some(STORE_PAUSE));
            let answered = Instant::now();
            return Ended { lane, count, hints, used: 0, answered, next_step, pending: None };
        }
    };
    let mut case = Attempt {
        lane,
        run: &run,
        hints,
        conversation: conversation.as_deref(),
        group: desk.group(),
        now: desk.now(),
        switched_off: false,
        others_go: desk.telegram_does(Instant::now().into_std()),
    };
    let called = matches!(step, Step::Call(..));
    let (outcome, used, answered) = match step {
        Step::Learn(learnt) => uncalled(case.learns(learnt)),
        Step::Nothing => uncalled(Outcome::default()),
        Step::Singly => uncalled(case.goes_singly()),
        Step::GoesHome => uncalled(case.goes_home()),
        Step::Tell(text, reply_to) => uncalled(case.told_instead(text, reply_to)),
        Step::Call(call, then) => {
            let result = desk.messenger.perform(&call).await;
            let answered = Instant::now();
            if case.seems_lost(&call, &result)
                && !desk.forum.has_topics(&desk.messenger, desk.group(), answered).await
            {
                case.switched_off = true;
                let why = SendError::DeskBroken("the group has no topics now".to_owned());
                events::desk_broken(&desk.metrics, &desk.readiness, &why);
            }
            let outcome = match result {
                Ok(receipt) => {
                    let seen = receipt.opened.or(receipt.landed.flatten());
                    if let Some(topic) = seen.filter(|_| !case.is_private(&call)) {
                        desk.topics.seen(topic, answered);
                    }
                    if let (Call::Photo { photo, .. }, Some(file), Some(welcome)) =
                        (&call, &receipt.file, &desk.welcome)
                    {
                        welcome.uploaded(photo, file);
                    }
                    desk.telegram_did(answered.into_std());
                    desk.latest.made(&run);
                    case.succeeded(&call, then, &receipt)
                }
                Err(error) => {
                    debug!(%error, attempt = hints.attempts, "Telegram did not do it");
                    if matches!(error, SendError::Unavailable { .. }) {
                        events::send_postponed(&desk.metrics);
                        if lane.channel == Channel::Stuck {
                            owner::stuck(&desk.metrics);
                        }
                    }
                    let outcome = case.failed(&call, then, &error);
                    let rests = matches!(
                        outcome.next_step,
                        NextStep::PauseBucket(_) | NextStep::PauseAll(_)
                    );
                    if rests && !case.switched_off {
                        events::desk_broken(&desk.metrics, &desk.readiness, &error);
                    }
                    outcome
                }
            };
            (outcome, cost(&call), answered)
        }
    };
    if let Some(stray) = &outcome.stray {
        // The message is sent again to the right place; that this one stays in General harms nobody.
        let _ = desk.messenger.perform(stray).await;
    }
    let next_step = outcome.next_step;
    let topic = case.conversation.and_then(|conversation| conversation.topic.id());
    if let (NextStep::Retry(Hints { probed: true, .. }, None), Some(topic)) = (next_step, topic) {
        desk.topics.seen(topic, answered);
    }
    instrumentation::outcome(desk, lane, &run, waits, &outcome, called);
    let pending = PendingCommit::of(lane, &run, conversation, outcome);
    Ended { lane, count, hints, used, answered, next_step, pending }
}

/// How many messages Telegram counts for a call.
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

/// What was decided without asking Telegram.
fn uncalled(outcome: Outcome) -> (Outcome, usize, Instant) {
    (outcome, 0, Instant::now())
}
