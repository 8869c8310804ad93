//! Stored formats of former topics, tested as in `formats`.

use domain::{
    ChatId, Conversation, Effect, Former, MessageId, Millis, Profile, Revision, Tell, Text,
    TopicId, UserId,
};
use support_bot::adapters::codec;

use super::stored::{assert_conversations, assert_sends};

/// Of format 1: sends, then a conversation.
const FORMER: &str = include_str!("../../fixtures/codec/former.1.jsonl");

#[test]
fn the_stored_format_of_former_topics_is_unchanged_and_readable() {
    let (group, topic) = (ChatId(-100), TopicId(12));
    let (message, command, former) = (MessageId(9), MessageId(10), Some(TopicId(11).into()));
    let sends = [
        Effect::Erase { message, command, former },
        Tell::operators(former, Text::GoesOnIn { group, topic }, Some(message)),
        Tell::topic(Text::ContinuedFrom { group, topic }, None),
    ];
    let by = Some(Former { topic: TopicId(11), operator: Some(UserId(4)) });
    let erase = Effect::Erase { message, command, former: by };
    let written = codec::effect::encode(&erase).unwrap();
    assert_eq!(written, r#"{"erase":{"message":9,"command":10,"former":[11,4]}}"#);
    assert_eq!(codec::effect::decode(1, &written).unwrap(), erase);
    let mut conversation = Conversation::new(UserId(7), Profile::default(), Millis(1));
    conversation.revision = Revision(3);
    conversation.topic.former = vec![TopicId(11), TopicId(10)];
    let lines: Vec<_> = FORMER.lines().collect();
    let (first, others) = lines.split_at(sends.len());
    assert_sends(first, &sends);
    assert_conversations(others, &[conversation]);
}
