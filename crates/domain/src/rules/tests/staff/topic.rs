//! Topics that are closed or reopened in an operator's Telegram app.

use crate::rules::tests::states::{at, closed, open, waiting, without_topic};
use crate::rules::tests::{TOPIC, check, operator, when};
use crate::{
    Conversation, Event, Fact, GroupKey, Request, ScenePosition, StaffAct, StaffEvent, Topic,
    TopicId, WelcomeEnd,
};

/// An event in a former topic of the user.
fn elsewhere(act: StaffAct) -> Event {
    Event::Staff(StaffEvent {
        group: GroupKey::FIRST,
        topic: Some(TopicId(71)),
        operator: None,
        act,
    })
}

#[test]
fn the_conversation_follows_its_topic() {
    let reopened = || operator(StaffAct::ReopenedTopic);
    check([
        when(
            "closing the topic closes the conversation",
            waiting(),
            operator(StaffAct::ClosedTopic),
        )
        .stores(|c| {
            c.topic.current = Topic::Closed(TOPIC);
            c.waiting_since = None;
        }),
        when(
            "closing the topic ends the welcome and the request",
            at(ScenePosition::Waiting(3), open()),
            operator(StaffAct::ClosedTopic),
        )
        .stores(|c| {
            c.topic.current = Topic::Closed(TOPIC);
            *c = at(ScenePosition::Over, c.clone());
            c.request = Some(Request { nth: 1, number: Some(31), closed: true });
        })
        .facts([Fact::WelcomeEnded(WelcomeEnd::Closed)]),
        when("the bot's own closing has no effect", closed(), operator(StaffAct::ClosedTopic))
            .ignored(),
        when("closing a former topic has no effect", open(), elsewhere(StaffAct::ClosedTopic))
            .ignored(),
        when(
            "closing a lost topic has no effect",
            without_topic(),
            operator(StaffAct::ClosedTopic),
        )
        .ignored(),
        when("reopening the topic reopens the conversation", closed(), reopened())
            .stores(|c| c.topic.current = Topic::Open(TOPIC)),
        when(
            "reopening the topic does not reopen the request",
            Conversation {
                request: Some(Request { nth: 1, number: None, closed: true }),
                ..closed()
            },
            reopened(),
        )
        .stores(|c| c.topic.current = Topic::Open(TOPIC)),
        when("the bot's own reopening has no effect", open(), reopened()).ignored(),
        when(
            "reopening a former topic has no effect",
            closed(),
            elsewhere(StaffAct::ReopenedTopic),
        )
        .ignored(),
        when("reopening a lost topic has no effect", without_topic(), reopened()).ignored(),
    ]);
}
