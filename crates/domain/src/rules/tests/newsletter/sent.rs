//! Button presses under a newsletter that was started.

use std::time::Duration;

use crate::rules::tests::states::{NEWSLETTER, known, sent, sent_with};
use crate::rules::tests::{
    MessageId, NOW, Row, administrator, answered, callback, check, user_pressed, when,
};
use crate::{
    Conversation, Effect, Event, Millis, Newsletter, NewsletterButton, NewsletterId,
    NewsletterState, Panel, Press, Text, UserAct,
};

const PAUSE: NewsletterButton = NewsletterButton::Pause(NEWSLETTER);
const GO_ON: NewsletterButton = NewsletterButton::GoOn(NEWSLETTER);
const CANCEL: NewsletterButton = NewsletterButton::Cancel(NEWSLETTER);
const UNDO: NewsletterButton = NewsletterButton::Undo(NEWSLETTER);
const UNDO_CONFIRM: NewsletterButton = NewsletterButton::UndoConfirm(NEWSLETTER);
const LEAVE: NewsletterButton = NewsletterButton::Leave(NEWSLETTER);

fn press(knob: NewsletterButton) -> Event {
    let (message, press) = (Some(MessageId(50)), Press::Newsletter(knob));
    administrator(UserAct::Pressed { callback: callback(), message, press })
}

fn one(conversation: &mut Conversation) -> &mut Newsletter {
    &mut conversation.authoring.newsletters[0]
}

/// A press that has an effect; the panel is updated.
fn turns(
    name: &'static str,
    before: Conversation,
    knob: NewsletterButton,
    change: fn(&mut Conversation),
) -> Row {
    when(name, before, press(knob))
        .stores(change)
        .effects([answered(None), Effect::Panel(Panel::Newsletter(NEWSLETTER))])
}

/// A press that has no effect in any of these states.
fn expired<const N: usize>(
    name: &'static str,
    knob: NewsletterButton,
    states: [NewsletterState; N],
) -> [Row; N] {
    let told = || answered(Text::ButtonExpired);
    states.map(|state| when(name, sent(state), press(knob)).effects([told()]))
}

fn cancelled(mailing: &mut Newsletter) {
    mailing.cancelled = true;
}

fn asks(mailing: &mut Newsletter) {
    mailing.asks = true;
}

/// 48 hours ago.
fn two_days_ago(mailing: &mut Newsletter) {
    mailing.at = NOW.before(Duration::from_hours(48));
}

fn goes_on(conversation: &mut Conversation) {
    let mailing = one(conversation);
    (mailing.state, mailing.cancelled, mailing.ended) = (NewsletterState::Running, false, None);
}

#[test]
fn a_newsletter_is_paused_and_resumed() {
    use NewsletterState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    let days_ago = |days: u64| {
        let mut conversation = sent_with(Over, cancelled);
        one(&mut conversation).at = NOW.before(Duration::from_hours(24 * days));
        conversation
    };
    check([
        turns("it is paused", sent(Running), PAUSE, |c| one(c).state = Paused),
        turns("it continues after a pause", sent(Paused), GO_ON, goes_on),
        turns("it continues after it was cancelled", sent_with(Over, cancelled), GO_ON, goes_on),
        turns("it continues within 25 days", days_ago(24), GO_ON, goes_on),
        when("it is too late after 25 days", days_ago(25), press(GO_ON))
            .effects([answered(Text::ButtonExpired)]),
    ]);
    check(expired(
        "only a running newsletter can be paused",
        PAUSE,
        [Planned, Paused, Vanished, Stopping, Over, Undoing, Undone],
    ));
    check(expired(
        "a newsletter neither paused nor cancelled cannot continue",
        GO_ON,
        [Planned, Running, Vanished, Stopping, Over, Undoing, Undone],
    ));
}

#[test]
fn a_newsletter_is_cancelled() {
    use NewsletterState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    fn stops(conversation: &mut Conversation) {
        let mailing = one(conversation);
        (mailing.state, mailing.cancelled) = (Stopping, true);
    }
    check([
        turns("a planned newsletter ends at once", sent(Planned), CANCEL, |c| {
            let mailing = one(c);
            (mailing.state, mailing.cancelled, mailing.ended) = (Over, true, Some(NOW));
        }),
        turns("a running newsletter stops", sent(Running), CANCEL, stops),
        turns("a paused newsletter stops", sent(Paused), CANCEL, stops),
        turns("a newsletter without its message stops", sent(Vanished), CANCEL, stops),
    ]);
    check(expired(
        "a newsletter that is stopping or has ended cannot be cancelled",
        CANCEL,
        [Stopping, Over, Undoing, Undone],
    ));
}

#[test]
fn a_newsletter_is_recalled_after_a_confirmation() {
    use NewsletterState::{Over, Paused, Planned, Running, Stopping, Undoing, Undone, Vanished};
    check([
        turns("a recall asks for confirmation", sent(Over), UNDO, |c| one(c).asks = true),
        turns("a cancelled newsletter can be recalled", sent_with(Over, cancelled), UNDO, |c| {
            one(c).asks = true;
        }),
        turns("it is recalled", sent_with(Over, asks), UNDO_CONFIRM, |c| {
            let mailing = one(c);
            (mailing.state, mailing.asks) = (Undoing, false);
        }),
        turns("the recall is cancelled", sent_with(Over, asks), LEAVE, |c| one(c).asks = false),
        when(
            "after 48 hours Telegram does not allow it",
            sent_with(Over, two_days_ago),
            press(UNDO),
        )
        .effects([answered(Text::NewsletterTooLate)]),
        when(
            "a confirmation may come too late, too",
            sent_with(Over, |mailing| {
                asks(mailing);
                two_days_ago(mailing);
            }),
            press(UNDO_CONFIRM),
        )
        .stores(|c| one(c).asks = false)
        .effects([answered(Text::ButtonExpired)]),
        turns(
            "just before 48 hours it is allowed",
            sent_with(Over, |mailing| {
                mailing.at = Millis(NOW.before(Duration::from_hours(48)).0 + 1);
            }),
            UNDO,
            |c| one(c).asks = true,
        ),
    ]);
    let not_over = [Planned, Running, Paused, Vanished, Stopping, Undoing, Undone];
    check(expired("a newsletter that has not ended cannot be recalled", UNDO, not_over));
    let all = [Planned, Running, Paused, Vanished, Stopping, Over, Undoing, Undone];
    check(expired("a confirmation without a recall", UNDO_CONFIRM, all));
    check(expired("a cancellation without a recall", LEAVE, all));
    let asked = |state| sent_with(state, asks);
    check(not_over.map(|state| {
        when(
            "the recall of a newsletter that has not ended cannot be confirmed",
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
    let another = NewsletterButton::Pause(NewsletterId(901));
    check([
        when(
            "a newsletter that is no longer stored",
            sent(NewsletterState::Running),
            press(another),
        )
        .effects(told()),
        when("a user who started none", known(), press(PAUSE)).effects(told()),
        when(
            "an author who is no longer an administrator",
            sent(NewsletterState::Running),
            user_pressed(Press::Newsletter(PAUSE)),
        )
        .effects(told()),
    ]);
}
