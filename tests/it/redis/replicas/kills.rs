//! Several replicas on one Redis: killed, frozen and restarted in turn, with a webhook and polling.

use std::time::{Duration, Instant};

use telegram_simulator::{Limits, Throttled, Window};

use crate::harness::{Load, Program};
use crate::redis::{CALLS_AT_ONCE, Replicas};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_is_replaced_in_seconds_the_one_that_polls_too() {
    let mut replicas = Replicas::start(3, false).await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, 3);
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    let poller = replicas.poller().await;
    replicas.all[poller].kill();
    let begun = Instant::now();
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    replicas.share().await;
    let took = begun.elapsed();
    println!("all partitions and polling moved after {took:?}");
    assert!(took < Duration::from_secs(15), "{took:?}");
    let unclean = replicas.sum("supportbot_previous_shutdown_unclean").await;
    assert!((unclean - 1.0).abs() < 0.5, "one replica reports the end of the process: {unclean}");
    replicas.all[poller].start().await;
    replicas.share().await;
    let reports =
        replicas.all.iter().map(|one| one.log().matches("did not shut down cleanly").count());
    assert_eq!(reports.sum::<usize>(), 1, "a replica reports it only once");

    let account = replicas.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(account.written > 200, "too little happened: {account:?}");
    assert!(account.repeated_batches <= CALLS_AT_ONCE, "{account:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_restarted_one_after_the_other_lose_and_repeat_nothing() {
    for pushed in [false, true] {
        let mut replicas = Replicas::start(3, pushed).await;
        let mut load = Load::new(&replicas.all[0].telegram, 24, 5);
        for at in 0..3 {
            replicas.writes_for(&mut load, Duration::from_millis(400)).await;
            let (group, operator) =
                (replicas.all[0].group.clone(), replicas.all[0].operator.clone());
            let (status, ()) = tokio::join!(
                replicas.all[at].terminate(),
                load.writes_for(&group, &operator, Duration::from_millis(400)),
            );
            assert_eq!(status.code(), Some(0), "{}", replicas.all[at].log());
            replicas.all[at].start().await;
            replicas.share().await;
        }
        replicas.writes_for(&mut load, Duration::from_millis(400)).await;
        let account = replicas.settled(&load).await;
        println!("{account:?}");
        assert!(account.wrong.is_empty(), "webhook {pushed}: {:#?}", account.wrong);
        assert_eq!((account.repeats, account.repeated_calls), (0, 0), "webhook {pushed}");
        assert_eq!(account.spare_topics, 0, "webhook {pushed}");
        assert!(replicas.sum("supportbot_partitions_lost_total").await < 0.5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_frozen_past_its_lease_can_write_nothing_when_it_continues() {
    let replicas = Replicas::start(2, true).await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, 7);
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    replicas.all[0].signal("STOP");
    // Telegram pushes to the other replica meanwhile: connections to a frozen one time out.
    let backends = &replicas.balancer.as_ref().unwrap().backends;
    let ports = std::mem::take(&mut *backends.lock().unwrap());
    backends.lock().unwrap().push(ports[1]);
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    replicas.all[1]
        .until("the other process has all partitions", async |one| {
            one.metric("supportbot_partitions_held").await > 15.5
        })
        .await;
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    replicas.all[0].signal("CONT");
    *backends.lock().unwrap() = ports;
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    replicas.all[0]
        .until("the process notices the lost partition", async |one| {
            one.metric("supportbot_partitions_lost_total").await > 7.5
        })
        .await;
    replicas.share().await;
    replicas.writes_for(&mut load, Duration::from_millis(500)).await;
    let account = replicas.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(account.repeated_batches <= CALLS_AT_ONCE, "{account:?}");
    assert!(account.spare_topics as u64 <= CALLS_AT_ONCE, "{account:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_poll_killed_at_random_moments_lose_nothing_and_keep_the_order() {
    killed_at_random_moments(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_pushed_to_killed_at_random_moments_lose_nothing_and_keep_the_order() {
    killed_at_random_moments(true).await;
}

/// Kills each of three replicas ten times, in random order and at random moments, while people write.
#[expect(clippy::print_stdout, reason = "the seed repeats a failed run")]
async fn killed_at_random_moments(pushed: bool) {
    const EACH: u64 = 10;
    const KILLS: u64 = 3 * EACH;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    let mut victims: Vec<usize> = (0..EACH).flat_map(|_| 0..3).collect();
    moments.shuffle(&mut victims);
    let mut replicas = Replicas::start(3, pushed).await;
    let mut load = Load::new(&replicas.all[0].telegram, 24, seed);
    for victim in victims {
        let lasts = Duration::from_millis(moments.u64(100..600));
        replicas.writes_for(&mut load, lasts).await;
        replicas.all[victim].kill();
        let lasts = Duration::from_millis(moments.u64(100..600));
        replicas.writes_for(&mut load, lasts).await;
        replicas.all[victim].start().await;
    }
    let begun = Instant::now();
    let account = replicas.settled(&load).await;
    println!("{account:?}, {:?} after the last", begun.elapsed());
    assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
    assert!(account.written > 1_500, "too little happened: {account:?}");
    assert!(account.repeated_batches <= KILLS * CALLS_AT_ONCE, "seed {seed}: {account:?}");
    assert!(account.spare_topics as u64 <= KILLS * CALLS_AT_ONCE, "seed {seed}: {account:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_killed_twenty_times_amid_a_flood_lose_nothing_and_keep_the_order() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    let flood = [("FLOOD", "20")];
    let mut replicas = Replicas::start_limited(2, false, Limits::off(), &flood).await;
    let mut load = Load::new(&replicas.all[0].telegram, 4, seed);
    let mut most_held = 0.0_f64;
    for kill in 0..20 {
        let lasts = Duration::from_millis(moments.u64(100..400));
        replicas.writes_for(&mut load, lasts).await;
        most_held = most_held.max(replicas.sum("supportbot_flood_held_sends").await);
        replicas.all[kill % 2].kill();
        let lasts = Duration::from_millis(moments.u64(100..400));
        replicas.writes_for(&mut load, lasts).await;
        replicas.all[kill % 2].start().await;
    }
    let arrived = async |first: &Program| load.arrived(&first.group);
    let limit = Duration::from_mins(2);
    replicas.all[0].until_within("what was held arrives", limit, arrived).await;
    let account = replicas.settled(&load).await;
    println!("{account:?}, at most {most_held} held");
    assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
    assert!(account.written > 500, "too little happened: {account:?}");
    assert!(most_held > 100.0, "seed {seed}: only {most_held} were held");
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
    // Topics, cards and pins take 72 slots, so the rest of the 192 messages waits until the first slots are a minute
    // old.
    while !load.arrived(&first.group) {
        assert!(begun.elapsed() < Duration::from_secs(100), "{}", load.missing(&first.group));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = begun.elapsed();
    let account = replicas.settled(&load).await;
    println!("{account:?} in {took:?}");
    assert_eq!(first.telegram.throttled(), Throttled::default(), "Telegram had to answer 429");
    assert!(took > Duration::from_secs(55), "the limit was exceeded: {took:?}");
    assert!(took < Duration::from_secs(66), "the limit was not used fully: {took:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!((account.repeats, account.spare_topics), (0, 0));
}
