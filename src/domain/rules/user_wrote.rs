//! A user wrote: show it in their topic.

use crate::domain::{
    Content, Conversation, Decision, Effect, Fact, Millis, Relay, Side, Tell, Text, Topic, Transfer,
};

pub(super) fn decide(mut conversation: Conversation, content: Content, now: Millis) -> Decision {
    let mut effects = Vec::with_capacity(1);
    let mut facts = Vec::new();
    // Who has had a card is no stranger, even if the topic is gone.
    let stranger = conversation.topic == Topic::None && conversation.card_shown == 0;
    if stranger && conversation.waiting_since.is_none() {
        facts.push(Fact::Opened);
    }
    if let Topic::Closed(topic) = conversation.topic {
        conversation.topic = Topic::Open(topic);
        effects.push(Effect::ReopenTopic);
    }
    if !conversation.reachable {
        conversation.reachable = true;
        effects.push(Tell::topic(Text::UserReturned, None));
        effects.push(Effect::Refresh);
    }
    if !conversation.untold.is_empty() {
        let lines = std::mem::take(&mut conversation.untold);
        effects.push(Tell::topic(Text::WelcomeSaid { lines }, None));
    }
    conversation.waiting_since.get_or_insert(now);
    effects.push(match content.transfer {
        Transfer::Notice => Tell::topic(Text::NotCopied { kind: content.kind }, None),
        Transfer::Copy | Transfer::Forward => Effect::Relay(relay(Side::User, content)),
    });
    Decision { next: Some(conversation), effects, facts, ..Decision::default() }
}

/// The effect that brings a message to the other side.
pub(super) fn relay(from: Side, content: Content) -> Relay {
    let Content { message, kind, transfer, album, reply, fingerprint, body } = content;
    // Only an album of which a piece answers something is sent by its files; all else is copied by id.
    let body = body.filter(|_| album.is_some());
    Relay { from, message, kind, transfer, reply, album, fingerprint, body }
}
