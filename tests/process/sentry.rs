//! What arrives at Sentry: a server of our own stands in for it.

use std::{
    error::Error,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use support_bot::telemetry::{Telemetry, logging, panics, sentry};
use tracing::{error, info};

/// What users wrote, who they are, and the bot's key: none of it may arrive.
const PRIVATE: [&str; 7] = [
    "Ada Lovelace",
    "my parcel is lost",
    "79161234567",
    "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc",
    "AAEhBOweik6ad9r",
    "ada_l",
    "Где моя посылка",
];

/// An endpoint that keeps every body it is sent.
struct Endpoint {
    port: u16,
    bodies: Arc<Mutex<String>>,
}

impl Endpoint {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&bodies);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || answer(&stream.unwrap(), &kept));
            }
        });
        Self { port, bodies }
    }

    /// Reports what `act` does, and returns all that arrived.
    fn hears(&self, act: impl FnOnce()) -> String {
        let _alone = crate::alone();
        let telemetry = Telemetry::install().unwrap();
        panics::install(telemetry.metrics());
        let guard = sentry::init(&dsn(self.port), "test").unwrap();
        let format = logging::Format::Json;
        let subscriber =
            logging::subscriber(format, "info", telemetry.metrics(), io::sink).unwrap();
        tracing::subscriber::with_default(subscriber, act);
        drop(guard);
        let heard = self.bodies.lock().unwrap().clone();
        println!("{heard}"); // shown if the test fails, since the hook hides what it says
        heard
    }
}

fn answer(stream: &TcpStream, kept: &Mutex<String>) {
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
        kept.lock().unwrap().push_str(&String::from_utf8(body).unwrap());
        let mut stream = stream;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
    }
}

fn dsn(port: u16) -> secrecy::SecretString {
    format!("http://key@127.0.0.1:{port}/1").into()
}

fn assert_private(heard: &str) {
    for secret in PRIVATE {
        assert!(!heard.contains(secret), "{secret} arrived in {heard}");
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
fn an_error_arrives_with_its_place_and_closed_fields_and_nothing_private() {
    let heard = Endpoint::start().hears(|| {
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
    assert_private(&heard);
    assert!(heard.contains("a message could not be delivered"), "{heard}");
    assert!(heard.contains(r#""queue":"outbox""#) && heard.contains(r#""attempt":3"#), "{heard}");
    assert!(heard.contains("SendFailed") && heard.contains(r#""environment":"test""#), "{heard}");
    assert!(!heard.contains("server_name"), "{heard}");
}

#[test]
fn what_slipped_into_a_sentence_does_not_arrive() {
    let heard = Endpoint::start().hears(|| {
        let token = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc";
        error!(target: "support_bot::engine", "call 79161234567 with {token} for @ada_l: Где моя посылка");
        error!(target: "somebody_else", "my parcel is lost, says Ada Lovelace");
    });
    assert_private(&heard);
    assert!(heard.contains("call […] with […]"), "{heard}");
    assert!(heard.contains("[left out]"), "{heard}");
}

#[test]
fn breadcrumbs_arrive_without_what_is_private() {
    let heard = Endpoint::start().hears(|| {
        let failure = failure();
        let error = &failure as &(dyn Error + 'static);
        info!(target: "support_bot::app", error, name = "Ada Lovelace", task = "poll", "began to poll");
        info!(target: "somebody_else", "my parcel is lost");
        error!(target: "support_bot::engine", "the store failed");
    });
    assert_private(&heard);
    assert!(heard.contains("began to poll") && heard.contains(r#""task":"poll""#), "{heard}");
}

#[test]
fn a_panic_arrives_once_without_what_it_said() {
    let heard = Endpoint::start().hears(|| {
        let panicked = std::panic::catch_unwind(|| panic!("my parcel is lost, says Ada Lovelace"));
        assert!(panicked.is_err());
    });
    assert_private(&heard);
    let events = heard.matches(r#"{"type":"event""#).count();
    assert_eq!(events, 1, "{heard}");
    assert!(heard.contains(r#""type":"panic""#), "{heard}");
}

#[test]
fn a_panic_does_not_wait_for_an_endpoint_that_never_answers_and_neither_does_the_exit() {
    let _alone = crate::alone();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let guard = sentry::init(&dsn(port), "test").unwrap();

    // The first reads the symbols of the stack, which takes a busy machine its time.
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
    // Each would be two seconds if it waited.
    assert!(panicked_for < Duration::from_secs(4), "{panicked_for:?}");
}
