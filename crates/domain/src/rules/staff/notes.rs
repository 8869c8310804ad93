//! Notes among operators: they never reach the user, and copies that did reach the user are deleted.

use crate::{AlbumId, Content, Conversation, Decision, Effect, MessageId, Piece, Relay, Side};

/// A new note, or a message that an edit turned into a note.
pub(in crate::rules) fn noted(
    mut conversation: Conversation,
    content: &Content,
    edited: bool,
) -> Decision {
    let note = content.message;
    let effects = match &content.album {
        Some(album) => noted_album(&mut conversation, album, content, edited),
        None if conversation.notes.withhold(note) && edited => vec![withdraw(note, Some(note))],
        None => Vec::new(),
    };
    Decision { next: Some(conversation), effects, ..Decision::default() }
}

/// Pieces that arrived before the piece with the caption may have reached the user already.
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
    // The pieces seemed to answer the user, but did not.
    conversation.waiting_since = waiting.or(whole.waited);
    let perhaps_there = whole.pieces.iter().filter(|piece| edited || !piece.note);
    let note = content.message;
    let note_if_first = |place| (place == 0).then_some(note);
    perhaps_there
        .enumerate()
        .map(|(place, piece)| withdraw(piece.message, note_if_first(place)))
        .collect()
}

fn withdraw(message: MessageId, note: Option<MessageId>) -> Effect {
    Effect::Withdraw { message, note, former: None }
}

/// Handles a piece of an album that is not a note itself; `None` if the album is for the user.
pub(in crate::rules) fn piece(
    conversation: &mut Conversation,
    content: &Content,
) -> Option<Decision> {
    let waiting = conversation.waiting_since;
    let album = content.album.as_ref()?;
    let note = conversation.notes.take_piece(album, content, false, waiting).is_note();
    note.then(|| Decision { next: Some(conversation.clone()), ..Decision::default() })
}

/// Returns the relay of a piece by copying: without a reply, its id is enough.
pub(super) fn relay_piece(piece: &Piece, album: &AlbumId) -> Relay {
    Relay {
        album: Some(album.clone()),
        ..Relay::new(Side::Staff, piece.message, piece.kind, piece.transfer, piece.fingerprint)
    }
}
