//! Edits appear on the copies, but only visible ones.

use serde_json::json;
use telegram_simulator::{Content, Fault, Matcher, Times, What};

use crate::harness::{BOTH, Dialogue, Who, contents};

/// The methods that edit a message.
const EDITS: [&str; 4] =
    ["editMessageText", "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup"];

/// Sends a message, edits it and compares the copy; returns the number of calls for the edit.
async fn assert_edit_is_copied(
    dialogue: &Dialogue,
    who: Who,
    first: Content,
    then: Content,
) -> u64 {
    let sent = dialogue.says(who, first);
    dialogue.desk.settle().await;
    let copy = dialogue.last_copy_for(who.other());
    let (before, copies_seen) = (dialogue.calls(&EDITS), dialogue.copies_for(who.other()).len());
    dialogue.edits(who, sent, then);
    dialogue.desk.settle().await;
    assert_eq!(dialogue.copies_for(who.other()).len(), copies_seen, "no notice is repeated");
    let edited = dialogue.seen_by(who.other(), copy.id);
    assert_eq!(contents(&edited), contents(&dialogue.seen_by(who, sent)), "{who:?}");
    dialogue.calls(&EDITS) - before
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_shown_on_the_copy() {
    let bold = || json!([{ "type": "bold", "offset": 0, "length": 3 }]);
    let hidden = || json!({ "is_disabled": true });
    let text = Content::text;
    let photo = Content::photo;
    let above = |content: Content| content.with("show_caption_above_media", json!(true));
    let cases = || {
        [
            ("other words", text("yes"), text("no, see https://example.org")),
            ("other formatting", text("yes"), text("yes").entities(bold())),
            ("no formatting", text("yes").entities(bold()), text("yes")),
            (
                "no preview",
                text("https://a.b"),
                text("https://a.b").with("link_preview_options", hidden()),
            ),
            ("another caption", photo("a").caption("yes"), photo("a").caption("no")),
            ("a first caption", photo("b"), photo("b").caption("yes").entities(bold())),
            ("no caption", photo("c").caption("yes"), photo("c")),
            ("a caption moved above", photo("d").caption("x"), above(photo("d").caption("x"))),
            ("a caption above", above(photo("e").caption("x")), above(photo("e").caption("y"))),
            ("a voice's caption", Content::voice("v"), Content::voice("v").caption("said")),
            ("another photo", photo("f").caption("yes"), photo("g").caption("yes")),
            ("a photo and words", photo("h").caption("yes"), photo("i").caption("no")),
            ("a photo above", above(photo("j").caption("x")), above(photo("k").caption("x"))),
            ("another kind", photo("l"), Content::video("m").caption("moves")),
            ("an animation", Content::document("n"), Content::animation("o")),
            ("audio", Content::audio("p"), Content::audio("q")),
            ("a cover", photo("r"), photo("r").with("has_media_spoiler", json!(true))),
            ("a text that became a photo", text("yes"), photo("s").caption("yes")),
        ]
    };
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        for (what, first, then) in cases() {
            assert_eq!(assert_edit_is_copied(&dialogue, who, first, then).await, 1, "{what}");
        }
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_edits_is_shown() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let sent = dialogue.says(who, "0");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who.other()).id;
        for version in ["1", "2", "1", "0"] {
            dialogue.edits(who, sent, version);
            dialogue.desk.settle().await;
            let shown = dialogue.seen_by(who.other(), copy);
            assert_eq!(shown.text.as_deref(), Some(version), "{who:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_piece_of_an_album_is_shown_on_its_copy() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let (_, ids) = dialogue.sends_album(who, vec![Content::photo("a"), Content::photo("b")]);
        dialogue.desk.settle().await;
        dialogue.edits(who, ids[1], Content::photo("b").caption("this is me"));
        dialogue.edits(who, ids[0], Content::photo("c").caption("and this too"));
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let shown: Vec<_> = copies_seen[copies_seen.len() - 2..]
            .iter()
            .map(|seen| (seen.file_id.as_deref().unwrap(), seen.text.as_deref().unwrap()))
            .collect();
        assert_eq!(shown, [("c", "and this too"), ("b", "this is me")], "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_changes_nothing_makes_no_call() {
    let messages = || {
        [
            Content::text("the same"),
            Content::photo("a").caption("the same"),
            Content::document("b"),
            Content::poll("why?", &["because"]),
            Content::checklist("to do", &["one"]),
            Content::location(52.5, 13.4),
            Content::raw(json!({ "hologram": { "file_id": "h" } })),
        ]
    };
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let ids: Vec<_> =
            messages().into_iter().map(|content| dialogue.says(who, content)).collect();
        dialogue.desk.settle().await;
        let calls = || {
            let of_itself = ["getUpdates", "getMe"];
            let calls = dialogue.desk.telegram.calls().counts.into_iter();
            calls.filter(move |(name, _)| !of_itself.contains(name))
        };
        let before: Vec<_> = calls().collect();
        for (id, content) in ids.into_iter().zip(messages()) {
            dialogue.edits(who, id, content);
        }
        dialogue.desk.settle().await;
        assert_eq!(calls().collect::<Vec<_>>(), before, "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_of_polls_and_live_locations_make_no_call() {
    let voted = Content::poll("why?", &["because"]);
    let poll = json!({
        "id": "5001", "question": "why?", "total_voter_count": 1,
        "options": [{ "text": "because", "voter_count": 1 }],
    });
    let dialogue = Dialogue::start().await;
    let asked = dialogue.says(Who::User, voted);
    let walks = dialogue.says(Who::User, Content::location(52.5, 13.4));
    dialogue.desk.settle().await;
    let copies_seen = dialogue.copies_for(Who::Operator);
    dialogue.edits(Who::User, asked, Content::raw(json!({ "poll": poll })));
    dialogue.edits(Who::User, walks, Content::location(52.6, 13.5));
    dialogue.desk.settle().await;
    assert_eq!(dialogue.copies_for(Who::Operator), copies_seen);
    assert_eq!(dialogue.calls(&EDITS), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_impossible_on_the_copy_arrives_as_a_reply_to_the_old_copy() {
    let hologram = |id: &str| Content::raw(json!({ "hologram": { "file_id": id } }));
    let cases = || {
        [
            ("an unknown kind", hologram("a"), hologram("b")),
            ("a contact", Content::contact("+1", "Bob"), Content::contact("+2", "Bob")),
            ("a rich text", Content::rich("yes"), Content::rich("no")),
        ]
    };
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        for (what, first, then) in cases() {
            let sent = dialogue.says(who, first);
            dialogue.desk.settle().await;
            let copy = dialogue.last_copy_for(who.other()).id;
            dialogue.edits(who, sent, then);
            dialogue.desk.settle().await;
            let anew = dialogue.last_copy_for(who.other());
            assert_eq!(contents(&anew), contents(&dialogue.seen_by(who, sent)), "{what}");
            assert_eq!(anew.reply_to, Some(copy), "{what}");
        }
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_telegram_refuses_arrives_as_a_new_copy_that_later_edits_change() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let sent = dialogue.says(who, "first");
        dialogue.desk.settle().await;
        let copy = dialogue.last_copy_for(who.other()).id;
        let description = "Bad Request: message can't be edited".to_owned();
        dialogue.desk.telegram.inject(Fault {
            on: Matcher::method("editMessageText"),
            what: What::Error { code: 400, description },
            times: Times::N(1),
        });
        dialogue.edits(who, sent, "second");
        dialogue.desk.settle().await;
        let anew = dialogue.last_copy_for(who.other());
        assert_eq!((anew.text.as_deref(), anew.reply_to), (Some("second"), Some(copy)), "{who:?}");

        dialogue.edits(who, sent, "third");
        dialogue.desk.settle().await;
        let texts = dialogue.texts_for(who.other());
        assert_eq!(texts[texts.len() - 2..], ["first", "third"], "{who:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_deleted_copy_arrives_as_a_new_copy() {
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let sent = dialogue.says(who, "first");
        dialogue.desk.settle().await;
        dialogue.deletes(who.other(), dialogue.last_copy_for(who.other()).id);
        dialogue.edits(who, sent, "second");
        dialogue.desk.settle().await;
        let anew = dialogue.last_copy_for(who.other());
        assert_eq!((anew.text.as_deref(), anew.reply_to), (Some("second"), None), "{who:?}");
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_checklist_is_shown_again_with_a_reference_to_the_old_one() {
    let dialogue = Dialogue::start().await;
    let sent = dialogue.says(Who::User, Content::checklist("to do", &["one"]));
    dialogue.desk.settle().await;
    let copy = dialogue.last_copy_for(Who::Operator).id;
    dialogue.edits(Who::User, sent, Content::checklist("to do", &["one", "two"]));
    dialogue.desk.settle().await;
    let anew = dialogue.last_copy_for(Who::Operator);
    assert_eq!(anew.content, dialogue.seen_by(Who::User, sent).content);
    let notice = dialogue.desk.notices(dialogue.topic).pop().unwrap();
    assert!(notice.text.unwrap().contains("Edited"));
    assert_eq!(notice.reply_to, Some(copy));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_in_one_backlog_with_its_original_leaves_one_message() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        let before = dialogue.copies_for(who.other()).len();
        dialogue
            .while_stopped(|dialogue| {
                let sent = dialogue.says(who, "helo");
                dialogue.edits(who, sent, "hello");
                dialogue.says(who, "how are you?");
            })
            .await;
        let texts = dialogue.texts_for(who.other());
        assert_eq!(texts[before..], ["hello", "how are you?"], "{who:?}");
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}
