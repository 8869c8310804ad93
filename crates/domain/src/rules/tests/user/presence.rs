//! Users who block the bot, return, or are banned; service messages in their chats.

use crate::rules::tests::states::{
    at, banned, closed, gone, known, open, waiting, with, without_topic,
};
use crate::rules::tests::{MessageId, check, profile, text, user, user_pressed, user_wrote, when};
use crate::{
    ContentKind, Conversation, DeskCommand, Effect, Fact, Language, Press, Profile, Report,
    ScenePosition, Tell, Text, Topic, UserAct, WelcomeEnd,
};

fn told(text: Text) -> [Effect; 2] {
    [Tell::topic(text, None), Effect::Refresh]
}

#[test]
fn operators_see_blocks_and_returns() {
    check([
        when("a block is reported in the topic", open(), user(UserAct::Left))
            .stores(|c| c.reachable = false)
            .effects(told(Text::UserLeft)),
        when(
            "a block is reported in a closed topic, which stays closed",
            closed(),
            user(UserAct::Left),
        )
        .stores(|c| c.reachable = false)
        .effects(told(Text::UserLeft)),
        when("a waiting user who blocks the bot still waits", waiting(), user(UserAct::Left))
            .stores(|c| c.reachable = false)
            .effects(told(Text::UserLeft)),
        when("a block by a user who never wrote is not reported", known(), user(UserAct::Left))
            .stores(|c| c.reachable = false),
        when("a block by an unknown user is stored", None, user(UserAct::Left))
            .stores(|c| c.reachable = false),
        when("a second block has no effect", gone(), user(UserAct::Left)).ignored(),
        when(
            "a second block stores a new name, though",
            Conversation { profile: Profile::default(), ..gone() },
            user(UserAct::Left),
        )
        .stores(|c| c.profile = profile())
        .effects([Effect::Refresh])
        .ignored(),
        when(
            "a block ends the welcome while it asks",
            at(ScenePosition::Asking(1), known()),
            user(UserAct::Left),
        )
        .stores(|c| {
            c.reachable = false;
            *c = at(ScenePosition::Over, c.clone());
        })
        .facts([Fact::WelcomeEnded(WelcomeEnd::Left)]),
        when(
            "a block ends the welcome while it waits",
            at(ScenePosition::Waiting(3), open()),
            user(UserAct::Left),
        )
        .stores(|c| {
            c.reachable = false;
            *c = at(ScenePosition::Over, c.clone());
        })
        .effects(told(Text::UserLeft))
        .facts([Fact::WelcomeEnded(WelcomeEnd::Left)]),
        when(
            "a block after the end of the welcome",
            at(ScenePosition::Over, known()),
            user(UserAct::Left),
        )
        .stores(|c| c.reachable = false),
        when("a return is reported in the topic", gone(), user(UserAct::Returned))
            .stores(|c| c.reachable = true)
            .effects(told(Text::UserReturned)),
        when(
            "a return is reported in a closed topic",
            Conversation { reachable: false, ..closed() },
            user(UserAct::Returned),
        )
        .stores(|c| c.reachable = true)
        .effects(told(Text::UserReturned)),
        when(
            "the return of a user who never wrote is not reported",
            with(gone(), |it| it.topic.current = Topic::None),
            user(UserAct::Returned),
        )
        .stores(|c| c.reachable = true),
        when("a return without a block has no effect", open(), user(UserAct::Returned)).ignored(),
        when("a return of an unknown user stores the user", None, user(UserAct::Returned))
            .stores_the_new()
            .ignored(),
    ]);
}

#[test]
fn nothing_that_a_banned_user_does_is_relayed() {
    let reacted = UserAct::Reacted { message: MessageId(5), reaction: None };
    let report = UserAct::Commanded(DeskCommand::Report(Report::Status));
    check([
        when("a banned user writes", banned(), user_wrote(text(5))).ignored(),
        when(
            "a banned user pays",
            with(closed(), |it| it.moderation.banned = true),
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
        when("a block by a banned user is stored", banned(), user(UserAct::Left))
            .stores(|c| c.reachable = false)
            .ignored(),
        when(
            "a return of a banned user is stored",
            with(gone(), |it| it.moderation.banned = true),
            user(UserAct::Returned),
        )
        .stores(|c| c.reachable = true)
        .ignored(),
        when(
            "a banned user who blocked the bot stays unreachable, whatever they write",
            with(gone(), |it| it.moderation.banned = true),
            user_wrote(text(5)),
        )
        .ignored(),
        when(
            "a return of a banned user without a block has no effect",
            banned(),
            user(UserAct::Returned),
        )
        .ignored(),
    ]);
}

#[test]
fn only_messages_open_a_topic_reopen_it_or_make_the_user_wait() {
    let paid = || user(UserAct::Happened(ContentKind::Payment));
    let told = || [Tell::topic(Text::NotCopied { kind: ContentKind::Payment }, None)];
    let renamed = Profile { name: "Eve".to_owned(), ..Profile::default() };
    check([
        when(
            "a service message of an unknown user is ignored, and the user is not stored",
            None,
            paid(),
        )
        .ignored(),
        when("it is ignored where there is no topic", known(), paid()).ignored(),
        when("it is ignored where the topic was deleted", without_topic(), paid()).ignored(),
        when(
            "a service message is reported in the topic, and the user does not wait",
            open(),
            paid(),
        )
        .effects(told()),
        when("a waiting user keeps the earlier start of the wait", waiting(), paid())
            .effects(told()),
        when("it is reported in a closed topic, which stays closed", closed(), paid())
            .effects(told()),
        when("it is not a return of a user who blocked the bot", gone(), paid()).effects(told()),
        when(
            "stored lines of the welcome wait for a message",
            with(open(), |it| it.welcome.unseen = vec!["Hello".to_owned()]),
            paid(),
        )
        .effects(told()),
        when(
            "the name that comes with it is stored",
            Conversation { profile: renamed, ..known() },
            paid(),
        )
        .stores(|c| c.profile = known().profile)
        .ignored(),
    ]);
}
