//! States of a conversation, and a welcome, for the rows of the tables.

use std::time::Duration;

use super::{NOW, TOPIC, USER, profile};
use crate::{
    Choice, Conversation, Draft, Goals, MessageId, Millis, Newsletter, NewsletterContent,
    NewsletterId, NewsletterState, Progress, Request, Saying, Scene, SceneAct, ScenePosition,
    SceneStep, Topic, WelcomeRun, When, Words,
};

/// An hour ago, on the same day.
pub(super) const EARLIER: Millis = Millis(NOW.0 - 3_600_000);
/// The id of [`newsletter`].
pub(super) const NEWSLETTER: NewsletterId = NewsletterId(900);
/// The shape of [`scene`].
pub(super) const SHAPE: u32 = 33;

/// The conversation with this change.
pub(super) fn with(
    mut conversation: Conversation,
    change: impl FnOnce(&mut Conversation),
) -> Conversation {
    change(&mut conversation);
    conversation
}

/// A user who pressed Start earlier today, and never wrote.
pub(super) fn known() -> Conversation {
    Conversation::new(USER, profile(), EARLIER)
}

/// The day of `NOW`.
pub(super) const TODAY: Millis = Millis(NOW.0 - NOW.0.rem_euclid(86_400_000));

/// A user who wrote and was answered.
pub(super) fn open() -> Conversation {
    with(known(), |it| {
        it.topic.current = Topic::Open(TOPIC);
        it.topic.card_hash = 5;
        it.firsts.message = true;
        it.answered = Some(TODAY);
    })
}

/// A user who has been waiting for an answer for an hour.
pub(super) fn waiting() -> Conversation {
    Conversation { waiting_since: Some(EARLIER), ..open() }
}

pub(super) fn closed() -> Conversation {
    with(open(), |it| it.topic.current = Topic::Closed(TOPIC))
}

/// A user whose topic was found deleted.
pub(super) fn without_topic() -> Conversation {
    with(open(), |it| it.topic.current = Topic::None)
}

pub(super) fn banned() -> Conversation {
    with(open(), |it| it.moderation.banned = true)
}

pub(super) fn silent() -> Conversation {
    with(open(), |it| {
        it.moderation.silent = true;
        it.moderation.silent_notice = Some(MessageId(60));
    })
}

/// A user who blocked the bot.
pub(super) fn gone() -> Conversation {
    Conversation { reachable: false, ..open() }
}

/// The conversation in the second run of [`scene`], at this position, with its request.
pub(super) fn at(position: ScenePosition, conversation: Conversation) -> Conversation {
    let due = match position {
        ScenePosition::Waiting(_) => Some(NOW),
        ScenePosition::Asking(_) | ScenePosition::Over => None,
    };
    with(conversation, |it| {
        it.welcome.run = Some(WelcomeRun { number: 2, shape: SHAPE, position });
        it.request = Some(Request { nth: 1, number: Some(31), closed: false });
        it.welcome.due = due;
    })
}

/// An administrator who began a newsletter an hour ago; message 50 shows its panel, message 40 is its content.
pub(super) fn drafting() -> Conversation {
    drafting_with(|_| {})
}

/// [`drafting`] with a change to the draft.
pub(super) fn drafting_with(change: fn(&mut Draft)) -> Conversation {
    let mut draft = Draft::new(EARLIER);
    draft.letter =
        NewsletterContent { messages: vec![MessageId(40)], ..NewsletterContent::default() };
    draft.recipients = Some(12);
    draft.panel = Some(MessageId(50));
    change(&mut draft);
    with(known(), |it| it.authoring.draft = Some(draft))
}

/// A newsletter that was started an hour ago; message 50 shows its panel.
pub(super) fn newsletter(state: NewsletterState) -> Newsletter {
    let over = match state {
        NewsletterState::Over | NewsletterState::Undoing | NewsletterState::Undone => Some(EARLIER),
        NewsletterState::Planned
        | NewsletterState::Running
        | NewsletterState::Paused
        | NewsletterState::Vanished
        | NewsletterState::Stopping => None,
    };
    Newsletter {
        id: NEWSLETTER,
        author: USER,
        letter: NewsletterContent { messages: vec![MessageId(40)], ..NewsletterContent::default() },
        segment: crate::Segment::default(),
        at: EARLIER,
        recipients: 12,
        state,
        cancelled: false,
        asks: false,
        ended: over,
        last: Progress::default(),
        panel: Some(MessageId(50)),
    }
}

/// A user who has started one newsletter, with a change to it.
pub(super) fn sent_with(state: NewsletterState, change: fn(&mut Newsletter)) -> Conversation {
    let mut one = newsletter(state);
    change(&mut one);
    with(known(), |it| it.authoring.newsletters = vec![one])
}

/// A user who has started one newsletter.
pub(super) fn sent(state: NewsletterState) -> Conversation {
    sent_with(state, |_| {})
}

/// A welcome: words, a question with two buttons, a wait of a minute, words, the end.
pub(super) fn scene() -> Scene {
    let choice = |answer: &str, english: &str, russian: &str| Choice {
        answer: answer.to_owned(),
        label: words(english, russian),
        goes: None,
        zone: None,
        goal: None,
    };
    let mut kazan = choice("kazan", "Kazan <3", "Казань");
    (kazan.zone, kazan.goal) = (Some("Europe/Moscow".to_owned()), Some("kazan".to_owned()));
    let mut other = choice("other", "Another", "Другой");
    other.goes = Some(3);
    scene_of([
        say("Hello", "Привет"),
        SceneAct::Ask {
            saying: saying("Which city?", "Какой город?"),
            question: "city".to_owned(),
            choices: vec![kazan, other],
        },
        SceneAct::Wait(Duration::from_mins(1)),
        say("Soon", "Скоро"),
        SceneAct::End,
    ])
}

/// A welcome of these steps, without conditions.
pub(super) fn scene_of(acts: impl IntoIterator<Item = SceneAct>) -> Scene {
    let steps = acts.into_iter().map(|act| SceneStep { when: When::default(), act });
    Scene {
        open_topic: false,
        shape: SHAPE,
        zones: vec!["UTC".to_owned(), "Europe/Moscow".to_owned()],
        steps: steps.collect(),
        goals: Goals {
            first_message: Some("wrote".to_owned()),
            phone_shared: Some("phone".to_owned()),
        },
    }
}

/// [`scene`] with `open_topic`.
pub(super) fn opening(scene: Scene) -> Scene {
    Scene { open_topic: true, ..scene }
}

pub(super) fn words(english: &str, russian: &str) -> Words {
    Words { english: english.to_owned(), russian: russian.to_owned() }
}

pub(super) fn saying(english: &str, russian: &str) -> Saying {
    Saying { words: words(english, russian), picture: None }
}

pub(super) fn say(english: &str, russian: &str) -> SceneAct {
    SceneAct::Say(saying(english, russian))
}
