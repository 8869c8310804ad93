//! Stored formats with the author and the chat of a message: they are read and written unchanged.

use super::stored::{assert_conversations, assert_sends};
use domain::{
    ChatId, Conversation, Effect, Millis, Profile, Revision, Tell, Text, TopicId, UserId,
};

/// Of format 1: conversations, then sends.
const WRITTEN: &str = include_str!("../../fixtures/codec/who.1.jsonl");

fn conversations() -> Vec<Conversation> {
    let mut least = Conversation::new(UserId(7), Profile::default(), Millis(1));
    least.revision = Revision(3);
    let mut warned = least.clone();
    warned.topic.warned_channels = vec![ChatId(-9), ChatId(-8)];
    vec![warned, Conversation { thread: Some(TopicId(42)), ..least }]
}

fn sends() -> Vec<Effect> {
    let chat = ChatId(-5);
    let texts = [
        Text::IdsAnonymous { chat, topic: None },
        Text::IdsAnonymous { chat, topic: Some(TopicId(6)) },
        Text::IdsAsChannel { chat, topic: None },
        Text::WrittenAsChannel,
    ];
    texts.map(|text| Tell::topic(text, None)).into()
}

#[test]
fn the_stored_format_of_authors_is_unchanged_and_readable() {
    let lines: Vec<&str> = WRITTEN.lines().collect();
    let (first, others) = lines.split_at(conversations().len());
    assert_conversations(first, &conversations());
    assert_sends(others, &sends());
}
