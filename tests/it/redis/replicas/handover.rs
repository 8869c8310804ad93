//! For how long partitions have no holder while replicas restart: the alert that nobody holds some of them waits for a
//! minute.

use std::time::{Duration, Instant};

use crate::{harness::program::get, redis::Replicas};

/// Half of what the alert waits for.
const LIMIT: Duration = Duration::from_secs(30);

/// The value of a series summed over the processes that answer, as Prometheus sees them.
async fn sum(addresses: &[String], series: &str) -> f64 {
    let mut sum = 0.0;
    for address in addresses {
        let (_, page) = get(&format!("http://{address}/metrics")).await;
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        sum += line.map_or(0.0, |value| value.parse::<f64>().unwrap());
    }
    sum
}

/// Runs `act`, and returns the longest time for which not all partitions had a holder meanwhile.
async fn longest_gap(addresses: &[String], act: impl Future<Output = ()>) -> Duration {
    let mut longest = Duration::ZERO;
    let watch = async {
        let mut whole = Instant::now();
        loop {
            if sum(addresses, "supportbot_partitions_held").await > 15.5 {
                whole = Instant::now();
            }
            longest = longest.max(whole.elapsed());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = watch => {}
        () = act => {}
    }
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_restart_or_are_killed_leave_partitions_without_a_holder_for_seconds() {
    let mut replicas = Replicas::start(2, false).await;
    let addresses: Vec<String> = replicas.all.iter().map(crate::harness::Program::ops).collect();
    assert!((sum(&addresses, "supportbot_partitions").await - 32.0).abs() < 0.5, "16 by each");
    let restarts = longest_gap(&addresses, async {
        for at in [0, 1] {
            assert_eq!(replicas.all[at].terminate().await.code(), Some(0));
            replicas.all[at].start().await;
            replicas.share().await;
        }
    });
    let restarts = restarts.await;
    let kill = longest_gap(&addresses, async {
        replicas.all[0].kill();
        replicas.share().await;
    });
    let kill = kill.await;
    println!("without a holder: {restarts:?} in restarts, {kill:?} after a kill");
    assert!(restarts < LIMIT && kill < LIMIT, "{restarts:?}, {kill:?}");
}
