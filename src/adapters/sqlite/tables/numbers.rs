//! Sequence numbers of the inbox and the outbox: rising, never given twice, not even after a restart.

use rusqlite::Connection;

use domain::{PARTITIONS, Partition, Seq};

use super::meta::{get, key, set};

/// Whether every number in this store carries its partition. A store of an earlier release may hold others.
pub(crate) fn are_named(connection: &Connection) -> rusqlite::Result<bool> {
    let begun = get(connection, key::SEQ)?.is_some();
    Ok(!begun || get(connection, key::NAMED)? == Some(1))
}

/// Gives the numbers of the inbox and the outbox.
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
    pub(crate) fn next_of(
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
