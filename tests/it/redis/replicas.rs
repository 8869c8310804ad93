//! Several processes of one desk on one Redis: killed, frozen, restarted one after the other, pushed to and polling.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use support_bot::simulator::{Limits, Throttled, Window};
use tokio::net::{TcpListener, TcpStream};

use super::server::Server;
use crate::harness::{Account, Load, Program, program::webhook_settings};

const CALLS_AT_ONCE: u64 = 8;

/// Processes of one desk.
struct Replicas {
    all: Vec<Program>,
    /// Where Telegram pushes to, and those behind it.
    balancer: Option<Balancer>,
    _redis: Server,
}

/// Spreads connections over those who listen, as a proxy does.
struct Balancer {
    backends: Arc<Mutex<Vec<u16>>>,
}

impl Balancer {
    async fn start(backends: Vec<u16>) -> (Self, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let backends = Arc::new(Mutex::new(backends));
        let behind = Arc::clone(&backends);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        let _serves = tokio::spawn(async move {
            let turn = AtomicUsize::new(0);
            while let Ok((mut stranger, _)) = listener.accept().await {
                let ports = behind.lock().unwrap().clone();
                let first = turn.fetch_add(1, Ordering::Relaxed);
                #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
                let _connection = tokio::spawn(async move {
                    for at in 0..ports.len() {
                        let port = ports[(first + at) % ports.len()];
                        if let Ok(mut backend) = TcpStream::connect(("127.0.0.1", port)).await {
                            let _ended =
                                tokio::io::copy_bidirectional(&mut stranger, &mut backend).await;
                            return;
                        }
                    }
                });
            }
        });
        (Self { backends }, port)
    }
}

impl Replicas {
    /// So many, that poll or are pushed to; started, and each with its share.
    async fn start(count: usize, pushed: bool) -> Self {
        Self::start_limited(count, pushed, Limits::off(), &[]).await
    }

    /// The same, with a Telegram that has limits.
    async fn start_limited(
        count: usize,
        pushed: bool,
        limits: Limits,
        overrides: &[(&str, &str)],
    ) -> Self {
        let redis = Server::start();
        let (url, at_once) = (redis.url(), CALLS_AT_ONCE.to_string());
        let own = [("REDIS_URL", &*url), ("SEND_CONCURRENCY", &*at_once)];
        let settings: Vec<_> = own.into_iter().chain(overrides.iter().copied()).collect();
        let mut all = vec![Program::limited(limits, &settings).await];
        while all.len() < count {
            all.push(all[0].beside());
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
        let mut replicas = Self { all, balancer, _redis: redis };
        for at in 0..count {
            replicas.all[at].start().await;
        }
        replicas.share().await;
        replicas
    }

    /// Waits until those that run have all partitions between them, evenly.
    async fn share(&self) {
        let running: Vec<&Program> = self.all.iter().filter(|one| one.runs_now()).collect();
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
            assert!(begun.elapsed() < Duration::from_secs(30), "they hold {held:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn goes_on(&self, load: &mut Load, lasts: Duration) {
        load.goes_on(&self.all[0].group, &self.all[0].operator, lasts).await;
    }

    async fn settled(&self, load: &Load) -> Account {
        let running = self.all.iter().find(|one| one.runs_now()).unwrap();
        running.settled(load).await
    }

    /// How often something was counted, over all that run.
    async fn sum(&self, series: &str) -> f64 {
        let mut sum = 0.0;
        for one in self.all.iter().filter(|one| one.runs_now()) {
            sum += one.metric(series).await;
        }
        sum
    }

    /// Which of them polls.
    async fn poller(&self) -> usize {
        let name = "supportbot_updates_received_total{source=\"polling\",type=\"message\"}";
        for (at, one) in self.all.iter().enumerate() {
            if one.runs_now() && one.metric(name).await > 0.0 {
                return at;
            }
        }
        panic!("nobody polls");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_is_replaced_in_seconds_the_one_that_polls_too() {
    let mut replicas = Replicas::start(3, false).await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, 3);
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    let poller = replicas.poller().await;
    replicas.all[poller].kill();
    let begun = Instant::now();
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    replicas.share().await;
    let took = begun.elapsed();
    println!("all partitions and polling were taken over after {took:?}");
    assert!(took < Duration::from_secs(15), "{took:?}");
    let unclean = replicas.sum("supportbot_previous_shutdown_unclean").await;
    assert!(unclean >= 1.0, "its end is seen");

    let account = replicas.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(account.written > 200, "too little happened: {account:?}");
    assert!(account.repeated_runs <= CALLS_AT_ONCE, "{account:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_restarted_one_after_the_other_lose_and_repeat_nothing() {
    for pushed in [false, true] {
        let mut replicas = Replicas::start(3, pushed).await;
        let mut load = Load::new(&replicas.all[0].telegram, 24, 5);
        for at in 0..3 {
            replicas.goes_on(&mut load, Duration::from_millis(400)).await;
            let (group, operator) =
                (replicas.all[0].group.clone(), replicas.all[0].operator.clone());
            let (status, ()) = tokio::join!(
                replicas.all[at].terminate(),
                load.goes_on(&group, &operator, Duration::from_millis(400)),
            );
            assert_eq!(status.code(), Some(0), "{}", replicas.all[at].log());
            replicas.all[at].start().await;
            replicas.share().await;
        }
        replicas.goes_on(&mut load, Duration::from_millis(400)).await;
        let account = replicas.settled(&load).await;
        println!("{account:?}");
        assert!(account.wrong.is_empty(), "pushed {pushed}: {:#?}", account.wrong);
        assert_eq!((account.repeats, account.repeated_calls), (0, 0), "pushed {pushed}");
        assert_eq!(account.spare_topics, 0, "pushed {pushed}");
        assert!(replicas.sum("supportbot_partitions_lost_total").await < 0.5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_frozen_past_its_lease_can_write_nothing_when_it_goes_on() {
    let replicas = Replicas::start(2, true).await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, 7);
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    replicas.all[0].signal("STOP");
    // Telegram pushes to the other meanwhile: connections to a frozen one time out.
    let backends = &replicas.balancer.as_ref().unwrap().backends;
    let ports = std::mem::take(&mut *backends.lock().unwrap());
    backends.lock().unwrap().push(ports[1]);
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    replicas.all[1]
        .until("the other has everything", async |one| {
            one.metric("supportbot_partitions_held").await > 15.5
        })
        .await;
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    replicas.all[0].signal("CONT");
    *backends.lock().unwrap() = ports;
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    replicas.all[0]
        .until("it sees what it lost", async |one| {
            one.metric("supportbot_partitions_lost_total").await > 7.5
        })
        .await;
    replicas.share().await;
    replicas.goes_on(&mut load, Duration::from_millis(500)).await;
    let account = replicas.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(account.repeated_runs <= CALLS_AT_ONCE, "{account:?}");
    assert!(account.spare_topics as u64 <= CALLS_AT_ONCE, "{account:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_killed_at_random_moments_lose_nothing_and_keep_the_order() {
    const KILLS: u64 = 6;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    for pushed in [false, true] {
        let mut replicas = Replicas::start(3, pushed).await;
        let mut load = Load::new(&replicas.all[0].telegram, 24, seed);
        for _ in 0..KILLS {
            let lasts = Duration::from_millis(moments.u64(100..900));
            replicas.goes_on(&mut load, lasts).await;
            let victim = moments.usize(..3);
            replicas.all[victim].kill();
            let lasts = Duration::from_millis(moments.u64(100..900));
            replicas.goes_on(&mut load, lasts).await;
            replicas.all[victim].start().await;
        }
        let account = replicas.settled(&load).await;
        println!("{account:?}");
        assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
        assert!(account.written > 300, "too little happened: {account:?}");
        assert!(account.repeated_runs <= KILLS * CALLS_AT_ONCE, "seed {seed}: {account:?}");
        assert!(account.spare_topics as u64 <= KILLS * CALLS_AT_ONCE, "seed {seed}: {account:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_at_full_load_obey_the_limits_of_one_bot_and_use_them() {
    const GROUP: usize = 150;
    let window = Window { count: GROUP, per: Duration::from_mins(1) };
    let limits = Limits { group: Some(window), ..Limits::telegram() };
    let paces = [
        ("PACE_OVERALL_PER_SECOND", "30"),
        ("PACE_PRIVATE_PER_SECOND", "1"),
        ("PACE_GROUP_PER_MINUTE", &*GROUP.to_string()),
    ];
    let replicas = Replicas::start_limited(3, true, limits, &paces).await;
    let first = &replicas.all[0];
    let mut load = Load::new(&first.telegram, 24, 11);
    let begun = Instant::now();
    for _ in 0..5 {
        load.round();
    }
    // Topics, cards and pins cost as much as 72 messages: the rest of 192 waits until the first are a minute old.
    while !load.arrived(&first.group) {
        assert!(begun.elapsed() < Duration::from_secs(100), "{}", load.missing(&first.group));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = begun.elapsed();
    let account = replicas.settled(&load).await;
    println!("{account:?} in {took:?}");
    assert_eq!(first.telegram.throttled(), Throttled::default(), "Telegram had to say no");
    assert!(took > Duration::from_secs(55), "the limit was met: {took:?}");
    assert!(took < Duration::from_secs(66), "and used: {took:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!((account.repeats, account.spare_topics), (0, 0));
}
