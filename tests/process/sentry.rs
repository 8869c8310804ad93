//! What arrives at Sentry; a local server stands in for Sentry.

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use support_bot::{
    app::Lifecycle,
    network::{Network, Options, Proxy},
    telemetry::{
        Metrics, StoreFailure, StoreOperation, Telemetry, events, logging, panics, sentry,
    },
};
use tracing::{error, info};

/// Texts and names of users, and the bot's token: none of it may arrive.
const PRIVATE: [&str; 7] = [
    "Ada Lovelace",
    "my parcel is lost",
    "79161234567",
    "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
    "AAEhBOweik6ad9r",
    "ada_l",
    "Где моя посылка",
];

/// An endpoint that keeps every body that it receives.
struct Endpoint {
    port: u16,
    bodies: Arc<Mutex<String>>,
}

impl Endpoint {
    fn start() -> Self {
        Self::with_answer("200 OK\r\ncontent-length: 2\r\n\r\n{}")
    }

    fn with_answer(words: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies = Arc::new(Mutex::new(String::new()));
        let received_bodies = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let received_bodies = Arc::clone(&received_bodies);
                thread::spawn(move || answer(&stream.unwrap(), &received_bodies, words));
            }
        });
        Self { port, bodies }
    }

    /// Reports what `act` does, and returns everything that arrived.
    fn report(&self, act: impl FnOnce()) -> String {
        self.report_with_metrics(|_metrics| act())
    }

    /// Does the same for an `act` that needs metrics.
    fn report_with_metrics(&self, act: impl FnOnce(&Metrics)) -> String {
        let _alone = crate::alone();
        let telemetry = Telemetry::install().unwrap();
        panics::install(telemetry.metrics());
        let guard = sentry::init(&dsn(self.port), "test", Network::direct().unwrap()).unwrap();
        let format = logging::Format::Json;
        let subscriber =
            logging::subscriber(format, "info", telemetry.metrics(), io::sink).unwrap();
        tracing::subscriber::with_default(subscriber, || act(telemetry.metrics()));
        drop(guard);
        let received = self.bodies.lock().unwrap().clone();
        println!("{received}"); // output of a failing test, because the hook hides its message
        received
    }
}

fn answer(stream: &TcpStream, received_bodies: &Mutex<String>, words: &str) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        received_bodies.lock().unwrap().push_str(&String::from_utf8(body).unwrap());
        let mut stream = stream;
        write!(stream, "HTTP/1.1 {words}").unwrap();
    }
}

fn dsn(port: u16) -> secrecy::SecretString {
    format!("http://key@127.0.0.1:{port}/1").into()
}

/// The events in these envelopes, without sessions and headers.
fn reported(received: &str) -> Vec<Value> {
    let lines = received.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get("event_id").is_some() && line.get("platform").is_some()).collect()
}

fn assert_private(received: &str) {
    for secret in PRIVATE {
        assert!(!received.contains(secret), "{secret} arrived in {received}");
    }
}

#[derive(Debug, thiserror::Error)]
#[error("could not send {0:?} to {1}")]
struct SendFailed(&'static str, &'static str, #[source] io::Error);

fn failure() -> SendFailed {
    let source = io::Error::other(
        "https://api.telegram.org/bot123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc/x",
    );
    SendFailed("my parcel is lost", "Ada Lovelace", source)
}

#[test]
fn an_error_arrives_with_its_location_and_allowed_fields_only() {
    let received = Endpoint::start().report(|| {
        let failure = failure();
        let error = &failure as &(dyn Error + 'static);
        error!(
            target: "support_bot::engine",
            error,
            text = "my parcel is lost",
            name = "Ada Lovelace",
            reason = "Где моя посылка",
            phone = 79_161_234_567_u64,
            tags.username = "ada_l",
            queue = "outbox",
            attempt = 3,
            "a message could not be delivered"
        );
    });
    assert_private(&received);
    assert!(received.contains("a message could not be delivered"), "{received}");
    assert!(
        received.contains(r#""queue":"outbox""#) && received.contains(r#""attempt":3"#),
        "{received}"
    );
    assert!(!received.contains("server_name"), "{received}");
    let event = &reported(&received)[0];
    assert_eq!(event["release"], concat!("support-bot@", env!("CARGO_PKG_VERSION")));
    assert_eq!(event["environment"], "test");
    // The whole chain, innermost error first, and the sentence around it.
    let chain = event["exception"]["values"].as_array().unwrap().iter();
    let types: Vec<&str> = chain.map(|error| error["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["Error", "SendFailed", "tracing::error!"]);
    assert_eq!(event["tags"], serde_json::json!({ "queue": "outbox" }));
}

#[test]
fn errors_of_one_class_are_one_issue_whatever_their_details() {
    let received = Endpoint::start().report(|| {
        let report = |kind: &str, attempt: u32| {
            let failure = failure();
            let error = &failure as &(dyn Error + 'static);
            error!(target: "support_bot::engine", error, kind, attempt, "the store failed");
        };
        report("full", 1);
        report("full", 2);
        report("busy", 3);
        error!(target: "support_bot::engine", kind = "full", "something else failed");
    });
    let events = reported(&received);
    let groups: Vec<&Value> = events.iter().map(|event| &event["fingerprint"]).collect();
    assert_eq!(groups.len(), 4, "{received}");
    assert_eq!(groups[0], groups[1]);
    assert!(groups[0] != groups[2] && groups[0] != groups[3] && groups[2] != groups[3]);
    let expected = ["support_bot::engine", "Error", "SendFailed", "the store failed", "full"];
    assert_eq!(*groups[0], serde_json::json!(expected));
}

#[test]
fn a_handled_failure_is_only_a_breadcrumb() {
    let received = Endpoint::start().report_with_metrics(|metrics| {
        let failure = failure();
        let kind = StoreFailure::Busy;
        events::store_failed(metrics, StoreOperation::Commit, kind, &failure);
        events::poll_conflict(metrics);
    });
    assert_eq!(reported(&received), Vec::<Value>::new(), "{received}");
    let received = Endpoint::start().report_with_metrics(|metrics| {
        events::poll_conflict(metrics);
        events::task_died("sender");
    });
    let events = reported(&received);
    assert_eq!(events.len(), 1, "{received}");
    assert_eq!(events[0]["tags"]["task"], "sender");
    let crumbs = events[0]["breadcrumbs"]["values"].to_string();
    assert!(crumbs.contains("another program polls with this token"), "{crumbs}");
}

#[test]
fn private_data_in_a_message_does_not_arrive() {
    let received = Endpoint::start().report(|| {
        let token = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";
        error!(target: "support_bot::engine", "call 79161234567 with {token} for @ada_l: Где моя посылка");
        error!(target: "somebody_else", "my parcel is lost, says Ada Lovelace");
    });
    assert_private(&received);
    assert!(received.contains("call […] with […]"), "{received}");
    assert!(received.contains("[left out]"), "{received}");
}

#[test]
fn breadcrumbs_arrive_without_private_data() {
    let received = Endpoint::start().report(|| {
        let failure = failure();
        let error = &failure as &(dyn Error + 'static);
        info!(target: "support_bot::app", error, name = "Ada Lovelace", task = "poll", "began to poll");
        info!(target: "somebody_else", "my parcel is lost");
        error!(target: "support_bot::engine", "the store failed");
    });
    assert_private(&received);
    assert!(
        received.contains("began to poll") && received.contains(r#""task":"poll""#),
        "{received}"
    );
}

#[test]
fn a_panic_arrives_once_with_its_location_and_without_its_message() {
    let received = Endpoint::start().report_with_metrics(|metrics| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let lifecycle = Lifecycle::new(metrics);
            lifecycle.spawn("sweeper", async { panic!("my parcel is lost, says Ada Lovelace") });
            lifecycle.died().await;
        });
    });
    assert_private(&received);
    let events = reported(&received);
    let panics: Vec<&Value> = events.iter().filter(|event| event["level"] == "fatal").collect();
    assert_eq!(panics.len(), 1, "{received}");
    let panic = &panics[0]["exception"]["values"][0];
    let place = panics[0]["tags"]["place"].as_str().unwrap();
    assert!(place.starts_with("src/app/lifecycle.rs:"), "{place}");
    assert_eq!((&panic["type"], &panic["value"]), (&"panic".into(), &format!("at {place}").into()));
    assert_eq!(panics[0]["tags"]["task"], "sweeper");
    assert_eq!(panics[0]["fingerprint"][1], "src/app/lifecycle.rs");
    let frames = panic["stacktrace"]["frames"].as_array().unwrap();
    let has_its_line = |frame: &Value| {
        let file = frame["abs_path"].as_str().unwrap_or_default();
        file.ends_with("src/app/lifecycle.rs") && frame["lineno"].as_u64().is_some()
    };
    assert!(frames.iter().any(has_its_line), "{panic}");
    // A second report says that it ended the program.
    assert_eq!(events.len(), 2, "{received}");
}

/// The image and the releases compress debug information in the same way: `Dockerfile`,
/// `.github/workflows/release.yml`.
#[test]
fn a_program_with_compressed_line_tables_reports_the_lines_of_its_stack() {
    let folder = tempfile::tempdir().unwrap();
    let (program, packed) = (std::env::current_exe().unwrap(), folder.path().join("packed"));
    let mut pack = Command::new("objcopy");
    pack.arg("--compress-debug-sections=zlib").args([&program, &packed]);
    assert!(pack.status().unwrap().success());
    let size = |path: &Path| path.metadata().unwrap().len();
    assert!(size(&packed) < size(&program), "no section is compressed");
    let test = "sentry::a_panic_arrives_once_with_its_location_and_without_its_message";
    let ran = Command::new(&packed).args(["--exact", test]).output().unwrap();
    let output = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && output.contains("1 passed"), "{output}");
}

#[test]
fn nothing_is_sent_while_sentry_asks_to_wait() {
    let endpoint = Endpoint::with_answer(
        "429 Too Many Requests\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n",
    );
    let received = endpoint.report(|| {
        error!(target: "support_bot::engine", "the first report");
        error!(target: "support_bot::engine", "the second report");
    });
    assert!(received.contains("the first report"), "{received}");
    assert!(!received.contains("the second report"), "{received}");
}

#[test]
fn an_endpoint_that_never_answers_delays_neither_a_panic_nor_the_exit() {
    let _alone = crate::alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let guard = sentry::init(&dsn(port), "test", Network::direct().unwrap()).unwrap();

    // The first panic reads the symbols of the stack, which is slow on a busy machine.
    let _panicked = std::panic::catch_unwind(|| panic!("on purpose"));
    let begun = Instant::now();
    for _ in 0..3 {
        let _panicked = std::panic::catch_unwind(|| panic!("on purpose"));
    }
    let panicked_for = begun.elapsed();

    let begun = Instant::now();
    drop(guard);
    let exited_in = begun.elapsed();
    assert!(exited_in < Duration::from_millis(4500), "{exited_in:?}");
    // Each panic would take two seconds if the hook waited.
    assert!(panicked_for < Duration::from_secs(4), "{panicked_for:?}");
}

#[test]
fn reports_go_through_the_proxy_of_the_settings() {
    let _alone = crate::alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let proxy = Proxy { setting: "HTTPS_PROXY", url: url.into(), except: String::new() };
    let network = Options { proxy: Some(proxy), ..Options::default() };
    let network = Network::new(&network).unwrap();
    let asked = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&client).read_line(&mut line).unwrap();
        client.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").unwrap();
        line
    });
    let telemetry = Telemetry::install().unwrap();
    let dsn = "https://key@sentry.example.org/1".to_owned().into();
    let guard = sentry::init(&dsn, "test", network).unwrap();
    let format = logging::Format::Json;
    let subscriber = logging::subscriber(format, "info", telemetry.metrics(), io::sink).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        error!(target: "support_bot::engine", "a report");
    });
    assert_eq!(asked.join().unwrap(), "CONNECT sentry.example.org:443 HTTP/1.1\r\n");
    drop(guard);
}
