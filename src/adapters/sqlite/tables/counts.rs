//! Counters that the transaction which changes them keeps up to date, so that nobody has to count rows.

use rusqlite::{Connection, OptionalExtension, params};

use domain::State;

/// A counter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    /// Conversations in the state with this index in [`State::ALL`].
    State(usize),
    /// Dead letters that are updates.
    DeadUpdates,
    /// Dead letters that are sends.
    DeadSends,
}

/// Changes of the counters in one transaction.
#[derive(Debug, Default)]
pub(crate) struct Counts([i64; Counts::SIZE]);

impl Counts {
    const SIZE: usize = State::ALL.len() + 2;

    /// Adds to a counter, or subtracts from it.
    pub(crate) fn add(&mut self, what: Counted, by: i64) {
        let index = match what {
            Counted::State(position) => position,
            Counted::DeadUpdates => State::ALL.len(),
            Counted::DeadSends => State::ALL.len() + 1,
        };
        if let Some(count) = self.0.get_mut(index) {
            *count += by;
        }
    }

    /// Writes the changed counters.
    pub(crate) fn store(&self, connection: &Connection) -> rusqlite::Result<()> {
        for (index, change) in self.0.iter().enumerate().filter(|(_, change)| **change != 0) {
            connection
                .prepare_cached(
                    "INSERT INTO counts (what, n) VALUES (?1, ?2)
                     ON CONFLICT (what) DO UPDATE SET n = n + excluded.n",
                )?
                .execute(params![Self::row(index), change])?;
        }
        Ok(())
    }

    /// The stored counters: conversations by state, dead updates, dead sends.
    pub(crate) fn load(
        connection: &Connection,
    ) -> rusqlite::Result<([u64; State::ALL.len()], u64, u64)> {
        let mut select = connection.prepare_cached("SELECT n FROM counts WHERE what = ?1")?;
        let mut all = [0; Self::SIZE];
        for (index, count) in all.iter_mut().enumerate() {
            let stored: Option<i64> =
                select.query_row([Self::row(index)], |row| row.get(0)).optional()?;
            *count = u64::try_from(stored.unwrap_or(0)).unwrap_or(0);
        }
        let [states @ .., updates, sends] = all;
        Ok((states, updates, sends))
    }

    /// States begin at 0 and dead letters at 8, which leaves room for more states.
    fn row(index: usize) -> i64 {
        let shift = if index < State::ALL.len() { 0 } else { 8 - State::ALL.len() };
        i64::try_from(index + shift).unwrap_or(i64::MAX)
    }
}
