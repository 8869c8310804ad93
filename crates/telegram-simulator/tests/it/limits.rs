//! Telegram's limits over HTTP.

use std::time::Duration;

use serde_json::json;
use telegram_simulator::{Options, Simulator};

use super::{call, done};

#[tokio::test]
async fn all_topics_of_a_forum_share_twenty_a_minute() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let group = simulator.forum("Team");
    for number in 0..10 {
        done(
            &simulator,
            "createForumTopic",
            json!({"chat_id": group.id(), "name": format!("t{number}")}),
        )
        .await;
    }
    for topic in group.topics() {
        done(
            &simulator,
            "sendMessage",
            json!({"chat_id": group.id(), "message_thread_id": topic.id, "text": "x"}),
        )
        .await;
    }
    let answer = call(&simulator, "sendMessage", json!({"chat_id": group.id(), "text": "x"})).await;
    assert_eq!(answer["error_code"], 429);
    let wait = answer["parameters"]["retry_after"].as_u64().unwrap();
    assert!((55..=60).contains(&wait), "{wait}");
    done(&simulator, "getChat", json!({"chat_id": group.id()})).await;
    simulator.advance(Duration::from_secs(wait));
    done(&simulator, "sendMessage", json!({"chat_id": group.id(), "text": "x"})).await;
    assert_eq!(simulator.throttled().by_limits, 1);
}
