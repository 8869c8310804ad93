//! What happens when a topic is closed or reopened in an operator's client.

use super::states::{at, closed, open, waiting, without_topic};
use super::{TOPIC, check, operator, when};
use crate::{
    Conversation, Event, Fact, Request, ScenePlace, StaffAct, StaffEvent, Topic, TopicId,
    WelcomeEnd,
};

/// In a topic that was the user's before.
fn elsewhere(act: StaffAct) -> Event {
    Event::Staff(StaffEvent { topic: Some(TopicId(71)), operator: None, act })
}

#[test]
fn the_conversation_follows_its_topic() {
    let reopened = || operator(StaffAct::ReopenedTopic);
    check([
        when("a closed topic closes the conversation", waiting(), operator(StaffAct::ClosedTopic))
            .stores(|c| {
                c.topic = Topic::Closed(TOPIC);
                c.waiting_since = None;
            }),
        when(
            "a closed topic ends the welcome and the request",
            at(ScenePlace::Waiting(3), open()),
            operator(StaffAct::ClosedTopic),
        )
        .stores(|c| {
            c.topic = Topic::Closed(TOPIC);
            *c = at(ScenePlace::Over, c.clone());
            c.request = Some(Request { nth: 1, number: Some(31), closed: true });
        })
        .facts([Fact::WelcomeEnded(WelcomeEnd::Closed)]),
        when("a closing that was ours is nothing new", closed(), operator(StaffAct::ClosedTopic))
            .ignored(),
        when("the closing of an older topic is nothing", open(), elsewhere(StaffAct::ClosedTopic))
            .ignored(),
        when(
            "the closing of a lost topic is nothing",
            without_topic(),
            operator(StaffAct::ClosedTopic),
        )
        .ignored(),
        when("a reopened topic reopens the conversation", closed(), reopened())
            .stores(|c| c.topic = Topic::Open(TOPIC)),
        when(
            "a reopened topic does not reopen the request",
            Conversation {
                request: Some(Request { nth: 1, number: None, closed: true }),
                ..closed()
            },
            reopened(),
        )
        .stores(|c| c.topic = Topic::Open(TOPIC)),
        when("a reopening that was ours is nothing new", open(), reopened()).ignored(),
        when(
            "the reopening of an older topic is nothing",
            closed(),
            elsewhere(StaffAct::ReopenedTopic),
        )
        .ignored(),
        when("the reopening of a lost topic is nothing", without_topic(), reopened()).ignored(),
    ]);
}
