//! Tests of the contents of messages.

use serde_json::{Value, json};

use super::*;
use domain::{
    ContentKind::{self, *},
    Media, MessageId, Quote, Reply,
    Transfer::{self, Copy, Forward, ForwardOf, Notice},
};

fn file(unique: &str) -> Value {
    json!({"file_id": format!("id-{unique}"), "file_unique_id": unique, "file_size": 1})
}

#[test]
fn every_kind_is_named_and_travels_as_it_can() {
    let f = || file("u");
    let from = |origin: Value| json!({"text": "/start", "forward_origin": origin});
    let author = UserId(8);
    let table: Vec<(Value, ContentKind, Transfer, Transfer)> = vec![
        (json!({"text": "hi"}), Text, Copy, Copy),
        (json!({"photo": [f()]}), Photo, Copy, Copy),
        (json!({"video": f()}), Video, Copy, Copy),
        (json!({"document": f(), "animation": f()}), Animation, Copy, Copy),
        (json!({"audio": f()}), Audio, Copy, Copy),
        (json!({"voice": f()}), Voice, Copy, Copy),
        (json!({"video_note": f()}), VideoNote, Copy, Copy),
        (json!({"document": f()}), Document, Copy, Copy),
        (json!({"sticker": f()}), Sticker, Copy, Copy),
        (json!({"contact": {"phone_number": "1", "first_name": "B"}}), Contact, Copy, Copy),
        (json!({"location": {"latitude": 1.0, "longitude": 2.0}}), Location, Copy, Copy),
        (
            json!({"location": {"latitude": 1.0}, "venue": {"title": "t", "address": "a"}}),
            Venue,
            Copy,
            Copy,
        ),
        (json!({"poll": {"question": "?", "type": "quiz", "options": []}}), Poll, Copy, Copy),
        (json!({"dice": {"emoji": "🎲", "value": 3}}), Dice, Forward, Copy),
        (json!({"game": {"title": "t", "description": "d"}}), Game, Forward, Copy),
        (json!({"checklist": {"title": "t", "tasks": []}}), Checklist, Forward, Copy),
        (json!({"story": {"id": 1, "chat": {"id": 4}}}), Story, Forward, Copy),
        (from(json!({"type": "channel", "chat": {"id": -9}})), Text, Forward, Forward),
        (from(json!({"type": "user", "sender_user": {"id": 8}})), Text, Forward, ForwardOf(author)),
        (from(json!({"type": "hidden_user"})), Text, Forward, Copy),
        (from(json!({"type": "chat", "sender_chat": {"id": -100}})), Text, Forward, Copy),
        (from(json!({"type": "user"})), Text, Forward, Copy),
        (from(json!({"type": "a new one"})), Text, Forward, Copy),
        (from(json!("nonsense")), Text, Forward, Copy),
        (json!({"text": "hi", "has_protected_content": true}), Protected, Notice, Notice),
        (json!({"paid_media": {"star_count": 1}}), PaidMedia, Notice, Notice),
        (json!({"invoice": {"title": "t"}}), Invoice, Notice, Notice),
        (json!({"giveaway": {"chats": []}}), Giveaway, Notice, Notice),
        (json!({"giveaway_winners": {"chat": {}}}), Giveaway, Notice, Notice),
        (json!({"live_photo": f(), "photo": [f()]}), Other, Copy, Copy),
        (json!({"rich_message": {"blocks": []}}), Other, Copy, Copy),
        (json!({"hologram": {"file_id": "x"}}), Other, Copy, Copy),
    ];
    for (extra, kind, to_staff, to_user) in table {
        let content = user_content(extra.clone());
        assert_eq!((content.kind, content.transfer), (kind, to_staff), "from a user: {extra}");
        assert_eq!(content.message, MessageId(41));
        assert_eq!(content.body, None, "a copy needs only ids");
        let content = staff_content(extra.clone());
        assert_eq!((content.kind, content.transfer), (kind, to_user), "from an operator: {extra}");
    }
}

#[test]
fn replies_and_quotes_are_read_and_the_root_of_a_topic_is_none() {
    assert_eq!(staff_content(json!({"text": "x"})).reply, None, "the topic's first message");
    let bare_root = json!({"text": "x", "reply_to_message": {"message_id": 5}});
    assert_eq!(staff_content(bare_root).reply, None, "the same, without `forum_topic_created`");
    let reply = json!({"text": "x", "reply_to_message": {"message_id": 60, "text": "q"},
        "quote": {"text": "wörds", "position": 4, "entities": [{"type": "bold","offset":0,"length":1}]}});
    let quote = Quote {
        text: "wörds".to_owned(),
        entities: Some(Opaque(r#"[{"length":1,"offset":0,"type":"bold"}]"#.to_owned())),
        position: Some(4),
    };
    let expected = Some(Reply { to: MessageId(60), quote: Some(quote) });
    assert_eq!(staff_content(reply.clone()).reply, expected);
    assert_eq!(user_content(reply).reply, expected);
}

#[test]
fn only_edits_and_pieces_of_albums_are_read_whole() {
    let photo = json!({"photo": [file("s"), file("l")], "caption": "c"});
    assert_eq!(user_content(photo.clone()).body, None);
    let piece = user_content(merged(photo, json!({"media_group_id": "g"})));
    assert_eq!(piece.album, Some(domain::AlbumId("g".to_owned())));
    assert!(piece.body.is_some(), "another piece may hold the album's reply");
}

#[test]
fn an_edit_is_read_whole_with_what_no_type_knows() {
    let entities = json!([{"type": "date_time", "offset": 0, "length": 2, "unix_time": 1}]);
    let body = edited_content(json!({"text": "hi \"you\"", "entities": entities.clone(),
        "link_preview_options": {"is_disabled": true}}))
    .body
    .unwrap();
    assert_eq!(body.text, "hi \"you\"");
    assert_eq!(body.entities, Some(Opaque(entities.to_string())));
    assert_eq!(body.preview, Some(Opaque(r#"{"is_disabled":true}"#.to_owned())));
    assert_eq!(body.media, None);

    let sizes = json!([
        {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60},
        {"file_id": "large", "file_unique_id": "l", "width": 900, "height": 600},
        {"file_id": "medium", "file_unique_id": "m", "width": 320, "height": 200}]);
    let body = edited_content(json!({"photo": sizes, "caption": "c", "has_media_spoiler": true}));
    let media = Media {
        kind: "photo".to_owned(),
        file: "large".to_owned(),
        spoiler: true,
        caption_above: false,
    };
    assert_eq!(body.body.as_ref().unwrap().media, Some(media));
    assert_eq!(body.body.unwrap().text, "c");
    let voice = edited_content(json!({"voice": file("v"), "caption": "c"})).body.unwrap();
    assert_eq!(voice.media.unwrap().kind, "voice", "its caption can be edited");
}

#[test]
fn fingerprints_change_with_what_can_be_seen_only() {
    let print = |extra| user_content(extra).fingerprint;
    let poll = |votes: u32, text: &str| {
        json!({"poll": {"id": "1", "question": "?", "total_voter_count": votes, "is_closed": votes > 1,
            "options": [{"text": text, "voter_count": votes}]}})
    };
    let live = |latitude: f64| json!({"location": {"latitude": latitude, "longitude": 1.0, "live_period": 60}});
    let photo = |unique: &str| json!({"photo": [file(unique)], "caption": "c"});
    let spoiled = merged(photo("a"), json!({"has_media_spoiler": true}));
    let bold = json!({"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 1}]});

    assert_eq!(
        print(json!({"text": "a"})),
        print(json!({"text": "a", "edit_date": 5, "effect_id": "1"}))
    );
    assert_eq!(print(poll(0, "yes")), print(poll(2, "yes")), "votes");
    assert_eq!(print(live(1.0)), print(live(2.0)), "a live location that moves");
    let task = |done: bool| json!({"checklist": {"title": "t", "tasks": [{"id": 1, "text": "x", "completion_date": u8::from(done)}]}});
    assert_eq!(print(task(false)), print(task(true)), "ticks");

    assert_ne!(print(json!({"text": "a"})).text, print(json!({"text": "b"})).text);
    assert_ne!(print(json!({"text": "a"})).text, print(bold).text, "formatting");
    assert_ne!(print(poll(0, "yes")).media, print(poll(0, "no")).media);
    assert_ne!(print(photo("a")).media, print(photo("b")).media);
    assert_ne!(print(photo("a")).media, print(spoiled).media);
    assert_eq!(print(photo("a")).text, print(photo("b")).text);
    assert_ne!(
        print(json!({"hologram": {"file": 1}})).media,
        print(json!({"hologram": {"file": 2}})).media,
        "in an unknown field everything counts"
    );
}

#[test]
fn a_contact_is_ones_own_phone_if_telegram_says_that_it_is_of_who_sends_it() {
    let own = |extra| user_content(extra).own_phone;
    let contact = |of: Value| {
        let mut contact = json!({"phone_number": "+1", "first_name": "Ada"});
        if !of.is_null() {
            contact["user_id"] = of;
        }
        json!({ "contact": contact })
    };
    assert!(own(contact(json!(7))));
    assert!(!own(contact(json!(8))) && !own(contact(Value::Null)) && !own(contact(json!("7"))));
    assert!(!own(json!({"text": "+1"})));
    let origin = json!({"forward_origin": {"type": "user"}});
    assert!(
        !own(merged(contact(json!(7)), origin)),
        "a forwarded contact was shared with someone else"
    );
}

#[test]
fn only_what_looks_like_the_desks_own_sign_is_told_apart() {
    let travels = |words: &str| user_content(json!({ "text": words })).transfer;
    for sign in "◆◇◈◊♦♢❖⬖⬥⬧⬩⯁⧫⋄💠🔶🔷🔸🔹🞛■□▪◼◻◾⬛⬜⬝🔲🔳🟥🟦🟫".chars()
    {
        for words in [format!("{sign} Banned."), format!("\u{200b}\n \u{fe0f}{sign}Closed.")] {
            assert_eq!(travels(&words), Forward, "{words}");
            let theirs = json!({ "text": words });
            assert_eq!(staff_content(theirs).transfer, Copy, "an operator's message stays a copy");
        }
    }
    for word in "⭐⭑★☆⯨♥❤♡♠♣⬆⬇⬅➡▶◀▲▼●○◉⚫🔴🔵🟢🟣⬤⬢•·–✅☑☐✔➤🔺🔻".chars()
    {
        assert_eq!(travels(&format!("{word} great")), Copy, "{word}");
    }
    assert_eq!(travels("great ◆"), Copy, "a sign inside the text is ordinary text");
}
