//! A user's commands, in a desk without a welcome.

use crate::rules::tests::states::{closed, gone, known, waiting, with};
use crate::rules::tests::{check, user, when};
use crate::{Audience, Button, ButtonAction, Effect, Language, Tell, Text, Topic, UserAct};

fn greeting() -> Effect {
    Tell::user(Text::Greeting { name: "Ada".to_owned() })
}

fn languages() -> Effect {
    let button = |language| Button {
        label: Text::LanguageButton(language),
        action: ButtonAction::Language(language),
    };
    Effect::Tell(Tell {
        audience: Audience::User,
        text: Text::ChooseLanguage,
        reply_to: None,
        buttons: vec![button(Language::English), button(Language::Russian)],
        pin: false,
    })
}

#[test]
fn a_command_is_answered_in_private_and_opens_no_topic() {
    check([
        when("Start greets and stores the user", None, user(UserAct::Started))
            .stores_the_new()
            .effects([greeting()]),
        when("another Start greets again", known(), user(UserAct::Started)).effects([greeting()]),
        when("Start leaves a closed topic closed", closed(), user(UserAct::Started))
            .effects([greeting()]),
        when(
            "Start reports to operators that the user has returned",
            gone(),
            user(UserAct::Started),
        )
        .stores(|c| c.reachable = true)
        .effects([greeting(), Tell::topic(Text::UserReturned, None), Effect::Refresh]),
        when(
            "the return of a user who never wrote is not reported",
            with(gone(), |it| it.topic.current = Topic::None),
            user(UserAct::Started),
        )
        .stores(|c| c.reachable = true)
        .effects([greeting()]),
        when("help is context", None, user(UserAct::AskedForHelp))
            .stores_the_new()
            .effects([Tell::user(Text::Help)]),
        when("help changes nothing for a waiting user", waiting(), user(UserAct::AskedForHelp))
            .effects([Tell::user(Text::Help)]),
        when("the languages are offered", None, user(UserAct::AskedForLanguages))
            .stores_the_new()
            .effects([languages()]),
        when("the languages are offered again", known(), user(UserAct::AskedForLanguages))
            .effects([languages()]),
    ]);
}
