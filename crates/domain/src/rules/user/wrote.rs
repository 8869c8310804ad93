//! A user wrote: relay the message to the user's topic.

use crate::rules::Context;
use crate::{
    Content, Conversation, Decision, Effect, Fact, Firsts, Relay, Side, Tell, Text, Topic, Transfer,
};

pub(in crate::rules) fn decide(
    mut conversation: Conversation,
    content: Content,
    ctx: &Context<'_>,
) -> Decision {
    let mut effects = Vec::with_capacity(1);
    let mut facts = Vec::new();
    let stranger = conversation.topic.is_new();
    if stranger && conversation.waiting_since.is_none() {
        facts.push(Fact::Opened);
        if ctx.rush {
            effects.push(Tell::user(Text::Rush));
        }
    }
    if let Topic::Closed(topic) = conversation.topic.current {
        conversation.topic.current = Topic::Open(topic);
        effects.push(Effect::ReopenTopic);
    }
    if !conversation.reachable {
        conversation.reachable = true;
        effects.push(Tell::topic(Text::UserReturned, None));
        effects.push(Effect::Refresh);
    }
    if !conversation.welcome.unseen.is_empty() {
        let lines = std::mem::take(&mut conversation.welcome.unseen);
        effects.push(Tell::topic(Text::WelcomeSaid { lines }, None));
    }
    conversation.waiting_since.get_or_insert(ctx.now);
    effects.extend(goals(&mut conversation, &content, stranger, ctx));
    effects.push(match content.transfer {
        Transfer::Notice => Tell::topic(Text::NotCopied { kind: content.kind }, None),
        Transfer::Copy | Transfer::ForwardOf(_) | Transfer::Forward => {
            Effect::Relay(relay(Side::User, content))
        }
    });
    Decision { next: Some(conversation), effects, facts, ..Decision::default() }
}

/// Returns the goals that a message reaches. Each counts once per user; what is reached is recorded even if no tracker
/// is configured.
fn goals(
    conversation: &mut Conversation,
    content: &Content,
    stranger: bool,
    ctx: &Context<'_>,
) -> Vec<Effect> {
    let before = conversation.firsts;
    conversation.firsts = Firsts {
        message: before.message || content.transfer != Transfer::Notice,
        phone: before.phone || content.own_phone,
    };
    let Some(scene) = ctx.scene else { return Vec::new() };
    // A user with a topic may have written before firsts were recorded, unless the topic was opened by the welcome.
    let first = conversation.firsts.message && !before.message && (stranger || scene.open_topic);
    let phone = conversation.firsts.phone && !before.phone;
    let reached = [
        scene.goals.first_message.as_ref().filter(|_| first),
        scene.goals.phone_shared.as_ref().filter(|_| phone),
    ];
    reached.into_iter().filter_map(|goal| ctx.goal(goal)).collect()
}

/// Returns the relay of a message to the other side.
pub(in crate::rules) fn relay(from: Side, content: Content) -> Relay {
    let Content { message, kind, transfer, album, reply, fingerprint, body, links, .. } = content;
    // Only an album with a reply is sent by file ids; everything else is copied by message id.
    let body = body.filter(|_| album.is_some());
    // Users must not see what operators reply to elsewhere, and the reply of a forwarded message is not this user's.
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
        written: None,
    }
}
