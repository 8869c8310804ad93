//! Failures of calls, and what the errors say.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use domain::{ChatId, MessageId};
use ports::{Call, Messenger, SendError};
use support_bot::{
    adapters::telegram::{
        CallOutcome, Client, Endpoint, EndpointError, Poller, TelegramMessenger, TimeLimits,
        Unobserved,
    },
    network::Network,
};

use super::{
    Seen, TOKEN, client_at,
    stub::{Reply, Stub, done, refused},
};

const DELETE: Call = Call::Delete { chat: ChatId(7), message: MessageId(1) };

async fn outcome(reply: Reply) -> (Result<(), SendError>, CallOutcome) {
    let stub = Stub::replies([reply]);
    let seen = Seen::default();
    let messenger = TelegramMessenger::new(client_at(&stub.address(), &seen));
    let result = messenger.perform(&DELETE).await.map(drop);
    let [("deleteMessage", outcome)] = seen.all()[..] else { panic!("{:?}", seen.all()) };
    (result, outcome)
}

fn perhaps_done(result: Result<(), SendError>) -> bool {
    let error = result.unwrap_err();
    let SendError::Unavailable { why, perhaps_done } = error else { panic!("{error:?}") };
    assert!(!why.contains("SECRET") && !why.contains("http"), "{why}");
    perhaps_done
}

#[tokio::test]
async fn every_kind_of_failure_is_distinguished() {
    let throttled = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
    let moved = r#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1001}}"#;
    let (result, outcome_) = outcome(Reply::With(429, throttled.to_owned())).await;
    assert_eq!(result, Err(SendError::Throttled(Duration::from_secs(7))));
    assert_eq!(outcome_, CallOutcome::Flood);
    let (result, _) = outcome(Reply::With(400, moved.to_owned())).await;
    assert_eq!(result, Err(SendError::Migrated(ChatId(-1001))));
    let (result, outcome_) = outcome(refused(403, "Forbidden: bot was blocked by the user")).await;
    assert_eq!((result, outcome_), (Err(SendError::Blocked), CallOutcome::Forbidden));
    let (result, outcome_) = outcome(refused(401, "Unauthorized")).await;
    assert_eq!(result, Err(SendError::DeskBroken("Unauthorized".to_owned())));
    assert_eq!(outcome_, CallOutcome::Unauthorized);
    let (result, outcome_) = outcome(done("true")).await;
    assert_eq!((result, outcome_), (Ok(()), CallOutcome::Ok));
}

#[tokio::test]
async fn an_invalid_retry_after_counts_as_five_seconds() {
    let of = |wait: &str| {
        format!(
            r#"{{"ok":false,"error_code":429,"description":"x","parameters":{{"retry_after":{wait}}}}}"#
        )
    };
    let bodies = ["-7", "1.5", "\"7\"", "null", "99999999999999999999999"].map(of);
    let nothing_said = ["<html>Too Many Requests", ""].map(str::to_owned);
    for body in bodies.into_iter().chain(nothing_said) {
        let (result, outcome) = outcome(Reply::With(429, body.clone())).await;
        assert_eq!(result, Err(SendError::Throttled(Duration::from_secs(5))), "{body}");
        assert_eq!(outcome, CallOutcome::Flood, "{body}");
    }
}

#[tokio::test]
async fn a_call_that_may_have_been_done_is_marked() {
    for (reply, perhaps, counted) in [
        (refused(500, "Internal Server Error"), false, CallOutcome::ServerError),
        (Reply::With(503, "<html>".to_owned()), false, CallOutcome::ServerError),
        (Reply::With(502, "<html>Bad Gateway".to_owned()), true, CallOutcome::ServerError),
        (Reply::With(200, "<html>a captive portal".to_owned()), true, CallOutcome::ServerError),
        (done(&format!("\"{}\"", "x".repeat(3 << 20))), true, CallOutcome::ServerError),
        (Reply::Cut, true, CallOutcome::Network),
        (Reply::CutInside, true, CallOutcome::Network),
        (Reply::Hang(Duration::from_secs(3)), true, CallOutcome::Timeout),
    ] {
        let (result, outcome) = outcome(reply.clone()).await;
        assert_eq!((perhaps_done(result), outcome), (perhaps, counted), "{reply:.99?}");
    }
}

#[tokio::test]
async fn a_call_without_a_connection_is_known_not_to_be_done() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let seen = Seen::default();
    let messenger = TelegramMessenger::new(client_at(&format!("http://{closed}"), &seen));
    assert!(!perhaps_done(messenger.perform(&DELETE).await.map(drop)));
    assert_eq!(seen.all(), [("deleteMessage", CallOutcome::Network)]);
}

#[tokio::test]
async fn a_server_error_is_returned_at_once() {
    let started = Instant::now();
    let _failed = outcome(Reply::With(500, String::new())).await;
    assert!(started.elapsed() < Duration::from_secs(2), "teloxide would sleep for ten seconds");
}

#[tokio::test]
async fn a_broken_connection_is_not_reused() {
    let stub = Stub::replies([done("true"), Reply::Cut, done("true")]);
    let messenger = TelegramMessenger::new(client_at(&stub.address(), &Seen::default()));
    assert!(messenger.perform(&DELETE).await.is_ok());
    assert!(messenger.perform(&DELETE).await.is_err());
    assert!(messenger.perform(&DELETE).await.is_ok(), "a broken connection is not used again");
}

#[tokio::test]
async fn the_token_is_in_the_path_and_nowhere_else() {
    let stub = Stub::replies([done("true")]);
    let client = client_at(&(stub.address() + "/"), &Seen::default());
    let messenger = TelegramMessenger::new(client.clone());
    messenger.perform(&DELETE).await.unwrap();
    assert_eq!(stub.requests()[0].0, format!("/bot{TOKEN}/deleteMessage"));
    let endpoint = Endpoint { base: "http://127.0.0.1:1".parse().unwrap(), token: TOKEN.into() };
    let poller = Poller::new(client.clone(), Duration::ZERO);
    for printed in [
        format!("{client:?}"),
        format!("{messenger:?}"),
        format!("{poller:?}"),
        format!("{endpoint:?}"),
    ] {
        assert!(!printed.contains("SECRET"), "{printed}");
    }
}

#[test]
fn invalid_addresses_and_tokens_are_refused() {
    for (base, token, expected) in [
        ("https://api.telegram.org", "", EndpointError::Token),
        ("https://api.telegram.org", "42:a/../b", EndpointError::Token),
        ("mailto:ada@example.org", "42:a", EndpointError::Address),
        ("ftp://example.org", "42:a", EndpointError::Address),
    ] {
        let endpoint = Endpoint { base: base.parse().unwrap(), token: token.into() };
        let network = Network::direct().unwrap();
        let observer = std::sync::Arc::new(Unobserved);
        let made = Client::new(&endpoint, TimeLimits::default(), observer, network);
        assert_eq!(made.err(), Some(expected), "{base}");
    }
}

/// Neither the token in the path nor the message reaches a host that only a redirect names.
#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Stub::replies([done("true")]);
        let to = format!("{}/bot{TOKEN}/deleteMessage", elsewhere.address());
        let (result, _) = outcome(Reply::Elsewhere(status, to)).await;
        assert!(result.is_err(), "{status}");
        assert_eq!(elsewhere.requests(), [], "{status}");
    }
}
