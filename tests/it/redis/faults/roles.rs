//! The server is up but refuses writes: a replica, a full server, or one that is busy with a script.

use std::process::{Command, Stdio};

use crate::harness::{Desk, program::unlimited};
use crate::redis::harness::{Rush, Server};

/// A port that nobody listens on.
const NOBODY: &str = "1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_refused_at_the_start_with_what_to_set() {
    let master = Server::start();
    let replica = Server::start_with(&["--replicaof", "127.0.0.1", &master.port().to_string()]);
    let port = replica.port().to_string();
    let place = [("REDIS_HOST", "127.0.0.1"), ("REDIS_PORT", &*port)];
    let mut desk = Desk::closed_with(unlimited(), &place).await;
    let report = desk.start_error().await;
    for word in ["is a replica", "REDIS_HOST", "redis-sentinel://"] {
        assert!(report.contains(word), "{report}");
    }
    let doctor = desk.run(&["doctor"]).await;
    let report = String::from_utf8(doctor.stdout).unwrap();
    assert!(report.contains("is a replica") && !doctor.status.success(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_that_becomes_a_replica_for_a_while_loses_and_repeats_nothing() {
    let server = Server::start();
    let mut rush = Rush::on(&server.url()).await;
    server.ask(&["REPLICAOF", "127.0.0.1", NOBODY]);
    rush.writes_for(2_000).await;
    assert!(rush.program.log().contains("this Redis is a replica"), "{}", rush.program.log());
    server.ask(&["REPLICAOF", "NO", "ONE"]);
    rush.finish_with_each_once().await;
    rush.was_reported_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_full_under_load_loses_and_repeats_nothing() {
    let server = Server::start();
    let mut rush = Rush::on(&server.url()).await;
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    rush.writes_for(2_000).await;
    assert!(rush.program.log().contains("Redis has reached its maxmemory"));
    server.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    rush.finish_with_each_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_with_a_script_is_waited_for() {
    // Redis 7 and Valkey know this name too.
    let server = Server::start_with(&["--lua-time-limit", "300"]);
    let mut rush = Rush::on(&server.url()).await;
    let mut endless = Command::new("redis-cli")
        .args(["-p", &server.port().to_string(), "EVAL", "while true do end", "0"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    rush.writes_for(2_000).await;
    assert_eq!(server.ask(&["SCRIPT", "KILL"]).trim(), "OK");
    endless.wait().unwrap();
    assert!(rush.program.log().contains("Redis is busy with a script"), "{}", rush.program.log());
    rush.finish_with_each_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_that_are_flushed_under_load_are_sent_again() {
    let server = Server::start();
    let mut rush = Rush::on(&server.url()).await;
    for _ in 0..10 {
        assert_eq!(server.ask(&["SCRIPT", "FLUSH"]).trim(), "OK");
        rush.writes_for(100).await;
    }
    rush.finish_with_each_once().await;
    assert!(rush.warnings().is_empty(), "{:#?}", rush.warnings());
}
