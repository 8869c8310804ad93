//! Operators' commands in a topic.

use crate::rules::tests::states::{
    EARLIER, at, banned, closed, known, open, silent, waiting, with, without_topic,
};
use crate::rules::tests::{TOPIC, USER, check, operator, when};
use crate::{
    Audience, Effect, Event, Fact, Language, MessageId, ScenePosition, StaffAct, StaffCommand,
    Tell, Text, Topic, WelcomeEnd,
};

/// The command, sent as message 8.
fn gives(command: StaffCommand) -> Event {
    operator(StaffAct::Commanded { command, message: MessageId(8), reply_to: None })
}

/// The command, sent as message 8 in reply to message 6.
fn replies(command: StaffCommand) -> Event {
    let reply_to = Some(MessageId(6));
    operator(StaffAct::Commanded { command, message: MessageId(8), reply_to })
}

/// The desk's answer to the command.
fn says(text: Text) -> Effect {
    Tell::topic(text, Some(MessageId(8)))
}

fn card(silent: bool) -> Text {
    Text::Card {
        name: "Ada".to_owned(),
        user: USER,
        username: Some("ada".to_owned()),
        language: Language::English,
        since: EARLIER,
        banned: false,
        silent,
        reachable: true,
    }
}

fn notice(text: Text, pin: bool) -> Effect {
    let audience = Audience::Topic;
    Effect::Tell(Tell { audience, text, reply_to: None, buttons: Vec::new(), pin })
}

#[test]
fn a_command_is_answered_in_its_topic() {
    let erased = Effect::Erase { message: MessageId(6), command: MessageId(8), former: None };
    check([
        when("/information shows the card", waiting(), gives(StaffCommand::Information))
            .effects([says(card(false))]),
        when("/information shows silent mode", silent(), gives(StaffCommand::Information))
            .effects([says(card(true))]),
        when("/help explains the commands", open(), gives(StaffCommand::Help))
            .effects([says(Text::StaffHelp)]),
        when(
            "an unknown command is reported, and not relayed",
            waiting(),
            gives(StaffCommand::Unknown),
        )
        .stores(|c| assert!(c.notes.withhold(MessageId(8))))
        .effects([says(Text::UnknownCommand)]),
        when("/delete in reply deletes the counterpart", open(), replies(StaffCommand::Delete))
            .stores(|c| assert!(c.notes.withhold(MessageId(6))))
            .effects([erased.clone()]),
        when("/delete works in silent mode, too", silent(), replies(StaffCommand::Delete))
            .stores(|c| assert!(c.notes.withhold(MessageId(6))))
            .effects([erased]),
        when("/delete without a reply asks for one", open(), gives(StaffCommand::Delete))
            .effects([says(Text::DeleteWhat)]),
    ]);
}

#[test]
fn ban_and_silent_are_switches() {
    check([
        when("/ban bans, and the user no longer waits", waiting(), gives(StaffCommand::Ban))
            .stores(|c| {
                c.moderation.banned = true;
                c.waiting_since = None;
            })
            .effects([says(Text::Banned), Effect::Refresh]),
        when(
            "/ban ends the welcome",
            at(ScenePosition::Waiting(3), open()),
            gives(StaffCommand::Ban),
        )
        .stores(|c| {
            c.moderation.banned = true;
            *c = at(ScenePosition::Over, c.clone());
        })
        .effects([says(Text::Banned), Effect::Refresh])
        .facts([Fact::WelcomeEnded(WelcomeEnd::Banned)]),
        when("/ban leaves a closed topic closed", closed(), gives(StaffCommand::Ban))
            .stores(|c| c.moderation.banned = true)
            .effects([says(Text::Banned), Effect::Refresh]),
        when("a second /ban lifts the ban", banned(), gives(StaffCommand::Ban))
            .stores(|c| c.moderation.banned = false)
            .effects([says(Text::Unbanned), Effect::Refresh]),
        when("/silent pins a notice", waiting(), gives(StaffCommand::Silent))
            .stores(|c| c.moderation.silent = true)
            .effects([notice(Text::SilentOn, true), Effect::Refresh]),
        when("a second /silent unpins it", silent(), gives(StaffCommand::Silent))
            .stores(|c| {
                c.moderation.silent = false;
                c.moderation.silent_notice = None;
            })
            .effects([
                Effect::Unpin { message: MessageId(60) },
                notice(Text::SilentOff, false),
                Effect::Refresh,
            ]),
        when(
            "a second /silent before the notice is pinned has nothing to unpin",
            with(silent(), |it| it.moderation.silent_notice = None),
            gives(StaffCommand::Silent),
        )
        .stores(|c| c.moderation.silent = false)
        .effects([notice(Text::SilentOff, false), Effect::Refresh]),
    ]);
}

#[test]
fn close_and_reopen_move_the_topic() {
    let closing = [Tell::topic(Text::Closed, None), Effect::CloseTopic];
    check([
        when(
            "/close sends its notice before it closes, and the user no longer waits",
            waiting(),
            gives(StaffCommand::Close),
        )
        .stores(|c| {
            c.topic.current = Topic::Closed(TOPIC);
            c.waiting_since = None;
        })
        .effects(closing.clone()),
        when(
            "/close ends the welcome and the request",
            at(ScenePosition::Asking(1), open()),
            gives(StaffCommand::Close),
        )
        .stores(|c| {
            c.topic.current = Topic::Closed(TOPIC);
            *c = at(ScenePosition::Over, c.clone());
            c.close_request();
        })
        .effects(closing)
        .facts([Fact::WelcomeEnded(WelcomeEnd::Closed)]),
        when("/close of a closed topic has no effect", closed(), gives(StaffCommand::Close))
            .ignored(),
        when("/close without a topic has no effect", without_topic(), gives(StaffCommand::Close))
            .ignored(),
        when("/reopen opens before it sends its notice", closed(), gives(StaffCommand::Reopen))
            .stores(|c| c.topic.current = Topic::Open(TOPIC))
            .effects([Effect::ReopenTopic, Tell::topic(Text::Reopened, None)]),
        when("/reopen of an open topic has no effect", open(), gives(StaffCommand::Reopen))
            .ignored(),
        when("/reopen without a topic has no effect", known(), gives(StaffCommand::Reopen))
            .ignored(),
    ]);
}
