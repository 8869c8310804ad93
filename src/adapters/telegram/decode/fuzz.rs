//! Mutated and random updates: decoding always yields an event or an error and never panics.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use serde_json::json;

use super::*;

const STAFF: ChatId = ChatId(-100_500);

fn groups() -> GroupChats {
    GroupChats::of_one(STAFF)
}

fn seeds() -> Vec<String> {
    let user = json!({"id": 7, "is_bot": false, "first_name": "Ada", "language_code": "en"});
    let private = json!({"id": 7, "type": "private"});
    let group = json!({"id": STAFF.0, "type": "supergroup", "is_forum": true});
    let topic = json!({"message_id": 9, "message_thread_id": 5, "is_topic_message": true, "chat": group,
        "from": user, "date": 1, "text": "/ban@x //", "reply_to_message": {"message_id": 5},
        "quote": {"text": "q", "position": 1}});
    [
        json!({"update_id": 1, "message": {"message_id": 1, "chat": private, "from": user, "date": 1,
            "text": "hi 👋 /start", "entities": [{"type": "bold", "offset": 0, "length": 2}]}}),
        json!({"update_id": 2, "edited_message": topic}),
        json!({"update_id": 3, "message": {"message_id": 1, "chat": private, "media_group_id": "1",
            "photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 2}], "caption": "//"}}),
        json!({"update_id": 4, "callback_query": {"id": "1", "from": user, "data": "retry:1", "message": topic}}),
        json!({"update_id": 5, "message_reaction": {"chat": group, "message_id": 1, "date": 1,
            "new_reaction": [{"type": "emoji", "emoji": "❤"}]}}),
        json!({"update_id": 6, "my_chat_member": {"chat": private, "from": user, "date": 1,
            "new_chat_member": {"status": "kicked"}}}),
        json!({"update_id": 7, "message": {"message_id": 1, "chat": private, "poll": {"question": "?",
            "options": [{"text": "a"}]}, "dice": {"value": 1}, "migrate_to_chat_id": -5}}),
    ]
    .map(|seed| seed.to_string())
    .to_vec()
}

fn mutated(random: &mut fastrand::Rng, seed: &str, seeds: &[String]) -> String {
    const PIECES: [&str; 14] = [
        "null",
        "true",
        "-1",
        "9223372036854775807",
        "1e400",
        "\"",
        "{",
        "}",
        "[]",
        "\\u0000",
        "\\ud800",
        "{\"id\":-100500}",
        ",",
        "\"text\":\"//\"",
    ];
    let mut bytes = seed.as_bytes().to_vec();
    for _ in 0..random.usize(1..6) {
        let at = random.usize(0..=bytes.len());
        let until = (at + random.usize(0..12)).min(bytes.len());
        match random.u8(0..5) {
            0 => drop(bytes.drain(at..until)),
            1 => drop(bytes.splice(at..until, random.choice(PIECES).unwrap_or("").bytes())),
            2 => bytes.insert(at, random.u8(..)),
            3 => bytes.truncate(at),
            _ => {
                let other = random.choice(seeds).map_or("", String::as_str);
                let from = random.usize(0..other.len());
                bytes.splice(at..until, other.bytes().skip(from).take(40));
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn decoder() -> TelegramDecoder {
    let roles = Roles { owner: UserId(1), administrators: Vec::new() };
    TelegramDecoder::new(BotProfile { id: UserId(99), username: "x".to_owned() }, roles)
}

#[test]
fn no_update_panics_and_most_mutations_are_told_from_json() {
    let mut random = fastrand::Rng::with_seed(20_260_601);
    let decoder = decoder();
    let seeds = seeds();
    let (mut read, mut refused) = (0, 0);
    for round in 0..20_000 {
        let seed = &seeds[round % seeds.len()];
        let raw = mutated(&mut random, seed, &seeds);
        let envelope = decoder.envelope(&raw, &groups());
        match decoder.decode(&raw, &groups()) {
            Ok(incoming) => {
                assert_eq!(envelope.update, Some(incoming.update), "{raw}");
                read += 1;
            }
            Err(DecodeError(why)) => {
                assert!(!why.is_empty() && why.len() < 100, "{why}");
                refused += 1;
            }
        }
    }
    assert!(read > 200 && refused > 200, "{read} read, {refused} refused");
}

#[test]
fn deep_nesting_is_refused_or_passed_over() {
    let deep = format!(
        r#"{{"update_id":1,"message":{{"message_id":1,"chat":{{"id":1}},"poll":{}{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let decoder = decoder();
    let _either = decoder.decode(&deep, &groups());
    let _either = decoder.envelope(&deep, &groups());
}

/// `cargo test --release decode_costs -- --ignored --nocapture`
#[test]
#[ignore = "a measurement, not a test"]
fn decode_costs() {
    let decoder = decoder();
    for seed in seeds() {
        let envelope = fastest(|| {
            black_box(decoder.envelope(black_box(&seed), &groups()));
        });
        let decode = fastest(|| drop(black_box(decoder.decode(black_box(&seed), &groups()))));
        println!("envelope {envelope:?}, all {decode:?}, {} bytes: {}", seed.len(), &seed[..40]);
    }
}

/// The time of one call in the fastest of many rounds: slower rounds measure other load on the machine.
fn fastest(call: impl Fn()) -> Duration {
    const CALLS: u32 = 1000;
    let round = || {
        let start = Instant::now();
        (0..CALLS).for_each(|_| call());
        start.elapsed() / CALLS
    };
    (0..300).map(|_| round()).min().unwrap_or_default()
}
