//! What happens when someone presses a button under a newsletter that was started.

use std::time::Duration;

use super::states::{NEWSLETTER, known, sent, sent_with};
use super::{MessageId, NOW, Row, administrator, answered, callback, check, user_pressed, when};
use crate::{
    Conversation, Effect, Event, Knob, Mailing, MailingState, Millis, NewsletterId, Panel, Press,
    Text, UserAct,
};

const PAUSE: Knob = Knob::Pause(NEWSLETTER);
const GO_ON: Knob = Knob::GoOn(NEWSLETTER);
const CANCEL: Knob = Knob::Cancel(NEWSLETTER);
const UNDO: Knob = Knob::Undo(NEWSLETTER);
const UNDO_CONFIRM: Knob = Knob::UndoConfirm(NEWSLETTER);
const LEAVE: Knob = Knob::Leave(NEWSLETTER);

fn press(knob: Knob) -> Event {
    let (message, press) = (Some(MessageId(50)), Press::Newsletter(knob));
    administrator(UserAct::Pressed { callback: callback(), message, press })
}

fn one(conversation: &mut Conversation) -> &mut Mailing {
    &mut conversation.mailings[0]
}

/// A press that does something; the newsletter is shown anew.
fn turns(
    name: &'static str,
    before: Conversation,
    knob: Knob,
    change: fn(&mut Conversation),
) -> Row {
    when(name, before, press(knob))
        .stores(change)
        .effects([answered(None), Effect::Panel(Panel::Mailing(NEWSLETTER))])
}

/// A press that does nothing in each of these states.
fn expired<const N: usize>(name: &'static str, knob: Knob, states: [MailingState; N]) -> [Row; N] {
    let told = || answered(Text::ButtonExpired);
    states.map(|state| when(name, sent(state), press(knob)).effects([told()]))
}

fn cancelled(mailing: &mut Mailing) {
    mailing.cancelled = true;
}

fn asks(mailing: &mut Mailing) {
    mailing.asks = true;
}

/// 48 hours ago.
fn two_days_ago(mailing: &mut Mailing) {
    mailing.at = NOW.before(Duration::from_hours(48));
}

fn goes_on(conversation: &mut Conversation) {
    let mailing = one(conversation);
    (mailing.state, mailing.cancelled, mailing.ended) = (MailingState::Running, false, None);
}

#[test]
fn a_newsletter_is_paused_and_goes_on() {
    use MailingState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    let days_ago = |days: u64| {
        let mut conversation = sent_with(Over, cancelled);
        one(&mut conversation).at = NOW.before(Duration::from_hours(24 * days));
        conversation
    };
    check([
        turns("it is paused", sent(Running), PAUSE, |c| one(c).state = Paused),
        turns("it goes on after a pause", sent(Paused), GO_ON, goes_on),
        turns("it goes on after it was cancelled", sent_with(Over, cancelled), GO_ON, goes_on),
        turns("it goes on within 25 days", days_ago(24), GO_ON, goes_on),
        when("it is too late after 25 days", days_ago(25), press(GO_ON))
            .effects([answered(Text::ButtonExpired)]),
    ]);
    check(expired(
        "what does not run cannot be paused",
        PAUSE,
        [Planned, Paused, Vanished, Stopping, Over, Undoing, Undone],
    ));
    check(expired(
        "what is not paused, nor cancelled before its end, cannot go on",
        GO_ON,
        [Planned, Running, Vanished, Stopping, Over, Undoing, Undone],
    ));
}

#[test]
fn a_newsletter_is_cancelled() {
    use MailingState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    fn stops(conversation: &mut Conversation) {
        let mailing = one(conversation);
        (mailing.state, mailing.cancelled) = (Stopping, true);
    }
    check([
        turns("a planned one is over at once", sent(Planned), CANCEL, |c| {
            let mailing = one(c);
            (mailing.state, mailing.cancelled, mailing.ended) = (Over, true, Some(NOW));
        }),
        turns("one that runs stops", sent(Running), CANCEL, stops),
        turns("one that is paused stops", sent(Paused), CANCEL, stops),
        turns("one whose message is gone stops", sent(Vanished), CANCEL, stops),
    ]);
    check(expired(
        "what stops or is over cannot be cancelled",
        CANCEL,
        [Stopping, Over, Undoing, Undone],
    ));
}

#[test]
fn a_newsletter_is_taken_back_once_that_is_confirmed() {
    use MailingState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    check([
        turns("taking it back asks for confirmation", sent(Over), UNDO, |c| one(c).asks = true),
        turns("one that was cancelled may be taken back", sent_with(Over, cancelled), UNDO, |c| {
            one(c).asks = true;
        }),
        turns("it is taken back", sent_with(Over, asks), UNDO_CONFIRM, |c| {
            let mailing = one(c);
            (mailing.state, mailing.asks) = (Undoing, false);
        }),
        turns("it is left as it is", sent_with(Over, asks), LEAVE, |c| one(c).asks = false),
        when(
            "after 48 hours Telegram does not allow it",
            sent_with(Over, two_days_ago),
            press(UNDO),
        )
        .effects([answered(Text::NewsletterTooLate)]),
        when(
            "a confirmation may come too late as well",
            sent_with(Over, |mailing| {
                asks(mailing);
                two_days_ago(mailing);
            }),
            press(UNDO_CONFIRM),
        )
        .stores(|c| one(c).asks = false)
        .effects([answered(Text::ButtonExpired)]),
        turns(
            "a moment before the 48 hours it is allowed",
            sent_with(Over, |mailing| {
                mailing.at = Millis(NOW.before(Duration::from_hours(48)).0 + 1);
            }),
            UNDO,
            |c| one(c).asks = true,
        ),
    ]);
    let not_over = [Planned, Running, Paused, Vanished, Stopping, Undoing, Undone];
    check(expired("what is not over cannot be taken back", UNDO, not_over));
    let all = [Planned, Running, Paused, Vanished, Stopping, Over, Undoing, Undone];
    check(expired("what was not asked cannot be confirmed", UNDO_CONFIRM, all));
    check(expired("what was not asked cannot be denied", LEAVE, all));
    let asked = |state| sent_with(state, asks);
    check(not_over.map(|state| {
        when(
            "what is not over cannot be confirmed to be taken back",
            asked(state),
            press(UNDO_CONFIRM),
        )
        .stores(|c| one(c).asks = false)
        .effects([answered(Text::ButtonExpired)])
    }));
}

#[test]
fn a_button_of_another_newsletter_or_of_anyone_else_has_expired() {
    let told = || [answered(Text::ButtonExpired)];
    let another = Knob::Pause(NewsletterId(901));
    check([
        when("a newsletter that is not remembered", sent(MailingState::Running), press(another))
            .effects(told()),
        when("someone who started none", known(), press(PAUSE)).effects(told()),
        when(
            "an author who is no administrator any more",
            sent(MailingState::Running),
            user_pressed(Press::Newsletter(PAUSE)),
        )
        .effects(told()),
    ]);
}
