//! The state of the Redis server, and the settings of it that may lose data.

use std::time::{Duration, Instant};

use ports::StoreError;

use crate::adapters::redis::script::arguments::Args;

use super::{connection::Connection, observer::Operation, server_info::ServerInfo};

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

    fn read(info: &ServerInfo, ping: Duration) -> Self {
        let succeeded = |name: &str| matches!(info.field(name), "ok" | "");
        let lags = info.lines().filter(|line| line.starts_with("slave") && line.contains("ip="));
        let lag = |line: &str| line.rsplit_once("lag=")?.1.trim().parse().ok();
        Self {
            ping,
            memory_used: info.number("used_memory"),
            memory_limit: info.number("maxmemory"),
            policy: info.field("maxmemory_policy").to_owned(),
            append_only: info.field("aof_enabled") == "1",
            saved: succeeded("aof_last_write_status")
                && succeeded("aof_last_bgrewrite_status")
                && succeeded("rdb_last_bgsave_status"),
            replicas: info.number("connected_slaves"),
            lag: lags.filter_map(lag).max().map(Duration::from_secs),
        }
    }
}

impl Connection {
    /// The present state of the server.
    pub(in crate::adapters::redis) async fn health(&self) -> Result<Health, StoreError> {
        let started = Instant::now();
        self.command("PING", Operation::Upkeep, Args::default()).await?;
        let ping = started.elapsed();
        Ok(Health::read(&self.info("").await?, ping))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_may_lose_data_are_risks() {
        let info = "# Memory\r\nused_memory:100\r\nmaxmemory:200\r\nmaxmemory_policy:allkeys-lru\r\n\
                    aof_enabled:0\r\nrdb_last_bgsave_status:err\r\nconnected_slaves:2\r\n\
                    slave0:ip=10.0.0.1,port=6379,state=online,offset=1,lag=1\r\n\
                    slave1:ip=10.0.0.2,port=6379,state=online,offset=1,lag=7\r\n";
        let health = Health::read(&ServerInfo::new(info.to_owned()), Duration::ZERO);
        assert_eq!((health.memory_used, health.memory_limit), (100, 200));
        assert_eq!((health.replicas, health.lag), (2, Some(Duration::from_secs(7))));
        let evicts = Risk::Evicts("allkeys-lru".to_owned());
        assert_eq!(health.risks(), [evicts, Risk::NotPersistent, Risk::SaveFails]);

        let info = "maxmemory_policy:noeviction\r\naof_enabled:1\r\naof_last_write_status:ok\r\n";
        assert_eq!(Health::read(&ServerInfo::new(info.to_owned()), Duration::ZERO).risks(), []);
    }
}
