//! Many people write and answer while the program or its Redis is killed or frozen.

use std::time::Duration;

use crate::harness::{Kills, Load, Program};
use crate::redis::Server;

const CALLS_AT_ONCE: u64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_at_random_moments_loses_nothing_in_redis_and_keeps_the_order() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let server = Server::start();
    let at_once = CALLS_AT_ONCE.to_string();
    let settings = [("REDIS_URL", &*server.url()), ("SEND_CONCURRENCY", &*at_once)];
    let mut program = Program::new(&settings).await;
    let mut load = Load::new(&program.telegram, 12, seed);
    let kills = Kills { seed, times: 8, lasts: 100..900 };
    kills.run(&mut program, &mut load).await;
    let account = kills.check(&program, &load, CALLS_AT_ONCE, 100).await;
    println!("{account:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_killed_and_frozen_again_and_again_loses_and_repeats_nothing() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut moments = fastrand::Rng::with_seed(seed);
    let mut server = Server::start();
    let mut program = Program::new(&[("REDIS_URL", &*server.url())]).await;
    let mut load = Load::new(&program.telegram, 12, seed);
    program.start().await;
    for round in 0..6 {
        let lasts = Duration::from_millis(moments.u64(100..600));
        load.writes_for(&program.group, &program.operator, lasts).await;
        if round % 2 == 0 {
            server.kill();
            load.writes_for(&program.group, &program.operator, lasts).await;
            server.restart();
        } else {
            server.signal("STOP");
            load.writes_for(&program.group, &program.operator, Duration::from_secs(4)).await;
            server.signal("CONT");
        }
    }
    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
    assert_eq!((account.repeats, account.repeated_calls), (0, 0), "seed {seed}: {account:?}");
    assert_eq!(account.spare_topics, 0, "seed {seed}");
}
