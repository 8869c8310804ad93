//! Button presses under the draft of a newsletter.

use std::time::Duration;

use crate::rules::tests::states::{drafting, drafting_with, known, newsletter, scene, with};
use crate::rules::tests::{
    MessageId, NOW, Row, administrator, answered, callback, check, retired, user_pressed, when,
};
use crate::{
    AlbumId, Awaits, Conversation, Draft, Effect, Event, Language, Newsletter, NewsletterButton,
    NewsletterContent, NewsletterId, NewsletterState, Panel, Press, Tell, Text, UrlButton, UserAct,
};

const SHOWN: Effect = Effect::Panel(Panel::Draft);

/// An administrator presses the button under this message.
fn under(message: Option<MessageId>, knob: NewsletterButton) -> Event {
    let press = Press::Newsletter(knob);
    administrator(UserAct::Pressed { callback: callback(), message, press })
}

fn press(knob: NewsletterButton) -> Event {
    under(Some(MessageId(50)), knob)
}

fn draft(conversation: &mut Conversation) -> &mut Draft {
    conversation.authoring.draft.as_mut().unwrap()
}

/// A press that changes the draft, whose panel is updated.
fn turns(
    name: &'static str,
    before: Conversation,
    knob: NewsletterButton,
    change: fn(&mut Conversation),
) -> Row {
    when(name, before, press(knob)).stores(change).effects([answered(None), SHOWN])
}

/// A press that changes nothing and is answered with the reason.
fn refused(name: &'static str, before: Conversation, knob: NewsletterButton, why: Text) -> Row {
    when(name, before, press(knob)).effects([answered(why)])
}

fn confirming(draft: &mut Draft) {
    draft.awaits = Awaits::Confirmation;
}

/// The author has started this many other newsletters, and one more that has ended.
fn beside(count: i64, conversation: Conversation) -> Conversation {
    let one = |id, state| Newsletter { id: NewsletterId(id), ..newsletter(state) };
    let mut mailings: Vec<_> = (0..count).map(|id| one(id, NewsletterState::Planned)).collect();
    mailings.push(one(100, NewsletterState::Over));
    with(conversation, |it| it.authoring.newsletters = mailings)
}

#[test]
fn a_draft_is_changed() {
    let link = || UrlButton { label: "Shop".to_owned(), url: "https://example.org".to_owned() };
    let mut linked = drafting();
    draft(&mut linked).letter.links = vec![link()];
    let album = drafting_with(|draft| draft.letter.album = Some(AlbumId("album".to_owned())));
    check([
        when("a preview changes nothing", drafting(), press(NewsletterButton::Preview)).effects([
            answered(None),
            Effect::Preview(NewsletterContent {
                messages: vec![MessageId(40)],
                ..NewsletterContent::default()
            }),
            SHOWN,
        ]),
        turns("the author is to write the buttons", drafting(), NewsletterButton::Links, |c| {
            draft(c).awaits = Awaits::Links;
        }),
        turns("buttons are removed", linked, NewsletterButton::Links, |c| {
            draft(c).letter.links.clear();
        }),
        refused("an album has no buttons", album, NewsletterButton::Links, Text::NewsletterNoLinks),
        turns(
            "a selected language makes the desk count recipients again",
            drafting(),
            NewsletterButton::Language,
            |c| {
                draft(c).segment.language = Some(Language::English);
                draft(c).recipients = None;
            },
        ),
        turns(
            "a selected span makes the desk count recipients again",
            drafting(),
            NewsletterButton::Active,
            |c| {
                draft(c).segment.active_days = Some(7);
                draft(c).recipients = None;
            },
        ),
        turns(
            "a selected answer makes the desk count recipients again",
            drafting(),
            NewsletterButton::Answer,
            |c| {
                draft(c).segment.answer = Some(("city".to_owned(), "kazan".to_owned()));
                draft(c).recipients = None;
            },
        )
        .with_scene(scene()),
        when(
            "without a welcome there is no answer to select",
            drafting(),
            press(NewsletterButton::Answer),
        )
        .effects([answered(None), SHOWN]),
        turns(
            "payment is on; the recipients stay the same",
            drafting(),
            NewsletterButton::Paid,
            |c| {
                draft(c).letter.paid = true;
            },
        ),
        turns(
            "payment is switched off",
            drafting_with(|draft| draft.letter.paid = true),
            NewsletterButton::Paid,
            |c| draft(c).letter.paid = false,
        ),
        turns("the author is to write the time", drafting(), NewsletterButton::Time, |c| {
            draft(c).awaits = Awaits::Time;
        }),
        turns(
            "the time is removed: it starts at once",
            drafting_with(|draft| draft.at = Some(NOW)),
            NewsletterButton::Time,
            |c| draft(c).at = None,
        ),
        turns(
            "the input of buttons is cancelled",
            drafting_with(|draft| draft.awaits = Awaits::Links),
            NewsletterButton::Back,
            |c| draft(c).awaits = Awaits::Content,
        ),
        turns(
            "the input of the time is cancelled",
            drafting_with(|draft| draft.awaits = Awaits::Time),
            NewsletterButton::Back,
            |c| draft(c).awaits = Awaits::Content,
        ),
        turns("the start is cancelled", drafting_with(confirming), NewsletterButton::Back, |c| {
            draft(c).awaits = Awaits::Content;
        }),
        refused(
            "there is nothing to cancel",
            drafting(),
            NewsletterButton::Back,
            Text::ButtonExpired,
        ),
    ]);
}

#[test]
fn an_answer_that_two_questions_take_is_offered_once() {
    let mut twice = scene();
    let question = twice.steps[1].clone();
    twice.steps.push(question);
    let turned = |answer: &str| {
        let mut conversation = drafting();
        draft(&mut conversation).segment.answer = Some(("city".to_owned(), answer.to_owned()));
        conversation
    };
    check([
        turns(
            "after the first answer comes the second",
            turned("kazan"),
            NewsletterButton::Answer,
            |c| {
                draft(c).segment.answer = Some(("city".to_owned(), "other".to_owned()));
                draft(c).recipients = None;
            },
        )
        .with_scene(twice.clone()),
        turns(
            "after the last answer come all users",
            turned("other"),
            NewsletterButton::Answer,
            |c| {
                draft(c).segment.answer = None;
                draft(c).recipients = None;
            },
        )
        .with_scene(twice),
    ]);
}

#[test]
fn a_start_needs_a_confirmation() {
    fn confirms(conversation: &mut Conversation) {
        draft(conversation).awaits = Awaits::Confirmation;
    }
    let for_count = |count| {
        let mut conversation = drafting();
        draft(&mut conversation).recipients = count;
        conversation
    };
    check([
        turns("a start asks for confirmation", drafting(), NewsletterButton::Start, confirms),
        turns(
            "four others may be in progress",
            beside(4, drafting()),
            NewsletterButton::Start,
            confirms,
        ),
        refused(
            "five may not",
            beside(5, drafting()),
            NewsletterButton::Start,
            Text::NewsletterTooMany,
        ),
        refused(
            "while recipients are counted",
            for_count(None),
            NewsletterButton::Start,
            Text::NewsletterCounting,
        ),
        refused(
            "without recipients",
            for_count(Some(0)),
            NewsletterButton::Start,
            Text::NewsletterNobody,
        ),
    ]);
}

#[test]
fn a_confirmed_draft_is_a_newsletter() {
    /// The draft becomes this newsletter.
    fn starts(conversation: &mut Conversation, state: NewsletterState, in_hours: u64) {
        conversation.authoring.draft = None;
        conversation.authoring.newsletters.push(Newsletter {
            id: NewsletterId(NOW.0 * 1_024 + 7),
            at: NOW.plus(Duration::from_hours(in_hours)),
            ..newsletter(state)
        });
    }
    let shown =
        || [answered(None), Effect::Panel(Panel::Newsletter(NewsletterId(NOW.0 * 1_024 + 7)))];
    check([
        when("it runs at once", drafting_with(confirming), press(NewsletterButton::Confirm))
            .stores(|c| starts(c, NewsletterState::Running, 0))
            .effects(shown()),
        when(
            "it is planned",
            drafting_with(|draft| {
                confirming(draft);
                draft.at = Some(NOW.plus(Duration::from_hours(1)));
            }),
            press(NewsletterButton::Confirm),
        )
        .stores(|c| starts(c, NewsletterState::Planned, 1))
        .effects(shown()),
        when(
            "it is stored after earlier ones",
            beside(1, drafting_with(confirming)),
            press(NewsletterButton::Confirm),
        )
        .stores(|c| starts(c, NewsletterState::Running, 0))
        .effects(shown()),
        refused(
            "a confirmation without a start",
            drafting(),
            NewsletterButton::Confirm,
            Text::ButtonExpired,
        ),
        refused(
            "while recipients are counted again",
            drafting_with(|draft| {
                confirming(draft);
                draft.recipients = None;
            }),
            NewsletterButton::Confirm,
            Text::ButtonExpired,
        ),
    ]);
}

#[test]
fn a_draft_is_discarded() {
    let told = || Tell::user(Text::NewsletterDiscarded);
    check([
        when("its buttons are removed", drafting(), press(NewsletterButton::Discard))
            .stores(|c| c.authoring.draft = None)
            .effects([answered(None), retired(50), told()]),
        when("its message was deleted", drafting(), under(None, NewsletterButton::Discard))
            .stores(|c| c.authoring.draft = None)
            .effects([answered(None), told()]),
        when(
            "it has no content yet",
            drafting_with(|draft| draft.letter.messages.clear()),
            press(NewsletterButton::Discard),
        )
        .stores(|c| c.authoring.draft = None)
        .effects([answered(None), retired(50), told()]),
        refused("there is none", known(), NewsletterButton::Discard, Text::ButtonExpired),
    ]);
}

#[test]
fn a_button_that_belongs_to_no_draft_has_expired() {
    let none_shown = || drafting_with(|draft| draft.panel = None);
    let nothing = drafting_with(|draft| draft.letter.messages.clear());
    let old = drafting_with(|draft| draft.since = NOW.before(Duration::from_hours(24)));
    check([
        refused("there is no draft", known(), NewsletterButton::Preview, Text::ButtonExpired),
        refused("it has no content yet", nothing, NewsletterButton::Preview, Text::ButtonExpired),
        refused("it is a day old", old, NewsletterButton::Paid, Text::ButtonExpired),
        when(
            "the button is under an older panel",
            drafting(),
            under(Some(MessageId(49)), NewsletterButton::Paid),
        )
        .effects([answered(Text::ButtonExpired)]),
        when(
            "an older panel cannot start it",
            drafting_with(confirming),
            under(Some(MessageId(49)), NewsletterButton::Confirm),
        )
        .effects([answered(Text::ButtonExpired)]),
        turns(
            "as long as its panel is not known, any message counts",
            none_shown(),
            NewsletterButton::Paid,
            |c| draft(c).letter.paid = true,
        ),
        when(
            "somebody who is no longer an administrator",
            drafting(),
            user_pressed(Press::Newsletter(NewsletterButton::Paid)),
        )
        .effects([answered(Text::ButtonExpired)]),
    ]);
}
