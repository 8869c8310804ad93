//! Notes: messages among operators. The desk remembers enough of them to distinguish a late piece of an album, or an
//! edit, from a message for the user.

use super::recent::remember;
use crate::{AlbumId, Content, ContentKind, Fingerprint, MessageId, Millis, Transfer};

/// Maximum number of messages, and of albums, remembered per topic. An edit of an older one neither sends nor deletes
/// anything.
const MAX_MESSAGES: usize = 100;
const MAX_ALBUMS: usize = 4;

/// The notes of a topic and its latest albums, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes {
    /// Messages not relayed because of their text: notes, and unknown commands.
    pub withheld: Vec<MessageId>,
    /// The latest albums, with the pieces that have arrived.
    pub albums: Vec<StaffAlbum>,
}

/// An operator's album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffAlbum {
    /// Telegram's id of the album.
    pub album: AlbumId,
    /// The pieces, in order of arrival.
    pub pieces: Vec<Piece>,
    /// Since when the user had been waiting for an answer at the arrival of the first piece.
    pub waited: Option<Millis>,
}

/// A piece of an album.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The message in the group.
    pub message: MessageId,
    /// The kind of message.
    pub kind: ContentKind,
    /// How the message travels.
    pub transfer: Transfer,
    /// Hashes of the content.
    pub fingerprint: Fingerprint,
    /// Whether the caption turns the whole album into a note.
    pub note: bool,
}

impl Notes {
    /// Marks a message as not for the user. Whether that is new.
    pub fn withhold(&mut self, message: MessageId) -> bool {
        remember(&mut self.withheld, message, MAX_MESSAGES)
    }

    /// Unmarks a message, which may now go to the user. Whether it was withheld.
    pub fn release(&mut self, message: MessageId) -> bool {
        let before = self.withheld.len();
        self.withheld.retain(|withheld| *withheld != message);
        self.withheld.len() < before
    }

    /// Adds or replaces a piece; returns the album with it.
    pub fn take_piece(
        &mut self,
        album: &AlbumId,
        content: &Content,
        note: bool,
        waited: Option<Millis>,
    ) -> &StaffAlbum {
        let Content { message, kind, transfer, fingerprint, .. } = content;
        let (message, kind) = (*message, *kind);
        let piece = Piece { message, kind, transfer: *transfer, fingerprint: *fingerprint, note };
        let known = self.albums.iter().position(|known| known.album == *album);
        let place = known.unwrap_or_else(|| {
            let new = StaffAlbum { album: album.clone(), pieces: Vec::new(), waited };
            remember(&mut self.albums, new, MAX_ALBUMS);
            self.albums.len() - 1
        });
        let taken = &mut self.albums[place];
        match taken.pieces.iter_mut().find(|piece| piece.message == message) {
            Some(known) => *known = piece,
            None => taken.pieces.push(piece),
        }
        taken
    }

    /// Returns an album, if it is remembered.
    pub fn album(&self, album: &AlbumId) -> Option<&StaffAlbum> {
        self.albums.iter().find(|known| known.album == *album)
    }

    /// Whether a message of the group, perhaps a piece of an album, must not reach the user.
    pub fn keeps(&self, message: MessageId, album: Option<&AlbumId>) -> bool {
        let is_piece = |known: &&StaffAlbum| {
            let pieces = &known.pieces;
            album == Some(&known.album) || pieces.iter().any(|piece| piece.message == message)
        };
        let of_album = self.albums.iter().filter(is_piece).any(StaffAlbum::is_note);
        of_album || self.withheld.contains(&message)
    }
}

impl StaffAlbum {
    /// Whether a caption turns the album into a note.
    pub fn is_note(&self) -> bool {
        self.pieces.iter().any(|piece| piece.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_latest_notes_are_remembered() {
        let mut notes = Notes::default();
        assert!((0..108).all(|message| notes.withhold(MessageId(message))));
        assert!(!notes.withhold(MessageId(107)), "known");
        assert_eq!((notes.withheld.len(), notes.withheld[0]), (MAX_MESSAGES, MessageId(8)));
        assert!(notes.release(MessageId(107)) && !notes.release(MessageId(107)));
        for album in 0..9 {
            let content = piece(album);
            notes.take_piece(&AlbumId(album.to_string()), &content, false, None);
        }
        assert_eq!((notes.albums.len(), &notes.albums[0].album.0[..]), (MAX_ALBUMS, "5"));
    }

    #[test]
    fn one_caption_makes_a_note_of_all_pieces_until_it_is_edited() {
        let (mut notes, album) = (Notes::default(), AlbumId("a".to_owned()));
        assert!(!notes.take_piece(&album, &piece(1), false, None).is_note());
        assert!(notes.take_piece(&album, &piece(2), true, None).is_note());
        assert!(notes.keeps(MessageId(1), None) && notes.keeps(MessageId(3), Some(&album)));
        assert!(!notes.keeps(MessageId(3), None), "this piece has not arrived");
        let edited = notes.take_piece(&album, &piece(2), false, None);
        assert_eq!((edited.is_note(), edited.pieces.len()), (false, 2));
    }

    fn piece(message: i64) -> Content {
        Content {
            message: MessageId(message),
            kind: ContentKind::Photo,
            transfer: Transfer::Copy,
            album: None,
            reply: None,
            fingerprint: Fingerprint::default(),
            body: None,
            own_phone: false,
            forwarded: false,
            elsewhere: None,
            links: Vec::new(),
        }
    }
}
