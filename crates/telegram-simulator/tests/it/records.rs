//! The records: everything that passes between Telegram and a bot, in order.

use std::{sync::mpsc::Receiver, time::Instant};

use serde_json::json;
use telegram_simulator::{Fault, Matcher, Record, What};

use super::{ada, call, done, refused, start, updates};

/// The records since the last call of this, in short.
fn recorded(records: &Receiver<Record>) -> Vec<String> {
    let recorded = records.try_iter().map(|record| match record {
        Record::Queued { update, content } => {
            let content: serde_json::Value = serde_json::from_str(&content).unwrap();
            assert_eq!(content["update_id"], update);
            format!("queued {}", content["message"]["text"])
        }
        Record::HandedOut { .. } => "handed out".to_owned(),
        Record::Confirmed { .. } => "confirmed".to_owned(),
        Record::Called { call, method, .. } => format!("{call} {method}"),
        Record::Posted { call, chat, topic, content, .. } => {
            let kind = content.keys().next().unwrap();
            format!("{call} posted {kind} in {}", topic.unwrap_or(chat))
        }
        Record::Answered { call, ok, lost } => format!("{call} ok {ok} lost {lost}"),
        Record::Noted(note) => note,
    });
    recorded.collect()
}

#[tokio::test]
async fn updates_calls_and_their_effects_are_recorded_in_order() {
    let simulator = start().await;
    let user = simulator.user(ada());
    user.starts();
    let records = simulator.records();
    updates(&simulator).await;
    assert_eq!(
        recorded(&records),
        [
            "queued \"/start\"",
            "1 getUpdates",
            "handed out",
            "1 ok true lost false",
            "2 getUpdates",
            "confirmed",
            "2 ok true lost false",
        ]
    );
    done(&simulator, "sendMessage", json!({"chat_id": 77, "text": "hi"})).await;
    simulator.note("now it is refused");
    refused(&simulator, "sendMessage", json!({"chat_id": 77, "text": ""})).await;
    assert_eq!(
        recorded(&records),
        [
            "3 sendMessage",
            "3 posted text in 77",
            "3 ok true lost false",
            "now it is refused",
            "4 sendMessage",
            "4 ok false lost false",
        ]
    );
    let group = simulator.forum("Team");
    done(&simulator, "createForumTopic", json!({"chat_id": group.id(), "name": "Ada"})).await;
    let topic = group.topics()[0].id;
    let opened = recorded(&records);
    assert!(opened.contains(&format!("5 posted forum_topic_created in {topic}")), "{opened:?}");
}

#[tokio::test]
async fn a_lost_answer_is_recorded_with_the_effect_of_its_call() {
    let simulator = start().await;
    simulator.user(ada()).starts();
    let records = simulator.records();
    for (what, did) in [(What::CutBefore, 0), (What::CutAfter, 1)] {
        simulator.inject(Fault::once(Matcher::method("sendMessage"), what));
        let url = format!("{}/bot{}/sendMessage", simulator.url(), simulator.token());
        let sent = reqwest::Client::new().post(url).query(&[("chat_id", "77"), ("text", "hi")]);
        sent.send().await.unwrap_err();
        let recorded = recorded(&records);
        assert_eq!(
            recorded.iter().filter(|one| one.contains("posted")).count(),
            did,
            "{recorded:?}"
        );
        assert!(recorded.last().unwrap().ends_with("ok false lost true"), "{recorded:?}");
    }
}

#[tokio::test]
async fn a_call_whose_connection_is_closed_has_no_answer() {
    let simulator = start().await;
    let records = simulator.records();
    let poll = call(&simulator, "getUpdates", json!({"timeout": 30}));
    let _given_up = tokio::time::timeout(std::time::Duration::from_millis(200), poll).await;
    done(&simulator, "getMe", json!({})).await;
    let recorded = recorded(&records);
    assert!(!recorded.iter().any(|one| one.starts_with("1 ok")), "{recorded:?}");
}

#[tokio::test]
async fn timed_records_are_in_the_order_of_their_times() {
    let simulator = start().await;
    let begun = Instant::now();
    let records = simulator.timed_records();
    simulator.user(ada()).starts();
    updates(&simulator).await;
    simulator.note("the end");
    let (times, recorded): (Vec<Instant>, Vec<Record>) = records.try_iter().unzip();
    assert!(times.is_sorted() && times[0] >= begun && times[times.len() - 1] <= Instant::now());
    assert!(matches!(recorded[0], Record::Queued { .. }), "{:?}", recorded[0]);
    assert_eq!(recorded.last(), Some(&Record::Noted("the end".to_owned())));
}
