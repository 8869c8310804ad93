//! The tables `inbox` and `known`: updates are stored once and kept until they are decided. Their ids stay known for a
//! while, so that a repeat is recognised.

use rusqlite::{Connection, Row, params};

use crate::adapters::sqlite::errors::SqlError;
use domain::{InboxLane, Millis, PartitionSet, Seq, UpdateId};
use ports::{InboxItem, KnownUpdate, RawUpdate};

use super::{row_limit::row_limit, transaction::Transaction};

/// Adds a waiting update at the end of its lane, and makes it known.
pub(crate) fn append(
    transaction: &mut Transaction<'_>,
    update: &RawUpdate,
    received: Millis,
) -> Result<Seq, SqlError> {
    let seq = transaction.next_number(update.lane.partition())?;
    insert(transaction.connection, seq, update, received, 0)?;
    Ok(seq)
}

/// Removes a decided update; `false` if it is not in the inbox.
pub(crate) fn remove(connection: &Connection, seq: Seq) -> Result<bool, SqlError> {
    Ok(connection.prepare_cached("DELETE FROM inbox WHERE seq = ?1")?.execute([seq.0])? > 0)
}

/// Whether an update waits to be decided.
pub(crate) fn contains(connection: &Connection, seq: Seq) -> Result<bool, SqlError> {
    Ok(connection.prepare_cached("SELECT 1 FROM inbox WHERE seq = ?1")?.exists([seq.0])?)
}

/// Stores the number of failed attempts.
pub(crate) fn set_attempts(
    connection: &Connection,
    seq: Seq,
    attempts: u32,
) -> Result<(), SqlError> {
    connection
        .prepare_cached("UPDATE inbox SET attempts = ?2 WHERE seq = ?1")?
        .execute(params![seq.0, attempts])?;
    Ok(())
}

/// Forgets decided updates that were received before this moment, at most `limit` of them. Returns their number.
pub(crate) fn forget_known(
    connection: &Connection,
    before: Millis,
    limit: usize,
) -> Result<usize, SqlError> {
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM known WHERE update_id IN (
                SELECT update_id FROM known
                WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.seq = known.seq)
                LIMIT ?2)",
        )?
        .execute(params![before.0, row_limit(limit)])?;
    Ok(forgotten)
}

/// Adds a waiting update under this number, and makes it known.
pub(crate) fn insert(
    connection: &Connection,
    seq: Seq,
    update: &RawUpdate,
    received: Millis,
    attempts: u32,
) -> Result<(), SqlError> {
    let RawUpdate { update, lane, raw } = update;
    connection
        .prepare_cached("REPLACE INTO known (update_id, at, seq) VALUES (?1, ?2, ?3)")?
        .execute(params![update.0, received.0, seq.0])?;
    connection
        .prepare_cached(
            "INSERT INTO inbox (seq, update_id, lane, received, attempts, raw)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![seq.0, update.0, lane.key(), received.0, attempts, raw])?;
    Ok(())
}

/// Makes an update known; `false` if it already was.
pub(crate) fn insert_known(connection: &Connection, known: KnownUpdate) -> Result<bool, SqlError> {
    let KnownUpdate { update, at } = known;
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO known (update_id, at, seq) VALUES (?1, ?2, 0)")?;
    Ok(insert.execute(params![update.0, at.0])? > 0)
}

/// Known updates with ids after this one.
pub(crate) fn list_known(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<Vec<KnownUpdate>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT update_id, at FROM known WHERE update_id > ?1 ORDER BY update_id LIMIT ?2",
    )?;
    let known =
        |row: &Row<'_>| Ok(KnownUpdate { update: UpdateId(row.get(0)?), at: Millis(row.get(1)?) });
    Ok(select.query_map([after, row_limit(limit)], known)?.collect::<Result<_, _>>()?)
}

/// Undecided updates of these partitions after `after`, oldest first. The low four bits of a number are the
/// partition.
pub(crate) fn list(
    connection: &Connection,
    of: PartitionSet,
    after: Option<Seq>,
    limit: usize,
) -> Result<Vec<InboxItem>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT seq, update_id, lane, raw, received, attempts FROM inbox
         WHERE seq > ?1 AND (?3 >> (seq & 15)) & 1 ORDER BY seq LIMIT ?2",
    )?;
    let after = after.map_or(i64::MIN, |seq| seq.0);
    let items = select
        .query_map(params![after, row_limit(limit), of.bits()], item)?
        .collect::<Result<_, _>>()?;
    Ok(items)
}

fn item(row: &Row<'_>) -> rusqlite::Result<InboxItem> {
    Ok(InboxItem {
        seq: Seq(row.get(0)?),
        update: RawUpdate {
            update: UpdateId(row.get(1)?),
            lane: InboxLane::from_key(row.get(2)?),
            raw: row.get(3)?,
        },
        received: Millis(row.get(4)?),
        attempts: row.get(5)?,
    })
}
