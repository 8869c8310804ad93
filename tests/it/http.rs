//! The operations server, over real sockets.

use std::time::{Duration, Instant};

use support_bot::{
    http::{OpsState, serve},
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
    let telemetry = Telemetry::install().unwrap();
    let readiness = Readiness::new(telemetry.metrics());
    let state = OpsState { telemetry, heartbeats: Heartbeats::new(), readiness };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    #[expect(clippy::disallowed_methods, reason = "the test joins it")]
    let task = tokio::spawn(serve(listener, state.clone(), stop.clone()));
    Server { address, state, stop, task }
}

impl Server {
    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

#[tokio::test]
async fn metrics_have_the_content_type_that_prometheus_asks_for() {
    let answer = start().await.get("/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200"));
    assert!(answer.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert!(answer.contains("supportbot_build_info{"));
}

#[tokio::test]
async fn health_names_the_loop_that_is_stuck() {
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
async fn readiness_waits_for_its_probes_and_ends_with_the_drain() {
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

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    assert!(start().await.get("/").await.starts_with("HTTP/1.1 404"));
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
