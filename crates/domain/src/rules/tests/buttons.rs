//! Button presses under messages of the bot.

use super::states::{at, closed, known, open, scene, words};
use super::{MessageId, answered, callback, check, operator, retired, user, user_pressed, when};
use crate::{
    CallbackId, DeadId, Effect, Event, Fact, GroupKey, Language, Press, SceneLine, ScenePosition,
    Side, StaffAct, StaffEvent, Tell, Text, UserAct,
};

/// A press under a message that Telegram no longer has.
fn pressed_without_message(press: Press) -> Event {
    user(UserAct::Pressed { callback: callback(), message: None, press })
}

fn operator_pressed(press: Press) -> Event {
    operator(StaffAct::Pressed { callback: callback(), message: Some(MessageId(50)), press })
}

fn operator_answered(text: Text) -> Effect {
    Effect::Answer { callback: CallbackId("press".to_owned()), side: Side::Staff, text: Some(text) }
}

#[test]
fn a_user_chooses_a_language() {
    let russian = Press::Language(Language::Russian);
    let chosen = Tell::user(Text::LanguageChosen);
    check([
        when("a user without a topic chooses a language", known(), user_pressed(russian))
            .stores(|c| c.language = Some(Language::Russian))
            .effects([answered(None), retired(50), chosen.clone()]),
        when("the card shows the chosen language", open(), user_pressed(russian))
            .stores(|c| c.language = Some(Language::Russian))
            .effects([answered(None), retired(50), chosen.clone(), Effect::Refresh]),
        when("so does the card of a closed topic", closed(), user_pressed(russian))
            .stores(|c| c.language = Some(Language::Russian))
            .effects([answered(None), retired(50), chosen.clone(), Effect::Refresh]),
        when(
            "buttons stay under a message that Telegram no longer has",
            known(),
            pressed_without_message(russian),
        )
        .stores(|c| c.language = Some(Language::Russian))
        .effects([answered(None), chosen]),
    ]);
}

#[test]
fn an_unknown_button_has_expired() {
    let expired = || answered(Text::ButtonExpired);
    let old = Press::Welcome { run: 1, step: 1, choice: 0 };
    check([
        when("a user presses an unknown button", open(), user_pressed(Press::Unknown))
            .effects([expired()]),
        when("an unknown user presses an unknown button", None, user_pressed(Press::Unknown))
            .stores_the_new()
            .effects([expired()]),
        when("a user cannot retry", open(), user_pressed(Press::Retry(DeadId(3))))
            .effects([expired()]),
        when(
            "a button of an earlier run is removed",
            at(ScenePosition::Asking(1), known()),
            user_pressed(old),
        )
        .with_scene(scene())
        .effects([expired(), retired(50)]),
        when(
            "a button of the welcome is removed in a desk without a welcome",
            open(),
            user_pressed(old),
        )
        .effects([expired(), retired(50)]),
    ]);
}

#[test]
fn a_press_in_the_welcome_is_answered_before_it_continues() {
    let line = |words: &str| {
        let (words, picture, buttons) = (words.to_owned(), None, Vec::new());
        Effect::Scene(SceneLine { words, picture, buttons })
    };
    let soon = words("Soon", "Скоро");
    check([when(
        "the answer comes first, then the buttons are removed, then the next line is sent",
        at(ScenePosition::Asking(1), known()),
        user_pressed(Press::Welcome { run: 2, step: 1, choice: 1 }),
    )
    .with_scene(scene())
    .stores(|c| {
        *c = at(ScenePosition::Over, c.clone());
        c.welcome.answers.insert("city".to_owned(), "other".to_owned());
        c.welcome.unseen = vec!["→ Another".to_owned(), "Soon".to_owned()];
    })
    .effects([answered(None), retired(50), line(&soon.english)])
    .facts([Fact::Chose { step: 1, choice: 1 }, Fact::WelcomeEnded(crate::WelcomeEnd::Finished)])]);
}

#[test]
fn an_operator_retries_what_has_failed() {
    let retry = Press::Retry(DeadId(3));
    let trying = operator_answered(Text::TryingAgain);
    let gone = Effect::RetireButtons { side: Side::Staff, message: MessageId(50) };
    let pressed_without_message =
        StaffAct::Pressed { callback: callback(), message: None, press: retry };
    let in_general = StaffAct::Pressed { callback: callback(), message: None, press: retry };
    let anywhere = Event::Staff(StaffEvent {
        group: GroupKey::FIRST,
        topic: None,
        operator: None,
        act: in_general,
    });
    check([
        when(
            "a failed send is replayed, and its button is removed",
            open(),
            operator_pressed(retry),
        )
        .effects([trying.clone(), gone.clone()])
        .retries(DeadId(3)),
        when("even in a topic without a user", None, operator_pressed(retry))
            .effects([trying.clone(), gone])
            .retries(DeadId(3)),
        when(
            "the button stays under a message that Telegram no longer has",
            open(),
            operator(pressed_without_message),
        )
        .effects([trying.clone()])
        .retries(DeadId(3)),
        when("a failed send is replayed from General", None, anywhere)
            .effects([trying])
            .retries(DeadId(3)),
        when("an unknown button is answered as expired", open(), operator_pressed(Press::Unknown))
            .effects([operator_answered(Text::ButtonExpired)]),
        when(
            "a language cannot be chosen in the group",
            open(),
            operator_pressed(Press::Language(Language::Russian)),
        )
        .effects([operator_answered(Text::ButtonExpired)]),
    ]);
}
