//! Updates that cannot be decided: each delays only its own lane, for a moment, and is kept as a dead letter.

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use domain::{ChatId, GroupChats, Incoming};
use ports::{DeadLetters as _, DecodeError, Decoder, Envelope, Origin};
use serde_json::json;
use support_bot::{adapters::telegram::TelegramDecoder, telemetry::Source};

use crate::harness::{Engine, Program, Recorder, UNLIMITED, decoder, stores_in_redis};

const GROUP: ChatId = ChatId(-1_001_000_000_500);
/// Time until a poisoned update is a dead letter, attempts and pauses included.
const SOON: Duration = Duration::from_secs(20);

fn unreadable_updates() -> Vec<String> {
    let person = r#""chat":{"id":701000,"type":"private"},"from":{"id":701000,"is_bot":false,"first_name":"Eve"}"#;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    vec![
        "null".to_owned(),
        "42".to_owned(),
        r#""text""#.to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"message":{"message_id":1}}"#.to_owned(),
        format!(
            r#"{{"update_id":"12","message":{{"message_id":2,"date":1,{person},"text":"x"}}}}"#
        ),
        r#"{"update_id":null}"#.to_owned(),
        r#"{"update_id":1e400}"#.to_owned(),
        deep,
        r#"{"message":{"message_id":3,"date":1,"text":"no chat"}}"#.to_owned(),
    ]
}

/// Odd updates that the desk can still decide.
fn odd_updates() -> Vec<String> {
    let person = r#""chat":{"id":701001,"type":"private"},"from":{"id":701001,"is_bot":false,"first_name":"Mallory"}"#;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let long = "x".repeat(1 << 20);
    let message = |number: i64, rest: &str| {
        format!(
            r#"{{"update_id":{},"message":{{"message_id":{number},"date":1,{person},{rest}}}}}"#,
            800_000_000 + number
        )
    };
    vec![
        message(1, r#""text":"a NUL \u0000 in it""#),
        message(2, r#""text":"half of a pair \ud83d here""#),
        message(3, &format!(r#""text":"{long}""#)),
        message(4, &format!(r#""unheard_of":{deep}"#)),
        message(5, r#""text":42,"entities":"none""#),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_update_is_kept_reported_and_replayed_and_polling_continues() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let ada = program.telegram.user(crate::harness::spec(1001, "Ada", "en"));
    ada.writes("before");
    let poisons = unreadable_updates();
    for poison in &poisons {
        program.telegram.push_raw(poison);
    }
    ada.writes("after");
    // These updates bring their own numbers, higher than all others.
    for oddity in odd_updates() {
        program.telegram.push_raw(&oddity);
    }
    program
        .until("Ada's message arrives", async |program| {
            let texts = program.group.everything().into_iter().filter_map(|message| message.text);
            texts.filter(|text| text == "before" || text == "after").count() == 2
        })
        .await;
    program.until("polling works", async |program| program.telegram.pending_updates() == 0).await;
    let dead = "supportbot_dead_lettered_total{queue=\"inbox\",reason=\"undecodable\"}";
    let least = poisons.len() as f64;
    program
        .until("all poisoned updates are dead letters", async |program| {
            program.metric(dead).await >= least
        })
        .await;
    assert!(program.metric("supportbot_panics_total{task=\"worker\"}").await == 0.0);
    let given_up = program.metric(dead).await;

    let listed = program.run(&["dead", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    let undecodable = listed.lines().filter(|line| line.contains("cannot be decoded"));
    assert_eq!(undecodable.count() as f64, given_up, "{listed}");
    assert!(!listed.contains("Eve") && listed.contains("cannot be decoded"), "{listed}");
    let number = listed.lines().next().unwrap().split('\t').next().unwrap();
    let shown = program.run(&["dead", "show", number]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(poisons.iter().any(|poison| shown.contains(poison.as_str())), "{shown}");

    let refused = program.run(&["dead", "replay", number]);
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("is running"), "{words}");
    assert_eq!(program.terminate().await.code(), Some(0));
    assert!(program.run(&["dead", "replay"]).status.success());
    let none = String::from_utf8(program.run(&["dead", "list"]).stdout).unwrap();
    assert_eq!(none.trim(), "no dead letters");
    // Some updates name a chat that does not exist. The calls to it fail, but the group is unaffected.
    program.start().await;
    program
        .until("all replayed updates are dead letters again", async |p| {
            p.metric(dead).await >= given_up
        })
        .await;
    assert_eq!(fs::exists(program.database()).unwrap(), !stores_in_redis());
}

/// Telegram's decoder with a bug: it panics at one text until the bug is fixed.
#[derive(Debug)]
struct Mistaken {
    inner: TelegramDecoder,
    there: Mutex<bool>,
}

impl Decoder for Mistaken {
    fn envelope(&self, raw: &str, groups: &GroupChats) -> Envelope {
        self.inner.envelope(raw, groups)
    }

    fn decode(&self, raw: &str, groups: &GroupChats) -> Result<Incoming, DecodeError> {
        assert!(!(raw.contains("poison") && *self.there.lock().unwrap()), "a bug in the decoder");
        self.inner.decode(raw, groups)
    }
}

fn update(number: i64, user: i64, text: &str) -> String {
    json!({"update_id": number, "message": {"message_id": number, "date": 1, "text": text,
        "chat": {"id": user, "type": "private"},
        "from": {"id": user, "is_bot": false, "first_name": "Ada"}}})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_update_delays_its_own_lane_until_it_is_a_dead_letter() {
    let mistaken = Arc::new(Mistaken { inner: decoder(), there: Mutex::new(true) });
    let recorder = Recorder::default();
    let decoder: Arc<dyn Decoder> = Arc::<Mistaken>::clone(&mistaken);
    let engine = Engine::start(recorder.clone(), decoder, UNLIMITED, GROUP).await;
    let batch = vec![
        update(1, 1, "hello"),
        update(2, 1, "poison"),
        update(3, 1, "behind it"),
        update(4, 2, "elsewhere"),
    ];
    engine.ingest.accept(batch, None, Source::Polling).await.unwrap();
    let deadline = tokio::time::Instant::now() + SOON;
    while recorder.copied(1).is_empty() || recorder.copied(2).is_empty() {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(recorder.copied(1).len(), 1, "updates behind the poison wait for it");
    engine.settle().await;
    assert_eq!(recorder.copied(1), [1, 3]);
    assert_eq!(engine.total("supportbot_panics_total"), 3.0);
    let handled = engine.series("supportbot_updates_handled_total");
    let of = |outcome: &str| -> f64 {
        handled.iter().filter(|(labels, _)| labels.contains(outcome)).map(|(_, n)| n).sum()
    };
    assert_eq!((of("outcome=\"panic\""), of("outcome=\"dead\"")), (3.0, 1.0));
    let dead = engine.store.dead(None, 10).await.unwrap();
    assert_eq!(dead.len(), 1);
    let Origin::Update(item) = &dead[0].origin else { panic!("{dead:?}") };
    assert!(item.update.raw.contains("poison") && item.attempts == 3, "{item:?}");
    assert!(!dead[0].reason.contains("poison"), "{}", dead[0].reason);

    // The bug is fixed, and the dead letter is replayed.
    *mistaken.there.lock().unwrap() = false;
    let folder = engine.stop().await;
    replay(folder.path(), dead[0].id()).await;
    let engine = Engine::start_in(folder, recorder.clone(), mistaken, UNLIMITED, GROUP).await;
    engine.settle().await;
    assert_eq!(recorder.copied(1), [1, 3, 2]);
    assert!(engine.store.dead(None, 10).await.unwrap().is_empty());
}

async fn replay(folder: &std::path::Path, id: domain::DeadId) {
    use ports::{Commit, Ledger as _, Store as _};
    use support_bot::adapters::sqlite::{Options, SqliteStore};
    let store = SqliteStore::open(folder, &Options { maintenance: true, ..Options::default() });
    let store = store.unwrap();
    store.commit(vec![Commit { retried: vec![id], ..Commit::default() }]).await.unwrap();
    store.close(SOON).await.unwrap();
}
