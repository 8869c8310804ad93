//! The program is killed, or asked to stop, in the middle of everything.

use std::time::Duration;

use crate::harness::{Kills, Load, Program};

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
    let mut program = Program::new(&[("SEND_CONCURRENCY", &CALLS_AT_ONCE.to_string())]).await;
    let mut load = Load::new(&program.telegram, 12, seed);
    let kills = Kills { seed, times: 30, lasts: 20..500 };
    kills.run(&mut program, &mut load).await;
    let account = kills.check(&program, &load, CALLS_AT_ONCE, 500).await;
    println!("{account:?}");
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
