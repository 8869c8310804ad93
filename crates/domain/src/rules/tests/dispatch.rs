//! Behaviour common to all events: what is stored, what the tracker gets, and which conversation an event belongs to.

use std::time::Duration;

use super::states::{banned, gone, known, open, waiting, with};
use super::{
    NOW, TOPIC, UPDATE, USER, answered, callback, check, in_thread, operator, profile, relayed,
    text, user, user_wrote, when,
};
use crate::{
    Asker, Audience, ChatId, Conversation, Effect, Event, GroupKey, Learnt, MessageId, Millis,
    Opaque, Press, Profile, Side, StaffAct, StaffCommand, StaffEvent, Tell, Text, Topic, TopicId,
    Track, UserAct, UserId,
};

/// The last midnight.
const TODAY: Millis = Millis(NOW.0 - NOW.0 % 86_400_000);

fn yesterday() -> Millis {
    TODAY.before(Duration::from_millis(1))
}

fn copied() -> Effect {
    Effect::Relay(relayed(Side::User, 5))
}

fn update() -> Effect {
    Effect::Track(Track::Update(Opaque(UPDATE.to_owned())))
}

/// A user whom the desk knows under another name than the update has.
fn renamed(conversation: Conversation) -> Conversation {
    let profile = Profile { name: "Augusta".to_owned(), ..profile() };
    Conversation { profile, ..conversation }
}

#[test]
fn events_without_a_conversation() {
    let chat = ChatId(-100);
    let asked = |topic, asker| {
        let (user, message) = (UserId(9), MessageId(8));
        Event::AskedForIds { chat, topic, user, asker, message }
    };
    let ids = |topic| asked(topic, Asker::Person);
    let said = |topic, text| {
        Effect::Tell(Tell {
            audience: Audience::Chat { chat, topic },
            text,
            reply_to: Some(MessageId(8)),
            buttons: Vec::new(),
            pin: false,
        })
    };
    let told = |topic| said(topic, Text::Ids { chat, topic, user: UserId(9) });
    check([
        when("an anonymous administrator has no id", None, asked(None, Asker::Anonymous))
            .effects([said(None, Text::IdsAnonymous { chat, topic: None })]),
        when("somebody who asks as a channel has no id", None, asked(Some(TOPIC), Asker::Channel))
            .effects([said(Some(TOPIC), Text::IdsAsChannel { chat, topic: Some(TOPIC) })]),
        when("/id in a topic is answered there", None, ids(Some(TOPIC)))
            .effects([told(Some(TOPIC))]),
        when("/id in a group without topics is answered there", None, ids(None))
            .effects([told(None)]),
        when(
            "an update that claims a migration decides nothing",
            None,
            Event::GroupMigrated(GroupKey::FIRST),
        ),
        when("an update that does not concern the desk is ignored", None, Event::Ignored).ignored(),
        when("a timer of an unknown user is ignored", None, Event::Due(USER)).ignored(),
    ]);
}

#[test]
fn a_topic_of_nobody_is_the_operators_own() {
    let command =
        StaffAct::Commanded { command: StaffCommand::Ban, message: MessageId(8), reply_to: None };
    let in_general = Event::Staff(StaffEvent {
        group: GroupKey::FIRST,
        topic: None,
        operator: None,
        act: StaffAct::Wrote(text(6)),
    });
    let reacted = StaffAct::Reacted { message: MessageId(6), reaction: None };
    check([
        when("a message in a topic without a user", None, operator(StaffAct::Wrote(text(6))))
            .ignored(),
        when("a message in General", None, in_general).ignored(),
        when(
            "a note in a topic without a user",
            None,
            operator(StaffAct::Noted { content: text(6), edited: false }),
        )
        .ignored(),
        when("an edit in a topic without a user", None, operator(StaffAct::Edited(text(6))))
            .ignored(),
        when("a reaction to a message without a user", None, operator(reacted)).ignored(),
        when("a command in a topic without a user", None, operator(command)).ignored(),
        when("a topic without a user is closed", None, operator(StaffAct::ClosedTopic)).ignored(),
        when("a topic without a user is reopened", None, operator(StaffAct::ReopenedTopic))
            .ignored(),
    ]);
}

#[test]
fn the_tracker_gets_starts_blocks_and_returns() {
    let greeting = Tell::user(Text::Greeting { name: "Ada".to_owned() });
    check([
        when("Start is reported after all other effects", None, user(UserAct::Started))
            .tracked()
            .stores_the_new()
            .effects([greeting, update()]),
        when("a block is reported", known(), user(UserAct::Left))
            .tracked()
            .stores(|c| c.reachable = false)
            .effects([update()]),
        when("a repeated block is reported, too", gone(), user(UserAct::Left))
            .tracked()
            .effects([update()]),
        when("a return is reported", open(), user(UserAct::Returned)).tracked().effects([update()]),
        when(
            "Start of a banned user is reported, and nothing else",
            banned(),
            user(UserAct::Started),
        )
        .tracked()
        .effects([update()]),
        when("a block by a banned user is reported", banned(), user(UserAct::Left))
            .tracked()
            .stores(|c| c.reachable = false)
            .effects([update()]),
        when("a message is not reported", waiting(), user_wrote(text(5)))
            .tracked()
            .effects([copied()]),
        when("a message of a banned user is not reported", banned(), user_wrote(text(5)))
            .tracked()
            .ignored(),
        when("a request for help is not reported", known(), user(UserAct::AskedForHelp))
            .tracked()
            .effects([Tell::user(Text::Help)]),
    ]);
}

#[test]
fn the_topic_of_the_private_chat_that_was_written_in_last_is_remembered() {
    let threaded = || Conversation { thread: Some(TopicId(42)), ..waiting() };
    let pressed =
        || UserAct::Pressed { callback: callback(), message: None, press: Press::Unknown };
    let expired = || answered(Text::ButtonExpired);
    check([
        when("a message in a topic", waiting(), in_thread(42, UserAct::Wrote(text(5))))
            .stores(|c| c.thread = Some(TopicId(42)))
            .effects([copied()]),
        when("a message in another topic", threaded(), in_thread(43, UserAct::Wrote(text(5))))
            .stores(|c| c.thread = Some(TopicId(43)))
            .effects([copied()]),
        when("a message outside topics", threaded(), user_wrote(text(5)))
            .stores(|c| c.thread = None)
            .effects([copied()]),
        when("a command in a topic", known(), in_thread(42, UserAct::AskedForHelp))
            .stores(|c| c.thread = Some(TopicId(42)))
            .effects([Tell::user(Text::Help)]),
        when("a press in a topic", waiting(), in_thread(42, pressed()))
            .stores(|c| c.thread = Some(TopicId(42)))
            .effects([expired()]),
        when("a press without a thread id", threaded(), user(pressed())).effects([expired()]),
        when(
            "an act that is not a message does not change the topic",
            threaded(),
            user(UserAct::Left),
        )
        .stores(|c| c.reachable = false)
        .effects([Tell::topic(Text::UserLeft, None), Effect::Refresh]),
    ]);
    let lost = |thread| threaded().learn(Learnt::ThreadLost(TopicId(thread)));
    assert_eq!(lost(42), waiting(), "the topic was deleted");
    assert_eq!(lost(41), threaded(), "another topic was deleted");
}

#[test]
fn a_new_name_is_stored_and_shown() {
    check([
        when("topic and card show a new name", renamed(waiting()), user_wrote(text(5)))
            .stores(|c| c.profile = profile())
            .effects([copied(), Effect::Refresh]),
        when(
            "a closed topic shows a new name, too",
            renamed(with(open(), |it| it.topic.current = Topic::Closed(TOPIC))),
            user(UserAct::AskedForHelp),
        )
        .stores(|c| c.profile = profile())
        .effects([Tell::user(Text::Help), Effect::Refresh]),
        when(
            "the card shows a new username",
            Conversation { profile: Profile { username: None, ..profile() }, ..waiting() },
            user_wrote(text(5)),
        )
        .stores(|c| c.profile = profile())
        .effects([copied(), Effect::Refresh]),
        when(
            "without a topic, a new name is only stored",
            renamed(known()),
            user(UserAct::AskedForHelp),
        )
        .stores(|c| c.profile = profile())
        .effects([Tell::user(Text::Help)]),
        when("topic and card are refreshed only once", renamed(open()), user(UserAct::Left))
            .stores(|c| {
                c.profile = profile();
                c.reachable = false;
            })
            .effects([Tell::topic(Text::UserLeft, None), Effect::Refresh]),
        when("an ignored act stores a new name, too", renamed(open()), user(UserAct::Returned))
            .stores(|c| c.profile = profile())
            .effects([Effect::Refresh])
            .ignored(),
        when("the new name of a banned user is not stored", renamed(banned()), user_wrote(text(5)))
            .ignored(),
    ]);
}

#[test]
fn the_day_on_which_a_user_was_last_seen_is_stored() {
    let help = || user(UserAct::AskedForHelp);
    let told = || [Tell::user(Text::Help)];
    check([
        when(
            "a user first seen yesterday is seen today",
            Conversation { since: yesterday(), ..known() },
            help(),
        )
        .stores(|c| c.last_seen = Some(TODAY))
        .effects(told()),
        when(
            "a user first seen today is not recorded again",
            Conversation { since: TODAY, ..known() },
            help(),
        )
        .effects(told()),
        when(
            "a user who was seen yesterday is seen today",
            Conversation { since: Millis(0), last_seen: Some(yesterday()), ..known() },
            help(),
        )
        .stores(|c| c.last_seen = Some(TODAY))
        .effects(told()),
        when(
            "a user is recorded once a day",
            Conversation { since: Millis(0), last_seen: Some(TODAY), ..known() },
            help(),
        )
        .effects(told()),
        when(
            "blocking the bot is not activity",
            Conversation { since: Millis(0), ..known() },
            user(UserAct::Left),
        )
        .stores(|c| c.reachable = false),
        when(
            "returning is activity",
            Conversation { since: Millis(0), ..known() },
            user(UserAct::Returned),
        )
        .stores(|c| c.last_seen = Some(TODAY))
        .ignored(),
    ]);
}

#[test]
fn an_event_names_its_conversation() {
    let elsewhere = Event::Staff(StaffEvent {
        group: GroupKey::FIRST,
        topic: Some(TopicId(71)),
        operator: None,
        act: StaffAct::Noted { content: text(6), edited: false },
    });
    for (event, subject) in [
        (user(UserAct::Started), crate::Subject::User(USER)),
        (Event::Due(USER), crate::Subject::User(USER)),
        (
            operator(StaffAct::Noted { content: text(6), edited: false }),
            crate::Subject::Topic(TOPIC),
        ),
        (elsewhere, crate::Subject::Topic(TopicId(71))),
        (Event::Ignored, crate::Subject::Nobody),
    ] {
        assert_eq!(event.subject(), subject, "{event:?}");
    }
}
