//! Rounds of several replicas on one Redis.

use std::time::{Duration, Instant};

use crate::{
    contender::{Contender, Who},
    figures::Figures,
    load::{Crowd, Measured},
    redis::Redis,
    rounds::{CONVERSATIONS, ROUND, measure_in_turn},
    stage::Stage,
};

/// Numbers of replicas to measure.
pub(crate) const COUNTS: [usize; 3] = [1, 2, 4];

/// Number of partitions of a store.
pub(crate) const PARTITIONS: usize = 16;

/// The figures for each number of replicas, by the way in which updates arrive.
#[derive(Debug)]
pub(crate) struct Replicas {
    /// Telegram pushes to the replicas through a load balancer.
    pub(crate) pushed: Ways,
    /// One replica polls.
    pub(crate) polling: Ways,
}

/// The figures for each kind of load.
#[derive(Debug)]
pub(crate) struct Ways {
    /// Each user has one message under way.
    pub(crate) closed: [Figures; COUNTS.len()],
    /// All users together have one message under way.
    pub(crate) alone: [Figures; COUNTS.len()],
}

/// `None` if no Redis server is installed.
pub(crate) async fn replicas() -> Option<Replicas> {
    if !Redis::is_installed() {
        return None;
    }
    Some(Replicas { pushed: ways(Who::PushedOnRedis).await, polling: ways(Who::OnRedis).await })
}

async fn ways(who: Who) -> Ways {
    Ways {
        closed: measure_in_turn(COUNTS, |count| {
            round(who, count, async |crowd| crowd.closed_loop(1, ROUND).await)
        })
        .await,
        alone: measure_in_turn(COUNTS, |count| {
            round(who, count, async |crowd| crowd.write_one_by_one(ROUND).await)
        })
        .await,
    }
}

async fn round(who: Who, count: usize, load: impl AsyncFn(&mut Crowd) -> Measured) -> Figures {
    let stage = Stage::set_for_several(who).await;
    let mut crowd = stage.crowd(CONVERSATIONS);
    let replicas: Vec<Contender> = (0..count).map(|_| stage.start(who)).collect();
    shared(&replicas.iter().collect::<Vec<_>>()).await;
    crowd.warm_up().await;
    Figures::of(&replicas, stage.redis.as_ref(), load(&mut crowd)).await
}

/// Waits until each replica has its partitions.
pub(crate) async fn shared(replicas: &[&Contender]) {
    let begun = Instant::now();
    let fair = PARTITIONS as f64 / replicas.len() as f64;
    loop {
        let mut held = Vec::new();
        for replica in replicas {
            held.push(replica.partitions().await);
        }
        if held.iter().all(|held| held.is_some_and(|held| (held - fair).abs() < 0.5)) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "partitions held: {held:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
