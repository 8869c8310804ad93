//! Facts about the desk itself, the counters, and the numbers given to queued items.

use rusqlite::{Connection, OptionalExtension, params};

use domain::{ChatId, Millis, PARTITIONS, Partition, Seq, State, UpdateId};
use ports::{Imported, Notebook};

/// The keys of the table `meta`.
pub(super) mod key {
    pub(in super::super) const OFFSET: &str = "offset";
    pub(in super::super) const GROUP: &str = "group";
    pub(in super::super) const GROUP_MOVED_FROM: &str = "group_moved_from";
    pub(in super::super) const REQUESTS: &str = "requests";
    pub(in super::super) const IMPORTED: &str = "imported";
    pub(in super::super) const IMPORTED_AT: &str = "imported_at";
    pub(in super::super) const SEQ: &str = "seq";
    pub(in super::super) const NAMED: &str = "named";
    /// One of [`super::open`].
    pub(in super::super) const OPEN: &str = "open";
    pub(in super::super) const PROBE: &str = "probe";
}

/// How the store was left.
pub(super) mod open {
    /// In order.
    pub(in super::super) const CLOSED: i64 = 0;
    /// A desk works on it, or did until it was killed.
    pub(in super::super) const IN_USE: i64 = 1;
    /// In order, by who looked after it; the desk before that was killed.
    pub(in super::super) const CLOSED_AFTER_A_KILL: i64 = 2;
}

/// A stored fact.
pub(super) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Stores a fact.
pub(super) fn set(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])?;
    Ok(())
}

/// What the last run left.
pub(super) fn notebook(connection: &Connection) -> rusqlite::Result<Notebook> {
    Ok(Notebook {
        offset: get(connection, key::OFFSET)?.map(UpdateId),
        group: get(connection, key::GROUP)?.map(ChatId),
        group_moved_from: get(connection, key::GROUP_MOVED_FROM)?.map(ChatId),
        unclean: get(connection, key::OPEN)?.is_some_and(|left| left != open::CLOSED),
        imported: imported(connection)?,
    })
}

/// The import that was finished last.
pub(super) fn imported(connection: &Connection) -> rusqlite::Result<Option<Imported>> {
    let (users, at) = (get(connection, key::IMPORTED)?, get(connection, key::IMPORTED_AT)?);
    Ok(users.zip(at).map(|(users, at)| Imported { users, at: Millis(at) }))
}

/// Remembers an import.
pub(super) fn remember_import(connection: &Connection, imported: Imported) -> rusqlite::Result<()> {
    set(connection, key::IMPORTED, imported.users)?;
    set(connection, key::IMPORTED_AT, imported.at.0)
}

/// Whether all numbers that were ever given name their parts.
pub(super) fn are_named(connection: &Connection) -> rusqlite::Result<bool> {
    let begun = get(connection, key::SEQ)?.is_some();
    Ok(!begun || get(connection, key::NAMED)? == Some(1))
}

/// The numbers of the inbox and the outbox: rising, never given twice, not even after a restart.
///
/// They are reserved in blocks, so that most of them cost no write. Each names its part, so that it stays what it is in
/// a store that is divided.
#[derive(Debug)]
pub(super) struct Numbers {
    /// Whether all that were ever given name their parts.
    named: bool,
    /// Of the first part.
    next: i64,
    /// Below this, in this transaction.
    reserved: i64,
    /// Below this, on disk.
    durable: i64,
}

impl Numbers {
    const BLOCK: i64 = 4096 * PARTITIONS;
    /// What is said of a store that has given none.
    pub(super) const FIRST: Seq = Seq(PARTITIONS);

    /// Goes on after the last block.
    pub(super) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let start = get(connection, key::SEQ)?.unwrap_or(Self::FIRST.0);
        let start = (start + PARTITIONS - 1).div_euclid(PARTITIONS) * PARTITIONS;
        let named = are_named(connection)?;
        Ok(Self { named, next: start, reserved: start, durable: start })
    }

    /// The next number, of this part.
    pub(super) fn take(
        &mut self,
        connection: &Connection,
        partition: Partition,
    ) -> rusqlite::Result<Seq> {
        if self.next >= self.reserved {
            self.reserved = self.next + Self::BLOCK;
            set(connection, key::SEQ, self.reserved)?;
            set(connection, key::NAMED, i64::from(self.named))?;
        }
        let seq = Seq(self.next + i64::from(partition));
        self.next += PARTITIONS;
        Ok(seq)
    }

    /// The transaction is on disk.
    pub(super) fn committed(&mut self) {
        self.durable = self.reserved;
    }

    /// The transaction did not happen: what it reserved must be reserved again.
    pub(super) fn rolled_back(&mut self) {
        self.reserved = self.durable;
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    /// Conversations in the state of this position in [`State::ALL`].
    State(usize),
    /// Dead updates.
    DeadUpdates,
    /// Dead sends.
    DeadSends,
}

/// How the counters change in one transaction.
#[derive(Debug, Default)]
pub(super) struct Counts([i64; Counts::SIZE]);

impl Counts {
    const SIZE: usize = State::ALL.len() + 2;

    /// Counts up or down.
    pub(super) fn add(&mut self, what: Counted, by: i64) {
        let index = match what {
            Counted::State(position) => position,
            Counted::DeadUpdates => State::ALL.len(),
            Counted::DeadSends => State::ALL.len() + 1,
        };
        if let Some(count) = self.0.get_mut(index) {
            *count += by;
        }
    }

    /// Writes what changed.
    pub(super) fn store(&self, connection: &Connection) -> rusqlite::Result<()> {
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
    pub(super) fn load(
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

    /// States from 0, dead letters from 8, so that there is room for states.
    fn row(index: usize) -> i64 {
        let shift = if index < State::ALL.len() { 0 } else { 8 - State::ALL.len() };
        i64::try_from(index + shift).unwrap_or(i64::MAX)
    }
}
