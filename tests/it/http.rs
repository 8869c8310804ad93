//! The operations server over real sockets.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use support_bot::{
    http::{Hosts, OpsState, SelfReport, Watchdog, serve},
    telemetry::{Heartbeats, Loop, Probe, Readiness, Telemetry},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

struct Server {
    address: std::net::SocketAddr,
    state: OpsState,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

async fn start() -> Server {
    start_with(None).await
}

async fn start_with(watchdog: Option<Watchdog>) -> Server {
    let telemetry = Telemetry::install().unwrap();
    let readiness = Readiness::new(telemetry.metrics());
    let hosts = Hosts::new(&["desk.example.org".to_owned()], &[]);
    let state = OpsState { telemetry, heartbeats: Heartbeats::new(), readiness, hosts, watchdog };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    #[expect(clippy::disallowed_methods, reason = "the test joins it")]
    let task = tokio::spawn(serve(listener, state.clone(), stop.clone()));
    Server { address, state, stop, task }
}

impl Server {
    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await
    }

    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Posts to the watchdog; returns the status.
    async fn posts(&self, authorization: &str, body: &str) -> u16 {
        self.posts_to("/watchdog", authorization, body).await
    }

    async fn posts_to(&self, path: &str, authorization: &str, body: &str) -> u16 {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{authorization}content-length: {}\r\n\r\n",
            body.len()
        );
        let answer = self.ask(&format!("{head}{body}")).await;
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn metrics_have_the_content_type_of_prometheus() {
    let answer = start().await.get("/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200"));
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert!(answer.contains("supportbot_build_info{"));
}

#[tokio::test]
async fn healthz_names_the_stuck_loop() {
    let server = start().await;
    server.state.heartbeats.watch(Loop::Worker, Duration::from_mins(1));
    assert!(server.get("/healthz").await.starts_with("HTTP/1.1 200"));
    server.state.heartbeats.watch(Loop::Poll, Duration::from_millis(1));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let answer = server.get("/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 503"));
    assert!(answer.contains(r#""task":"poll""#) && !answer.contains("worker"), "{answer}");
}

#[tokio::test]
async fn readyz_waits_for_all_probes_and_fails_while_draining() {
    let server = start().await;
    let answer = server.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("not probed yet"), "{answer}");
    server.state.readiness.ready(Probe::Store);
    server.state.readiness.ready(Probe::Telegram);
    server.state.readiness.ready(Probe::Group);
    assert!(server.get("/readyz").await.starts_with("HTTP/1.1 200"));
    server.state.readiness.drain();
    let answer = server.get("/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("stopping"), "{answer}");
    assert!(server.state.telemetry.render().contains("supportbot_ready{probe=\"draining\"} 0"));
}

/// DNS rebinding: the name evil.example resolves to this server, and a page of it sends requests.
#[tokio::test]
async fn an_unknown_host_name_gets_no_answer() {
    let server = start().await;
    let asks = async |path: &str, host: &str| {
        let host = format!("host: {host}\r\nconnection: close\r\n\r\n");
        server.ask(&format!("GET {path} HTTP/1.1\r\n{host}")).await
    };
    for path in ["/metrics", "/healthz", "/readyz"] {
        let answer = asks(path, "evil.example:9464").await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
        assert!(answer.contains("OPS_ALLOWED_HOSTS") && !answer.contains("supportbot"), "{answer}");
    }
    for host in ["127.0.0.1:9464", "[::1]", "localhost", "support-bot:9464", "desk.example.org"] {
        assert!(asks("/healthz", host).await.starts_with("HTTP/1.1 200"), "{host}");
    }
    // The watchdog requires a token instead.
    for path in ["/watchdog", "/watchdog/undelivered"] {
        assert!(asks(path, "evil.example").await.starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    assert!(start().await.get("/").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn idle_connections_keep_no_request_out() {
    let server = start().await;
    let mut idle = Vec::new();
    for number in 0..200 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        if number % 2 == 0 {
            stream.write_all(b"GET /metrics HTTP/1.1\r\nhost").await.unwrap();
        }
        idle.push(stream);
    }
    let limit = Duration::from_secs(5);
    let answer = tokio::time::timeout(limit, server.get("/metrics")).await;
    assert!(answer.expect("an authorized request is answered").starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_half_sent_request_does_not_block_the_stop() {
    let server = start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost").await.unwrap();
    server.get("/healthz").await;
    let begun = Instant::now();
    server.stop.cancel();
    server.task.await.unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(4));
}

const TOKEN: &str = "a-token-of-twenty-five-ch";

/// A server that expects the watchdog, and the number of accepted posts.
async fn server_with_watchdog() -> (Server, Arc<AtomicUsize>) {
    let posts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&posts);
    let watchdog = Watchdog::new(TOKEN.into(), move |report| {
        assert_eq!(report, SelfReport::Alive);
        count.fetch_add(1, Ordering::Relaxed);
    });
    (start_with(Some(watchdog)).await, posts)
}

#[tokio::test]
async fn only_a_firing_watchdog_with_the_token_is_recorded() {
    let (server, posts) = server_with_watchdog().await;
    let heard = || posts.load(Ordering::Relaxed);
    let right = format!("authorization: Bearer {TOKEN}\r\n");
    for body in [r#"{"version":"4","status":"firing","alerts":[{}]}"#, "{}", "", "no JSON at all"] {
        let before = heard();
        assert_eq!((server.posts(&right, body).await, heard()), (200, before + 1), "{body}");
    }
    let before = heard();
    let over = r#"{"status":"resolved","alerts":[{"status":"resolved"}]}"#;
    assert_eq!(server.posts(&right, over).await, 200);
    assert_eq!(heard(), before, "a resolved watchdog is not a sign of life");
    for wrong in [
        String::new(),
        "authorization: Bearer\r\n".to_owned(),
        "authorization: Bearer a-token-of-twenty-five-cx\r\n".to_owned(),
        format!("authorization: Bearer {TOKEN}x\r\n"),
        format!("authorization: Basic {TOKEN}\r\n"),
        format!("authorization: {TOKEN}\r\n"),
    ] {
        assert_eq!(server.posts(&wrong, "{}").await, 401, "{wrong}");
    }
    assert_eq!(heard(), before);
}

#[tokio::test]
async fn other_requests_to_the_watchdog_are_refused() {
    let (server, posts) = server_with_watchdog().await;
    let right = format!("authorization: Bearer {TOKEN}\r\n");
    let answer = server.get("/watchdog").await;
    assert!(answer.starts_with("HTTP/1.1 405") && answer.contains("allow: POST"), "{answer}");
    let most = 64 * 1024;
    assert_eq!(server.posts(&right, &" ".repeat(most)).await, 200);
    assert_eq!(server.posts(&right, &" ".repeat(most + 1)).await, 413);
    // A body without a declared length is cut off at the same limit.
    let chunk = format!("{:x}\r\n{}\r\n", most + 1, " ".repeat(most + 1));
    let head =
        format!("POST /watchdog HTTP/1.1\r\nhost: x\r\n{right}transfer-encoding: chunked\r\n\r\n");
    let answer = server.ask(&format!("{head}{chunk}0\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(posts.load(Ordering::Relaxed), 1);
    // Without a token, there is no watchdog.
    assert_eq!(start().await.posts(&right, "{}").await, 404);
}

#[tokio::test]
async fn only_who_has_the_token_says_whether_alerts_are_delivered() {
    let reports = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&reports);
    let watchdog = Watchdog::new(TOKEN.into(), move |report| heard.lock().unwrap().push(report));
    let server = start_with(Some(watchdog)).await;
    let posts = async |authorization: &str, body: &str| {
        server.posts_to("/watchdog/undelivered", authorization, body).await
    };
    let right = format!("authorization: Bearer {TOKEN}\r\n");
    let wrong = "authorization: Bearer a-token-of-twenty-five-cx\r\n";
    let (firing, resolved) = (r#"{"status":"firing"}"#, r#"{"status":"resolved"}"#);
    assert_eq!(posts("", firing).await, 401);
    assert_eq!(posts(wrong, firing).await, 401);
    for nothing in ["", "{}", "no JSON at all", r#"{"status":"pending"}"#] {
        assert_eq!(posts(&right, nothing).await, 400, "{nothing}");
    }
    assert_eq!(posts(&right, &" ".repeat(64 * 1024 + 1)).await, 413);
    assert!(reports.lock().unwrap().is_empty());
    assert_eq!(posts(&right, firing).await, 200);
    assert_eq!(posts(&right, resolved).await, 200);
    assert_eq!(*reports.lock().unwrap(), [SelfReport::Undelivered, SelfReport::Delivered]);
    let answer = server.get("/watchdog/undelivered").await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    let without_token = start().await;
    assert_eq!(without_token.posts_to("/watchdog/undelivered", &right, firing).await, 404);
}
