//! The program is killed, or asked to stop, in the middle of everything.

use std::time::Duration;

use crate::harness::{Load, Program};

const KILLS: u64 = 30;
const CALLS_AT_ONCE: u64 = 8;

/// The seed of an earlier run, to repeat it.
#[expect(clippy::disallowed_methods, reason = "the environment of the test, not of the program")]
fn chosen_seed() -> Option<u64> {
    std::env::var("KILL_SEED").ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_killed_at_thirty_random_moments_loses_nothing_and_keeps_the_order() {
    let seed = chosen_seed().unwrap_or_else(|| fastrand::u64(..));
    println!("KILL_SEED={seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    let mut program = Program::new(&[("SEND_CONCURRENCY", &CALLS_AT_ONCE.to_string())]).await;
    let mut load = Load::new(&program.telegram, 12, seed);
    for _ in 0..KILLS {
        program.spawn();
        let lasts = Duration::from_millis(moments.u64(20..500));
        load.writes_for(&program.group, &program.operator, lasts).await;
        program.kill();
    }
    program.start().await;
    load.writes_for(&program.group, &program.operator, Duration::from_millis(200)).await;

    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "KILL_SEED={seed}: {:#?}", account.wrong);
    assert!(account.written > 500, "too little happened: {account:?}");
    assert!(account.repeated_batches <= KILLS * CALLS_AT_ONCE, "KILL_SEED={seed}: {account:?}");
    assert!(account.spare_topics as u64 <= KILLS, "KILL_SEED={seed}: {account:?}");
    let dead = program.metric("supportbot_dead_letters{queue=\"outbox\"}").await;
    assert!(dead == 0.0, "KILL_SEED={seed}: {dead} dead letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_stopped_again_and_again_exits_cleanly_and_repeats_nothing() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut program = Program::new(&[]).await;
    let mut load = Load::new(&program.telegram, 12, seed);
    for round in 0..10 {
        program.start().await;
        load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
        let status = program.terminate().await;
        assert_eq!(status.code(), Some(0), "round {round}: {}", program.log());
        load.writes_for(&program.group, &program.operator, Duration::from_millis(50)).await;
    }
    program.start().await;

    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
    assert_eq!((account.repeats, account.repeated_calls), (0, 0), "seed {seed}");
    assert_eq!(account.spare_topics, 0, "seed {seed}");
    let unclean = program.metric("supportbot_previous_shutdown_unclean").await;
    assert!(unclean == 0.0);
}
