//! A user edited a message, or reacted to one: update the counterpart.

use crate::{Content, Conversation, Decision, Edit, Effect, MessageId, Opaque, Side};

pub(in crate::rules) fn edited(conversation: Conversation, content: Content) -> Decision {
    match edit(Side::User, content) {
        Some(effect) => {
            Decision { next: Some(conversation), effects: vec![effect], ..Decision::default() }
        }
        None => Decision { next: Some(conversation), ..Decision::ignored() },
    }
}

pub(in crate::rules) fn reacted(
    conversation: Conversation,
    message: MessageId,
    reaction: Option<Opaque>,
) -> Decision {
    let effects = vec![Effect::React { from: Side::User, message, reaction, late: false }];
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

/// Returns the edit of the copy; `None` if the message has no content to compare.
pub(in crate::rules) fn edit(from: Side, content: Content) -> Option<Effect> {
    let Content { message, kind, transfer, fingerprint, body, links, .. } = content;
    let (body, former) = (body?, None);
    Some(Effect::Edit(Edit { from, message, kind, transfer, body, fingerprint, links, former }))
}
