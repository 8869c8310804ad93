//! What operators write among themselves: it never reaches the user, and what has reached them is taken back.

use super::staff_wrote;
use crate::{
    AlbumId, Content, Conversation, Decision, Effect, Fact, MessageId, Millis, Piece, Relay, Side,
    WelcomeEnd,
};

/// A note, or what became one by an edit.
pub(super) fn noted(mut conversation: Conversation, content: &Content, edited: bool) -> Decision {
    let note = content.message;
    let effects = match &content.album {
        Some(album) => noted_album(&mut conversation, album, content, edited),
        None if conversation.notes.withhold(note) && edited => vec![take_back(note, Some(note))],
        None => Vec::new(),
    };
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

/// Pieces that came before their caption may be with the user already.
fn noted_album(
    conversation: &mut Conversation,
    album: &AlbumId,
    content: &Content,
    edited: bool,
) -> Vec<Effect> {
    let before = conversation.notes.album(album).is_some_and(crate::StaffAlbum::is_note);
    let waiting = conversation.waiting_since;
    let whole = conversation.notes.take_piece(album, content, true, waiting);
    if before {
        return Vec::new();
    }
    // What seemed to answer the user did not.
    conversation.waiting_since = waiting.or(whole.waited);
    let perhaps_there = whole.pieces.iter().filter(|piece| edited || !piece.note);
    let note = content.message;
    let told = |place| (place == 0).then_some(note);
    perhaps_there.enumerate().map(|(place, piece)| take_back(piece.message, told(place))).collect()
}

fn take_back(message: MessageId, note: Option<MessageId>) -> Effect {
    Effect::Withdraw { message, note, former: None }
}

/// A piece of an album came that is no note itself; `None` if the album is for the user.
pub(super) fn piece(conversation: &mut Conversation, content: &Content) -> Option<Decision> {
    let waiting = conversation.waiting_since;
    let album = content.album.as_ref()?;
    let note = conversation.notes.take_piece(album, content, false, waiting).is_note();
    note.then(|| Decision { next: Some(conversation.clone()), ..Decision::default() })
}

/// An edit of what was withheld: words for the user go now. `None` if it was not withheld.
pub(super) fn released(
    conversation: &Conversation,
    content: &Content,
    now: Millis,
) -> Option<Decision> {
    if !conversation.notes.keeps(content.message, content.album.as_ref()) {
        return None;
    }
    let mut conversation = conversation.clone();
    let was_withheld = conversation.notes.release(content.message);
    let Some(album) = &content.album else {
        return Some(staff_wrote::wrote(conversation, content.clone(), now));
    };
    if !conversation.notes.album(album).is_some_and(crate::StaffAlbum::is_note) {
        // A piece that was deleted alone comes back alone.
        return was_withheld.then(|| staff_wrote::wrote(conversation, content.clone(), now));
    }
    let whole = conversation.notes.take_piece(album, content, false, None);
    if whole.is_note() {
        return Some(Decision { next: Some(conversation), ..Decision::default() });
    }
    let effects = whole.pieces.iter().map(|piece| Effect::Relay(brought(piece, album))).collect();
    let answered = conversation.waiting_since.take();
    let mut facts: Vec<_> =
        answered.map(|since| Fact::Answered { after: now.since(since) }).into_iter().collect();
    facts.extend(conversation.end_welcome(WelcomeEnd::Answered).map(Fact::WelcomeEnded));
    Some(Decision { next: Some(conversation), effects, facts, ..Decision::default() })
}

/// A piece needs only its id to be copied.
fn brought(piece: &Piece, album: &AlbumId) -> Relay {
    Relay {
        from: Side::Staff,
        message: piece.message,
        kind: piece.kind,
        transfer: piece.transfer,
        reply: None,
        album: Some(album.clone()),
        fingerprint: piece.fingerprint,
        body: None,
        elsewhere: None,
        links: Vec::new(),
        former: None,
    }
}
