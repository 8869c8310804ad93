//! Metrics of the Redis that holds the store.

use metrics::{Counter, Gauge, Histogram};

use crate::telemetry::{
    catalogue::STORE,
    registry::{
        families::{Family, Registrar},
        labels::{RedisFailure, RedisOperation},
    },
};

/// Metrics of the Redis that holds the store; all 0 with the embedded store.
#[derive(Debug)]
pub struct RedisMetrics {
    /// Whether the settings put the store into Redis.
    pub enabled: Gauge,
    /// Whether there is a connection.
    pub connected: Gauge,
    /// Connections that were restored; count through `events::redis_connected`.
    pub(in crate::telemetry) reconnects: Counter,
    /// Duration of commands.
    pub command_duration: Family<Histogram, RedisOperation>,
    /// Commands that failed.
    pub command_errors: Family<Counter, (RedisOperation, RedisFailure)>,
    /// Duration of the last ping, in seconds.
    pub ping: Gauge,
    /// Memory in use, in bytes.
    pub memory_used: Gauge,
    /// Memory that Redis may use, in bytes; 0 for no limit.
    pub memory_limit: Gauge,
    /// Whether Redis evicts keys when it is full.
    pub evicts: Gauge,
    /// Whether Redis persists every change.
    pub persistent: Gauge,
    /// Whether the last attempt to persist succeeded.
    pub saved: Gauge,
    /// Number of replicas of this Redis server.
    pub replicas: Gauge,
    /// Lag of the slowest replica.
    pub replication_lag: Gauge,
}

impl RedisMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            enabled: r.gauge(
                "supportbot_redis_enabled",
                "1 if the store is in Redis, 0 with the embedded store.",
            ),
            connected: r.gauge(
                "supportbot_redis_connected",
                "1 while Redis is connected; 0 with the embedded store.",
            ),
            reconnects: r.counter("supportbot_redis_reconnects_total", "Reconnections to Redis."),
            command_duration: r.histograms(
                "supportbot_redis_command_duration_seconds",
                STORE,
                "Duration of commands to Redis, by purpose.",
            ),
            command_errors: r.counters(
                "supportbot_redis_command_errors_total",
                "Failed commands to Redis. Commands without an answer are sent again.",
            ),
            ping: r.gauge(
                "supportbot_redis_ping_seconds",
                "How long Redis took to answer the last ping.",
            ),
            memory_used: r.gauge("supportbot_redis_memory_used_bytes", "Memory that Redis uses."),
            memory_limit: r.gauge(
                "supportbot_redis_memory_limit_bytes",
                "Memory that Redis may use (maxmemory); 0 for no limit.",
            ),
            evicts: r.gauge(
                "supportbot_redis_evicts",
                "1 if Redis evicts keys when it is full: maxmemory-policy is not noeviction.",
            ),
            persistent: r.gauge(
                "supportbot_redis_append_only",
                "1 if Redis logs every change to its append-only file (appendonly yes).",
            ),
            saved: r.gauge(
                "supportbot_redis_last_save_ok",
                "1 if the last write of Redis to its disk succeeded.",
            ),
            replicas: r.gauge("supportbot_redis_replicas", "Replicas that follow this Redis."),
            replication_lag: r.gauge(
                "supportbot_redis_replication_lag_seconds",
                "How far the slowest replica is behind; 0 without replicas.",
            ),
        }
    }
}
