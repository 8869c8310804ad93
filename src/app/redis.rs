//! Counts Redis commands in the metrics, and warns about unsafe settings of Redis.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    adapters::redis::{CommandObserver, CommandOutcome, Happening, Health, Operation, RedisStore},
    config::Settings,
    telemetry::{Metrics, RedisFailure, RedisOperation, events, figure, timestamp},
};
use domain::Millis;

use super::{Lifecycle, clock::CommonClock, store::Joined};

/// Interval between two checks.
const LOOK: Duration = Duration::from_secs(10);

/// Counts every command, and corrects the clock.
#[derive(Debug)]
pub(super) struct CountingCommands {
    pub metrics: Metrics,
    pub clock: Arc<CommonClock>,
}

impl CommandObserver for CountingCommands {
    fn called(&self, operation: Operation, outcome: CommandOutcome, took: Duration) {
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

    fn happened(&self, what: Happening) {
        let replicas = &self.metrics.replicas;
        match what {
            Happening::Shared { processes, held } => {
                replicas.processes.set(figure(processes as u64));
                replicas.held.set(figure(held as u64));
            }
            Happening::Taken(partitions) => replicas.taken.increment(partitions as u64),
            Happening::Lost => events::partition_lost(&self.metrics),
            Happening::Time { at, asked } => {
                replicas.clock_skew.set(timestamp(self.clock.heard(Millis(at), asked)));
            }
        }
    }
}

/// Checks Redis in the background, if the store is in one.
pub(super) fn spawn_checks(
    settings: &Settings,
    store: Joined,
    metrics: &Metrics,
    watch: &Lifecycle,
) {
    let (Joined::Redis(redis), Some(settings)) = (store, &settings.store.redis) else { return };
    let (accept, intake) = (settings.accept_loss, watch.intake().clone());
    watch.spawn("redis", look(redis, metrics.clone(), accept, intake));
}

/// Checks Redis periodically, and warns once about each of its settings that could lose data, unless the settings
/// accept that.
async fn look(
    redis: Arc<RedisStore>,
    metrics: Metrics,
    accept_loss: bool,
    intake: CancellationToken,
) {
    metrics.redis.connected.set(1.0);
    let mut told = Vec::new();
    let mut tick = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            () = intake.cancelled() => return,
            _ = tick.tick() => {}
        }
        // Whoever needs Redis counts and logs its failures.
        let Ok(health) = redis.health().await else { continue };
        show(&metrics, &health);
        let risks = health.risks();
        for risk in risks.iter().filter(|risk| !accept_loss && !told.contains(*risk)) {
            events::redis_may_lose(&risk.to_string());
        }
        told = risks;
    }
}

fn show(metrics: &Metrics, health: &Health) {
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
