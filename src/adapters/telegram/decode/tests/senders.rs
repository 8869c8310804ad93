//! Tests of senders and places: channels, anonymous administrators, requests for ids.

use serde_json::{Value, json};

use super::*;
use domain::{Asker, MessageId, TopicId};

/// A message written as a channel, through Telegram's account for channels.
fn by_channel(extra: Value) -> Value {
    let bot = json!({"id": 136_817_688, "is_bot": true, "first_name": "Channel",
        "username": "Channel_Bot"});
    merged(json!({"from": bot, "sender_chat": {"id": -9, "type": "channel"}}), extra)
}

#[test]
fn a_topic_of_the_private_chat_is_told_of_what_is_written_or_pressed_in_it() {
    let thread = |update: &Value| {
        let Event::User(event) = decode(update) else { panic!("{update}") };
        event.thread
    };
    let there = |text: &str| {
        let root = json!({"message_id": 42, "forum_topic_created": {"name": "x"}});
        from_user(json!({"text": text, "message_thread_id": 42, "is_topic_message": true,
            "reply_to_message": root}))
    };
    let topic = Some(TopicId(42));
    assert_eq!(thread(&update("message", there("hi"))), topic);
    assert_eq!(thread(&update("message", there("/start"))), topic);
    assert_eq!(thread(&update("edited_message", there("hi"))), None);
    assert_eq!(thread(&update("message", from_user(json!({"text": "hi"})))), None);
    let chain = from_user(json!({"text": "hi", "message_thread_id": 42}));
    assert_eq!(thread(&update("message", chain)), None, "a chain of replies is no topic");
    let ada = json!({"id": 7, "is_bot": false, "first_name": "Ada"});
    let press = json!({"id": "cb", "from": ada, "message": there("Which?"), "data": "x"});
    assert_eq!(thread(&update("callback_query", press)), topic);
    for field in ["forum_topic_created", "forum_topic_edited", "general_forum_topic_hidden"] {
        let arranged = merged(there("x"), json!({"text": null, field: {"name": "x"}}));
        assert_eq!(decode(&update("message", arranged)), Event::Ignored, "{field}");
    }
}

#[test]
fn who_writes_as_a_channel_is_told_apart_from_who_says_nothing_to_the_user() {
    let said = Event::Staff(StaffEvent {
        group: FIRST,
        topic: Some(TopicId(5)),
        operator: None,
        act: StaffAct::WroteAsChannel { message: MessageId(81), channel: ChatId(-9) },
    });
    for (extra, counts) in [
        (json!({"text": "hello"}), true),
        (json!({"photo": [], "caption": "look"}), true),
        (json!({"text": "/ban"}), true),
        (json!({"text": "// between us"}), false),
        (json!({"text": "/ban@other_bot"}), false),
        (json!({"text": "hello", "is_automatic_forward": true}), false),
        (json!({"pinned_message": {"message_id": 1}}), false),
        (json!({"text": "hello", "chat": {"id": -77, "type": "supergroup"}}), false),
    ] {
        let event = decode(&update("message", from_operator(by_channel(extra.clone()))));
        assert_eq!(event, if counts { said.clone() } else { Event::Ignored }, "{extra}");
    }
    let edited = from_operator(by_channel(json!({"text": "better"})));
    assert_eq!(decode(&update("edited_message", edited)), Event::Ignored);
}

#[test]
fn ids_are_told_to_people_and_to_nobody_else_is_an_id_told_as_theirs() {
    let group_bot = json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group"});
    let other_bot = json!({"id": 55, "is_bot": true, "first_name": "B"});
    for (extra, expected) in [
        (json!({}), Some((3, Asker::Person))),
        (
            json!({"from": group_bot, "sender_chat": {"id": STAFF.0}}),
            Some((1_087_968_824, Asker::Anonymous)),
        ),
        (json!({"from": group_bot}), Some((1_087_968_824, Asker::Anonymous))),
        (by_channel(json!({})), Some((136_817_688, Asker::Channel))),
        (json!({"from": other_bot}), None),
    ] {
        let message = from_operator(merged(json!({"text": "/id"}), extra.clone()));
        let expected = expected.map_or(Event::Ignored, |(user, asker)| Event::AskedForIds {
            chat: STAFF,
            topic: Some(TopicId(5)),
            user: UserId(user),
            asker,
            message: MessageId(81),
        });
        assert_eq!(decode(&update("message", message)), expected, "{extra}");
    }
}

#[test]
fn ids_are_told_in_any_group() {
    for (chat, extra, topic) in
        [(STAFF.0, json!({}), Some(TopicId(5))), (-77, json!({"is_topic_message": false}), None)]
    {
        let message = from_operator(merged(
            json!({"text": "/id@support_bot", "chat": {"id": chat, "type": "supergroup"}}),
            extra,
        ));
        let expected = Event::AskedForIds {
            chat: ChatId(chat),
            topic,
            user: UserId(3),
            asker: Asker::Person,
            message: MessageId(81),
        };
        assert_eq!(decode(&update("message", message)), expected);
    }
}

#[test]
fn what_one_member_alone_sees_has_no_number_to_link_answer_or_edit_by() {
    let ephemeral = |extra| {
        merged(
            json!({"message_id": 0, "ephemeral_message_id": 3, "receiver_user": {"id": 99}}),
            extra,
        )
    };
    for (kind, extra) in [
        ("message", json!({"text": "hello"})),
        ("message", json!({"text": "/ban"})),
        ("message", json!({"text": "/id"})),
        ("message", json!({"text": "// between us"})),
        ("message", json!({"text": "hello", "ephemeral_message_id": null})),
        ("message", json!({"text": "hello", "message_id": 81})),
        ("edited_message", json!({"text": "hello"})),
    ] {
        let theirs = from_operator(ephemeral(extra.clone()));
        assert_eq!(decode(&update(kind, theirs)), Event::Ignored, "{kind} {extra}");
        let users = from_user(ephemeral(extra.clone()));
        assert_eq!(decode(&update(kind, users)), Event::Ignored, "{kind} {extra}");
    }
    let ada = json!({"id": 7, "is_bot": false, "first_name": "Ada"});
    for message in [from_user(ephemeral(json!({"text": "?"}))), from_operator(ephemeral(json!({})))]
    {
        let press = json!({"id": "cb", "from": ada, "message": message, "data": "retry:12"});
        let pressed = match decode(&update("callback_query", press)) {
            Event::User(UserEvent { act: UserAct::Pressed { message, .. }, .. })
            | Event::Staff(StaffEvent { act: StaffAct::Pressed { message, .. }, .. }) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(pressed, None);
    }
    for chat in [7, STAFF.0] {
        let reaction =
            json!({"chat": {"id": chat}, "message_id": 0, "user": {"id": 7}, "new_reaction": []});
        assert_eq!(decode(&update("message_reaction", reaction)), Event::Ignored);
    }
    let answer =
        json!({"text": "x", "reply_to_message": {"message_id": 0, "ephemeral_message_id": 3}});
    assert_eq!(staff_content(answer.clone()).reply, None);
    assert_eq!(user_content(answer).reply, None);
}
