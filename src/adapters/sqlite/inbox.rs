//! Updates: stored once, kept until decided, remembered until forgotten.

use std::fmt;

use rusqlite::{CachedStatement, Connection, Row, params};

use crate::{
    domain::{InboxLane, Millis, Seq, UpdateId},
    ports::{Early, Inbox, InboxItem, RawUpdate, Received, StoreError},
};

use super::{
    SqliteStore,
    connection::rows,
    job::Job,
    meta::{self, key},
    transaction::Transaction,
};

/// Rows that one step of forgetting takes at most.
pub(super) const FORGET_STEP: i64 = 500;

impl Inbox for SqliteStore {
    async fn take_in(
        &self,
        batch: Vec<RawUpdate>,
        offset: Option<UpdateId>,
        now: Millis,
        early: Early,
    ) -> Result<Received, StoreError> {
        let early = Some(Announcement(early));
        self.writer()?.ask(|answer| Job::Receive { batch, offset, now, early, answer }).await
    }

    async fn undecided(
        &self,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<InboxItem>, StoreError> {
        self.reader()?.ask(move |connection| undecided(connection, after, limit)).await
    }

    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError> {
        self.writer()?.ask(|answer| Job::Failed { seq, attempts, answer }).await
    }
}

/// Somebody to be told early.
pub(super) struct Announcement(Early);

impl Announcement {
    /// Tells what is new, as it will be if the transaction is committed.
    pub(super) fn make(self, batch: &[RawUpdate], seqs: &[Option<Seq>], now: Millis) {
        (self.0)(received(batch.to_vec(), seqs, now).items);
    }
}

impl fmt::Debug for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Announcement")
    }
}

/// Adds what is new; the numbers are by position in the batch.
pub(super) fn receive(
    transaction: &mut Transaction<'_>,
    batch: &[RawUpdate],
    offset: Option<UpdateId>,
    now: Millis,
) -> Result<Vec<Option<Seq>>, StoreError> {
    let connection = transaction.connection;
    let mut seqs = Vec::with_capacity(batch.len());
    if !batch.is_empty() {
        let mut know = connection.prepare_cached(
            "INSERT OR IGNORE INTO known (update_id, at, seq) VALUES (?1, ?2, ?3)",
        )?;
        let mut insert = insertion(connection)?;
        for update in batch {
            let seq = transaction.numbers.take(connection)?;
            let new = know.execute(params![update.update.0, now.0, seq.0])? > 0;
            if new {
                add(&mut insert, seq, update, now)?;
            }
            seqs.push(new.then_some(seq));
        }
    }
    if let Some(offset) = offset {
        meta::set(connection, key::OFFSET, offset.0)?;
    }
    Ok(seqs)
}

/// The answer to what [`receive`] did.
pub(super) fn received(batch: Vec<RawUpdate>, seqs: &[Option<Seq>], now: Millis) -> Received {
    let total = batch.len();
    let items: Vec<_> = batch
        .into_iter()
        .zip(seqs)
        .filter_map(|(update, seq)| {
            Some(InboxItem { seq: (*seq)?, update, received: now, attempts: 0 })
        })
        .collect();
    let duplicates = total - items.len();
    Received { items, duplicates }
}

/// Puts a dead update back at the end of its lane.
pub(super) fn reopen(
    transaction: &mut Transaction<'_>,
    item: InboxItem,
) -> Result<InboxItem, StoreError> {
    let connection = transaction.connection;
    let seq = transaction.numbers.take(connection)?;
    connection
        .prepare_cached("REPLACE INTO known (update_id, at, seq) VALUES (?1, ?2, ?3)")?
        .execute(params![item.update.update.0, item.received.0, seq.0])?;
    add(&mut insertion(connection)?, seq, &item.update, item.received)?;
    Ok(InboxItem { seq, attempts: 0, ..item })
}

/// Takes a decided update out; `false` if it is not there.
pub(super) fn decided(connection: &Connection, seq: Seq) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("DELETE FROM inbox WHERE seq = ?1")?.execute([seq.0])? > 0)
}

/// Whether an update waits to be decided.
pub(super) fn waits(connection: &Connection, seq: Seq) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("SELECT 1 FROM inbox WHERE seq = ?1")?.exists([seq.0])?)
}

/// Remembers a failure.
pub(super) fn failed(connection: &Connection, seq: Seq, attempts: u32) -> Result<(), StoreError> {
    connection
        .prepare_cached("UPDATE inbox SET attempts = ?2 WHERE seq = ?1")?
        .execute(params![seq.0, attempts])?;
    Ok(())
}

/// Forgets some of the updates received before this moment and decided since.
pub(super) fn forget(connection: &Connection, before: Millis) -> Result<usize, StoreError> {
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM known WHERE update_id IN (
                SELECT update_id FROM known
                WHERE at < ?1 AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.seq = known.seq)
                LIMIT ?2)",
        )?
        .execute(params![before.0, FORGET_STEP])?;
    Ok(forgotten)
}

fn insertion(connection: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    connection.prepare_cached(
        "INSERT INTO inbox (seq, update_id, lane, received, attempts, raw)
         VALUES (?1, ?2, ?3, ?4, 0, ?5)",
    )
}

fn add(
    insert: &mut CachedStatement<'_>,
    seq: Seq,
    update: &RawUpdate,
    received: Millis,
) -> rusqlite::Result<()> {
    let RawUpdate { update, lane, raw } = update;
    insert.execute(params![seq.0, update.0, lane.key(), received.0, raw])?;
    Ok(())
}

fn undecided(
    connection: &Connection,
    after: Option<Seq>,
    limit: usize,
) -> Result<Vec<InboxItem>, StoreError> {
    let mut select = connection.prepare_cached(
        "SELECT seq, update_id, lane, raw, received, attempts FROM inbox
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let after = after.map_or(i64::MIN, |seq| seq.0);
    let items = select.query_map(params![after, rows(limit)], item)?.collect::<Result<_, _>>()?;
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
