//! Notes among operators, pieces of albums, and edits that turn a message into a note or back.

use std::time::Duration;

use crate::rules::tests::states::{EARLIER, closed, open, silent, waiting};
use crate::rules::tests::{check, operator, operator_wrote, relayed, text, when};
use crate::{
    AlbumId, Content, Conversation, Effect, Event, Fact, MessageId, Relay, Side, StaffAct,
    StaffCommand,
};

fn album() -> AlbumId {
    AlbumId("a".to_owned())
}

fn piece(message: i64) -> Content {
    Content { album: Some(album()), ..text(message) }
}

fn sent(message: i64) -> Effect {
    Effect::Relay(Relay { album: Some(album()), ..relayed(Side::Staff, message) })
}

fn noted(content: Content) -> Event {
    operator(StaffAct::Noted { content, edited: false })
}

fn edited_into_a_note(content: Content) -> Event {
    operator(StaffAct::Noted { content, edited: true })
}

fn edited(content: Content) -> Event {
    operator(StaffAct::Edited(content))
}

fn taken_back(message: i64, note: Option<i64>) -> Effect {
    Effect::Withdraw { message: MessageId(message), note: note.map(MessageId), former: None }
}

fn withholds(message: i64, mut conversation: Conversation) -> Conversation {
    conversation.notes.withhold(MessageId(message));
    conversation
}

fn take(conversation: &mut Conversation, message: i64, note: bool) {
    let waited = conversation.waiting_since;
    conversation.notes.take_piece(&album(), &piece(message), note, waited);
}

/// A piece of the album has arrived and went to the user, who was waiting for an answer.
fn one_sent() -> Conversation {
    let mut conversation = waiting();
    take(&mut conversation, 6, false);
    conversation.waiting_since = None;
    conversation
}

/// Pieces 6 and 7 of the album have arrived; the caption of 7 turns the album into a note.
fn note_of_two() -> Conversation {
    let mut conversation = waiting();
    take(&mut conversation, 6, false);
    take(&mut conversation, 7, true);
    conversation
}

#[test]
fn notes_stay_among_operators() {
    check([
        when("a note while the user waits", waiting(), noted(text(6)))
            .stores(|c| assert!(c.notes.withhold(MessageId(6)))),
        when("a note in a closed topic", closed(), noted(text(6)))
            .stores(|c| assert!(c.notes.withhold(MessageId(6)))),
        when("a note edited into another", withholds(6, open()), edited_into_a_note(text(6))),
    ]);
}

#[test]
fn an_album_is_a_note_if_one_of_its_captions_says_so() {
    let hour = Fact::Answered { after: Duration::from_hours(1) };
    check([
        when("the first piece is a note", waiting(), noted(piece(6))).stores(|c| take(c, 6, true)),
        when("a later piece without a caption", note_of_two(), operator_wrote(piece(8)))
            .stores(|c| take(c, 8, false)),
        when("a piece before the caption", waiting(), operator_wrote(piece(6)))
            .stores(|c| {
                take(c, 6, false);
                c.waiting_since = None;
            })
            .effects([sent(6)])
            .facts([hour]),
        when(
            "the second is a note: the copy of the first is deleted, and it was no answer",
            one_sent(),
            noted(piece(7)),
        )
        .stores(|c| {
            take(c, 7, true);
            c.waiting_since = Some(EARLIER);
        })
        .effects([taken_back(6, Some(7))]),
        when("another piece of the album is a note, too", note_of_two(), noted(piece(8)))
            .stores(|c| take(c, 8, true)),
        when(
            "an edited caption turns a relayed album into a note",
            {
                let mut two = one_sent();
                take(&mut two, 7, false);
                two.waiting_since = Some(EARLIER);
                two
            },
            edited_into_a_note(piece(7)),
        )
        .stores(|c| take(c, 7, true))
        .effects([taken_back(6, Some(7)), taken_back(7, None)]),
    ]);
}

#[test]
fn a_message_edited_into_a_note_is_withdrawn() {
    check([
        when("an answer", open(), edited_into_a_note(text(6)))
            .stores(|c| assert!(c.notes.withhold(MessageId(6))))
            .effects([taken_back(6, Some(6))]),
        when("in silent mode, too", silent(), edited_into_a_note(text(6)))
            .stores(|c| assert!(c.notes.withhold(MessageId(6))))
            .effects([taken_back(6, Some(6))]),
        when(
            "a piece of an album that is no longer remembered",
            open(),
            edited_into_a_note(piece(6)),
        )
        .stores(|c| take(c, 6, true))
        .effects([taken_back(6, Some(6))]),
    ]);
}

#[test]
fn a_withheld_message_edited_into_text_is_relayed() {
    let hour = Fact::Answered { after: Duration::from_hours(1) };
    let mistyped = || withholds(6, waiting());
    let unknown = StaffCommand::Unknown;
    let message = MessageId(6);
    check([
        when("a note", mistyped(), edited(text(6)))
            .stores(|c| {
                c.notes.release(MessageId(6));
                c.waiting_since = None;
            })
            .effects([Effect::Relay(relayed(Side::Staff, 6))])
            .facts([hour]),
        when("not in silent mode", withholds(6, silent()), edited(text(6))).ignored(),
        when(
            "a new message with that id, in another group",
            withholds(6, open()),
            operator_wrote(text(6)),
        )
        .stores(|c| assert!(c.notes.release(MessageId(6))))
        .effects([Effect::Relay(relayed(Side::Staff, 6))]),
        when(
            "a command that does not exist",
            open(),
            operator(StaffAct::Commanded { command: unknown, message, reply_to: None }),
        )
        .stores(|c| assert!(c.notes.withhold(MessageId(6))))
        .effects([crate::Tell::topic(crate::Text::UnknownCommand, Some(message))]),
        when("the caption of an album: all its pieces", note_of_two(), edited(piece(7)))
            .stores(|c| {
                take(c, 7, false);
                c.waiting_since = None;
            })
            .effects([sent(6), sent(7)])
            .facts([hour]),
        when(
            "another piece of that album: the album stays a note",
            note_of_two(),
            edited(Content { kind: crate::ContentKind::Photo, ..piece(6) }),
        )
        .stores(|c| {
            let edited = Content { kind: crate::ContentKind::Photo, ..piece(6) };
            c.notes.take_piece(&album(), &edited, false, None);
        }),
    ]);
}
