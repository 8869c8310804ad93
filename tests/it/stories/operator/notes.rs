//! Notes among operators never reach a user, in whatever form they are written.

use std::time::Duration;

use telegram_simulator::{Content, Limits, Options, Person};

use crate::harness::Desk;

async fn desk_with_topic(album_window: &str) -> (Desk, Person, i64) {
    let options = Options { limits: Limits::off(), ..Options::default() };
    let desk = Desk::start_with(options, &[("ALBUM_WINDOW_MS", album_window)]).await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    (desk, ada, topic)
}

fn note() -> Content {
    Content::photo("p").caption("// between us")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_with_a_note_under_any_piece_is_not_relayed() {
    let (desk, ada, topic) = desk_with_topic("400").await;
    for place in 0..3 {
        let mut pieces = vec![Content::photo("a"), Content::photo("b")];
        pieces.insert(place, note());
        desk.operator.sends_album_in(topic, pieces);
        desk.settle().await;
    }
    desk.operator.writes_in(topic, "words");
    desk.settle().await;
    assert_eq!(ada.sees().len(), 1, "{:?}", ada.sees());
    let reply_to_unknown = desk.notice_texts(topic);
    assert!(reply_to_unknown.is_empty(), "{reply_to_unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_sent_before_their_note_are_deleted_again() {
    let (desk, ada, topic) = desk_with_topic("100").await;
    let (album, _) =
        desk.operator.sends_album_in(topic, vec![Content::photo("a"), Content::photo("b")]);
    desk.until("the messages are there", || ada.sees().len() == 2).await;
    desk.operator.sends_late_in(topic, &album, note());
    desk.operator.sends_late_in(topic, &album, Content::photo("c"));
    desk.settle().await;
    assert_eq!(ada.sees().len(), 0, "{:?}", ada.sees());
    assert_eq!(desk.notice_texts(topic), ["◆ Deleted for the user."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_into_or_out_of_a_note_is_followed() {
    let (desk, ada, topic) = desk_with_topic("100").await;
    let mistyped = desk.operator.writes_in(topic, "/hello");
    let noted = desk.operator.writes_in(topic, "// on its way");
    desk.settle().await;
    desk.operator.edits(mistyped, "hello");
    desk.operator.edits(noted, "on its way");
    desk.settle().await;
    assert_eq!(ada.reads(), ["hello", "on its way"]);
    desk.operator.edits(noted, "// not yet");
    desk.settle().await;
    assert_eq!(ada.reads(), ["hello"]);
    assert_eq!(desk.notice_texts(topic).last().unwrap(), "◆ Deleted for the user.");
    desk.telegram.advance(Duration::from_hours(49));
    desk.operator.edits(mistyped, "// greeted");
    desk.settle().await;
    assert_eq!(ada.reads(), ["hello"]);
    assert!(
        desk.notice_texts(topic).last().unwrap().contains("Not deleted"),
        "{:?}",
        desk.notice_texts(topic)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_caption_edited_into_text_relays_the_whole_album() {
    let (desk, ada, topic) = desk_with_topic("100").await;
    let (_, pieces) = desk.operator.sends_album_in(topic, vec![Content::photo("a"), note()]);
    desk.settle().await;
    assert!(ada.sees().is_empty());
    desk.operator.edits(pieces[1], Content::photo("p").caption("for you"));
    desk.settle().await;
    let album = ada.sees();
    assert_eq!(album.len(), 2, "{album:?}");
    assert!(album[0].media_group_id.is_some() && album[1].text.as_deref() == Some("for you"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_becomes_a_note_while_it_waits_is_not_sent() {
    let (desk, ada, topic) = desk_with_topic("1500").await;
    // The album waits for its last pieces, and delays the messages after it.
    desk.operator.sends_album_in(topic, vec![Content::photo("a"), Content::photo("b")]);
    let answer = desk.operator.writes_in(topic, "it is lost");
    desk.operator.edits(answer, "// it is lost, do not say so");
    desk.settle().await;
    assert_eq!(ada.sees().len(), 2, "{:?}", ada.sees());
}
