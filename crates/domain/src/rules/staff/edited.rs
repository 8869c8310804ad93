//! An operator edited a message: update the copy, or deliver a message that was a note before.

use super::{notes, wrote};
use crate::rules::user::follow_ups::edit;
use crate::{Content, Conversation, Decision, Effect, Fact, Millis, Side, WelcomeEnd};

pub(in crate::rules) fn edited(
    conversation: &Conversation,
    content: Content,
    now: Millis,
) -> Decision {
    if conversation.moderation.silent {
        return Decision::ignored();
    }
    if let Some(decision) = released(conversation, &content, now) {
        return decision;
    }
    edit(Side::Staff, content).map_or_else(Decision::ignored, |effect| Decision::only(vec![effect]))
}

/// Handles an edit of a withheld message, which is now for the user; `None` if the message was not withheld.
fn released(conversation: &Conversation, content: &Content, now: Millis) -> Option<Decision> {
    if !conversation.notes.keeps(content.message, content.album.as_ref()) {
        return None;
    }
    let mut conversation = conversation.clone();
    let was_withheld = conversation.notes.release(content.message);
    let Some(album) = &content.album else {
        return Some(wrote::wrote(conversation, content.clone(), now));
    };
    if !conversation.notes.album(album).is_some_and(crate::StaffAlbum::is_note) {
        // A piece that `/delete` withheld alone is released alone.
        return was_withheld.then(|| wrote::wrote(conversation, content.clone(), now));
    }
    let whole = conversation.notes.take_piece(album, content, false, None);
    if whole.is_note() {
        return Some(Decision { next: Some(conversation), ..Decision::default() });
    }
    let effects =
        whole.pieces.iter().map(|piece| Effect::Relay(notes::relay_piece(piece, album))).collect();
    conversation.record_answer(now);
    let answered = conversation.waiting_since.take();
    let mut facts: Vec<_> =
        answered.map(|since| Fact::Answered { after: now.since(since) }).into_iter().collect();
    facts.extend(conversation.welcome.end(WelcomeEnd::Answered).map(Fact::WelcomeEnded));
    Some(Decision { next: Some(conversation), effects, facts, ..Decision::default() })
}
