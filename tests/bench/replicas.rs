//! Rounds of several processes that are one desk, on one Redis.

use std::time::{Duration, Instant};

use crate::{
    contender::{Contender, Who},
    figures::Figures,
    load::{Crowd, Measured},
    redis::Redis,
    rounds::{CONVERSATIONS, ROUND, in_turn},
    stage::Stage,
};

/// So many processes.
pub(crate) const COUNTS: [usize; 3] = [1, 2, 4];

/// Parts that a store is shared in.
pub(crate) const PARTITIONS: usize = 16;

/// So many processes on one Redis, by the way in which updates come.
#[derive(Debug)]
pub(crate) struct Replicas {
    /// Telegram pushes to them through a balancer.
    pub(crate) pushed: Ways,
    /// One of them polls.
    pub(crate) polling: Ways,
}

/// The ways in which users write.
#[derive(Debug)]
pub(crate) struct Ways {
    /// Each has one message under way.
    pub(crate) closed: [Figures; COUNTS.len()],
    /// All of them together have one.
    pub(crate) alone: [Figures; COUNTS.len()],
}

/// `None` if there is no Redis to start.
pub(crate) async fn replicas() -> Option<Replicas> {
    if !Redis::is_installed() {
        return None;
    }
    Some(Replicas { pushed: ways(Who::PushedOnRedis).await, polling: ways(Who::OnRedis).await })
}

async fn ways(who: Who) -> Ways {
    Ways {
        closed: in_turn(COUNTS, |count| {
            round(who, count, async |crowd| crowd.closed_loop(1, ROUND).await)
        })
        .await,
        alone: in_turn(COUNTS, |count| {
            round(who, count, async |crowd| crowd.one_by_one(ROUND).await)
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

/// Waits until each of them has its part of the store.
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
        assert!(begun.elapsed() < Duration::from_secs(30), "they hold {held:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
