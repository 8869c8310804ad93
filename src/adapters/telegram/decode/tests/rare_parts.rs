//! Tests of replies to messages in other chats and of an inline bot's buttons.

use serde_json::{Value, json};

use super::*;
use domain::{Elsewhere, MessageId, Quote, Reply, UrlButton};

fn told(names: &[&str], link: Option<&str>, quote: Option<&str>) -> Elsewhere {
    let names = names.iter().map(|&name| name.to_owned()).collect();
    Elsewhere { names, link: link.map(str::to_owned), quote: quote.map(str::to_owned) }
}

#[test]
fn what_a_user_answers_in_another_chat_is_named_as_telegram_names_it() {
    let news = || json!({"id": -1, "type": "channel", "title": "News", "username": "the_news"});
    let hidden_channel = || json!({"id": -2, "type": "channel", "title": "Secrets"});
    let group =
        || json!({"id": -3, "type": "supergroup", "title": "Friends", "username": "friends"});
    let ada = || json!({"id": 7, "is_bot": false, "first_name": "Ada", "last_name": "Lovelace", "username": "ada"});
    let table: Vec<(Value, Elsewhere)> = vec![
        (
            json!({"origin": {"type": "channel", "chat": news(), "message_id": 5}, "chat": news(), "message_id": 5}),
            told(&["News"], Some("https://t.me/the_news/5"), None),
        ),
        (
            json!({"origin": {"type": "channel", "chat": news(), "message_id": 5}}),
            told(&["News"], Some("https://t.me/the_news/5"), None),
        ),
        (
            json!({"origin": {"type": "channel", "chat": hidden_channel(), "message_id": 5}}),
            told(&["Secrets"], None, None),
        ),
        (
            json!({"origin": {"type": "user", "sender_user": ada()}, "chat": group(), "message_id": 9}),
            told(&["Ada Lovelace", "Friends"], Some("https://t.me/friends/9"), None),
        ),
        // A link to a person would lead to their profile, not to their message.
        (
            json!({"origin": {"type": "user", "sender_user": ada()}}),
            told(&["Ada Lovelace"], None, None),
        ),
        (
            json!({"origin": {"type": "hidden_user", "sender_user_name": "A Stranger"}}),
            told(&["A Stranger"], None, None),
        ),
        (
            json!({"origin": {"type": "chat", "sender_chat": group()}}),
            told(&["Friends"], Some("https://t.me/friends"), None),
        ),
        (
            json!({"origin": {"type": "chat", "sender_chat": {"title": "X", "username": "a/b"}}}),
            told(&["X"], None, None),
        ),
        (json!({"origin": {"type": "of a later day"}}), told(&[], None, None)),
        (json!("no object"), told(&[], None, None)),
    ];
    for (external, expected) in table {
        let content = user_content(json!({"text": "this?", "external_reply": external}));
        assert_eq!((content.elsewhere, content.reply), (Some(expected), None), "{external}");
    }
    let quoting = json!({"text": "this?", "quote": {"text": "in stock", "position": 0},
        "external_reply": {"origin": {"type": "channel", "chat": hidden_channel()}}});
    assert_eq!(
        user_content(quoting.clone()).elsewhere,
        Some(told(&["Secrets"], None, Some("in stock")))
    );
    assert_eq!(
        staff_content(quoting).elsewhere,
        None,
        "a user is not shown an operator's reply elsewhere"
    );
    let here = json!({"text": "this?", "reply_to_message": {"message_id": 60}, "quote": {"text": "in stock"}});
    let content = user_content(here);
    assert_eq!(content.elsewhere, None, "the message is in this chat, where it has a copy");
    let quote = Some(Quote { text: "in stock".to_owned(), entities: None, position: None });
    assert_eq!(content.reply, Some(Reply { to: MessageId(60), quote }));
    assert_eq!(user_content(json!({"text": "this?"})).elsewhere, None);
}

#[test]
fn buttons_of_an_inline_bot_that_open_pages_are_kept_in_their_rows() {
    let bot = || json!({"id": 4, "is_bot": true, "first_name": "Shop"});
    let url = |text: &str, url: &str| json!({"text": text, "url": url});
    let rows = json!({"inline_keyboard": [
        [url("A", "https://example.org/a"), {"text": "Vote", "callback_data": "1"}, url("B", "HTTP://example.org")],
        [{"text": "Share", "switch_inline_query": "x"}, {"text": "In", "login_url": {"url": "https://example.org"}}],
        [url("C", "tg://resolve?domain=shop"), url("D", "javascript://x"), url("E", "example.org"), url(" ", "https://e.org")],
        "no row", [7, {"text": 5, "url": "https://e.org"}],
    ]});
    let button =
        |label: &str, url: &str| UrlButton { label: label.to_owned(), url: url.to_owned() };
    let kept = vec![
        vec![button("A", "https://example.org/a"), button("B", "HTTP://example.org")],
        vec![button("C", "tg://resolve?domain=shop")],
    ];
    let message = |extra| merged(json!({"text": "a lamp", "reply_markup": rows.clone()}), extra);
    let via = || json!({"via_bot": bot()});
    assert_eq!(user_content(message(via())).links, kept);
    assert_eq!(staff_content(message(via())).links, kept);
    assert_eq!(edited_content(message(via())).links, kept);
    let none: domain::LinkRows = Vec::new();
    assert_eq!(user_content(message(json!({}))).links, none, "no inline bot wrote it");
    let forwarded = json!({"via_bot": bot(), "forward_origin": {"type": "hidden_user"}});
    assert_eq!(user_content(message(forwarded)).links, none, "a forward keeps its own");
    let bare = json!({"text": "x", "via_bot": bot()});
    assert_eq!(user_content(bare).links, none);
    let odd = json!({"text": "x", "via_bot": bot(), "reply_markup": {"inline_keyboard": {}}});
    assert_eq!(user_content(odd).links, none);
}
