//! Metrics of the commands sent to Redis, and warnings about unsafe settings of its server.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    adapters::redis::{
        ClusterEvent, CommandObserver, CommandOutcome, Health, Operation, RedisStore,
    },
    app::{Lifecycle, clock::SharedClock, stores::Joined},
    config::Settings,
    telemetry::{
        Heartbeats, Loop, Metrics, RedisFailure, RedisOperation, events, figure, timestamp,
    },
};
use domain::{Millis, Partition};

/// Interval between two checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(10);

/// Counts every command, and corrects the clock.
#[derive(Debug)]
pub(in crate::app) struct CommandMetrics {
    pub metrics: Metrics,
    pub heartbeats: Heartbeats,
    pub clock: Arc<SharedClock>,
}

impl CommandObserver for CommandMetrics {
    fn command_ended(&self, operation: Operation, outcome: CommandOutcome, took: Duration) {
        let operation = match operation {
            Operation::Receive => RedisOperation::Receive,
            Operation::Commit => RedisOperation::Commit,
            Operation::Hint => RedisOperation::Hint,
            Operation::Slots => RedisOperation::Slots,
            Operation::Read => RedisOperation::Read,
            Operation::Upkeep => RedisOperation::Upkeep,
        };
        let failure = match outcome {
            CommandOutcome::Ok => {
                self.metrics.redis.command_duration.of(operation).record(took);
                events::redis_answered(&self.metrics);
                return;
            }
            CommandOutcome::Timeout => RedisFailure::Timeout,
            CommandOutcome::Connection => RedisFailure::Connection,
            CommandOutcome::Refused => RedisFailure::Refused,
        };
        self.metrics.redis.command_errors.of((operation, failure)).increment(1);
    }

    fn reconnecting(&self) {
        events::redis_unanswered(&self.metrics);
    }

    fn connected(&self, connected: bool) {
        events::redis_connected(&self.metrics, connected);
    }

    fn cluster_event(&self, event: ClusterEvent) {
        let replicas = &self.metrics.replicas;
        match event {
            ClusterEvent::Turned => self.heartbeats.beat(Loop::Leases),
            ClusterEvent::Balanced { processes, held } => {
                replicas.processes.set(figure(processes as u64));
                replicas.held.set(figure(held as u64));
            }
            ClusterEvent::Assigned(partitions) => replicas.taken.increment(partitions as u64),
            ClusterEvent::Lost => events::partition_lost(&self.metrics),
            ClusterEvent::ServerTime { at, sent } => {
                replicas.clock_skew.set(timestamp(self.clock.correct(Millis(at), sent)));
            }
        }
    }
}

/// Checks Redis in the background, if the store is in one. Not watched: it only measures.
pub(in crate::app) fn spawn_redis_watcher(
    settings: &Settings,
    store: &Joined,
    metrics: &Metrics,
    watch: &Lifecycle,
) {
    let (Joined::Redis(redis), Some(settings)) = (store, &settings.store.redis) else { return };
    let (accept, intake) = (settings.accept_loss, watch.intake().clone());
    watch.spawn("redis", watch_redis(Arc::clone(redis), metrics.clone(), accept, intake));
}

/// Checks Redis periodically, and warns once about each of its settings that could lose data, unless the settings
/// accept that.
async fn watch_redis(
    redis: Arc<RedisStore>,
    metrics: Metrics,
    accept_loss: bool,
    intake: CancellationToken,
) {
    metrics.redis.connected.set(1.0);
    metrics.replicas.partitions.set(figure(Partition::all().count() as u64));
    let mut warned = Vec::new();
    let mut tick = tokio::time::interval(CHECK_INTERVAL);
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        // Whoever needs Redis counts and logs its failures.
        let Ok(health) = redis.health().await else { continue };
        publish(&metrics, &health);
        let risks = health.risks();
        for risk in risks.iter().filter(|risk| !accept_loss && !warned.contains(*risk)) {
            events::redis_may_lose(&risk.to_string());
        }
        warned = risks;
    }
}

fn publish(metrics: &Metrics, health: &Health) {
    let flag = |so: bool| if so { 1.0 } else { 0.0 };
    let redis = &metrics.redis;
    redis.ping.set(health.ping.as_secs_f64());
    redis.memory_used.set(figure(health.memory_used));
    redis.memory_limit.set(figure(health.memory_limit));
    redis.evicts.set(flag(health.policy != "noeviction"));
    redis.persistent.set(flag(health.append_only));
    redis.saved.set(flag(health.saved));
    redis.replicas.set(figure(health.replicas));
    redis.replication_lag.set(health.lag.unwrap_or_default().as_secs_f64());
}
