//! A write transaction that several requests share.

use domain::{Partition, Seq};
use rusqlite::Connection;

use super::{counts::Counts, numbers::Numbers};

/// A transaction in progress.
#[derive(Debug)]
pub(crate) struct Transaction<'a> {
    /// The writing connection.
    pub connection: &'a Connection,
    /// The source of sequence numbers.
    pub numbers: &'a mut Numbers,
    /// Counter changes to write at commit.
    pub counts: Counts,
}

impl Transaction<'_> {
    /// The next sequence number of this partition.
    pub(crate) fn next_number(&mut self, partition: Partition) -> rusqlite::Result<Seq> {
        self.numbers.next_of(self.connection, partition)
    }
}

/// Runs `work` in one transaction. On return, either everything is on disk or nothing happened.
pub(crate) fn run<T, E: From<rusqlite::Error>>(
    connection: &Connection,
    numbers: &mut Numbers,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let done = attempt(connection, numbers, work);
    if done.is_ok() {
        numbers.committed();
    } else {
        // SQLite may have rolled back by itself. If the rollback fails, the next `BEGIN` fails and reports it.
        if !connection.is_autocommit() {
            let _rolled_back = connection.execute_batch("ROLLBACK");
        }
        numbers.rolled_back();
    }
    done
}

fn attempt<T, E: From<rusqlite::Error>>(
    connection: &Connection,
    numbers: &mut Numbers,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut transaction = Transaction { connection, numbers, counts: Counts::default() };
    let result = work(&mut transaction)?;
    transaction.counts.store(connection)?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(result)
}
