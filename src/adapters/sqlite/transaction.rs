//! What a job sees of the transaction that it shares with others.

use rusqlite::Connection;

use super::meta::{Counts, Numbers};

/// A transaction under way.
#[derive(Debug)]
pub(super) struct Transaction<'a> {
    /// The writing connection.
    pub connection: &'a Connection,
    /// Numbers for what is queued.
    pub numbers: &'a mut Numbers,
    /// What must be counted when it is committed.
    pub counts: Counts,
}

/// Runs `work` in one transaction: all of it is on disk when this returns, or nothing happened.
pub(super) fn run<T, E: From<rusqlite::Error>>(
    connection: &Connection,
    numbers: &mut Numbers,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let done = attempt(connection, numbers, work);
    if done.is_ok() {
        numbers.committed();
    } else {
        // SQLite may have rolled back by itself. If this fails, the next `BEGIN` does, and says so.
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
