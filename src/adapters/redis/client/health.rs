//! The state of the Redis server, and the settings of it that may lose data.

use std::time::{Duration, Instant};

use ports::StoreError;

use crate::adapters::redis::{
    script::arguments::{Args, text},
    store::RedisStore,
};

use super::observer::Operation;

/// State of the Redis server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// Time that it took to answer a ping.
    pub ping: Duration,
    /// Bytes of memory in use.
    pub memory_used: u64,
    /// Limit of memory in bytes; 0 means no limit.
    pub memory_limit: u64,
    /// `maxmemory-policy`: what Redis does at the limit of memory.
    pub policy: String,
    /// Whether Redis logs every change to its append-only file.
    pub append_only: bool,
    /// Whether the last writes to its files succeeded.
    pub saved: bool,
    /// Number of connected replicas.
    pub replicas: u64,
    /// Lag of the slowest replica; `None` without replicas.
    pub lag: Option<Duration>,
}

/// A setting or state of Redis that may lose data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Risk {
    /// It evicts keys when its memory is full.
    #[error(
        "Redis evicts keys when its memory is full (maxmemory-policy {0}): set maxmemory-policy noeviction"
    )]
    Evicts(String),
    /// It does not log every change.
    #[error(
        "Redis does not log every change (appendonly no), so a restart loses messages: set appendonly yes"
    )]
    NotPersistent,
    /// Its last write to a file failed: the disk is full or broken.
    #[error("Redis failed to write a file recently: check its log and its disk")]
    SaveFails,
}

impl Health {
    /// The risks in this state.
    pub fn risks(&self) -> Vec<Risk> {
        let evicts = (self.policy != "noeviction").then(|| Risk::Evicts(self.policy.clone()));
        let forgets = (!self.append_only).then_some(Risk::NotPersistent);
        let fails = (!self.saved).then_some(Risk::SaveFails);
        [evicts, forgets, fails].into_iter().flatten().collect()
    }

    /// Reads the answer to `INFO`; in a cluster, that of one node.
    fn read(info: &str, ping: Duration) -> Self {
        let field = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.map(str::trim).unwrap_or_default()
        };
        let number = |name: &str| field(name).parse().unwrap_or(0);
        let well = |name: &str| matches!(field(name), "ok" | "");
        let lags = info.lines().filter(|line| line.starts_with("slave") && line.contains("ip="));
        let lag = |line: &str| line.rsplit_once("lag=")?.1.trim().parse().ok();
        Self {
            ping,
            memory_used: number("used_memory"),
            memory_limit: number("maxmemory"),
            policy: field("maxmemory_policy").to_owned(),
            append_only: field("aof_enabled") == "1",
            saved: well("aof_last_write_status")
                && well("aof_last_bgrewrite_status")
                && well("rdb_last_bgsave_status"),
            replicas: number("connected_slaves"),
            lag: lags.filter_map(lag).max().map(Duration::from_secs),
        }
    }
}

impl RedisStore {
    /// The present state of Redis.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let _open = self.enter().await?;
        let begun = Instant::now();
        self.connection.command("PING", Operation::Upkeep, Args::default()).await?;
        let ping = begun.elapsed();
        let info = self.connection.command("INFO", Operation::Upkeep, Args::default()).await?;
        Ok(Health::read(&text(info)?, ping))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_lose_something_is_told() {
        let info = "# Memory\r\nused_memory:100\r\nmaxmemory:200\r\nmaxmemory_policy:allkeys-lru\r\n\
                    aof_enabled:0\r\nrdb_last_bgsave_status:err\r\nconnected_slaves:2\r\n\
                    slave0:ip=10.0.0.1,port=6379,state=online,offset=1,lag=1\r\n\
                    slave1:ip=10.0.0.2,port=6379,state=online,offset=1,lag=7\r\n";
        let health = Health::read(info, Duration::ZERO);
        assert_eq!((health.memory_used, health.memory_limit), (100, 200));
        assert_eq!((health.replicas, health.lag), (2, Some(Duration::from_secs(7))));
        let evicts = Risk::Evicts("allkeys-lru".to_owned());
        assert_eq!(health.risks(), [evicts, Risk::NotPersistent, Risk::SaveFails]);

        let info = "maxmemory_policy:noeviction\r\naof_enabled:1\r\naof_last_write_status:ok\r\n";
        assert_eq!(Health::read(info, Duration::ZERO).risks(), []);
    }
}
