//! Messages that Telegram or the desk cannot handle: reported honestly, or relayed whole.

use serde_json::{Value, json};
use telegram_simulator::{Content, SeenMessage};

use crate::harness::{BOTH, Desk, Dialogue, Who, contents};

/// Messages that bots cannot copy, with the name that operators see for each.
fn uncopyable() -> Vec<(Content, &'static str)> {
    let raw = |field: &str, value: Value| Content::raw(json!({ field: value }));
    let payment = json!({
        "currency": "EUR", "total_amount": 100, "invoice_payload": "x",
        "telegram_payment_charge_id": "t", "provider_payment_charge_id": "p",
    });
    let gift = json!({ "gift": { "id": "1", "star_count": 5 } });
    vec![
        (Content::text("secret").protected(), "protected content"),
        (Content::photo("p").caption("secret").protected(), "protected content"),
        (Content::paid_media(), "a paid photo or video"),
        (Content::invoice("a lamp"), "an invoice"),
        (Content::giveaway(), "a giveaway"),
        (raw("giveaway_winners", json!({ "winner_count": 1, "winners": [] })), "a giveaway"),
        (raw("successful_payment", payment.clone()), "a payment"),
        (raw("refunded_payment", payment), "a payment"),
        (raw("gift", gift), "a gift"),
        (raw("passport_data", json!({ "data": [], "credentials": {} })), "Telegram Passport"),
        (raw("users_shared", json!({ "request_id": 1, "users": [] })), "a service message"),
    ]
}

/// Service messages: a user may have caused them, but they are not the user's words.
fn service_messages() -> Vec<Content> {
    let raw = |field: &str, value: Value| Content::raw(json!({ field: value }));
    vec![
        raw("write_access_allowed", json!({ "from_request": true })),
        raw("message_auto_delete_timer_changed", json!({ "message_auto_delete_time": 86_400 })),
        raw("chat_background_set", json!({ "type": {} })),
        raw("pinned_message", json!({ "message_id": 1, "date": 0, "chat": { "id": 1001 } })),
        raw("telepathy_allowed", json!({})),
        raw("users_shared", json!({ "request_id": 1, "users": [] })),
        raw("successful_payment", json!({ "currency": "EUR", "total_amount": 100 })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn service_messages_of_a_new_user_open_no_topic() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    for content in service_messages() {
        ada.sends(content);
    }
    desk.settle().await;
    assert!(desk.group.topics().is_empty());
    ada.writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    assert_eq!(desk.notices(desk.topic()).len(), 1, "the card");
}

#[tokio::test(flavor = "multi_thread")]
async fn service_messages_reopen_no_topic_and_start_no_waiting_time() {
    let dialogue = Dialogue::start().await;
    dialogue.says(Who::Operator, "/close");
    dialogue.desk.settle().await;
    let topics = || dialogue.desk.group.topics();
    assert!(topics()[0].closed, "{:?}", topics());
    let notices = dialogue.notice_texts().len();
    for content in service_messages() {
        dialogue.says(Who::User, content);
        dialogue.desk.settle().await;
        assert!(topics()[0].closed, "{:?}", topics());
    }
    let notices = dialogue.notice_texts()[notices..].to_vec();
    assert_eq!(notices.len(), 3, "three notices are expected: {notices:?}");
    assert_eq!(dialogue.texts_for(Who::Operator), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_bots_cannot_copy_are_replaced_by_a_notice() {
    let dialogue = Dialogue::start().await;
    for (content, what) in uncopyable() {
        let notices = dialogue.notice_texts().len();
        dialogue.says(Who::User, content.clone());
        dialogue.desk.settle().await;
        let notices = dialogue.notice_texts()[notices..].to_vec();
        assert!(notices.len() == 1 && notices[0].contains(what), "{what}: {notices:?}");
    }
    assert_eq!(dialogue.texts_for(Who::Operator), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_in_reply_names_the_answer_that_did_not_reach_the_user() {
    let dialogue = Dialogue::start().await;
    // Service messages in the group are the operators' own business.
    for (content, what) in uncopyable().into_iter().take(5) {
        let sent = dialogue.says(Who::Operator, content);
        dialogue.desk.settle().await;
        let notice = dialogue.desk.notices(dialogue.topic).pop().unwrap();
        assert!(notice.text.as_deref().unwrap().contains(what), "{what}: {:?}", notice.text);
        assert_eq!(notice.reply_to, Some(sent), "{what}");
    }
    assert_eq!(dialogue.texts_for(Who::User), ["hi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_message_that_bots_cannot_copy_opens_a_topic() {
    let desk = Desk::start().await;
    desk.user(1001, "Ada").sends(Content::paid_media());
    desk.settle().await;
    let notices = desk.notices(desk.topic());
    assert!(notices.iter().any(|notice| notice.text.as_deref().unwrap().contains("a paid photo")));
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_take_the_place_of_the_message() {
    let mut dialogue = Dialogue::start().await;
    dialogue
        .while_stopped(|dialogue| {
            dialogue.says(Who::User, "before");
            dialogue.says(Who::User, Content::invoice("a lamp"));
            dialogue.says(Who::User, "after");
        })
        .await;
    let messages = dialogue.desk.group.messages(dialogue.topic);
    let texts: Vec<_> = messages.iter().filter_map(|seen| seen.text.as_deref()).collect();
    let place = texts.iter().position(|text| text.contains("an invoice")).unwrap();
    assert_eq!((texts[place - 1], texts[place + 1]), ("before", "after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn uncopyable_messages_within_a_backlog_are_forwarded_or_reported_in_place() {
    for who in BOTH {
        let mut dialogue = Dialogue::start().await;
        dialogue
            .while_stopped(|dialogue| {
                dialogue.says(who, "before");
                dialogue.says(who, Content::quiz("what?", &["this", "that"], None));
                dialogue.says(who, "after");
            })
            .await;
        let texts = dialogue.texts_for(who.other());
        assert_eq!(texts[texts.len() - 2..], ["before", "after"]);
        let notices = dialogue.notice_texts();
        let noticed_once = notices.len() == 1 && notices[0].contains("does not let bots copy");
        // A user's message is forwarded, which bots may do; a forward of an operator's would show the operator's name.
        let forwarded = |seen: &SeenMessage| seen.kind == "poll" && seen.forward_origin.is_some();
        let copies_seen = dialogue.copies_for(who.other());
        let place = copies_seen.len() - 2;
        match who {
            Who::User => {
                assert!(notices.is_empty() && forwarded(&copies_seen[place]), "{copies_seen:#?}");
            }
            Who::Operator => {
                assert!(noticed_once && !copies_seen.iter().any(forwarded), "{notices:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_kind_of_message_is_relayed_whole() {
    let kinds = || {
        [
            json!({ "hologram": { "file_id": "h", "depth": [1, 2, 3] } }),
            json!({ "hologram": { "file_id": "h2" }, "caption": "look", "glow": true }),
            json!({ "rich_message": { "blocks": [
                { "type": "heading", "size": 1, "text": "Big" },
                { "type": "unheard_of", "text": ["a", { "type": "bold", "text": "b" }] },
            ] } }),
            json!({ "text": "with a halo", "halo": { "colour": "gold" } }),
        ]
    };
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        for kind in kinds() {
            let sent = dialogue.says(who, Content::raw(kind));
            dialogue.desk.settle().await;
            let copy = dialogue.last_copy_for(who.other());
            assert_eq!(contents(&copy), contents(&dialogue.seen_by(who, sent)));
        }
        assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_kind_of_message_works_in_forwards_replies_and_albums() {
    let hologram = |id: &str| Content::raw(json!({ "hologram": { "file_id": id } }));
    for who in BOTH {
        let dialogue = Dialogue::start().await;
        let asked = dialogue.relays(who.other(), "which one?").await;
        let answer = dialogue.answers(who, asked.id, hologram("a"));
        let forwarded =
            dialogue.says(who, hologram("b").forwarded_from_channel(-1_002_000_000_001, "A Seer"));
        let (_, album) = dialogue.sends_album(who, vec![hologram("c"), hologram("d")]);
        dialogue.desk.settle().await;
        let copies_seen = dialogue.copies_for(who.other());
        let copies = &copies_seen[copies_seen.len() - 4..];
        let sent = [answer, forwarded, album[0], album[1]];
        for (copy, original) in copies.iter().zip(sent) {
            assert_eq!(contents(copy), contents(&dialogue.seen_by(who, original)));
        }
        assert!(copies[0].reply_to.is_some());
        assert!(copies[2].media_group_id.is_some());
        assert_eq!(copies[2].media_group_id, copies[3].media_group_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_updates_are_harmless() {
    let dialogue = Dialogue::start().await;
    let chat = json!({ "id": dialogue.user.id(), "type": "private", "first_name": "Ada" });
    let user = json!({ "id": dialogue.user.id(), "is_bot": false, "first_name": "Ada" });
    for update in [
        json!({ "telepathy": { "chat": chat, "thought": "?" } }),
        json!({ "poll": { "id": "1", "question": "why?" } }),
        json!({}),
        json!({ "telepathy": 7, "message": {
            "message_id": 900, "date": 1_700_000_000, "chat": chat, "from": user,
            "mood": "good", "hologram": { "file_id": "h" },
        } }),
    ] {
        dialogue.desk.telegram.push_update(update);
    }
    dialogue.says(Who::User, "are you there?");
    dialogue.desk.settle().await;
    assert_eq!(dialogue.texts_for(Who::Operator), ["hello", "are you there?"]);
    // The message of unknown kind should have been copied; this Telegram does not have it.
    let notices = dialogue.notice_texts();
    assert!(
        notices.len() == 1 && notices[0].contains("deleted before it could be copied"),
        "{notices:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_visible_to_one_member_only_are_ignored() {
    let dialogue = Dialogue::start().await;
    for (number, text) in ["/ban", "/id", "hello", "// a note"].into_iter().enumerate() {
        dialogue.desk.telegram.push_update(json!({ "message": {
            "message_id": 0, "ephemeral_message_id": number + 1, "date": 1_700_000_000,
            "chat": { "id": dialogue.desk.group.id(), "type": "supergroup", "is_forum": true },
            "message_thread_id": dialogue.topic, "is_topic_message": true,
            "from": { "id": 2001, "is_bot": false, "first_name": "Olga" },
            "receiver_user": { "id": 1, "is_bot": true, "first_name": "Desk" }, "text": text,
        } }));
    }
    dialogue.says(Who::User, "are you there?");
    dialogue.desk.settle().await;
    assert_eq!(dialogue.texts_for(Who::Operator), ["hello", "are you there?"]);
    assert_eq!(dialogue.texts_for(Who::User), ["hi"]);
    assert_eq!(dialogue.notice_texts(), Vec::<String>::new());
}
