//! The right to be the one process on a store: taken before anything else, renewed while it runs.
//!
//! Its loss is noticed by the scripts themselves: each compares the token of its caller with that of whoever took the
//! partition over last, so that a process which was frozen for long can write nothing.

use std::time::{Duration, Instant};

use super::{
    connection::Connection,
    errors::OpenError,
    layout::{Keys, Partition},
    observer::Operation,
    scripts::LEASE,
    values::{Args, integer, list},
};

/// A token, and how long it holds without renewal.
#[derive(Debug, Clone)]
pub(super) struct Lease {
    pub token: String,
    pub length: Duration,
}

impl Lease {
    /// A lease of its own.
    pub(super) fn new(length: Duration) -> Self {
        Self { token: format!("{:016x}", fastrand::u64(..)), length }
    }

    /// Takes it. What a killed process has left is waited for; one that is renewed belongs to a living one.
    pub(super) async fn take(&self, connection: &Connection, keys: &Keys) -> Result<(), OpenError> {
        let begun = Instant::now();
        let mut before: Option<(i64, Instant)> = None;
        loop {
            let left = match self.ask(connection, keys, "take", true).await {
                Ok(None) => return Ok(()),
                Ok(Some(left)) => left,
                Err(error) => return Err(OpenError::of(connection.at(), &error)),
            };
            // Without renewal it shrinks as time goes by.
            let expected = before.map(|(left, at)| left - millis(at.elapsed()));
            let renewed =
                expected.is_some_and(|expected| left > expected + millis(self.length) / 6 + 20);
            if renewed || begun.elapsed() > Duration::from_mins(1) {
                return Err(OpenError::Running);
            }
            before.get_or_insert((left, Instant::now()));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Renews it until the task ends.
    pub(super) async fn keep(&self, connection: &Connection, keys: &Keys) {
        let mut tick = tokio::time::interval(self.length / 3);
        loop {
            tick.tick().await;
            // One that cannot be renewed is noticed by the next write, if anybody else has taken it.
            let _held = self.ask(connection, keys, "renew", true).await;
        }
    }

    /// Gives it back. `unclean` is what the next run is told.
    pub(super) async fn leave(
        &self,
        connection: &Connection,
        keys: &Keys,
        unclean: bool,
    ) -> Result<(), fred::error::Error> {
        self.ask(connection, keys, "leave", unclean).await.map(drop)
    }

    /// `None` if it is ours; otherwise how many milliseconds it is another's.
    async fn ask(
        &self,
        connection: &Connection,
        keys: &Keys,
        act: &str,
        unclean: bool,
    ) -> Result<Option<i64>, fred::error::Error> {
        let mut args = Args::default();
        args.text(act).text(self.token.as_str()).number(millis(self.length)).flag(unclean);
        let key = keys.base(Partition::DESK);
        let answer = connection.script_raw(&LEASE, Operation::Upkeep, key, args, 1).await?;
        let answer = list(answer).unwrap_or_default();
        let mut answer = answer.into_iter().map(|one| integer(one).unwrap_or(0));
        Ok(if answer.next() == Some(1) { None } else { Some(answer.next().unwrap_or(0)) })
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
