//! Sending, copying, editing, deleting, reacting: private chats.

use std::time::Duration;

use serde_json::{Value, json};
use telegram_simulator::{Content, EventKind, Person, UserSpec};

use super::{ada, done, refused, start, updates};

/// One of everything that people send and bots may copy.
fn everything() -> Vec<Content> {
    vec![
        Content::text("hi /there"),
        Content::photo("p1").caption("a photo"),
        Content::video("v1"),
        Content::animation("a1"),
        Content::audio("au1"),
        Content::voice("vo1"),
        Content::video_note("vn1"),
        Content::document("d1"),
        Content::live_photo("lp1"),
        Content::sticker("s1"),
        Content::contact("+1", "Bob"),
        Content::location(1.0, 2.0),
        Content::venue("Café"),
        Content::poll("why?", &["a", "b"]),
        Content::quiz("why?", &["a", "b"], Some(1)),
        Content::dice(6),
        Content::story(),
        Content::game("chess"),
        Content::checklist("todo", &["one"]),
        Content::rich("rich"),
        Content::raw(json!({ "hologram": { "file_id": "h1" } })),
    ]
}

#[tokio::test]
async fn every_kind_is_delivered_and_copied() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let group = simulator.forum("Team");
    for content in everything() {
        let id = user.sends(content);
        let copied = done(
            &simulator,
            "copyMessage",
            json!({"chat_id": group.id(), "from_chat_id": 77, "message_id": id}),
        );
        assert!(copied.await["message_id"].is_i64());
    }
    let kinds = |seen: Vec<telegram_simulator::SeenMessage>| -> Vec<String> {
        seen.into_iter().map(|message| message.kind).collect()
    };
    assert_eq!(kinds(group.general()), kinds(user.chat()));
    assert_eq!(updates(&simulator).await.len(), everything().len());
}

#[tokio::test]
async fn a_copy_leaves_out_the_fields_about_the_sender() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let channel = json!({ "id": -1_005, "type": "channel", "title": "News" });
    let id = user.sends(Content::text("hi").with("sender_chat", channel));
    assert_eq!(updates(&simulator).await[0]["message"]["sender_chat"]["title"], "News");
    done(&simulator, "copyMessage", json!({"chat_id": 77, "from_chat_id": 77, "message_id": id}))
        .await;
    assert_eq!(user.sees()[0].content, json!({ "text": "hi" }));
}

#[tokio::test]
async fn a_copied_dice_is_rolled_and_a_forwarded_one_is_kept() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let id = user.sends(Content::dice(6));
    let parameters = json!({"chat_id": 77, "from_chat_id": 77, "message_id": id});
    done(&simulator, "copyMessage", parameters.clone()).await;
    done(&simulator, "forwardMessage", parameters).await;
    let values: Vec<Value> =
        user.sees().iter().map(|seen| seen.content["dice"]["value"].clone()).collect();
    assert!(values[0] != 6 && values[1] == 6, "{values:?}");
}

#[tokio::test]
async fn captions_replace_and_replies_across_topics_are_external() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let id = user.sends(Content::photo("p").caption("old"));
    let group = simulator.forum("Team");
    let parameters = json!({
        "chat_id": group.id(), "from_chat_id": 77, "message_id": id,
        "caption": "<i>new</i>", "parse_mode": "HTML",
        "reply_parameters": {"message_id": id, "chat_id": 77},
    });
    done(&simulator, "copyMessage", parameters).await;
    let seen = group.general();
    assert_eq!(seen[0].text.as_deref(), Some("new"));
    assert_eq!(seen[0].file_id.as_deref(), Some("p"));
    assert_eq!(seen[0].external_reply.as_ref().unwrap()["message_id"], id);
}

#[tokio::test]
async fn content_that_may_not_be_copied_is_refused() {
    let simulator = start().await;
    let user = simulator.user(ada());
    user.starts();
    for content in [
        Content::paid_media(),
        Content::giveaway(),
        Content::invoice("x"),
        Content::quiz("why?", &["a", "b"], None),
        Content::text("secret").protected(),
    ] {
        let id = user.sends(content);
        let parameters = json!({"chat_id": 77, "from_chat_id": 77, "message_id": id});
        assert_eq!(
            refused(&simulator, "copyMessage", parameters).await,
            "Bad Request: message can't be copied"
        );
    }
    let id = user.sends(Content::text("secret").protected());
    let parameters = json!({"chat_id": 77, "from_chat_id": 77, "message_id": id});
    assert_eq!(
        refused(&simulator, "forwardMessage", parameters).await,
        "Bad Request: message can't be forwarded"
    );
}

#[tokio::test]
async fn batches_skip_missing_messages_and_keep_albums() {
    let simulator = start().await;
    let (ada, bob) = (simulator.user(ada()), simulator.user(UserSpec::named("Bob")));
    bob.starts();
    let (_, ids) = ada.sends_album(vec![
        Content::photo("p1").caption("c"),
        Content::photo("p2"),
        Content::video("v"),
    ]);
    ada.deletes(ids[1]);
    let parameters = json!({"chat_id": bob.id(), "from_chat_id": 77, "message_ids": ids, "remove_caption": true});
    let copies = done(&simulator, "copyMessages", parameters).await;
    assert_eq!(copies.as_array().unwrap().len(), 2);
    let seen = bob.sees();
    assert!(seen[0].media_group_id.is_some() && seen[0].media_group_id == seen[1].media_group_id);
    assert_eq!(seen[0].text, None);
    let wrong = json!({"chat_id": bob.id(), "from_chat_id": 77, "message_ids": [ids[2], ids[0]]});
    assert_eq!(
        refused(&simulator, "copyMessages", wrong).await,
        "Bad Request: message identifiers must be in a strictly increasing order"
    );
    let forwarded = json!({"chat_id": bob.id(), "from_chat_id": 77, "message_id": ids[0]});
    let forwarded = done(&simulator, "forwardMessage", forwarded).await;
    assert_eq!(forwarded["forward_origin"]["sender_user"]["first_name"], "Ada");
}

#[tokio::test]
async fn albums_have_two_to_ten_pieces_of_kinds_that_mix() {
    let simulator = start().await;
    let user = simulator.user(ada());
    user.sends_album(vec![Content::photo("p1"), Content::document("d1")]);
    let piece = |kind: &str, id: &str| json!({"type": kind, "media": id});
    for (media, wanted) in [
        (vec![piece("photo", "p1")], "group of media must include 2-10 items"),
        (
            vec![piece("photo", "p1"), piece("document", "d1")],
            "document can't be mixed with other media types",
        ),
        (
            vec![piece("photo", "p1"), piece("photo", "d1")],
            "can't use file of type Document as Photo",
        ),
    ] {
        let why =
            refused(&simulator, "sendMediaGroup", json!({"chat_id": 77, "media": media})).await;
        assert_eq!(why, format!("Bad Request: {wanted}"));
    }
    let media = json!([piece("photo", "p1"), {"type": "photo", "media": "p1", "caption": "<b>x</b>", "parse_mode": "HTML"}]);
    done(&simulator, "sendMediaGroup", json!({"chat_id": 77, "media": media})).await;
    assert_eq!(user.sees()[1].entities, [json!({"type": "bold", "offset": 0, "length": 1})]);
}

#[tokio::test]
async fn replies_and_quotes_are_checked() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let id = user.writes("to be or not to be");
    let answering = |reply: Value| json!({"chat_id": 77, "text": "x", "reply_parameters": reply});
    let missing = refused(&simulator, "sendMessage", answering(json!({"message_id": 999}))).await;
    assert_eq!(missing, "Bad Request: message to be replied not found");
    let invalid =
        refused(&simulator, "sendMessage", answering(json!({"message_id": id, "quote": "2b"})))
            .await;
    assert_eq!(invalid, "Bad Request: QUOTE_TEXT_INVALID");
    done(
        &simulator,
        "sendMessage",
        answering(json!({"message_id": 999, "allow_sending_without_reply": true})),
    )
    .await;
    let quoted = answering(json!({"message_id": id, "quote": "to be", "quote_position": 12}));
    let sent = done(&simulator, "sendMessage", quoted).await;
    assert_eq!(sent["quote"]["position"], 13);
    assert_eq!(sent["reply_to_message"]["message_id"], id);
    let quote = user.quotes(sent["message_id"].as_i64().unwrap(), "x", "why?");
    assert_eq!(
        user.chat().last().map(|seen| (seen.id, seen.quote.clone())),
        Some((quote, Some("x".to_owned())))
    );
}

#[tokio::test]
async fn edits_and_deletes_follow_telegrams_rules() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let theirs = user.writes("hello");
    let sent = done(&simulator, "sendMessage", json!({"chat_id": 77, "text": "one"})).await;
    let id = &sent["message_id"];
    let edit = |id: &Value, text: &str| json!({"chat_id": 77, "message_id": id, "text": text});
    assert!(
        refused(&simulator, "editMessageText", edit(id, "one"))
            .await
            .contains("message is not modified")
    );
    assert_eq!(done(&simulator, "editMessageText", edit(id, "two")).await["text"], "two");
    let why = refused(&simulator, "editMessageText", edit(&theirs.into(), "x")).await;
    assert_eq!(why, "Bad Request: message can't be edited");
    let why = refused(&simulator, "editMessageText", edit(&999.into(), "x")).await;
    assert_eq!(why, "Bad Request: message to edit not found");
    done(&simulator, "deleteMessage", json!({"chat_id": 77, "message_id": theirs})).await;
    simulator.advance(Duration::from_hours(48));
    let why = refused(&simulator, "deleteMessage", json!({"chat_id": 77, "message_id": id})).await;
    assert_eq!(why, "Bad Request: message can't be deleted");
    let why =
        refused(&simulator, "deleteMessage", json!({"chat_id": 77, "message_id": theirs})).await;
    assert_eq!(why, "Bad Request: message to delete not found");
}

#[tokio::test]
async fn reactions_and_buttons_go_both_ways() {
    let simulator = start().await;
    let mut events = simulator.subscribe();
    let user: Person = simulator.user(ada());
    updates(&simulator).await;
    let id = user.writes("hello");
    let react = |emoji: &str| json!({"chat_id": 77, "message_id": id, "reaction": [{"type": "emoji", "emoji": emoji}]});
    done(&simulator, "setMessageReaction", react("👍")).await;
    assert_eq!(
        refused(&simulator, "setMessageReaction", react("🧦")).await,
        "Bad Request: REACTION_INVALID"
    );
    assert_eq!(user.chat()[0].reactions, ["👍"]);
    let markup = json!({"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]});
    let sent = done(
        &simulator,
        "sendMessage",
        json!({"chat_id": 77, "text": "?", "reply_markup": markup}),
    )
    .await;
    let sent = sent["message_id"].as_i64().unwrap();
    assert_eq!(user.presses(sent, "n"), None);
    let query = user.presses(sent, "y").unwrap();
    user.reacts(sent, Some("🔥"));
    let kinds: Vec<String> = updates(&simulator)
        .await
        .iter()
        .map(|update| {
            update.as_object().unwrap().keys().find(|key| *key != "update_id").unwrap().clone()
        })
        .collect();
    assert_eq!(kinds, ["message", "callback_query", "message_reaction"]);
    done(&simulator, "answerCallbackQuery", json!({"callback_query_id": query, "text": "ok"}))
        .await;
    let again =
        refused(&simulator, "answerCallbackQuery", json!({"callback_query_id": query})).await;
    assert_eq!(
        again,
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
    let first = events.recv().await.unwrap();
    assert_eq!((first.actor.as_str(), first.by_bot), ("Ada", false));
    assert!(matches!(first.kind, EventKind::Sent { .. }));
}

#[tokio::test]
async fn a_person_who_blocks_the_bot_cannot_be_reached() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let send = || json!({"chat_id": 77, "text": "x"});
    assert_eq!(refused(&simulator, "sendMessage", send()).await, "Bad Request: chat not found");
    simulator.forum("Team").member(ada());
    let why = refused(&simulator, "sendMessage", send()).await;
    assert_eq!(why, "Forbidden: bot can't initiate conversation with a user");
    user.starts();
    user.blocks();
    assert_eq!(
        refused(&simulator, "sendMessage", send()).await,
        "Forbidden: bot was blocked by the user"
    );
    user.returns();
    done(&simulator, "sendMessage", send()).await;
    user.leaves_telegram();
    assert_eq!(refused(&simulator, "sendMessage", send()).await, "Forbidden: user is deactivated");
}

#[tokio::test]
async fn external_replies_and_inline_bots_are_shown_but_not_copied() {
    let simulator = start().await;
    let user = simulator.user(ada());
    let group = simulator.forum("Team");
    let info = json!({"origin": {"type": "hidden_user", "sender_user_name": "Bob", "date": 1}});
    let rows = json!([[{"text": "See", "url": "https://example.org/"}]]);
    let id = user.replies_elsewhere(
        info.clone(),
        Some("a part"),
        Content::text("hi").via_bot("Shop", &rows),
    );
    let told = updates(&simulator).await;
    let message = &told[0]["message"];
    assert_eq!(message["external_reply"], info);
    assert_eq!(message["quote"]["text"], "a part");
    assert_eq!(message["via_bot"]["username"], "Shop_bot");
    assert_eq!(message["reply_markup"], json!({ "inline_keyboard": rows }));
    assert_eq!(message.get("reply_to_message"), None);
    let copy = json!({"chat_id": group.id(), "from_chat_id": 77, "message_id": id});
    done(&simulator, "copyMessage", copy).await;
    let copied = group.general().pop().unwrap();
    assert_eq!((copied.text.as_deref(), copied.external_reply), (Some("hi"), None));
    assert!(copied.buttons.is_empty() && copied.content.get("via_bot").is_none());
}
