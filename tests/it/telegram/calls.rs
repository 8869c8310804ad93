//! Each call as Telegram receives it, and the receipt from its answer.

use domain::{
    Body, CallbackId, ChatId, Language, LinkRows, Media, MessageId, Opaque, Quote, TopicId,
    UrlButton,
};
use ports::{Address, Call, Messenger, Receipt, Resolved, SendError};
use serde_json::{Value, json};
use support_bot::adapters::telegram::{
    Client, CommandSet, CommandsFor, TelegramMessenger, register_commands,
};

use super::{
    client,
    stub::{Stub, done},
};

const GROUP: ChatId = ChatId(-100);
const USER: ChatId = ChatId(7);
/// A topic and messages as the desk names them in its third group; Telegram gets only their numbers.
const TOPIC_ID: TopicId = TopicId((3 << 40) | 5);
const TOPIC: Address = Address { chat: GROUP, topic: Some(TOPIC_ID) };
const MESSAGE: MessageId = MessageId((3 << 40) | 9);

async fn performed(call: Call, answer: &str) -> (Value, Receipt) {
    let stub = Stub::replies([done(answer)]);
    let receipt = TelegramMessenger::new(client(&stub)).perform(&call).await.unwrap();
    let method = stub.requests()[0].0.rsplit('/').next().unwrap().to_owned();
    (json!({ method: stub.body() }), receipt)
}

fn made(ids: &[i64]) -> Receipt {
    let messages = ids.iter().copied().map(MessageId).collect();
    Receipt { messages, ..Receipt::default() }
}

fn reply() -> Resolved {
    let entities = Some(Opaque(r#"[{"type":"new_kind"}]"#.to_owned()));
    let quote = Some(Quote { text: "q".to_owned(), entities, position: Some(2) });
    Resolved { to: MessageId((3 << 40) | 8), quote }
}

fn body(kind: Option<&str>) -> Body {
    let media = |kind: &str| Media {
        kind: kind.to_owned(),
        file: "F".to_owned(),
        spoiler: true,
        caption_above: false,
    };
    Body {
        text: "words".to_owned(),
        entities: Some(Opaque(r#"[{"type":"new_kind"}]"#.to_owned())),
        preview: Some(Opaque(r#"{"is_disabled":true}"#.to_owned())),
        media: kind.map(media),
    }
}

fn links() -> LinkRows {
    let link = |label: &str| UrlButton { label: label.to_owned(), url: "https://e.org".to_owned() };
    vec![vec![link("A"), link("B")], vec![link("C")]]
}

/// The keyboard as Telegram receives it.
fn keyboard() -> Value {
    let link = |label: &str| json!({ "text": label, "url": "https://e.org" });
    json!({ "inline_keyboard": [[link("A"), link("B")], [link("C")]] })
}

#[tokio::test]
async fn copies_and_forwards_return_message_ids() {
    let replied = json!({"message_id": 8, "quote": "q", "quote_entities": [{"type": "new_kind"}], "quote_position": 2});
    let reply = Some(reply());
    let call = Call::Copy { to: TOPIC, from: USER, message: MESSAGE, reply, links: links() };
    let expected = json!({"copyMessage": {"chat_id": -100, "message_thread_id": 5, "from_chat_id": 7,
        "message_id": 9, "reply_parameters": replied, "reply_markup": keyboard()}});
    assert_eq!(performed(call, r#"{"message_id":70}"#).await, (expected, made(&[70])));

    let to = Address { chat: USER, topic: None };
    let links = Vec::new();
    let call = Call::Copy { to, from: GROUP, message: MESSAGE, reply: None, links };
    let expected = json!({"copyMessage": {"chat_id": 7, "from_chat_id": -100, "message_id": 9}});
    assert_eq!(performed(call, r#"{"message_id":70}"#).await, (expected, made(&[70])));

    let messages = vec![MessageId((3 << 40) | 1), MessageId((3 << 40) | 2)];
    let many =
        json!({"chat_id": -100, "message_thread_id": 5, "from_chat_id": 7, "message_ids": [1, 2]});
    let call = Call::CopyMany { to: TOPIC, from: USER, messages: messages.clone() };
    let done = performed(call, r#"[{"message_id":70}]"#).await;
    assert_eq!(done, (json!({"copyMessages": many}), made(&[70])), "one message was skipped");
    let call = Call::ForwardMany { to: TOPIC, from: USER, messages };
    let done = performed(call, r#"[{"message_id":70},{"message_id":71}]"#).await;
    assert_eq!(done, (json!({"forwardMessages": many}), made(&[70, 71])));

    let call = Call::Forward { to: TOPIC, from: USER, message: MESSAGE };
    let (sent, receipt) =
        performed(call, r#"{"message_id":70,"message_thread_id":5,"chat":{},"new":1}"#).await;
    assert_eq!(sent["forwardMessage"]["message_id"], 9);
    assert_eq!(receipt, Receipt { landed: Some(Some(TopicId(5))), ..made(&[70]) });
}

#[tokio::test]
async fn the_desks_own_messages_are_html_without_previews() {
    let keys = vec![("Again".to_owned(), "retry:1".to_owned())];
    let call = Call::Say { to: TOPIC, html: "<b>x</b>".to_owned(), reply: Some(reply()), keys };
    let (sent, receipt) = performed(call, r#"{"message_id":70}"#).await;
    let expected = json!({"sendMessage": {"chat_id": -100, "message_thread_id": 5, "text": "<b>x</b>",
        "parse_mode": "HTML", "link_preview_options": {"is_disabled": true},
        "reply_parameters": {"message_id": 8, "quote": "q", "quote_entities": [{"type": "new_kind"}], "quote_position": 2},
        "reply_markup": {"inline_keyboard": [[{"text": "Again", "callback_data": "retry:1"}]]}}});
    assert_eq!(sent, expected);
    assert_eq!(
        receipt,
        Receipt { landed: Some(None), ..made(&[70]) },
        "the message landed in General"
    );

    let general = Address { chat: GROUP, topic: Some(TopicId((3 << 40) | 1)) };
    let call = Call::Say { to: general, html: "x".to_owned(), reply: None, keys: Vec::new() };
    let (sent, _) = performed(call, r#"{"message_id":70}"#).await;
    assert_eq!(sent["sendMessage"]["message_thread_id"], Value::Null, "General has no thread id");
}

#[tokio::test]
async fn albums_and_edits_pass_files_and_formatting_unchanged() {
    let media = json!({"type": "photo", "media": "F", "caption": "words",
        "caption_entities": [{"type": "new_kind"}], "has_spoiler": true});
    let pieces = vec![body(Some("photo")), body(Some("photo"))];
    let call = Call::Album { to: TOPIC, pieces, reply: None };
    let answer =
        r#"[{"message_id":70,"message_thread_id":5},{"message_id":71,"message_thread_id":5}]"#;
    let (sent, receipt) = performed(call, answer).await;
    assert_eq!(sent["sendMediaGroup"]["media"], json!([media, media]));
    assert_eq!(receipt, Receipt { landed: Some(Some(TopicId(5))), ..made(&[70, 71]) });

    let entities = json!([{"type": "new_kind"}]);
    let (chat, message) = (GROUP, MESSAGE);
    let table = [
        (
            Call::EditText { chat, message, body: body(None), links: links() },
            json!({"editMessageText": {"chat_id": -100, "message_id": 9, "text": "words", "entities": entities,
                "link_preview_options": {"is_disabled": true}, "reply_markup": keyboard()}}),
        ),
        (
            Call::EditCaption { chat, message, body: body(Some("voice")), links: Vec::new() },
            json!({"editMessageCaption": {"chat_id": -100, "message_id": 9, "caption": "words", "caption_entities": entities}}),
        ),
        (
            Call::EditMedia { chat, message, body: body(Some("photo")), links: Vec::new() },
            json!({"editMessageMedia": {"chat_id": -100, "message_id": 9, "media": media}}),
        ),
        (
            Call::EditSaid { chat, message, html: "x".to_owned(), keys: Vec::new() },
            json!({"editMessageText": {"chat_id": -100, "message_id": 9, "text": "x", "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": true}}}),
        ),
    ];
    for (call, expected) in table {
        let answer = r#"{"message_id":9,"message_thread_id":5,"text":{"new":"shape"}}"#;
        assert_eq!(performed(call, answer).await, (expected, Receipt::default()));
    }
}

#[tokio::test]
async fn small_calls_have_the_required_parameters() {
    let (chat, message, topic) = (GROUP, MESSAGE, TOPIC_ID);
    let of_message = json!({"chat_id": -100, "message_id": 9});
    let of_topic = json!({"chat_id": -100, "message_thread_id": 5});
    let reaction = Some(Opaque(r#"{"type":"new_kind"}"#.to_owned()));
    let reacted = |reaction: Value| json!({"setMessageReaction": {"chat_id": -100, "message_id": 9, "reaction": reaction}});
    let callback = CallbackId("cb".to_owned());
    for (call, expected) in [
        (Call::RemoveKeys { chat, message }, json!({"editMessageReplyMarkup": of_message})),
        (Call::React { chat, message, reaction }, reacted(json!([{"type": "new_kind"}]))),
        (Call::React { chat, message, reaction: None }, reacted(json!([]))),
        (Call::Delete { chat, message }, json!({"deleteMessage": of_message})),
        (
            Call::Pin { chat, message },
            json!({"pinChatMessage": {"chat_id": -100, "message_id": 9, "disable_notification": true}}),
        ),
        (Call::Unpin { chat, message }, json!({"unpinChatMessage": of_message})),
        (
            Call::RenameTopic { chat, topic, title: "Ada".to_owned() },
            json!({"editForumTopic": {"chat_id": -100, "message_thread_id": 5, "name": "Ada"}}),
        ),
        (Call::CloseTopic { chat, topic }, json!({"closeForumTopic": of_topic})),
        (Call::ReopenTopic { chat, topic }, json!({"reopenForumTopic": of_topic})),
        (
            Call::Answer { callback: callback.clone(), text: Some("Yes".to_owned()) },
            json!({"answerCallbackQuery": {"callback_query_id": "cb", "text": "Yes"}}),
        ),
        (
            Call::Answer { callback, text: None },
            json!({"answerCallbackQuery": {"callback_query_id": "cb"}}),
        ),
    ] {
        assert_eq!(performed(call, "true").await, (expected, Receipt::default()));
    }
    let open = Call::OpenTopic { chat, title: "Ada".to_owned(), icon: Some("57".to_owned()) };
    let expected =
        json!({"createForumTopic": {"chat_id": -100, "name": "Ada", "icon_custom_emoji_id": "57"}});
    let opened = Receipt { opened: Some(TopicId(6)), ..Receipt::default() };
    assert_eq!(
        performed(open, r#"{"message_thread_id":6,"name":"Ada"}"#).await,
        (expected, opened)
    );
}

#[tokio::test]
async fn an_invalid_call_is_refused_without_a_request() {
    let stub = Stub::replies([]);
    let messenger = TelegramMessenger::new(client(&stub));
    let (chat, message) = (GROUP, MESSAGE);
    let broken = Some(Opaque("{not json".to_owned()));
    for call in [
        Call::React { chat, message, reaction: broken },
        Call::EditMedia { chat, message, body: body(None), links: Vec::new() },
        Call::Delete { chat, message: MessageId(1 << 39) },
    ] {
        let error = messenger.perform(&call).await.unwrap_err();
        assert!(matches!(error, SendError::Refused(_) | SendError::MessageGone), "{error:?}");
    }
    assert_eq!(stub.requests(), []);
}

#[tokio::test]
async fn commands_are_registered_for_each_audience_and_language() {
    let stub = Stub::replies([done("true"), done("true")]);
    let client: Client = client(&stub);
    let commands = vec![("help".to_owned(), "Explains".to_owned())];
    let set = |audience, language| CommandSet { audience, language, commands: commands.clone() };
    let sets =
        [set(CommandsFor::Users, None), set(CommandsFor::Operators, Some(Language::Russian))];
    register_commands(&client, GROUP, &sets).await.unwrap();
    let listed = json!([{"command": "help", "description": "Explains"}]);
    let bodies: Vec<Value> = stub.requests().into_iter().map(|(_, body)| body).collect();
    assert_eq!(
        bodies,
        [
            json!({"commands": listed, "scope": {"type": "all_private_chats"}}),
            json!({"commands": listed, "scope": {"type": "chat", "chat_id": -100}, "language_code": "ru"}),
        ]
    );
}
