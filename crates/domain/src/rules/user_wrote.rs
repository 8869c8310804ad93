//! A user wrote: show it in their topic.

use super::Given;
use crate::{
    Content, Conversation, Decision, Effect, Fact, Firsts, Relay, Side, Tell, Text, Topic, Transfer,
};

pub(super) fn decide(
    mut conversation: Conversation,
    content: Content,
    given: &Given<'_>,
) -> Decision {
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
    conversation.waiting_since.get_or_insert(given.now);
    effects.extend(goals(&mut conversation, &content, stranger, given));
    effects.push(match content.transfer {
        Transfer::Notice => Tell::topic(Text::NotCopied { kind: content.kind }, None),
        Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Forward => {
            Effect::Relay(relay(Side::User, content))
        }
    });
    Decision { next: Some(conversation), effects, facts, ..Decision::default() }
}

/// The goals that a message reaches, each once a user; what it is the first of is known from now on, whether anybody is told or not.
fn goals(
    conversation: &mut Conversation,
    content: &Content,
    stranger: bool,
    given: &Given<'_>,
) -> Vec<Effect> {
    let before = conversation.firsts;
    conversation.firsts = Firsts {
        message: before.message || content.transfer != Transfer::Notice,
        phone: before.phone || content.own_phone,
    };
    let Some(scene) = given.scene else { return Vec::new() };
    // Of those who have written before this was known, only the topic tells; unless it is opened without their words.
    let first = conversation.firsts.message && !before.message && (stranger || scene.open_topic);
    let phone = conversation.firsts.phone && !before.phone;
    let reached = [
        scene.goals.first_message.as_ref().filter(|_| first),
        scene.goals.phone_shared.as_ref().filter(|_| phone),
    ];
    reached.into_iter().filter_map(|goal| given.goal(goal)).collect()
}

/// The effect that brings a message to the other side.
pub(super) fn relay(from: Side, content: Content) -> Relay {
    let Content { message, kind, transfer, album, reply, fingerprint, body, links, .. } = content;
    // Only an album of which a piece answers something is sent by its files; all else is copied by id.
    let body = body.filter(|_| album.is_some());
    // What an operator answers elsewhere is none of the user's business, and what a forward answers none of this user's.
    let elsewhere = content.elsewhere.filter(|_| from == Side::User && !content.forwarded);
    Relay {
        from,
        message,
        kind,
        transfer,
        reply,
        album,
        fingerprint,
        body,
        elsewhere,
        links,
        former: None,
    }
}
