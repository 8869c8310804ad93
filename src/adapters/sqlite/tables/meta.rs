//! Facts about the store as a whole, counters, and the sequence numbers of queued items.

use rusqlite::{Connection, OptionalExtension, params};

use domain::{ChatId, Millis, PARTITIONS, Partition, Seq, State, UpdateId};
use ports::{Imported, Notebook};

/// Keys of the table `meta`.
pub(crate) mod key {
    pub(crate) const OFFSET: &str = "offset";
    pub(crate) const GROUP: &str = "group";
    pub(crate) const GROUP_MOVED_FROM: &str = "group_moved_from";
    pub(crate) const REQUESTS: &str = "requests";
    pub(crate) const IMPORTED: &str = "imported";
    pub(crate) const IMPORTED_AT: &str = "imported_at";
    pub(crate) const SEQ: &str = "seq";
    pub(crate) const NAMED: &str = "named";
    /// Holds one of the values in [`open`].
    pub(crate) const OPEN: &str = "open";
    pub(crate) const PROBE: &str = "probe";
}

/// How the last process left the store.
pub(crate) mod open {
    /// The store was closed.
    pub(crate) const CLOSED: i64 = 0;
    /// A process uses the store, or used it until it was killed.
    pub(crate) const IN_USE: i64 = 1;
    /// Maintenance closed the store; the process that ran the desk before was killed.
    pub(crate) const CLOSED_AFTER_A_KILL: i64 = 2;
}

/// Reads a value.
pub(crate) fn get(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()
}

/// Stores a value.
pub(crate) fn set(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached("REPLACE INTO meta (key, value) VALUES (?1, ?2)")?
        .execute(params![key, value])?;
    Ok(())
}

/// The values that a new process starts from.
pub(crate) fn notebook(connection: &Connection) -> rusqlite::Result<Notebook> {
    Ok(Notebook {
        offset: get(connection, key::OFFSET)?.map(UpdateId),
        group: get(connection, key::GROUP)?.map(ChatId),
        group_moved_from: get(connection, key::GROUP_MOVED_FROM)?.map(ChatId),
        unclean: get(connection, key::OPEN)?.is_some_and(|left| left != open::CLOSED),
        imported: imported(connection)?,
    })
}

/// The last completed import.
pub(crate) fn imported(connection: &Connection) -> rusqlite::Result<Option<Imported>> {
    let (users, at) = (get(connection, key::IMPORTED)?, get(connection, key::IMPORTED_AT)?);
    Ok(users.zip(at).map(|(users, at)| Imported { users, at: Millis(at) }))
}

/// Records an import.
pub(crate) fn remember_import(connection: &Connection, imported: Imported) -> rusqlite::Result<()> {
    set(connection, key::IMPORTED, imported.users)?;
    set(connection, key::IMPORTED_AT, imported.at.0)
}

/// Whether every number in this store carries its partition. A store of an earlier release may hold others.
pub(crate) fn are_named(connection: &Connection) -> rusqlite::Result<bool> {
    let begun = get(connection, key::SEQ)?.is_some();
    Ok(!begun || get(connection, key::NAMED)? == Some(1))
}

/// The numbers of the inbox and the outbox: rising, never given twice, not even after a restart.
///
/// Numbers are reserved in blocks, so that most of them cost no write. Each number carries its partition, so that it
/// stays valid in a partitioned store.
#[derive(Debug)]
pub(crate) struct Numbers {
    /// Whether every number in this store carries its partition.
    named: bool,
    /// The next number of partition 0.
    next: i64,
    /// Numbers below this are reserved in the current transaction.
    reserved: i64,
    /// Numbers below this are reserved on disk.
    durable: i64,
}

impl Numbers {
    const BLOCK: i64 = 4096 * PARTITIONS;
    /// The first number of a new store.
    pub(crate) const FIRST: Seq = Seq(PARTITIONS);

    /// Continues after the last reserved block.
    pub(crate) fn load(connection: &Connection) -> rusqlite::Result<Self> {
        let start = get(connection, key::SEQ)?.unwrap_or(Self::FIRST.0);
        let start = (start + PARTITIONS - 1).div_euclid(PARTITIONS) * PARTITIONS;
        let named = are_named(connection)?;
        Ok(Self { named, next: start, reserved: start, durable: start })
    }

    /// The next number of this partition.
    pub(crate) fn take(
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

    /// Called after the transaction is on disk.
    pub(crate) fn committed(&mut self) {
        self.durable = self.reserved;
    }

    /// Called after a rollback: the block must be reserved again.
    pub(crate) fn rolled_back(&mut self) {
        self.reserved = self.durable;
    }
}

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
