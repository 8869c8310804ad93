//! Steps of a desk with two groups: each message and topic is looked for in its own.

use super::*;

const OTHER: ChatId = SECOND_GROUP;

fn second() -> GroupKey {
    GroupKey::new(1).unwrap()
}

/// The conversation's topic is in the second group, under the number that another topic has in the first.
fn in_second() -> State {
    known().with(|conversation| {
        conversation.topic.group = second();
        conversation.topic.current = Topic::Open(topic());
        conversation.topic.card = Some(MessageId::in_group(second(), CARD.0));
    })
}

fn topic() -> TopicId {
    TopicId::in_group(second(), TOPIC.0)
}

fn there() -> Address {
    Address { chat: OTHER, topic: Some(topic()) }
}

#[test]
fn every_call_goes_to_the_group_of_what_it_names() {
    let written = MessageId::in_group(second(), WRITTEN.0);
    let relayed = |message| Effect::Relay(Relay { message, ..relay(Side::Staff, Transfer::Copy) });
    let copied_from = |from, message| {
        let links = Vec::new();
        let call = Call::Copy { to: private(), from, message, reply: None, links };
        Step::Call(call, Then::Relayed)
    };
    let pin = |chat, message| Step::Call(Call::Pin { chat, message }, Then::Done);
    let close = Step::Call(Call::CloseTopic { chat: OTHER, topic: topic() }, Then::Done);
    let card = in_second().conversation.unwrap().topic.card.unwrap();
    let opened = Step::Call(
        Call::OpenTopic { chat: OTHER, title: "Ada".to_owned(), icon: Some("icon".to_owned()) },
        Then::TopicOpened { title: "Ada".to_owned() },
    );
    let without_topic = in_second().with(|conversation| conversation.topic.current = Topic::None);
    check(vec![
        ("a user's message", in_second(), copied(Side::User), copy(there(), PRIVATE, None)),
        ("a user's first message", without_topic, copied(Side::User), opened),
        ("an answer", in_second(), relayed(written), copied_from(OTHER, written)),
        (
            "an answer that was written before the conversation moved",
            in_second(),
            relayed(WRITTEN),
            copied_from(GROUP, WRITTEN),
        ),
        ("a pin", in_second(), Effect::Pin { message: card }, pin(OTHER, card)),
        ("the close", in_second(), Effect::CloseTopic, close),
    ]);
}

#[test]
fn a_reply_to_a_message_in_another_group_loses_its_quote_and_nothing_else() {
    let replying = || {
        let reply = Some(Reply { to: WRITTEN, quote: None });
        Effect::Relay(Relay { reply, ..relay(Side::User, Transfer::Copy) })
    };
    let linked_there = || {
        let mut state = in_second().linked(Side::User);
        let staff_message = MessageId::in_group(second(), COPY.0);
        state.link = state.link.map(|link| Link { staff_message, ..link });
        state
    };
    let to = MessageId::in_group(second(), COPY.0);
    check(vec![
        (
            "to a message of this group",
            linked_there(),
            replying(),
            copy(there(), PRIVATE, Some(Resolved { to, quote: None })),
        ),
        (
            "to a message of the group that the conversation was in",
            in_second().linked(Side::User),
            replying(),
            copy(there(), PRIVATE, None),
        ),
        (
            "a notice about a message of that group",
            in_second(),
            Tell::topic(Text::NothingToDelete, Some(WRITTEN)),
            says(there(), None),
        ),
    ]);
}

fn says(to: Address, reply: Option<Resolved>) -> Step {
    let html = Texts::load(None).unwrap().render(&Text::NothingToDelete, Language::English);
    let call = Call::Say { to, html, reply, keys: Keys::new() };
    Step::Call(call, Then::TextSent { pin: false })
}
