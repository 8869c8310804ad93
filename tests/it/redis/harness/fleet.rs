//! Several replicas on one Redis; Telegram pushes to all of them, or one polls.

use std::time::{Duration, Instant};

use telegram_simulator::Limits;

use super::server::Server;
use crate::harness::{Account, Balancer, Load, Program, program::webhook_settings};

/// Concurrent calls of each process.
pub(crate) const CALLS_AT_ONCE: u64 = 8;

/// The replicas of one desk.
pub(crate) struct Replicas {
    pub(crate) all: Vec<Program>,
    /// The load balancer that Telegram pushes to, in front of the replicas.
    pub(crate) balancer: Option<Balancer>,
    /// Stops with the test, unless the test manages its own server.
    _redis: Option<Server>,
}

impl Replicas {
    /// Starts `count` replicas, with a webhook or polling; each has its partitions when this returns.
    pub(crate) async fn start(count: usize, pushed: bool) -> Self {
        Self::start_limited(count, pushed, Limits::off(), &[]).await
    }

    /// Starts replicas at a Telegram with limits.
    pub(crate) async fn start_limited(
        count: usize,
        pushed: bool,
        limits: Limits,
        overrides: &[(&str, &str)],
    ) -> Self {
        let mut replicas = Self::closed(count, pushed, limits, overrides).await;
        replicas.open().await;
        replicas
    }

    /// Prepares replicas without starting them.
    pub(crate) async fn closed(
        count: usize,
        pushed: bool,
        limits: Limits,
        overrides: &[(&str, &str)],
    ) -> Self {
        let redis = Server::start();
        let url = redis.url();
        let own = [("REDIS_URL", &*url)];
        let settings: Vec<_> = own.into_iter().chain(overrides.iter().copied()).collect();
        Self { _redis: Some(redis), ..Self::over(count, pushed, limits, &settings).await }
    }

    /// Prepares replicas on the store that the settings name.
    pub(crate) async fn over(
        count: usize,
        pushed: bool,
        limits: Limits,
        overrides: &[(&str, &str)],
    ) -> Self {
        let at_once = CALLS_AT_ONCE.to_string();
        let own = [("SEND_CONCURRENCY", &*at_once)];
        let settings: Vec<_> = own.into_iter().chain(overrides.iter().copied()).collect();
        let mut all = vec![Program::limited(limits, &settings).await];
        while all.len() < count {
            all.push(all[0].another_process());
        }
        let mut balancer = None;
        if pushed {
            let mut ports = Vec::new();
            let mut each = Vec::new();
            for _ in 0..count {
                let settings = webhook_settings();
                ports.push(settings["WEBAPP_PORT"].parse().unwrap());
                each.push(settings);
            }
            let (started, port) = Balancer::start(ports).await;
            for (program, settings) in all.iter_mut().zip(each) {
                program.set_all(settings);
                program.set("WEBHOOK_URL", &format!("http://127.0.0.1:{port}"));
                program.set("WEBHOOK_SECRET", "a-secret_of_the_tests_own");
            }
            balancer = Some(started);
        }
        Self { all, balancer, _redis: None }
    }

    /// Starts all replicas, and waits until each has its partitions.
    pub(crate) async fn open(&mut self) {
        for one in &mut self.all {
            one.start().await;
        }
        self.share().await;
    }

    /// Waits until all partitions are assigned evenly to the running replicas.
    pub(crate) async fn share(&self) {
        let running: Vec<&Program> = self.all.iter().filter(|one| one.is_running()).collect();
        let least = 16.0 / f64::from(u32::try_from(running.len()).unwrap());
        let begun = Instant::now();
        loop {
            let mut held = Vec::new();
            for one in &running {
                held.push(one.metric("supportbot_partitions_held").await);
            }
            let even = held.iter().all(|held| (held - least).abs() < 1.0);
            if even && (held.iter().sum::<f64>() - 16.0).abs() < 0.5 {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "partitions held: {held:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn writes_for(&self, load: &mut Load, lasts: Duration) {
        load.writes_for(&self.all[0].group, &self.all[0].operator, lasts).await;
    }

    pub(crate) async fn settled(&self, load: &Load) -> Account {
        let running = self.all.iter().find(|one| one.is_running()).unwrap();
        running.settled(load).await
    }

    /// The sum of a series over all running replicas.
    pub(crate) async fn sum(&self, series: &str) -> f64 {
        let mut sum = 0.0;
        for one in self.all.iter().filter(|one| one.is_running()) {
            sum += one.metric(series).await;
        }
        sum
    }

    /// Index of the replica that polls.
    pub(crate) async fn poller(&self) -> usize {
        let name = "supportbot_updates_received_total{source=\"polling\",type=\"message\"}";
        for (at, one) in self.all.iter().enumerate() {
            if one.is_running() && one.metric(name).await > 0.0 {
                return at;
            }
        }
        panic!("no replica polls");
    }
}
