//! What the real program reports to Sentry; a local server stands in for Sentry.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::harness::{Program, spec};

/// The envelopes received so far.
type Envelopes = Arc<Mutex<Vec<String>>>;

async fn store_envelope(State(envelopes): State<Envelopes>, envelope: String) {
    envelopes.lock().unwrap().push(envelope);
}

/// Starts a server; returns its address and the envelopes that it receives.
async fn listen() -> (String, Envelopes) {
    let envelopes = Envelopes::default();
    let router = Router::new().fallback(store_envelope).with_state(Arc::clone(&envelopes));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    let _serves = tokio::spawn(async move { axum::serve(listener, router).await });
    (address, envelopes)
}

/// The events in these envelopes.
fn events(envelopes: &[String]) -> Vec<Value> {
    let lines = envelopes.iter().flat_map(|envelope| envelope.lines());
    let parsed = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    parsed.filter(|line| line.get("platform").is_some()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sentry_events_carry_the_release_and_no_user_data() {
    let (address, envelopes) = listen().await;
    let dsn = format!("http://key@{address}/1");
    let settings = [("SENTRY_DSN", &*dsn), ("SENTRY_ENVIRONMENT", "a-test")];
    let mut program = Program::new(&settings).await;
    program.start().await;
    // A conversation with private data that a report could leak, and an update that cannot be handled.
    let mut ada = spec(79_161_234_567, "Ada Lovelace", "en");
    ada.username = Some("ada_l".to_owned());
    program.telegram.user(ada).writes("my parcel is lost");
    program
        .until("Ada's message arrives", async |program| {
            let seen = program.group.everything();
            seen.iter().any(|message| message.text.as_deref() == Some("my parcel is lost"))
        })
        .await;
    program.telegram.push_update(serde_json::json!({ "message": {
        "message_id": "one", "text": "where is my parcel", "from": { "first_name": "Ada Lovelace" },
    } }));
    program
        .until("an error is reported", async |_| !events(&envelopes.lock().unwrap()).is_empty())
        .await;
    assert_eq!(program.terminate().await.code(), Some(0));

    let envelopes = envelopes.lock().unwrap().clone();
    let all = envelopes.join("\n");
    let token = program.telegram.token();
    let secrets = [&*token, token.split_once(':').unwrap().1];
    let private = ["Ada", "Lovelace", "ada_l", "parcel", "79161234567", "Support", "Olga"];
    for word in private.into_iter().chain(secrets) {
        assert!(!all.contains(word), "{word} was reported:\n{all}");
    }
    let events = events(&envelopes);
    let given_up = &events[0];
    assert_eq!(given_up["release"], concat!("support-bot@", env!("CARGO_PKG_VERSION")), "{all}");
    assert_eq!(given_up["environment"], "a-test");
    assert_eq!(given_up["tags"]["reason"], "undecodable");
    assert!(given_up["message"].as_str().unwrap().starts_with("gave up on an update"), "{all}");
    // The run ended well, and its session says so.
    assert!(all.contains(r#""type":"session""#) && all.contains(r#""status":"exited""#), "{all}");
}
