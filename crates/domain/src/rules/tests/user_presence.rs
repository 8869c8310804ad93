//! What happens when a user blocks the bot, comes back, or is banned.

use super::states::{at, banned, closed, gone, known, open, waiting, without_topic};
use super::{MessageId, check, profile, text, user, user_pressed, user_wrote, when};
use crate::{
    ContentKind, Conversation, DeskCommand, Effect, Fact, Language, Press, Profile, Report,
    ScenePlace, Tell, Text, Topic, UserAct, WelcomeEnd,
};

fn told(text: Text) -> [Effect; 2] {
    [Tell::topic(text, None), Effect::Refresh]
}

#[test]
fn operators_see_who_blocks_the_bot_and_who_comes_back() {
    check([
        when("a block is told in the topic", open(), user(UserAct::Left))
            .stores(|c| c.reachable = false)
            .effects(told(Text::UserLeft)),
        when(
            "a block is told in a closed topic, which stays closed",
            closed(),
            user(UserAct::Left),
        )
        .stores(|c| c.reachable = false)
        .effects(told(Text::UserLeft)),
        when("someone who waits and blocks the bot still waits", waiting(), user(UserAct::Left))
            .stores(|c| c.reachable = false)
            .effects(told(Text::UserLeft)),
        when("nobody is told of a block by someone who never wrote", known(), user(UserAct::Left))
            .stores(|c| c.reachable = false),
        when("a block by someone unknown is remembered", None, user(UserAct::Left))
            .stores(|c| c.reachable = false),
        when("a second block is nothing", gone(), user(UserAct::Left)).ignored(),
        when(
            "a second block that is nothing brings a new name all the same",
            Conversation { profile: Profile::default(), ..gone() },
            user(UserAct::Left),
        )
        .stores(|c| c.profile = profile())
        .effects([Effect::Refresh])
        .ignored(),
        when(
            "a block ends the welcome while it asks",
            at(ScenePlace::Asking(1), known()),
            user(UserAct::Left),
        )
        .stores(|c| {
            c.reachable = false;
            *c = at(ScenePlace::Over, c.clone());
        })
        .facts([Fact::WelcomeEnded(WelcomeEnd::Left)]),
        when(
            "a block ends the welcome while it waits",
            at(ScenePlace::Waiting(3), open()),
            user(UserAct::Left),
        )
        .stores(|c| {
            c.reachable = false;
            *c = at(ScenePlace::Over, c.clone());
        })
        .effects(told(Text::UserLeft))
        .facts([Fact::WelcomeEnded(WelcomeEnd::Left)]),
        when(
            "a block after the welcome ends none",
            at(ScenePlace::Over, known()),
            user(UserAct::Left),
        )
        .stores(|c| c.reachable = false),
        when("a return is told in the topic", gone(), user(UserAct::Returned))
            .stores(|c| c.reachable = true)
            .effects(told(Text::UserReturned)),
        when(
            "a return is told in a closed topic",
            Conversation { reachable: false, ..closed() },
            user(UserAct::Returned),
        )
        .stores(|c| c.reachable = true)
        .effects(told(Text::UserReturned)),
        when(
            "nobody is told of the return of someone who never wrote",
            Conversation { topic: Topic::None, ..gone() },
            user(UserAct::Returned),
        )
        .stores(|c| c.reachable = true),
        when("a return of someone who was there is nothing", open(), user(UserAct::Returned))
            .ignored(),
        when("a return of someone unknown makes them known", None, user(UserAct::Returned))
            .stores_the_new()
            .ignored(),
    ]);
}

#[test]
fn nothing_of_a_banned_user_goes_anywhere() {
    let reacted = UserAct::Reacted { message: MessageId(5), reaction: None };
    let report = UserAct::Commanded(DeskCommand::Report(Report::Status));
    check([
        when("a banned user writes", banned(), user_wrote(text(5))).ignored(),
        when(
            "a banned user pays",
            Conversation { banned: true, ..closed() },
            user(UserAct::Happened(ContentKind::Payment)),
        )
        .ignored(),
        when("a banned user edits", banned(), user(UserAct::Edited(text(5)))).ignored(),
        when("a banned user reacts", banned(), user(reacted)).ignored(),
        when("a banned user presses Start", banned(), user(UserAct::Started)).ignored(),
        when("a banned user asks for help", banned(), user(UserAct::AskedForHelp)).ignored(),
        when("a banned user asks for languages", banned(), user(UserAct::AskedForLanguages))
            .ignored(),
        when("a banned user gives a command of the desk", banned(), user(report)).ignored(),
        when(
            "a banned user presses a button",
            banned(),
            user_pressed(Press::Language(Language::Russian)),
        )
        .ignored(),
        when("a block by a banned user is remembered", banned(), user(UserAct::Left))
            .stores(|c| c.reachable = false)
            .ignored(),
        when(
            "a return of a banned user is remembered",
            Conversation { banned: true, ..gone() },
            user(UserAct::Returned),
        )
        .stores(|c| c.reachable = true)
        .ignored(),
        when(
            "a banned user who is gone stays so, whatever they write",
            Conversation { banned: true, ..gone() },
            user_wrote(text(5)),
        )
        .ignored(),
        when(
            "a return of a banned user who was there is nothing",
            banned(),
            user(UserAct::Returned),
        )
        .ignored(),
    ]);
}

#[test]
fn only_words_open_a_topic_reopen_it_or_have_anybody_wait() {
    let paid = || user(UserAct::Happened(ContentKind::Payment));
    let told = || [Tell::topic(Text::NotCopied { kind: ContentKind::Payment }, None)];
    let renamed = Profile { name: "Eve".to_owned(), ..Profile::default() };
    check([
        when("what happens to a stranger is nothing, and makes nobody known", None, paid())
            .ignored(),
        when("nor where there is no topic", known(), paid()).ignored(),
        when("nor where the topic was deleted", without_topic(), paid()).ignored(),
        when("what happens is told in the topic, and nobody waits", open(), paid()).effects(told()),
        when("nor is who waits taken to wait since", waiting(), paid()).effects(told()),
        when("it is told in a closed topic, which stays closed", closed(), paid()).effects(told()),
        when("it is no return of someone who was gone", gone(), paid()).effects(told()),
        when(
            "what the welcome has said waits for words",
            Conversation { untold: vec!["Hello".to_owned()], ..open() },
            paid(),
        )
        .effects(told()),
        when(
            "the name that comes with it is kept",
            Conversation { profile: renamed, ..known() },
            paid(),
        )
        .stores(|c| c.profile = known().profile)
        .ignored(),
    ]);
}
