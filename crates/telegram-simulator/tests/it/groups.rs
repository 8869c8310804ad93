//! Groups that are deleted, that migrate, and from which the bot is removed; each by itself.

use serde_json::json;
use telegram_simulator::{Group, Rights, Simulator, UserSpec};

use super::{done, refused, start, updates};

/// What `sendMessage` into a chat is refused with.
async fn refusal(simulator: &Simulator, chat: i64) -> String {
    refused(simulator, "sendMessage", json!({ "chat_id": chat, "text": "x" })).await
}

async fn post(simulator: &Simulator, chat: i64) -> i64 {
    let sent = done(simulator, "sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
    sent["message_id"].as_i64().unwrap()
}

async fn open(simulator: &Simulator, group: &Group, name: &str) -> i64 {
    let topic = json!({ "chat_id": group.id(), "name": name });
    let made = done(simulator, "createForumTopic", topic).await;
    made["message_thread_id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_deleted_group_is_gone_for_good() {
    let simulator = start().await;
    let (basic, forum, other) =
        (simulator.group("Old"), simulator.forum("Team"), simulator.forum("Other"));
    let operator = forum.operator(UserSpec::named("Olga"));
    let topic = open(&simulator, &forum, "Ada").await;
    updates(&simulator).await;
    basic.delete();
    forum.delete();
    assert_eq!(refusal(&simulator, basic.id()).await, "Forbidden: the group chat was deleted");
    let kicked = "Forbidden: bot was kicked from the supergroup chat";
    assert_eq!(refusal(&simulator, forum.id()).await, kicked);
    let renamed = json!({ "chat_id": forum.id(), "message_thread_id": topic, "name": "x" });
    assert_eq!(refused(&simulator, "editForumTopic", renamed).await, kicked);
    assert_eq!(refused(&simulator, "getChat", json!({ "chat_id": forum.id() })).await, kicked);
    forum.set_bot_rights(Rights::all());
    operator.writes_in(topic, "anybody?");
    assert_eq!(refusal(&simulator, forum.id()).await, kicked, "nobody can bring it back");
    assert!(forum.topics().is_empty() && forum.everything().is_empty());
    assert!(updates(&simulator).await.is_empty());
    post(&simulator, other.id()).await;
}

#[tokio::test]
async fn the_bot_is_removed_from_one_of_two_groups_and_returns() {
    let simulator = start().await;
    let (first, second) = (simulator.forum("First"), simulator.forum("Second"));
    let topics = [open(&simulator, &first, "Ada").await, open(&simulator, &second, "Bea").await];
    assert_eq!(topics[0], topics[1], "each group counts its own messages");
    first.kick_bot();
    let kicked = "Forbidden: bot was kicked from the supergroup chat";
    assert_eq!(refusal(&simulator, first.id()).await, kicked);
    let before = post(&simulator, second.id()).await;
    first.set_bot_rights(Rights::all());
    let back = json!({ "chat_id": first.id(), "message_thread_id": topics[0], "text": "back" });
    done(&simulator, "sendMessage", back).await;
    assert_eq!(first.messages(topics[0]).len(), 1, "its topics are still there");
    assert_eq!(post(&simulator, second.id()).await, before + 1);
    let told = updates(&simulator).await;
    let moves: Vec<_> = told.iter().filter_map(|update| update.get("my_chat_member")).collect();
    assert!(moves.iter().all(|change| change["chat"]["id"] == first.id()));
    assert_eq!(moves.len(), 2);
}

#[tokio::test]
async fn a_group_can_migrate_with_new_ids_for_its_messages_and_topics() {
    let simulator = start().await;
    let (group, other) = (simulator.forum("Team"), simulator.forum("Other"));
    let operator = group.operator(UserSpec::named("Olga"));
    let topic = open(&simulator, &group, "Ada").await;
    let asked = operator.writes_in(topic, "a question");
    let answer = operator.replies_in(topic, asked, "an answer");
    let (old, others) = (group.id(), other.id());
    let new = group.migrate_renumbered();
    assert_ne!(new, old);
    let moved = group.topics();
    assert_eq!((moved.len(), moved[0].id, &*moved[0].name), (1, topic + 1, "Ada"));
    let messages = group.messages(topic + 1);
    let ids: Vec<_> = messages.iter().map(|seen| (seen.id, seen.reply_to)).collect();
    assert_eq!(ids, [(asked + 1, None), (answer + 1, Some(asked + 1))]);
    let at_old = json!({ "chat_id": new, "message_thread_id": topic, "text": "x" });
    let why = refused(&simulator, "sendMessage", at_old).await;
    assert_eq!(why, "Bad Request: message thread not found");
    let why = refusal(&simulator, old).await;
    assert_eq!(why, "Bad Request: group chat was upgraded to a supergroup chat");
    assert!(operator.writes_in(topic + 1, "still here") > answer + 1);
    assert_eq!(other.id(), others);
}
