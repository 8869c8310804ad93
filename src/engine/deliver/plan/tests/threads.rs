//! Steps for a user who writes in a topic of the private chat.

use super::*;

const THREAD: TopicId = TopicId(42);

fn threaded() -> State {
    known().with(|conversation| conversation.thread = Some(THREAD))
}

fn thread() -> Address {
    Address { chat: PRIVATE, topic: Some(THREAD) }
}

#[test]
fn messages_to_the_user_go_to_the_private_topic_last_written_in() {
    let without = || threaded().hinted(Hints { without_thread: true, ..Hints::default() });
    let forward = |to| {
        let call = Call::Forward { to, from: GROUP, message: WRITTEN };
        Step::Call(call, Then::Relayed)
    };
    let forwarded = || Effect::Relay(relay(Side::Staff, Transfer::Forward));
    let text_call = |to| {
        let (html, keys) = ("Soon".to_owned(), Keys::new());
        Step::Call(Call::Say { to, html, reply: None, keys }, Then::TextSent { pin: false })
    };
    let line = || {
        let (words, picture, buttons) = ("Soon".to_owned(), None, Vec::new());
        Effect::Scene(SceneLine { words, picture, buttons })
    };
    check(vec![
        ("a copy", threaded(), copied(Side::Staff), copy(thread(), GROUP, None)),
        ("a forward", threaded(), forwarded(), forward(thread())),
        ("a line of the welcome", threaded(), line(), text_call(thread())),
        (
            "a copy, once it was refused there",
            without(),
            copied(Side::Staff),
            copy(private(), GROUP, None),
        ),
        ("a line, once it was refused there", without(), line(), text_call(private())),
        (
            "a user's message goes to the group's topic",
            threaded(),
            copied(Side::User),
            copy(group(), PRIVATE, None),
        ),
    ]);
    let Step::Call(Call::Say { to, .. }, _) = threaded().step(vec![Tell::user(Text::Help)]) else {
        panic!("expected a text");
    };
    assert_eq!(to, thread(), "a notice");
}

#[test]
fn an_album_to_a_private_topic_is_one_call() {
    let piece = |message| {
        let message = MessageId(message);
        Effect::Relay(Relay { message, ..relay(Side::Staff, Transfer::Copy) })
    };
    let messages = vec![MessageId(12), MessageId(13)];
    let call = Call::CopyMany { to: thread(), from: GROUP, messages };
    assert_eq!(threaded().step(vec![piece(12), piece(13)]), Step::Call(call, Then::Relayed));
}

#[test]
fn a_newsletter_ignores_private_topics_and_its_preview_uses_its_authors() {
    let newsletter = NewsletterId(3);
    let content = || NewsletterContent { messages: vec![WRITTEN], ..NewsletterContent::default() };
    let queued =
        Received { newsletter, outcome: RecipientOutcome::Queued, copies: Vec::new(), at: NOW };
    let deliver = NewsletterCall::Deliver { author: UserId(9), letter: content() };
    let state = threaded().with(|conversation| conversation.received.push(queued));
    let to = |to, from| Call::Copy { to, from, message: WRITTEN, reply: None, links: Vec::new() };
    let settled = Then::NewsletterSettled { newsletter, outcome: RecipientOutcome::Sent };
    check(vec![
        (
            "a newsletter",
            state,
            Effect::Newsletter(NewsletterSend { newsletter, act: deliver }),
            Step::Call(to(private(), ChatId(9)), settled),
        ),
        (
            "a preview",
            threaded(),
            Effect::Preview(content()),
            Step::Call(to(thread(), PRIVATE), Then::Previewed),
        ),
    ]);
}
