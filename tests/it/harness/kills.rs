//! A program that is killed at random moments while people write, and what must hold afterwards.

use std::{ops::Range, time::Duration};

use super::{Account, Load, Program};

/// Kills of a program.
pub(crate) struct Kills {
    pub(crate) seed: u64,
    pub(crate) times: u64,
    /// How long each process lasts, in milliseconds.
    pub(crate) lasts: Range<u64>,
}

impl Kills {
    /// Starts and kills the program while people write, then starts it for good.
    pub(crate) async fn run(&self, program: &mut Program, load: &mut Load) {
        let mut moments = fastrand::Rng::with_seed(self.seed);
        for _ in 0..self.times {
            program.spawn();
            let lasts = Duration::from_millis(moments.u64(self.lasts.clone()));
            load.writes_for(&program.group, &program.operator, lasts).await;
            program.kill();
        }
        program.start().await;
        load.writes_for(&program.group, &program.operator, Duration::from_millis(200)).await;
    }

    /// Checks that nothing was lost or out of order, and that a kill repeated no more than the calls under way.
    /// `at_once` is `SEND_CONCURRENCY`, `least` how much must have been written. Returns the account.
    pub(crate) async fn check(
        &self,
        program: &Program,
        load: &Load,
        at_once: u64,
        least: u64,
    ) -> Account {
        let Self { seed, times, .. } = self;
        let account = program.settled(load).await;
        assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
        assert!(account.written > least, "too little happened: {account:?}");
        assert!(account.repeated_batches <= times * at_once, "seed {seed}: {account:?}");
        assert!(account.spare_topics as u64 <= *times, "seed {seed}: {account:?}");
        let dead = program.metric("supportbot_dead_letters{queue=\"outbox\"}").await;
        assert!(dead == 0.0, "seed {seed}: {dead} dead letters");
        account
    }
}
