//! Forums: topics, rights, migration.

use serde_json::json;
use telegram_simulator::{Fault, Group, Matcher, Rights, Simulator, Times, UserSpec, What};

use super::{done, refused, start, updates};

async fn open(simulator: &Simulator, group: &Group, name: &str) -> i64 {
    let topic =
        done(simulator, "createForumTopic", json!({"chat_id": group.id(), "name": name})).await;
    topic["message_thread_id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_topic_is_created_changed_and_deleted() {
    let simulator = start().await;
    let group = simulator.forum("Team");
    let operator = group.operator(UserSpec::named("Olga"));
    let topic = open(&simulator, &group, "Ada").await;
    let send = || json!({"chat_id": group.id(), "message_thread_id": topic, "text": "hi"});
    let posted = done(&simulator, "sendMessage", send()).await;
    assert_eq!(posted["message_thread_id"], topic);
    assert_eq!(posted["is_topic_message"], true);
    assert_eq!(posted["reply_to_message"]["forum_topic_created"]["name"], "Ada");
    let topic_call = || json!({"chat_id": group.id(), "message_thread_id": topic});
    operator.closes(topic);
    assert_eq!(
        refused(&simulator, "closeForumTopic", topic_call()).await,
        "Bad Request: TOPIC_NOT_MODIFIED"
    );
    done(&simulator, "sendMessage", send()).await;
    group.demote_bot();
    assert_eq!(refused(&simulator, "sendMessage", send()).await, "Bad Request: TOPIC_CLOSED");
    operator.reopens(topic);
    group.set_bot_rights(Rights::all());
    operator.deletes_topic(topic);
    assert_eq!(
        refused(&simulator, "sendMessage", send()).await,
        "Bad Request: message thread not found"
    );
    assert_eq!(
        refused(&simulator, "closeForumTopic", topic_call()).await,
        "Bad Request: TOPIC_ID_INVALID"
    );
    assert!(group.topics()[0].deleted && group.messages(topic).is_empty());
    let kinds: Vec<String> = updates(&simulator).await.iter().map(ToString::to_string).collect();
    for wanted in
        ["forum_topic_created", "forum_topic_closed", "forum_topic_reopened", "my_chat_member"]
    {
        assert!(kinds.iter().any(|update| update.contains(wanted)), "{wanted}");
    }
}

#[tokio::test]
async fn faults_change_how_topics_answer() {
    let simulator = start().await;
    let group = simulator.forum("Team");
    let operator = group.operator(UserSpec::named("Olga"));
    let topic = open(&simulator, &group, "Ada").await;
    let send = || json!({"chat_id": group.id(), "message_thread_id": topic, "text": "hi"});
    let fault = |what: What| Fault { on: Matcher::any(), what, times: Times::N(1) };
    simulator.inject(fault(What::LandInGeneral));
    assert_eq!(done(&simulator, "sendMessage", send()).await.get("message_thread_id"), None);
    assert_eq!(group.general().len(), 1);
    operator.closes(topic);
    simulator.inject(fault(What::RefuseClosedTopics));
    assert_eq!(refused(&simulator, "sendMessage", send()).await, "Bad Request: TOPIC_CLOSED");
    operator.deletes_topic(topic);
    simulator.inject(fault(What::SayTopicDeleted));
    assert_eq!(refused(&simulator, "sendMessage", send()).await, "Bad Request: TOPIC_DELETED");
    assert_eq!(
        refused(&simulator, "sendMessage", send()).await,
        "Bad Request: message thread not found"
    );
}

#[tokio::test]
async fn general_has_no_id_and_names_have_limits() {
    let simulator = start().await;
    let group = simulator.forum("Team");
    let general = json!({"chat_id": group.id(), "message_thread_id": 1, "text": "hi"});
    assert_eq!(
        refused(&simulator, "sendMessage", general).await,
        "Bad Request: message thread not found"
    );
    for (name, wanted) in
        [(String::new(), "topic name must be non-empty"), ("x".repeat(129), "TOPIC_TITLE_TOO_LONG")]
    {
        let why =
            refused(&simulator, "createForumTopic", json!({"chat_id": group.id(), "name": name}))
                .await;
        assert_eq!(why, format!("Bad Request: {wanted}"));
    }
    let icons = done(&simulator, "getForumTopicIconStickers", json!({})).await;
    let icon = icons[0]["custom_emoji_id"].clone();
    let topic = open(&simulator, &group, "Ada").await;
    let edit = || json!({"chat_id": group.id(), "message_thread_id": topic, "name": "Ada", "icon_custom_emoji_id": icon});
    done(&simulator, "editForumTopic", edit()).await;
    assert_eq!(
        refused(&simulator, "editForumTopic", edit()).await,
        "Bad Request: TOPIC_NOT_MODIFIED"
    );
    assert_eq!(group.topics()[0].icon.as_deref(), icon.as_str());
}

#[tokio::test]
async fn a_bot_without_a_right_is_refused() {
    let simulator = start().await;
    let group = simulator.forum("Team");
    let message = group.operator(UserSpec::named("Olga")).writes_in_general("hi");
    group.set_bot_rights(Rights::none());
    let in_group = json!({"chat_id": group.id(), "message_id": message});
    for (method, parameters, wanted) in [
        (
            "createForumTopic",
            json!({"chat_id": group.id(), "name": "x"}),
            "Bad Request: not enough rights to create a topic",
        ),
        ("deleteMessage", in_group.clone(), "Bad Request: message can't be deleted"),
        (
            "pinChatMessage",
            in_group,
            "Bad Request: not enough rights to manage pinned messages in the chat",
        ),
    ] {
        assert_eq!(refused(&simulator, method, parameters).await, wanted);
    }
    let me = json!({"chat_id": group.id(), "user_id": simulator.bot_id()});
    assert_eq!(done(&simulator, "getChatMember", me).await["can_manage_topics"], false);
    group.kick_bot();
    let why = refused(&simulator, "sendMessage", json!({"chat_id": group.id(), "text": "x"})).await;
    assert_eq!(why, "Forbidden: bot was kicked from the supergroup chat");
    let plain = simulator.supergroup("Plain");
    let why =
        refused(&simulator, "createForumTopic", json!({"chat_id": plain.id(), "name": "x"})).await;
    assert_eq!(why, "Bad Request: the chat is not a forum");
}

#[tokio::test]
async fn a_pin_is_visible_and_sends_a_service_message() {
    let simulator = start().await;
    let group = simulator.forum("Team");
    let topic = open(&simulator, &group, "Ada").await;
    let sent = done(
        &simulator,
        "sendMessage",
        json!({"chat_id": group.id(), "message_thread_id": topic, "text": "rules"}),
    )
    .await;
    done(
        &simulator,
        "pinChatMessage",
        json!({"chat_id": group.id(), "message_id": sent["message_id"]}),
    )
    .await;
    assert_eq!(group.pinned(topic).len(), 1);
    let last = updates(&simulator).await.pop().unwrap();
    assert_eq!(last["message"]["pinned_message"]["text"], "rules");
}

#[tokio::test]
async fn a_migrated_group_names_its_new_id() {
    let simulator = start().await;
    let group = simulator.forum("Team");
    let operator = group.operator(UserSpec::named("Olga"));
    let topic = open(&simulator, &group, "Ada").await;
    let old = group.id();
    let new = group.migrate();
    let answer = super::call(&simulator, "sendMessage", json!({"chat_id": old, "text": "x"})).await;
    assert_eq!(answer["description"], "Bad Request: group chat was upgraded to a supergroup chat");
    assert_eq!(answer["parameters"]["migrate_to_chat_id"], new);
    assert_eq!(group.id(), new);
    done(
        &simulator,
        "sendMessage",
        json!({"chat_id": new, "message_thread_id": topic, "text": "x"}),
    )
    .await;
    operator.writes_in(topic, "still here");
    assert_eq!(group.messages(topic).len(), 2);
    let told: Vec<String> = updates(&simulator).await.iter().map(ToString::to_string).collect();
    assert!(told.iter().any(|update| update.contains("migrate_to_chat_id")));
    assert!(told.iter().any(|update| update.contains("migrate_from_chat_id")));
}
