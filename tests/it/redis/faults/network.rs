//! Each kind of network failure between the program and Redis, under load, with recovery.

use std::time::Duration;

use crate::harness::{Network, Proxy};
use crate::redis::harness::{Rush, Server};

/// A program, its Redis, and the proxy between them.
struct Apart {
    rush: Rush,
    proxy: Proxy,
    _server: Server,
}

impl Apart {
    async fn start() -> Self {
        let server = Server::start();
        let proxy = Proxy::before(server.port()).await;
        let rush = Rush::on(&proxy.url()).await;
        Self { rush, proxy, _server: server }
    }

    /// A load during this state of the network and after its recovery: nothing is lost, repeated or out of order.
    async fn through(network: Network, milliseconds: u64) -> Self {
        let mut apart = Self::start().await;
        apart.proxy.set(network);
        apart.rush.writes_for(milliseconds).await;
        apart.proxy.set(Network::Well);
        apart.rush.finish_with_each_once().await;
        apart
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_network_is_reported_once_and_loses_and_repeats_nothing() {
    Apart::through(Network::Cut, 3_000).await.rush.was_reported_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_again_and_again_lose_and_repeat_nothing() {
    let mut apart = Apart::start().await;
    for _ in 0..12 {
        apart.proxy.set(Network::Cut);
        apart.rush.writes_for(20).await;
        apart.proxy.set(Network::Well);
        apart.rush.writes_for(200).await;
    }
    apart.rush.finish_with_each_once().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_connection_is_reported_once_and_loses_and_repeats_nothing() {
    Apart::through(Network::HalfOpen, 4_000).await.rush.was_reported_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn unanswered_commands_are_reported_once_and_not_done_twice() {
    Apart::through(Network::Unanswered, 4_000).await.rush.was_reported_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_high_latency_is_slower_and_no_outage() {
    let apart = Apart::through(Network::Delayed(Duration::from_millis(80)), 3_000).await;
    let warnings = apart.rush.warnings();
    assert!(warnings.is_empty(), "{warnings:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_of_low_bandwidth_loses_and_repeats_nothing() {
    Apart::through(Network::Slow(40_000), 3_000).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes: `just outage`"]
async fn a_long_outage_is_reported_a_few_times_and_not_at_each_attempt() {
    let mut apart = Apart::start().await;
    apart.proxy.set(Network::HalfOpen);
    // A little traffic every second keeps the store in use.
    for _ in 0..75 {
        apart.rush.writes_for(5).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    apart.proxy.set(Network::Well);
    apart.rush.finish_with_each_once().await;
    let warnings = apart.rush.warnings();
    println!("{warnings:#?}");
    // Each warning is logged once, and again every half minute.
    assert!(warnings.values().all(|times| *times <= 3), "{warnings:#?}");
}
