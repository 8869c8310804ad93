//! What Redis tells about itself, and which of its settings may lose what is stored.

use std::time::{Duration, Instant};

use ports::StoreError;

use super::{
    RedisStore,
    arguments::{Args, text},
    observer::Operation,
};

/// How Redis is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Health {
    /// How long it took to answer a ping.
    pub ping: Duration,
    /// Bytes of memory in use.
    pub memory_used: u64,
    /// Bytes it may use; 0 for no limit.
    pub memory_limit: u64,
    /// What it does when it reaches the limit.
    pub policy: String,
    /// Whether it writes down every change.
    pub append_only: bool,
    /// Whether it could write down what it last tried to.
    pub saved: bool,
    /// How many replicas follow it.
    pub replicas: u64,
    /// How far the slowest of them is behind; `None` without any.
    pub lag: Option<Duration>,
}

/// A setting or state in which something stored may be lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Risk {
    /// It throws keys away.
    #[error(
        "Redis throws keys away when it is full (maxmemory-policy {0}): set maxmemory-policy noeviction"
    )]
    Evicts(String),
    /// It forgets.
    #[error(
        "Redis does not write every change down (appendonly no), so a restart loses messages: set appendonly yes"
    )]
    NotPersistent,
    /// Its disk is full or broken.
    #[error("Redis could not write its file lately: look at its log and its disk")]
    SaveFails,
}

impl Health {
    /// In which ways something may be lost.
    pub fn risks(&self) -> Vec<Risk> {
        let evicts = (self.policy != "noeviction").then(|| Risk::Evicts(self.policy.clone()));
        let forgets = (!self.append_only).then_some(Risk::NotPersistent);
        let fails = (!self.saved).then_some(Risk::SaveFails);
        [evicts, forgets, fails].into_iter().flatten().collect()
    }

    /// What it says of itself; of a cluster, the node that was asked.
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
    /// How Redis is now.
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
