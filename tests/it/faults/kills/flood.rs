//! The program is killed while a flood is held.

use std::time::Duration;

use crate::harness::{Kills, Load, Program};

/// Time in which what is held must have arrived: the pause of a minute, and some time to deliver.
const ARRIVES_WITHIN: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_killed_twenty_times_amid_a_flood_loses_nothing_and_keeps_the_order() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut program = Program::new(&[("FLOOD", "20")]).await;
    let mut load = Load::new(&program.telegram, 3, seed);
    let kills = Kills { seed, times: 20, lasts: 20..500 };
    kills.run(&mut program, &mut load).await;
    let held =
        async |program: &Program| program.metric("supportbot_flood_held_sends").await > 100.0;
    program.until("a flood is held", held).await;
    assert!(load.missing(&program.group) > 100, "seed {seed}: it is not held");

    let arrived = async |program: &Program| load.arrived(&program.group);
    program.until_within("what was held arrives", ARRIVES_WITHIN, arrived).await;
    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
    assert!(account.written > 500, "too little happened: {account:?}");
    let dead = program.metric("supportbot_dead_letters{queue=\"outbox\"}").await;
    assert!(dead == 0.0, "seed {seed}: {dead} dead letters");
}
