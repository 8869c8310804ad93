//! Albums arrive as albums: whole, in order, with their captions.

use std::time::{Duration, Instant};

use telegram_simulator::{Content, Limits, Options, SeenMessage};

use crate::harness::{BOTH, Desk, Dialogue, Who, contents};

/// Albums of each allowed kind.
fn albums() -> Vec<Vec<Content>> {
    vec![
        vec![
            Content::photo("p1").caption("the first https://example.org"),
            Content::video("v1"),
            Content::photo("p2").caption("the third"),
        ],
        vec![Content::document("d1"), Content::document("d2").caption("signed")],
        vec![Content::audio("a1").caption("side one"), Content::audio("a2")],
        vec![Content::live_photo("l1"), Content::photo("p3")],
    ]
}

fn photos(count: usize) -> Vec<Content> {
    (1..=count)
        .map(|number| Content::photo(&format!("p{number}")).caption(&format!("photo {number}")))
        .collect()
}

/// A conversation at a desk with a long wait for the rest of an album.
async fn with_long_album_window() -> Dialogue {
    let options = Options { limits: Limits::off(), ..Options::default() };
    Dialogue::at(Desk::start_with(options, &[("ALBUM_WINDOW_MS", "1500")]).await).await
}

/// The files and captions of messages.
fn files_and_captions(messages: &[SeenMessage]) -> Vec<(Option<String>, Option<String>)> {
    messages.iter().map(|seen| (seen.file_id.clone(), seen.text.clone())).collect()
}

/// Checks that these messages are one album, and returns its id.
#[track_caller]
fn assert_one_album(messages: &[SeenMessage]) -> &str {
    let album = messages[0].media_group_id.as_deref().expect("the message is in an album");
    for message in messages {
        assert_eq!(message.media_group_id.as_deref(), Some(album), "{messages:#?}");
    }
    album
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_of_any_kind_arrives_as_one_album() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        for pieces in albums() {
            let (_, ids) = dialogue.sends_album(who, pieces);
            dialogue.desk.settle().await;
            let copies_seen = dialogue.copies_for(who.other());
            let copies = &copies_seen[copies_seen.len() - ids.len()..];
            assert_one_album(copies);
            let originals = ids.iter().map(|id| contents(&dialogue.seen_by(who, *id)));
            assert_eq!(
                copies.iter().map(contents).collect::<Vec<_>>(),
                originals.collect::<Vec<_>>()
            );
        }
        assert_eq!(dialogue.calls(&["copyMessages"]), 4, "one call for each album");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forwarded_album_arrives_as_an_album_with_its_origin() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let pieces = photos(3)
            .into_iter()
            .map(|piece| piece.forwarded_from_channel(-1_002_000_000_001, "A Painter"));
        let (_, ids) = dialogue.sends_album(who, pieces.collect());
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let copies = &copies_seen[copies_seen.len() - 3..];
        assert_one_album(copies);
        for (copy, original) in copies.iter().zip(ids) {
            assert_eq!(contents(copy), contents(&dialogue.seen_by(who, original)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_simultaneous_albums_stay_separate() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        dialogue.sends_album(who, photos(2));
        dialogue.sends_album(who, photos(3));
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let copies = &copies_seen[copies_seen.len() - 5..];
        assert_ne!(assert_one_album(&copies[..2]), assert_one_album(&copies[2..]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_that_arrives_shortly_after_joins_the_album() {
    for who in BOTH {
        let dialogue = with_long_album_window().await;
        let (album, _) = dialogue.sends_album(who, photos(2));
        let pending = || dialogue.desk.telegram.pending_updates() == 0;
        dialogue.desk.until("the bot takes the first pieces", pending).await;
        dialogue.sends_late(who, &album, Content::photo("late").caption("a little late"));
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let copies = &copies_seen[copies_seen.len() - 3..];
        assert_one_album(copies);
        assert_eq!(copies[2].text.as_deref(), Some("a little late"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_that_arrives_too_late_is_delivered_separately() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let (album, _) = dialogue.sends_album(who, photos(2));
        dialogue.desk.settle().await;
        dialogue.sends_late(who, &album, Content::photo("late").caption("too late"));
        dialogue.desk.settle().await;
        dialogue.says(who, "the end");
        dialogue.desk.settle().await;
        let texts = dialogue.texts_for(who.other());
        assert_eq!(texts[texts.len() - 4..], ["photo 1", "photo 2", "too late", "the end"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_that_replies_stays_one_album_and_keeps_the_reply() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let asked = dialogue.relays(who.other(), "which ones?").await;
        let kinds = albums().into_iter().take(3);
        for pieces in kinds {
            let ids = dialogue.answers_with_album(who, asked.id, pieces);
            dialogue.desk.settle().await;
            let copies_seen = dialogue.copies_for(who.other());
            let copies = &copies_seen[copies_seen.len() - ids.len()..];
            assert_one_album(copies);
            let originals: Vec<_> = ids.iter().map(|id| dialogue.seen_by(who, *id)).collect();
            assert_eq!(files_and_captions(copies), files_and_captions(&originals));
            for (copy, original) in copies.iter().zip(&originals) {
                assert_eq!(copy.entities, original.entities);
            }
            let answered = copies[0].reply_to.expect("the message is a reply");
            assert_eq!(
                dialogue.seen_by(who.other(), answered).text.as_deref(),
                Some("which ones?")
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replying_album_keeps_spoilers_and_captions_above() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let asked = dialogue.relays(who.other(), "which ones?").await;
        let looks = |piece: Content| {
            piece
                .with("has_media_spoiler", true.into())
                .with("show_caption_above_media", true.into())
        };
        let ids =
            dialogue.answers_with_album(who, asked.id, photos(2).into_iter().map(looks).collect());
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        for (copy, original) in copies_seen[copies_seen.len() - 2..].iter().zip(ids) {
            assert_eq!(contents(copy), contents(&dialogue.seen_by(who, original)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_with_a_reply_on_one_piece_only_keeps_the_reply() {
    for who in BOTH {
        let dialogue = with_long_album_window().await;
        let asked = dialogue.relays(who.other(), "which ones?").await;
        let (album, _) = match who {
            Who::User => dialogue.user.replies_with_album(asked.id, photos(1)),
            Who::Operator => {
                dialogue.desk.operator.replies_with_album_in(dialogue.topic, asked.id, photos(1))
            }
        };
        dialogue.sends_late(who, &album, Content::photo("second"));
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let copies = &copies_seen[copies_seen.len() - 2..];
        assert_one_album(copies);
        assert!(copies[0].reply_to.is_some(), "{copies:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_in_reply_to_a_deleted_message_arrives_without_the_reply() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let asked = dialogue.says(who.other(), "which ones?");
        dialogue.desk.settle().await;
        let seen = dialogue.last_copy_for(who).id;
        dialogue.deletes(who.other(), asked);
        dialogue.answers_with_album(who, seen, photos(3));
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let copies = &copies_seen[copies_seen.len() - 3..];
        assert_one_album(copies);
        assert_eq!(copies[0].reply_to, None);
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_after_an_album_arrives_after_it() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        dialogue.says(who, "look:");
        dialogue.sends_album(who, photos(3));
        dialogue.says(who, "nice, aren't they?");
        dialogue.desk.settle().await;
        let texts = dialogue.texts_for(who.other());
        let wanted = ["look:", "photo 1", "photo 2", "photo 3", "nice, aren't they?"];
        assert_eq!(texts[texts.len() - 5..], wanted);
        let copies_seen = dialogue.copies_for(who.other());
        assert_one_album(&copies_seen[copies_seen.len() - 4..copies_seen.len() - 1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_of_ten_is_sent_without_waiting() {
    const WINDOW: Duration = Duration::from_secs(10);
    let options = Options { limits: Limits::off(), ..Options::default() };
    let dialogue =
        Dialogue::at(Desk::start_with(options, &[("ALBUM_WINDOW_MS", "10000")]).await).await;
    for who in BOTH {
        let begun = Instant::now();
        dialogue.sends_album(who, photos(10));
        dialogue.desk.settle().await;
        assert!(begun.elapsed() < WINDOW / 2, "{:?}", begun.elapsed());
        let copies_seen = dialogue.copies_for(who.other());
        assert_one_album(&copies_seen[copies_seen.len() - 10..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_piece_is_reported_and_the_rest_arrives() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        dialogue
            .while_stopped(|dialogue| {
                let (_, ids) = dialogue.sends_album(who, photos(3));
                dialogue.deletes(who, ids[1]);
            })
            .await;
        let texts = dialogue.texts_for(who.other());
        assert_eq!(texts[texts.len() - 2..], ["photo 1", "photo 3"]);
        let notices = dialogue.notice_texts();
        assert!(
            notices.len() == 1 && notices[0].contains("1 message was not passed on"),
            "{notices:?}"
        );
    }
}
