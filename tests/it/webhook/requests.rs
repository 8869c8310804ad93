//! Requests that are not from Telegram or are malformed.

use std::time::{Duration, Instant};

use reqwest::Method;
use rusqlite::Connection;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{HEADER, SECRET, count, desk_with_webhook, message, pushes, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_the_secret_is_refused() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    desk.settle().await;
    let before = ada.reads().len();
    for wrong in ["x", "a-secret_of_the_tests_owN", "a-secret_of_the_tests_own-"] {
        assert_eq!(pushes(&url, wrong, message(900_000_001, "/help")).await, 401);
    }
    let without = request(Method::POST, &url).body(message(900_000_001, "/help"));
    assert_eq!(without.send().await.unwrap().status(), 401);
    assert_eq!(count(&desk, "wrong_secret"), 4);
    desk.settle().await;
    assert_eq!(ada.reads().len(), before, "the request had no effect");
    assert_eq!(pushes(&url, SECRET, message(900_000_001, "/help")).await, 200);
    desk.settle().await;
    assert_eq!(ada.reads().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_post_requests_to_the_path_are_served() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let base = url.trim_end_matches("/webhook").to_owned();
    let stored = count(&desk, "stored");
    for path in ["/", "/metrics", "/healthz", "/webhook/", "/webhook/x", "/Webhook", "//webhook"] {
        let answer = request(Method::GET, &format!("{base}{path}")).header(HEADER, SECRET).send();
        assert_eq!(answer.await.unwrap().status(), 404, "{path}");
    }
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::HEAD, Method::OPTIONS] {
        let answer = request(method, &url).header(HEADER, SECRET).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["Allow"].as_bytes()),
            (405, b"POST".as_slice())
        );
    }
    assert_eq!((count(&desk, "not_found"), count(&desk, "wrong_method")), (7, 5));
    assert_eq!(count(&desk, "stored"), stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_megabytes_is_refused_with_or_without_its_length() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let address = url.split('/').nth(2).unwrap().to_owned();
    let head = format!("POST /webhook HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\n");
    // The request declares its length, so it is refused before its body is sent.
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(format!("{head}Content-Length: 10000000\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // The request declares no length: it arrives in chunks and is cut off.
    let mut stream = TcpStream::connect(&address).await.unwrap();
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..160 {
        if stream.write_all(piece.as_bytes()).await.is_err() {
            break;
        }
    }
    desk.until("the request is refused", || count(&desk, "too_large") == 2).await;
    assert_eq!(pushes(&url, SECRET, message(900_000_001, "of usual size")).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_connections_keep_no_request_out() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let address = url.split('/').nth(2).unwrap().to_owned();
    let mut slow = Vec::new();
    for _ in 0..1500 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"POST /webhook HTTP/1.1\r\nX-").await.unwrap();
        slow.push(stream);
    }
    let mut slowest = Duration::ZERO;
    for number in 0..40 {
        for stream in &mut slow {
            let _perhaps_dismissed = stream.write_all(b"a").await;
        }
        let begun = Instant::now();
        let update = message(900_000_001 + number, "in between");
        assert_eq!(pushes(&url, SECRET, update).await, 200);
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    let dismissed = desk.metric("supportbot_webhook_connections_dismissed_total");
    assert!(dismissed >= 900.0, "{dismissed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_ends_is_timed_out() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let mut stream = TcpStream::connect(url.split('/').nth(2).unwrap()).await.unwrap();
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 500\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let drip = async {
        loop {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if count(&desk, "too_slow") > 0 {
                return;
            }
        }
    };
    let (read, ()) = tokio::join!(stream.read_to_string(&mut answer), drip);
    read.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_update_becomes_a_dead_letter() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let garbage: [&[u8]; 4] = [b"{\"update_id\":", b"garbage", b"\xff\xfe\x00\x80", b""];
    for body in garbage {
        assert_eq!(pushes(&url, SECRET, body.to_vec()).await, 200);
    }
    desk.settle().await;
    let letters = desk.app.as_ref().unwrap().store().dead(None, 10).await.unwrap();
    assert_eq!(letters.len(), garbage.len(), "{letters:?}");
    assert_eq!(pushes(&url, SECRET, message(900_000_001, "as usual")).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_pushed_twice_is_decided_once() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let update = message(900_000_001, "/help");
    let before = ada.reads().len();
    let again = (0..10).map(|_| pushes(&url, SECRET, update.clone()));
    let answers = futures_util::future::join_all(again).await;
    assert_eq!(answers, [200; 10]);
    desk.settle().await;
    assert_eq!(ada.reads().len(), before + 1, "{:?}", ada.reads());
    assert!(desk.metric("supportbot_updates_duplicate_total") >= 9.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_cannot_be_stored_is_not_acknowledged_and_is_pushed_again() {
    let (desk, url) = desk_with_webhook(&[]).await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let foreign = Connection::open(desk.folder().join("desk.sqlite3")).unwrap();
    foreign.busy_timeout(Duration::from_secs(10)).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    ada.writes("into a store that fails");
    ada.writes("and after it");
    assert_eq!(pushes(&url, SECRET, message(900_000_001, "/help")).await, 503);
    assert!(count(&desk, "unstored") > 0);
    assert!(desk.telegram.pending_updates() > 0, "an update was acknowledged but not stored");
    let unready = async {
        while desk.ops("/readyz").await.0 == 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), unready).await.unwrap();
    foreign.execute_batch("ROLLBACK").unwrap();
    desk.settle().await;
    let written = ["hello", "into a store that fails", "and after it"];
    assert_eq!(desk.relayed_texts(desk.topic()), written);
}
