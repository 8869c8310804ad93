//! Many users write once, and all their messages wait: the program's memory does not grow with their number.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    harness::{Program, spec},
    redis::Server,
};

/// Maximum resident memory, in bytes, however much waits.
pub(super) const MOST: u64 = 80_000_000;

/// A program's memory during a phase: the maximum, and the value at the end.
struct Watched {
    most: u64,
    at_end: u64,
}

/// Watches a program; `held` measures its memory.
async fn watch(
    program: &Program,
    held: fn(&Program) -> u64,
    lasts: impl AsyncFn(&Program) -> bool,
) -> Watched {
    let (mut most, begun) = (held(program), Instant::now());
    while lasts(program).await {
        assert!(
            begun.elapsed() < Duration::from_hours(2),
            "the phase did not end\n{}",
            program.log()
        );
        most = most.max(held(program));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Watched { most, at_end: held(program) }
}

/// Lets `users` users write once to a desk that may send 20 messages a minute to its group.
async fn every_user_writes(program: &Program, users: i64, held: fn(&Program) -> u64) -> Watched {
    let telegram = Arc::clone(&program.telegram);
    let mut most = held(program);
    for n in 0..users {
        telegram.user(spec(10_000 + n, "Somebody", "en")).writes("hello");
        while n % 1_000 == 0 && telegram.pending_updates() > 20_000 {
            most = most.max(held(program));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let rest = watch(program, held, async |_| telegram.pending_updates() > 0).await;
    Watched { most: most.max(rest.most), at_end: rest.at_end }
}

/// Telegram's own limit for a group.
const PACE: (&str, &str) = ("PACE_GROUP_PER_MINUTE", "20");

/// Messages of 12,000 users wait, and the next start finds them. Only allocated memory counts: mapped memory is the
/// program itself, which is large in a test build.
async fn assert_backlog_is_bounded(settings: &[(&str, &str)], bound: u64) {
    let mut program = Program::new(&[&[PACE], settings].concat()).await;
    program.start().await;
    let written = every_user_writes(&program, 12_000, Program::allocated).await;
    let ready = "supportbot_queue_depth{queue=\"outbox\",state=\"ready\"}";
    program
        .until("all messages are counted", async |program| program.metric(ready).await > 11_000.0)
        .await;
    program.kill();
    program.start().await;
    program
        .until("all messages are counted", async |program| program.metric(ready).await > 11_000.0)
        .await;
    let started = program.allocated();
    let figures = [written.most, written.at_end, started];
    println!("{figures:?}");
    assert!(figures.iter().all(|bytes| *bytes < bound), "{figures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_in_sqlite_does_not_take_memory_for_each_user() {
    // 27 to 31 MB: how far the caches are filled depends on how busy the machine is.
    assert_backlog_is_bounded(&[], 36_000_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_in_redis_does_not_take_memory_for_each_user() {
    let server = Server::start();
    assert_backlog_is_bounded(&[("REDIS_URL", &server.url())], 34_000_000).await;
}

/// `RUSH_USERS=100000 cargo test --release --test it faults::memory -- --ignored --nocapture` prints the figures.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "some minutes: `just rush`"]
#[expect(
    clippy::disallowed_methods,
    reason = "it selects what is tested and is not a setting of the desk"
)]
async fn memory_of_a_rush_is_bounded_and_released() {
    let users = std::env::var("RUSH_USERS").map_or(10_000, |users| users.parse().unwrap());
    let mut program = Program::new(&[PACE]).await;
    program.start().await;
    let mb = |bytes: u64| bytes / 1_000_000;
    let (at_rest, begun) = (program.resident(), Instant::now());
    let written = every_user_writes(&program, users, Program::resident).await;
    println!("{users} users, idle before: {} MB", mb(at_rest));
    println!("while they write, {:?}: {} MB", begun.elapsed(), mb(written.most));
    program.kill();
    let begun = Instant::now();
    program.start().await;
    let took = begun.elapsed();
    let until = Instant::now() + Duration::from_secs(10);
    let started = watch(&program, Program::resident, async |_| Instant::now() < until).await;
    println!("restart with all messages waiting, {took:?}: {} MB", mb(started.most));
    program.terminate().await;
    program.set(PACE.0, "0");
    program.start().await;
    let (telegram, begun) = (Arc::clone(&program.telegram), Instant::now());
    let all = u64::try_from(users).unwrap();
    let lasts = async |_: &Program| telegram.calls().count("copyMessage") < all;
    let delivered = watch(&program, Program::resident, lasts).await;
    println!("during delivery, {:?}: {} MB", begun.elapsed(), mb(delivered.most));
    let until = Instant::now() + Duration::from_mins(1);
    let after = watch(&program, Program::resident, async |_| Instant::now() < until).await;
    let allocated = mb(program.allocated());
    println!("a minute later: {} MB, {allocated} MB of them allocated", mb(after.at_end));
    let figures = [written.most, started.most, delivered.most, after.at_end];
    assert!(figures.iter().all(|bytes| *bytes <= MOST), "{figures:?}");
}
