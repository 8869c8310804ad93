//! Messages, edits and reactions of operators in a topic.

use std::time::Duration;

use crate::rules::tests::states::{TODAY, at, banned, closed, open, silent, waiting, with};
use crate::rules::tests::{
    TOPIC, check, elsewhere, links, operator, operator_wrote, relayed, text, thumb, uncopyable,
    when,
};
use crate::{
    Body, ChatId, Content, ContentKind, Conversation, Edit, Effect, Fact, Learnt, MessageId, Relay,
    ScenePosition, Side, StaffAct, Tell, Text, Transfer, WelcomeEnd,
};

fn copied() -> Effect {
    Effect::Relay(relayed(Side::Staff, 6))
}

fn edited() -> Content {
    let body = Body { text: "better".to_owned(), entities: None, preview: None, media: None };
    Content { body: Some(body), ..text(6) }
}

fn shown() -> Effect {
    let Content { message, kind, transfer, fingerprint, body, links, .. } = edited();
    let (from, body, former) = (Side::Staff, body.unwrap(), None);
    Effect::Edit(Edit { from, message, kind, transfer, body, fingerprint, links, former })
}

#[test]
fn an_answer_goes_to_the_user() {
    let hour = Fact::Answered { after: Duration::from_hours(1) };
    let told = Tell::topic(Text::NotCopied { kind: ContentKind::PaidMedia }, Some(MessageId(6)));
    check([
        when("an answer to a waiting user ends the wait", waiting(), operator_wrote(text(6)))
            .stores(|c| c.waiting_since = None)
            .effects([copied()])
            .facts([hour]),
        when(
            "an answer makes the user known",
            Conversation { answered: None, ..open() },
            operator_wrote(text(6)),
        )
        .stores(|c| c.answered = Some(TODAY))
        .effects([copied()]),
        when(
            "a message to a user who does not wait is not an answer",
            open(),
            operator_wrote(text(6)),
        )
        .effects([copied()]),
        when(
            "a forward is forwarded",
            open(),
            operator_wrote(Content { transfer: Transfer::Forward, ..text(6) }),
        )
        .effects([Effect::Relay(Relay { transfer: Transfer::Forward, ..relayed(Side::Staff, 6) })]),
        when(
            "the buttons of an inline bot are relayed, a reply to another chat is not",
            open(),
            operator_wrote(Content { elsewhere: Some(elsewhere()), links: links(), ..text(6) }),
        )
        .effects([Effect::Relay(Relay { links: links(), ..relayed(Side::Staff, 6) })]),
        when("an answer leaves a closed topic closed", closed(), operator_wrote(text(6)))
            .effects([copied()]),
        when(
            "an answer to a banned user is sent: operators decide",
            banned(),
            operator_wrote(text(6)),
        )
        .effects([copied()]),
        when(
            "a message that bots cannot copy is reported in reply, and is not an answer",
            waiting(),
            operator_wrote(uncopyable(6)),
        )
        .effects([told.clone()]),
        when(
            "an answer ends the welcome",
            at(ScenePosition::Asking(1), waiting()),
            operator_wrote(text(6)),
        )
        .stores(|c| {
            c.waiting_since = None;
            *c = at(ScenePosition::Over, c.clone());
        })
        .effects([copied()])
        .facts([hour, Fact::WelcomeEnded(WelcomeEnd::Answered)]),
        when(
            "a message to a user who does not wait ends the welcome, too",
            at(ScenePosition::Waiting(3), open()),
            operator_wrote(text(6)),
        )
        .stores(|c| *c = at(ScenePosition::Over, c.clone()))
        .effects([copied()])
        .facts([Fact::WelcomeEnded(WelcomeEnd::Answered)]),
        when(
            "a message that bots cannot copy does not end the welcome",
            at(ScenePosition::Asking(1), waiting()),
            operator_wrote(uncopyable(6)),
        )
        .effects([told]),
    ]);
}

#[test]
fn edits_and_reactions_of_operators_follow() {
    let reacts = |reaction| operator(StaffAct::Reacted { message: MessageId(6), reaction });
    let reacted = |reaction| Effect::React {
        from: Side::Staff,
        message: MessageId(6),
        reaction,
        late: false,
    };
    check([
        when("an edit is shown on the copy", waiting(), operator(StaffAct::Edited(edited())))
            .effects([shown()]),
        when("an edit without content has no effect", open(), operator(StaffAct::Edited(text(6))))
            .ignored(),
        when("a reaction is shown on the counterpart", waiting(), reacts(Some(thumb())))
            .effects([reacted(Some(thumb()))]),
        when("a removed reaction is removed there", open(), reacts(None)).effects([reacted(None)]),
    ]);
}

#[test]
fn nothing_leaves_a_silent_topic() {
    let silent_and_waiting = || with(waiting(), |it| it.moderation.silent = true);
    let reacts = StaffAct::Reacted { message: MessageId(6), reaction: Some(thumb()) };
    check([
        when("a message is not relayed", silent(), operator_wrote(text(6))).ignored(),
        when("a message is not an answer", silent_and_waiting(), operator_wrote(text(6))).ignored(),
        when(
            "a message that bots cannot copy is not reported",
            silent(),
            operator_wrote(uncopyable(6)),
        )
        .ignored(),
        when("an edit is not relayed", silent(), operator(StaffAct::Edited(edited()))).ignored(),
        when("a reaction is not relayed", silent(), operator(reacts)).ignored(),
    ]);
}

#[test]
fn a_post_as_a_channel_gets_one_notice_that_the_user_does_not_see_it() {
    let as_channel = |channel| {
        let (message, channel) = (MessageId(6), ChatId(channel));
        operator(StaffAct::WroteAsChannel { message, channel })
    };
    let told = || Tell::topic(Text::WrittenAsChannel, Some(MessageId(6)));
    let channels = |first: i64, last: i64| -> Vec<ChatId> {
        (first..=last).map(|channel| ChatId(-channel)).collect()
    };
    let knows =
        |last, conversation| with(conversation, |it| it.topic.warned_channels = channels(1, last));
    check([
        when("the first post, which is not an answer", waiting(), as_channel(-1))
            .stores(|c| c.topic.warned_channels = vec![ChatId(-1)])
            .effects([told()]),
        when("the next post", knows(1, waiting()), as_channel(-1)).ignored(),
        when("another channel", knows(1, open()), as_channel(-2))
            .stores(|c| c.topic.warned_channels.push(ChatId(-2)))
            .effects([told()]),
        when("a ninth channel replaces the first", knows(8, open()), as_channel(-9))
            .stores(|c| c.topic.warned_channels = (2..=9).map(|channel| ChatId(-channel)).collect())
            .effects([told()]),
        when("in silent mode, too", silent(), as_channel(-1))
            .stores(|c| c.topic.warned_channels.push(ChatId(-1)))
            .effects([told()]),
        when("in a topic without a user", None, as_channel(-1)).ignored(),
    ]);
    let lost = knows(2, open()).learn(Learnt::TopicLost(TOPIC));
    assert_eq!(lost.topic.warned_channels, [], "a new topic gets the notice again");
}
