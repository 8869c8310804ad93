//! Tests of events: who acts, where, and in which lane the update waits.

use serde_json::{Value, json};

use super::*;
use domain::{
    CallbackId, DeadId, InboxLane, Language, MessageId, Opaque, Press, StaffCommand, TopicId,
    UserId,
};
use ports::UpdateKind;

const MOVED: i64 = -100_600;
const OPERATOR: UserId = UserId(3);

#[test]
fn a_user_is_known_by_their_message() {
    let incoming = decoder()
        .decode(&update("message", from_user(json!({"text": "hi"}))).to_string(), &groups());
    let Incoming { update, happened, event } = incoming.unwrap();
    assert_eq!((update, happened), (UpdateId(1000), Some(Millis(1_700_000_000_000))));
    let Event::User(UserEvent { user, profile, .. }) = event else { panic!("{event:?}") };
    assert_eq!(user, UserId(7));
    let expected = Profile {
        name: "Ada Lovelace".to_owned(),
        username: Some("ada".to_owned()),
        language_code: Some("en-GB".to_owned()),
    };
    assert_eq!(profile, expected);
}

#[test]
fn parts_of_the_wrong_type_do_not_cost_the_message() {
    for (field, value) in [
        ("from", json!("Ada")),
        ("date", json!("today")),
        ("entities", json!(5)),
        ("reply_to_message", json!([1])),
        ("quote", json!({"text": 1})),
        ("media_group_id", json!({})),
        ("message_thread_id", json!("x")),
        ("sender_chat", json!(null)),
        ("photo", json!("none")),
        ("text", json!({"new": "format"})),
        ("text\n", json!(1)),
    ] {
        let message = from_user(merged(json!({"text": "hi"}), json!({field: value})));
        let act = user_act("message", message);
        assert!(matches!(act, UserAct::Wrote(_)), "{field}: {act:?}");
    }
}

#[test]
fn users_commands_are_read_and_others_are_messages() {
    for (text, expected) in [
        ("/start", Some(UserAct::Started)),
        ("/start promo_7", Some(UserAct::Started)),
        ("/START@support_bot", Some(UserAct::Started)),
        ("/help", Some(UserAct::AskedForHelp)),
        ("/language", Some(UserAct::AskedForLanguages)),
        ("/ban", None),
        ("/help@other_bot", None),
        ("// hello", None),
        ("start", None),
    ] {
        let act = user_act("message", from_user(json!({"text": text})));
        match expected {
            Some(expected) => assert_eq!(act, expected, "{text}"),
            None => assert!(matches!(act, UserAct::Wrote(_)), "{text}: {act:?}"),
        }
    }
    let captioned = from_user(json!({"caption": "/start", "voice": {"file_id": "v"}}));
    assert!(matches!(user_act("message", captioned), UserAct::Wrote(_)));
    let edited = user_act("edited_message", from_user(json!({"text": "/start"})));
    assert!(matches!(edited, UserAct::Edited(_)), "an edit is no command");
}

#[test]
fn operators_commands_notes_and_messages_are_told_apart() {
    let act = |text: &str| {
        let event = decode(&update("message", from_operator(json!({"text": text}))));
        let Event::Staff(StaffEvent { topic, operator, act, .. }) = event else { return None };
        assert_eq!((topic, operator), (Some(TopicId(5)), Some(OPERATOR)));
        Some(act)
    };
    for (text, command) in [
        ("/ban", StaffCommand::Ban),
        ("/Silent", StaffCommand::Silent),
        ("/information@support_bot", StaffCommand::Information),
        ("/delete now", StaffCommand::Delete),
        ("/close", StaffCommand::Close),
        ("/reopen", StaffCommand::Reopen),
        ("/help", StaffCommand::Help),
        ("/bann", StaffCommand::Unknown),
    ] {
        let message = MessageId(81);
        assert_eq!(
            act(text),
            Some(StaffAct::Commanded { command, message, reply_to: None }),
            "{text}"
        );
    }
    let is_note =
        |act: Option<StaffAct>| matches!(act, Some(StaffAct::Noted { edited: false, .. }));
    assert!(is_note(act("// between us")));
    assert_eq!(act("/ban@other_bot"), None);
    assert!(matches!(act("/usr/bin is a path"), Some(StaffAct::Wrote(_))));
    let note = from_operator(json!({"caption": "//look", "photo": []}));
    assert!(is_note(Some(staff_act("message", note))));
    let reply = json!({"text": "/delete", "reply_to_message": {"message_id": 60}});
    let StaffAct::Commanded { reply_to, .. } = staff_act("message", from_operator(reply)) else {
        panic!("no command")
    };
    assert_eq!(reply_to, Some(MessageId(60)));
}

#[test]
fn operators_edits_are_edits_unless_they_say_what_is_not_for_the_user() {
    let edit = |text: &str| decode(&update("edited_message", from_operator(json!({"text": text}))));
    assert!(matches!(
        edit("hello"),
        Event::Staff(StaffEvent { act: StaffAct::Edited(content), .. }) if content.body.is_some()
    ));
    assert!(matches!(
        edit("//x"),
        Event::Staff(StaffEvent { act: StaffAct::Noted { edited: true, .. }, .. })
    ));
    assert_eq!(edit("/ban"), Event::Ignored);
    assert_eq!(edit("/id"), Event::Ignored);
}

#[test]
fn only_people_and_anonymous_administrators_are_operators() {
    let bot = json!({"id": 1_087_968_824, "is_bot": true, "first_name": "Group"});
    let as_group = json!({"text": "x", "from": bot, "sender_chat": {"id": STAFF.0}});
    let event = decode(&update("message", from_operator(as_group)));
    assert!(matches!(event, Event::Staff(StaffEvent { operator: None, .. })), "{event:?}");
    for (extra, counts) in [
        (json!({"from": bot}), false),
        (json!({"from": bot, "sender_chat": {"id": STAFF.0}}), true),
        (json!({"from": bot, "sender_chat": {"id": -9}}), false),
        (json!({"is_automatic_forward": true}), false),
        (json!({"from": bot, "forum_topic_closed": {}}), false),
        (json!({"chat": {"id": -77, "type": "supergroup"}}), false),
    ] {
        let message = from_operator(merged(json!({"text": "x"}), extra.clone()));
        let event = decode(&update("message", message));
        assert_eq!(event != Event::Ignored, counts, "{extra}");
    }
    let bot = from_user(json!({"text": "x", "from": {"id": 7, "is_bot": true, "first_name": "B"}}));
    assert_eq!(decode(&update("message", bot)), Event::Ignored);
}

#[test]
fn service_messages_of_the_group_are_acts_moves_or_nothing() {
    let event = |extra: Value| decode(&update("message", from_operator(extra)));
    let act = |act| {
        Event::Staff(StaffEvent {
            group: FIRST,
            topic: Some(TopicId(5)),
            operator: Some(OPERATOR),
            act,
        })
    };
    let moved = Event::GroupMigrated(FIRST);
    assert_eq!(event(json!({"forum_topic_closed": {}})), act(StaffAct::ClosedTopic));
    assert_eq!(event(json!({"forum_topic_reopened": {}})), act(StaffAct::ReopenedTopic));
    let unmarked = json!({"forum_topic_closed": {}, "is_topic_message": null});
    assert_eq!(event(unmarked), act(StaffAct::ClosedTopic));
    assert_eq!(event(json!({"migrate_to_chat_id": MOVED})), moved);
    let at_new = json!({"migrate_from_chat_id": STAFF.0, "chat": {"id": MOVED}});
    assert_eq!(event(at_new), moved);
    for extra in [
        json!({"forum_topic_created": {"name": "x"}}),
        json!({"forum_topic_edited": {"name": "x"}}),
        json!({"pinned_message": {"message_id": 1}}),
        json!({"new_chat_members": []}),
        json!({"migrate_to_chat_id": MOVED, "chat": {"id": -77}}),
        json!({"migrate_from_chat_id": -77}),
    ] {
        assert_eq!(event(extra.clone()), Event::Ignored, "{extra}");
    }
}

#[test]
fn a_chain_of_replies_in_general_is_no_topic() {
    let chained =
        json!({"text": "x", "is_topic_message": null, "reply_to_message": {"message_id": 5}});
    let event = decode(&update("message", from_operator(chained)));
    let Event::Staff(StaffEvent { topic: None, act: StaffAct::Wrote(content), .. }) = event else {
        panic!("{event:?}")
    };
    assert_eq!(content.reply.unwrap().to, MessageId(5));
}

#[test]
fn reactions_pass_unread_save_for_paid_ones() {
    let heart = json!({"type": "emoji", "emoji": "❤"});
    let odd = json!({"type": "hologram", "id": 5});
    let paid = json!({"type": "paid"});
    let opaque = |value: &Value| Some(Some(Opaque(value.to_string())));
    for (given, expected) in [
        (json!([heart]), opaque(&heart)),
        (json!([odd, heart]), opaque(&odd)),
        (json!([paid, heart]), opaque(&heart)),
        (json!([]), Some(None)),
        (json!([paid]), None),
    ] {
        for (chat, who) in
            [(7, json!({"user": {"id": 7}})), (STAFF.0, json!({"actor_chat": {"id": -4}}))]
        {
            let change = json!({"chat": {"id": chat}, "message_id": 41, "date": 5, "old_reaction": [], "new_reaction": given});
            let reacted = match decode(&update("message_reaction", merged(change, who))) {
                Event::User(UserEvent { act: UserAct::Reacted { reaction, .. }, .. })
                | Event::Staff(StaffEvent {
                    topic: None,
                    act: StaffAct::Reacted { reaction, .. },
                    ..
                }) => Some(reaction),
                Event::Ignored => None,
                other => panic!("{other:?}"),
            };
            assert_eq!(reacted, expected, "{given}");
        }
    }
}

#[test]
fn presses_name_their_button_and_their_message() {
    let ada = json!({"id": 7, "is_bot": false, "first_name": "Ada"});
    let press = |message: Value, data: &str| {
        update(
            "callback_query",
            json!({"id": "cb", "from": ada, "message": message, "chat_instance": "1", "data": data}),
        )
    };
    let callback = || CallbackId("cb".to_owned());
    let Event::User(event) = decode(&press(from_user(json!({"text": "Which?"})), "lang:ru")) else {
        panic!("not a user's")
    };
    let expected = UserAct::Pressed {
        callback: callback(),
        message: Some(MessageId(41)),
        press: Press::Language(Language::Russian),
    };
    assert_eq!(event.act, expected);
    let expected = |message, press| StaffAct::Pressed { callback: callback(), message, press };
    let (topic, operator) = (Some(TopicId(5)), Some(UserId(7)));
    let act = expected(Some(MessageId(81)), Press::Retry(DeadId(12)));
    let pressed = decode(&press(from_operator(json!({"text": "failed"})), "retry:12"));
    assert_eq!(pressed, Event::Staff(StaffEvent { group: FIRST, topic, operator, act }));
    let gone = json!({"chat": {"id": STAFF.0}, "message_id": 81, "date": 0});
    let act = expected(None, Press::Unknown);
    assert_eq!(
        decode(&press(gone, "old")),
        Event::Staff(StaffEvent { group: FIRST, topic: None, operator, act })
    );
    let inline = update("callback_query", json!({"id": "cb", "from": ada, "data": "x"}));
    assert_eq!(decode(&inline), Event::Ignored);
}

#[test]
fn blocking_and_coming_back_are_seen_in_private_only() {
    let change = |chat: i64, status: &str| {
        decode(&update(
            "my_chat_member",
            json!({"chat": {"id": chat}, "from": {"id": 7, "first_name": "Ada"}, "date": 1,
                "old_chat_member": {"status": "x"}, "new_chat_member": {"status": status, "until_date": 0}}),
        ))
    };
    let act = |event: Event| if let Event::User(event) = event { Some(event.act) } else { None };
    assert_eq!(act(change(7, "kicked")), Some(UserAct::Left));
    assert_eq!(act(change(7, "member")), Some(UserAct::Returned));
    assert_eq!(change(STAFF.0, "kicked"), Event::Ignored);
}

#[test]
fn envelopes_tell_number_kind_and_lane() {
    let in_general = json!({"is_topic_message": null});
    let elsewhere = json!({"chat": {"id": -77}});
    for (update, kind, lane) in [
        (update("message", from_user(json!({}))), UpdateKind::Message, InboxLane::User(UserId(7))),
        (
            update("edited_message", from_user(json!({}))),
            UpdateKind::EditedMessage,
            InboxLane::User(UserId(7)),
        ),
        (
            update("message", from_operator(json!({}))),
            UpdateKind::Message,
            InboxLane::Topic(TopicId(5)),
        ),
        // It does not show whose topic it is; a later update of the topic may.
        (
            update("message", from_operator(json!({"forum_topic_created": {"name": "Ada"}}))),
            UpdateKind::Message,
            InboxLane::Desk,
        ),
        (update("message", from_operator(in_general)), UpdateKind::Message, InboxLane::Desk),
        (update("message", from_operator(elsewhere)), UpdateKind::Message, InboxLane::Desk),
        (
            update("callback_query", json!({"message": from_operator(json!({}))})),
            UpdateKind::CallbackQuery,
            InboxLane::Topic(TopicId(5)),
        ),
        (update("callback_query", json!({"id": "1"})), UpdateKind::CallbackQuery, InboxLane::Desk),
        (
            update("message_reaction", json!({"chat": {"id": STAFF.0}, "message_id": 1})),
            UpdateKind::MessageReaction,
            InboxLane::Desk,
        ),
        (
            update("message_reaction", json!({"chat": {"id": 7}, "message_id": 1})),
            UpdateKind::MessageReaction,
            InboxLane::User(UserId(7)),
        ),
        (
            update("my_chat_member", json!({"chat": {"id": 7}})),
            UpdateKind::MyChatMember,
            InboxLane::User(UserId(7)),
        ),
        // No id has so many bits: the number of its lane would be another's.
        (
            update("message", json!({"message_id": 1, "chat": {"id": (1_i64 << 52) + 1}})),
            UpdateKind::Message,
            InboxLane::Desk,
        ),
        (update("guest_message", json!({"chat": {"id": 7}})), UpdateKind::Other, InboxLane::Desk),
        (update("message", json!("broken")), UpdateKind::Other, InboxLane::Desk),
    ] {
        let envelope = decoder().envelope(&update.to_string(), &groups());
        assert_eq!(envelope, Envelope { update: Some(UpdateId(1000)), lane, kind }, "{update}");
    }
    for raw in ["", "{}", "[]", "{\"update_id\":\"x\"}", "{\"update_id\":1"] {
        assert_eq!(decoder().envelope(raw, &groups()).update, None, "{raw}");
    }
}

#[test]
fn what_is_malformed_is_an_error_and_what_is_new_is_not() {
    for raw in [
        "",
        "[]",
        r#"{"message":{}}"#,
        r#"{"update_id":1,"message":5}"#,
        r#"{"update_id":1,"message":{"message_id":1}}"#,
        r#"{"update_id":1,"message":{"message_id":1,"chat":{"id":4503599627370497}}}"#,
        r#"{"update_id":1,"my_chat_member":{"chat":{"id":-9223372036854775808},"new_chat_member":{"status":"left"}}}"#,
        r#"{"update_id":1,"message":{"chat":{"id":1}}}"#,
        r#"{"update_id":1,"message_reaction":{"message_id":1}}"#,
    ] {
        let error = decoder().decode(raw, &groups()).unwrap_err();
        assert!(!error.0.contains('"'), "{error}");
    }
    let secret = decoder().decode(r#"{"update_id":"my secret"}"#, &groups()).unwrap_err();
    assert!(!secret.to_string().contains("secret"), "{secret}");
    assert_eq!(decode(&update("guest_message", json!({"text": "x"}))), Event::Ignored);
    assert_eq!(decode(&json!({"update_id": 1})), Event::Ignored);
}

#[test]
fn equal_numbers_in_two_groups_are_different_messages_and_topics() {
    let second = GroupKey::new(1).unwrap();
    let mut groups = groups();
    groups.set(second, ChatId(MOVED));
    let reply = json!({"message_id": 7, "chat": {"id": MOVED}, "date": 1});
    let said = from_operator(json!({"chat": {"id": MOVED}, "reply_to_message": reply}));
    let raw = update("message", said).to_string();
    let envelope = decoder().envelope(&raw, &groups);
    assert_eq!(envelope.lane, InboxLane::Topic(TopicId::in_group(second, 5)));
    let event = decoder().decode(&raw, &groups).unwrap().event;
    let Event::Staff(StaffEvent { group, topic, act: StaffAct::Wrote(content), .. }) = event else {
        panic!("{event:?}")
    };
    assert_eq!((group, topic), (second, Some(TopicId::in_group(second, 5))));
    assert_eq!(content.message.group(), second);
    assert_eq!(content.reply.unwrap().to, MessageId::in_group(second, 7));
}
