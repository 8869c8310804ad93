//! Histories on each store: short ones in the test suite, long ones on demand.

use std::time::{Duration, Instant};

use history_checker::{
    FaultKind::{Cut, Failover, Freeze, Kill, Stop, StoreEmptied, StoreFrozen},
    Figures,
};

use super::stage::{Scenario, Stage, Store};

const FILE: Scenario = Scenario {
    name: "file",
    store: Store::File,
    processes: 1,
    pushed: false,
    faults: &[Kill, Kill, Kill, Freeze, Cut, Stop],
    is_long: false,
};

const FILE_PUSHED: Scenario = Scenario { name: "file-pushed", pushed: true, ..FILE };

const REDIS: Scenario = Scenario {
    name: "redis",
    store: Store::Redis,
    processes: 3,
    pushed: false,
    faults: &[Kill, Kill, Kill, Freeze, Cut, Stop, StoreFrozen],
    is_long: true,
};

const REDIS_PUSHED: Scenario = Scenario { name: "redis-pushed", pushed: true, ..REDIS };

const EMPTIED: Scenario =
    Scenario { name: "emptied", faults: &[Kill, Cut, StoreEmptied], is_long: false, ..REDIS };

const EMPTIED_PUSHED: Scenario = Scenario { name: "emptied-pushed", pushed: true, ..EMPTIED };

const FAILOVER: Scenario = Scenario {
    name: "failover",
    store: Store::WithSentinels,
    faults: &[Kill, Cut, Failover],
    is_long: false,
    ..REDIS
};

/// Seed of a run, or its duration in seconds.
#[expect(clippy::disallowed_methods, reason = "the environment of the test, not of the program")]
fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_of_the_embedded_store_with_kills_and_freezes_is_clean() {
    let mut stage = Stage::open(FILE, fastrand::u64(..)).await;
    for fault in [Kill, Freeze, Kill, Cut, Stop, Kill] {
        stage.cause(fault).await;
    }
    let verdict = stage.finish(false).await;
    assert!(verdict.is_clean(), "{verdict}");
    assert!(verdict.figures.delivered > 100, "too little happened: {verdict}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_of_three_replicas_that_are_killed_and_whose_redis_is_emptied_is_clean() {
    let mut stage = Stage::open(EMPTIED_PUSHED, fastrand::u64(..)).await;
    // The store is emptied last: that deletes the leases, so no test waits for a killed process's leases to expire.
    for fault in [Freeze, Kill, Kill, StoreEmptied] {
        stage.cause(fault).await;
    }
    let verdict = stage.finish(false).await;
    assert!(verdict.is_clean(), "{verdict}");
    assert!(verdict.figures.delivered > 100, "too little happened: {verdict}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "ten minutes: `just histories`"]
async fn histories_of_all_faults_on_both_stores_are_clean() {
    let all = [FILE, FILE_PUSHED, REDIS, REDIS_PUSHED, EMPTIED, EMPTIED_PUSHED, FAILOVER];
    let until =
        Instant::now() + Duration::from_secs(from_environment("HISTORY_SECONDS").unwrap_or(600));
    let mut seed = from_environment("HISTORY_SEED").unwrap_or_else(|| fastrand::u64(..));
    let (mut figures, mut rounds, mut unclean) = (Figures::default(), 0, Vec::new());
    for scenario in all.iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let mut stage = Stage::open(*scenario, seed).await;
        stage.run(Duration::from_secs(20)).await;
        let verdict = stage.finish(true).await;
        figures = figures.and(&verdict.figures);
        rounds += 1;
        if !verdict.is_clean() {
            unclean.push(format!("{} (seed {seed}): {verdict}", scenario.name));
        }
        seed = seed.wrapping_add(1);
    }
    println!("{rounds} histories, {} with errors: {figures}", unclean.len());
    assert!(unclean.is_empty(), "{}", unclean.join("\n"));
}
