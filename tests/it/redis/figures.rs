//! Every metric of Redis and of its replicas moves, and settings that may lose messages cause a warning.

use std::{collections::BTreeSet, time::Duration};

use support_bot::telemetry::Catalogue;

use crate::redis::Server;
use crate::{
    harness::{Desk, program::unlimited},
    telemetry::is_of_redis,
};

/// Metrics that this test cannot move, with the reason.
const NOT_DRIVEN: [(&str, &str); 2] = [
    (
        "supportbot_redis_replication_lag_seconds",
        "0 while replicas follow; src/adapters/redis/client/health.rs tests the reading",
    ),
    (
        "supportbot_clock_skew_seconds",
        "0 when the clocks agree to the millisecond; tests/it/redis/leases/clocks.rs has clocks that differ",
    ),
];

/// The metrics of Redis that are greater than 0.
fn changed(desk: &Desk) -> BTreeSet<String> {
    let page = desk.telemetry.render();
    let lines = page.lines().filter(|line| is_of_redis(line));
    let changed = lines.filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let name = series.split('{').next()?;
        (value.parse::<f64>().ok()?.abs() > 0.0)
            .then(|| name.strip_suffix("_count").unwrap_or(name))
    });
    changed.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_metric_of_redis_changes() {
    let mut server =
        Server::start_with(&["--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"]);
    let port = server.port().to_string();
    let replica = Server::start_with(&["--replicaof", "127.0.0.1", &port]);
    while !server.ask(&["INFO", "replication"]).contains("state=online") {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let desk = Desk::start_with(unlimited(), &[("REDIS_URL", &server.url())]).await;
    desk.user(7, "Ada").writes("hello");
    desk.settle().await;
    let looked = || changed(&desk).contains("supportbot_redis_memory_limit_bytes");
    desk.until("the probe has read Redis", looked).await;
    let mut all = changed(&desk);
    // Another process takes the lease of a partition, as if this process had been frozen.
    server.ask(&["SET", "support-bot:{3}:lease", "another", "PX", "60000"]);
    server.ask(&["HSET", "support-bot:{3}:meta", "owner", "another"]);
    let lost = || changed(&desk).contains("supportbot_partitions_lost_total");
    desk.until("the process notices the lost partition", lost).await;
    server.kill();
    let failed = || changed(&desk).contains("supportbot_redis_command_errors_total");
    desk.until("the failure is counted", failed).await;
    server.restart();
    let again = || changed(&desk).contains("supportbot_redis_reconnects_total");
    desk.until("the program has reconnected", again).await;
    all.extend(changed(&desk));
    drop(replica);
    let catalogue = Catalogue::new().metrics.into_iter().map(|metric| metric.name.to_owned());
    let excused = NOT_DRIVEN.map(|(name, _why)| name.to_owned());
    let still: Vec<String> = catalogue
        .filter(|name| is_of_redis(name))
        .filter(|name| !all.contains(name) && !excused.contains(name))
        .collect();
    assert_eq!(still, Vec::<String>::new(), "no test moves these metrics");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn risky_settings_are_reported_until_they_are_accepted() {
    let server = Server::start_with(&["--appendonly", "no", "--maxmemory-policy", "allkeys-lru"]);
    let mut desk = Desk::closed_with(unlimited(), &[("REDIS_URL", &server.url())]).await;
    let doctor = async |desk: &Desk| {
        let report = desk.run(&["doctor"]).await;
        String::from_utf8(report.stdout).unwrap()
    };
    let report = doctor(&desk).await;
    for word in ["appendonly yes", "maxmemory-policy noeviction", "REDIS_ACCEPT_LOSS"] {
        assert!(report.contains(word), "{report}");
    }
    let running = desk.spawn();
    desk.until("the warning is in the log", || running.log().contains("Redis may lose messages"))
        .await;
    drop(running);
    desk.set("REDIS_ACCEPT_LOSS", "true");
    let report = doctor(&desk).await;
    assert!(!report.contains("appendonly") && report.contains("can be written"), "{report}");
}
