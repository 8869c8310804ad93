//! Any input: each update ends as handled, ignored or a dead letter, and nothing panics.
//!
//! 20,000 updates; `FUZZ_UPDATES` asks for more and `FUZZ_SEED` for certain ones, as `just fuzz` does.

use std::{env, sync::Arc};

use domain::{ChatId, UpdateId};
use ports::{DeadLetters as _, Store as _};
use serde_json::{Value, json};
use support_bot::telemetry::Source;

use crate::harness::{Engine, Recorder, UNLIMITED, decoder};

const GROUP: ChatId = ChatId(-1_001_000_000_500);

#[expect(clippy::disallowed_methods, reason = "the environment of the test, not of the program")]
fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// An update with this number, as Telegram sends it.
pub(crate) fn seeds(number: i64, random: &mut fastrand::Rng) -> Value {
    let id = 700_000 + random.i64(0..40);
    let user = json!({"id": id, "is_bot": false, "first_name": "Ada", "language_code": "ru"});
    let private = json!({"id": id, "type": "private", "first_name": "Ada"});
    let group = json!({"id": GROUP.0, "type": "supergroup", "is_forum": true, "title": "Support"});
    let message = |rest: Value| {
        let mut message = json!({"message_id": number, "date": 1_700_000_000, "chat": private,
            "from": user});
        message.as_object_mut().unwrap().append(&mut rest.as_object().unwrap().clone());
        message
    };
    let topic = |text: &str| {
        json!({"message_id": number, "message_thread_id": random_topic(number), "is_topic_message": true,
            "chat": group, "from": user, "date": 1_700_000_000, "text": text})
    };
    let photo = json!([{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 2}]);
    let (kind, what) = match random.u8(..16) {
        0 => (
            "message",
            message(
                json!({"text": "hi 👋", "entities": [{"type": "bold", "offset": 0, "length": 2}]}),
            ),
        ),
        1 => (
            "message",
            message(
                json!({"text": "/start", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}),
            ),
        ),
        2 => (
            "message",
            message(
                json!({"text": "/language", "entities": [{"type": "bot_command", "offset": 0, "length": 9}]}),
            ),
        ),
        3 => ("message", message(json!({"media_group_id": "9", "photo": photo, "caption": "c"}))),
        4 => (
            "message",
            message(json!({"reply_to_message": {"message_id": number - 1, "chat": private},
            "quote": {"text": "q", "position": 1}, "text": "re"})),
        ),
        5 => ("message", message(json!({"poll": {"question": "?", "options": [{"text": "a"}]}}))),
        6 => ("message", message(json!({"story": {"id": 1}, "chat_shared": {"x": [1, 2]}}))),
        7 => ("edited_message", message(json!({"text": "edited", "edit_date": 1_700_000_001}))),
        8 => ("message", topic("an answer")),
        9 => ("message", topic("/ban")),
        10 => ("message", topic("/information@support_bot")),
        11 => ("edited_message", topic("an edited answer")),
        12 => (
            "callback_query",
            json!({"id": "1", "from": user, "data": "lang:ru", "message": message(json!({}))}),
        ),
        13 => (
            "message_reaction",
            json!({"chat": private, "message_id": number - 1, "date": 1, "user": user,
            "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "❤"}]}),
        ),
        14 => (
            "my_chat_member",
            json!({"chat": private, "from": user, "date": 1,
            "old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}),
        ),
        _ => ("unheard_of", json!({"anything": [null, true, 1.5, "x"]})),
    };
    json!({"update_id": number, kind: what})
}

fn random_topic(number: i64) -> i64 {
    100 * (1 + number % 30)
}

/// Removes fields, changes their types, or repeats them.
fn mutate(value: &mut Value, random: &mut fastrand::Rng, depth: u8) {
    let other = match random.u8(..8) {
        0 => Value::Null,
        1 => json!(i64::MIN),
        2 => json!("9".repeat(random.usize(..50))),
        3 => json!([[[]]]),
        4 => json!({"id": GROUP.0}),
        5 => json!(1e300),
        6 => json!(false),
        _ => json!("\u{0}\u{202e}<b>&{}"),
    };
    match value {
        Value::Object(fields) if depth < 6 && !fields.is_empty() => {
            let at = random.usize(..fields.len());
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            match random.u8(..10) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(name, other)),
                2 => drop(fields.insert("text".to_owned(), other)),
                _ => mutate(&mut fields[&name], random, depth + 1),
            }
        }
        Value::Array(items) if depth < 6 && !items.is_empty() => {
            let at = random.usize(..items.len());
            match random.u8(..4) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => mutate(&mut items[at], random, depth + 1),
            }
        }
        leaf @ (Value::Object(_)
        | Value::Array(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)) => *leaf = other,
    }
}

/// Flips, removes or repeats bytes; the result is rarely JSON.
fn broken(text: &str, random: &mut fastrand::Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..random.usize(1..4) {
        let at = random.usize(..bytes.len());
        match random.u8(..4) {
            0 => bytes[at] ^= 1 << random.u8(..8),
            1 => bytes.truncate(at.max(1)),
            2 => drop(bytes.drain(at..(at + random.usize(..9)).min(bytes.len()))),
            _ => {
                let again = bytes[at..(at + random.usize(..30)).min(bytes.len())].to_vec();
                bytes.splice(at..at, again);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'x');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn update(number: i64, random: &mut fastrand::Rng) -> String {
    let mut value = seeds(number, random);
    match random.u8(..10) {
        0 => broken(&value.to_string(), random),
        1 => (0..random.usize(..200)).map(|_| random.char(..)).collect(),
        2..5 => value.to_string(),
        _ => {
            for _ in 0..random.usize(1..4) {
                mutate(&mut value, random, 0);
            }
            value.to_string()
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_update_panics_or_is_lost_silently() {
    let count = number("FUZZ_UPDATES").unwrap_or(20_000);
    let seed = number("FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("FUZZ_UPDATES={count} FUZZ_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let engine = Engine::start(Recorder::default(), Arc::new(decoder()), UNLIMITED, GROUP).await;
    let numbers = (1..=i64::try_from(count).unwrap()).collect::<Vec<_>>();
    for batch in numbers.chunks(100) {
        engine.ingest.wait_for_room().await;
        let batch = batch.iter().map(|number| update(*number, &mut random)).collect();
        // No offset here: it comes from Telegram, which numbers updates correctly.
        engine.ingest.accept(batch, None::<UpdateId>, Source::Webhook).await.unwrap();
    }
    engine.settle().await;

    let received = engine.total("supportbot_updates_received_total");
    let duplicates = engine.total("supportbot_updates_duplicate_total");
    let handled = engine.series("supportbot_updates_handled_total");
    let of = |outcome: &str| -> f64 {
        let label = format!("outcome=\"{outcome}\"");
        handled.iter().filter(|(labels, _)| labels.contains(&label)).map(|(_, n)| n).sum()
    };
    let (fine, ignored, dead) = (of("ok"), of("ignored"), of("dead"));
    println!(
        "{received} received, {duplicates} known, {fine} handled, {ignored} ignored, {dead} dead"
    );
    assert_eq!(received, count as f64);
    assert_eq!(received - duplicates, fine + ignored + dead, "FUZZ_SEED={seed}");
    assert_eq!(engine.total("supportbot_panics_total"), 0.0, "FUZZ_SEED={seed}");
    assert!(fine > received / 10.0 && dead > received / 50.0, "the inputs are too similar");
    let stored = engine.store.figures().await.unwrap().dead_updates;
    assert_eq!(stored as f64, dead, "FUZZ_SEED={seed}");
    assert!(!engine.store.dead(None, 1).await.unwrap().is_empty());
}
