//! Operators act in a former topic of a user.

use crate::rules::tests::states::{TODAY, known, open, silent, waiting, with};
use crate::rules::tests::{TOPIC, check, relayed, text, uncopyable, when};
use crate::{
    Audience, Content, ContentKind, Conversation, Edit, Effect, Event, Fact, Former, GroupKey,
    MessageId, Relay, Side, StaffAct, StaffCommand, StaffEvent, Tell, Text, Topic, TopicId, UserId,
};

const FORMER: Former = Former { topic: TopicId(60), operator: Some(UserId(9)) };

/// An event in a former topic, the one before the last.
fn there(act: StaffAct) -> Event {
    Event::Staff(StaffEvent {
        group: GroupKey::FIRST,
        topic: Some(FORMER.topic),
        operator: FORMER.operator,
        act,
    })
}

fn moved(conversation: Conversation) -> Conversation {
    with(conversation, |it| it.topic.former = vec![FORMER.topic, TopicId(61)])
}

/// The command, sent there as message 8.
fn gives(command: StaffCommand, reply_to: Option<i64>) -> Event {
    let reply_to = reply_to.map(MessageId);
    there(StaffAct::Commanded { command, message: MessageId(8), reply_to })
}

fn says(text: Text, reply_to: Option<i64>) -> Effect {
    Tell::operators(Some(FORMER), text, reply_to.map(MessageId))
}

fn pinned(text: Text) -> Effect {
    let (audience, reply_to, buttons) = (Audience::Topic, None, Vec::new());
    Effect::Tell(Tell { audience, text, reply_to, buttons, pin: true })
}

#[test]
fn a_message_in_a_former_topic_goes_to_the_user() {
    let relay = Effect::Relay(Relay { former: Some(FORMER), ..relayed(Side::Staff, 6) });
    let not_copied = Text::NotCopied { kind: ContentKind::PaidMedia };
    let body =
        crate::Body { text: "better".to_owned(), entities: None, preview: None, media: None };
    let edited = Content { body: Some(body.clone()), ..text(6) };
    let Content { message, kind, transfer, fingerprint, .. } = text(6);
    let (from, former) = (Side::Staff, Some(FORMER));
    let edit = Effect::Edit(Edit {
        from,
        message,
        kind,
        transfer,
        body,
        fingerprint,
        links: Vec::new(),
        former,
    });
    let reacts = StaffAct::Reacted { message: MessageId(6), reaction: None };
    let reacted =
        Effect::React { from: Side::Staff, message: MessageId(6), reaction: None, late: false };
    check([
        when("an answer", moved(waiting()), there(StaffAct::Wrote(text(6))))
            .stores(|c| c.waiting_since = None)
            .effects([relay.clone()])
            .facts([Fact::Answered { after: std::time::Duration::from_hours(1) }]),
        when("an answer while there is no topic", moved(known()), there(StaffAct::Wrote(text(6))))
            .stores(|c| c.answered = Some(TODAY))
            .effects([relay]),
        when(
            "a message that bots cannot copy",
            moved(open()),
            there(StaffAct::Wrote(uncopyable(6))),
        )
        .effects([says(not_copied, Some(6))]),
        when("an edit", moved(open()), there(StaffAct::Edited(edited))).effects([edit]),
        when("a reaction", moved(open()), there(reacts)).effects([reacted]),
        when(
            "a note stays",
            moved(open()),
            there(StaffAct::Noted { content: text(6), edited: false }),
        )
        .stores(|c| assert!(c.notes.withhold(MessageId(6)))),
        when(
            "the copy of a message edited into a note is deleted, and reported there",
            moved(open()),
            there(StaffAct::Noted { content: text(6), edited: true }),
        )
        .stores(|c| assert!(c.notes.withhold(MessageId(6))))
        .effects([Effect::Withdraw {
            message: MessageId(6),
            note: Some(MessageId(6)),
            former,
        }]),
        when("in silent mode nothing is relayed", moved(silent()), there(StaffAct::Wrote(text(6))))
            .ignored(),
    ]);
}

#[test]
fn a_command_in_a_former_topic_is_answered_there_and_changes_the_present_one() {
    let (message, command, former) = (MessageId(6), MessageId(8), Some(FORMER));
    check([
        when("/help", moved(open()), gives(StaffCommand::Help, None))
            .effects([says(Text::StaffHelp, Some(8))]),
        when("/delete", moved(open()), gives(StaffCommand::Delete, Some(6)))
            .stores(|c| assert!(c.notes.withhold(MessageId(6))))
            .effects([Effect::Erase { message, command, former }]),
        when("/ban", moved(open()), gives(StaffCommand::Ban, None))
            .stores(|c| c.moderation.banned = true)
            .effects([says(Text::Banned, Some(8)), Effect::Refresh]),
        when(
            "/silent is pinned in the present topic",
            moved(open()),
            gives(StaffCommand::Silent, None),
        )
        .stores(|c| c.moderation.silent = true)
        .effects([pinned(Text::SilentOn), says(Text::SilentOn, None), Effect::Refresh]),
        when("/close", moved(open()), gives(StaffCommand::Close, None))
            .stores(|c| c.topic.current = Topic::Closed(TOPIC))
            .effects([says(Text::Closed, None), Effect::CloseTopic]),
    ]);
}

#[test]
fn closing_or_reopening_a_former_topic_has_no_effect() {
    check([
        when("the former topic is closed", moved(open()), there(StaffAct::ClosedTopic)).ignored(),
        when("the former topic is reopened", moved(open()), there(StaffAct::ReopenedTopic))
            .ignored(),
        when("while there is no present topic", moved(known()), there(StaffAct::ReopenedTopic))
            .ignored(),
    ]);
}
