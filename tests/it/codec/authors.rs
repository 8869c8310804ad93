//! Stored formats with the author and the chat of a message: they are read and written unchanged.

use domain::{
    ChatId, Conversation, Effect, Millis, Profile, Revision, Tell, Text, TopicId, UserId,
};
use support_bot::adapters::codec;

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
    let stored = conversations();
    let (conversations, effects) = (stored.iter(), sends());
    let conversations = conversations.map(|one| codec::conversation::encode(one).unwrap());
    let effects = effects.iter().map(|one| codec::effect::encode(one).unwrap());
    let written: Vec<String> = conversations.chain(effects).collect();
    assert_eq!(written, WRITTEN.lines().collect::<Vec<_>>(), "{}", written.join("\n"));
    let mut lines = WRITTEN.lines();
    for one in &stored {
        let line = lines.next().unwrap();
        let read = codec::conversation::decode(1, UserId(7), Revision(3), line).unwrap();
        assert_eq!(read, *one);
    }
    let read: Vec<Effect> = lines.map(|line| codec::effect::decode(1, line).unwrap()).collect();
    assert_eq!(read, sends());
}
