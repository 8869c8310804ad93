//! Updates: stored once, kept until decided, then remembered for a while so that a repeat is recognised.

use std::collections::HashSet;

use rusqlite::{Connection, Row, params};

use crate::adapters::cache::Entries;
use domain::{InboxLane, Millis, PartitionSet, Seq, UpdateId, UserId};
use ports::{Arrival, Commit, Inbox, InboxItem, KnownUpdate, RawUpdate, StoreError, Taken};

use super::{
    SqliteStore,
    connection::rows,
    errors::SqlError,
    ledger::{self, CommitRan},
    meta::{self, key},
    transaction::Transaction,
    write_request::WriteRequest,
};

/// Rows that one clean-up step deletes at most.
pub(super) const FORGET_STEP: i64 = 500;

#[ports::async_trait]
impl Inbox for SqliteStore {
    async fn take_in(
        &self,
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError> {
        self.writer()?.ask(|answer| WriteRequest::TakeIn { batch, offset, answer }).await
    }

    async fn undecided(
        &self,
        of: PartitionSet,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<InboxItem>, StoreError> {
        self.reader()?.ask(move |connection| undecided(connection, of, after, limit)).await
    }

    async fn failed(&self, seq: Seq, attempts: u32) -> Result<(), StoreError> {
        self.writer()?.ask(|answer| WriteRequest::Failed { seq, attempts, answer }).await
    }
}

/// The result of one arrival, before its transaction is committed.
#[derive(Debug)]
pub(super) enum TakenRan {
    Known,
    Waits(Seq),
    Decided(CommitRan),
}

/// Stores the arrivals that are not known yet.
pub(super) fn take_in(
    transaction: &mut Transaction<'_>,
    batch: &[Arrival],
    offset: Option<UpdateId>,
) -> Result<Vec<TakenRan>, SqlError> {
    let mut behind = ArrivalOrder::default();
    let mut ran = Vec::with_capacity(batch.len());
    for arrival in batch {
        let taken = take_one(transaction, arrival, &behind)?;
        if !matches!(taken, TakenRan::Decided(_)) {
            behind.wait_for(arrival);
        }
        ran.push(taken);
    }
    if let Some(offset) = offset {
        meta::set(transaction.connection, key::OFFSET, offset.0)?;
    }
    Ok(ran)
}

/// The lanes and conversations in which later arrivals of a transaction must wait: a lane with a waiting update, and a
/// conversation with a decision that was not written.
#[derive(Debug, Default)]
struct ArrivalOrder {
    lanes: HashSet<InboxLane>,
    users: HashSet<UserId>,
}

impl ArrivalOrder {
    fn wait_for(&mut self, arrival: &Arrival) {
        self.lanes.insert(arrival.update.lane);
        self.users.extend(arrival.commit.iter().flat_map(ledger::users));
    }

    fn hold_up(&self, arrival: &Arrival, commit: &Commit) -> bool {
        self.lanes.contains(&arrival.update.lane)
            || ledger::users(commit).any(|user| self.users.contains(&user))
    }
}

fn take_one(
    transaction: &mut Transaction<'_>,
    arrival: &Arrival,
    behind: &ArrivalOrder,
) -> Result<TakenRan, SqlError> {
    let connection = transaction.connection;
    let Arrival { update, received, commit } = arrival;
    if !know(connection, KnownUpdate { update: update.update, at: *received })? {
        return Ok(TakenRan::Known);
    }
    if let Some(commit) = commit.as_ref().filter(|commit| !behind.hold_up(arrival, commit)) {
        let ran = ledger::write(transaction, commit)?;
        if !matches!(ran, CommitRan::Stale) {
            return Ok(TakenRan::Decided(ran));
        }
    }
    let seq = transaction.numbers.take(connection, update.lane.partition())?;
    add(connection, seq, update, *received, 0)?;
    Ok(TakenRan::Waits(seq))
}

/// Updates the cache from a committed arrival.
pub(super) fn publish(arrival: &mut Arrival, ran: &TakenRan, cache: &mut Entries) {
    let Some(commit) = &mut arrival.commit else { return };
    match ran {
        TakenRan::Known => {}
        TakenRan::Waits(_) => ledger::publish(commit, &CommitRan::Stale, cache),
        TakenRan::Decided(ran) => ledger::publish(commit, ran, cache),
    }
}

/// The caller's answer for an arrival.
pub(super) fn taken(arrival: Arrival, ran: TakenRan) -> Taken {
    let Arrival { update, received, commit } = arrival;
    match ran {
        TakenRan::Known => Taken::Known,
        TakenRan::Waits(seq) => Taken::Waits(InboxItem { seq, update, received, attempts: 0 }),
        TakenRan::Decided(ran) => {
            let (queued, reopened) = ledger::outcome(commit.unwrap_or_default(), ran);
            Taken::Decided { queued, reopened }
        }
    }
}

/// Puts a dead update back at the end of its lane.
pub(super) fn reopen(
    transaction: &mut Transaction<'_>,
    item: InboxItem,
) -> Result<InboxItem, SqlError> {
    let connection = transaction.connection;
    let seq = transaction.numbers.take(connection, item.update.lane.partition())?;
    add(connection, seq, &item.update, item.received, 0)?;
    Ok(InboxItem { seq, attempts: 0, ..item })
}

/// Removes a decided update; `false` if it is not in the inbox.
pub(super) fn decided(connection: &Connection, seq: Seq) -> Result<bool, SqlError> {
    Ok(connection.prepare_cached("DELETE FROM inbox WHERE seq = ?1")?.execute([seq.0])? > 0)
}

/// Whether an update waits to be decided.
pub(super) fn waits(connection: &Connection, seq: Seq) -> Result<bool, SqlError> {
    Ok(connection.prepare_cached("SELECT 1 FROM inbox WHERE seq = ?1")?.exists([seq.0])?)
}

/// Stores the number of failed attempts.
pub(super) fn failed(connection: &Connection, seq: Seq, attempts: u32) -> Result<(), SqlError> {
    connection
        .prepare_cached("UPDATE inbox SET attempts = ?2 WHERE seq = ?1")?
        .execute(params![seq.0, attempts])?;
    Ok(())
}

/// Forgets decided updates that were received before this moment, a bounded number at a time.
pub(super) fn forget(connection: &Connection, before: Millis) -> Result<usize, SqlError> {
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

/// Adds a waiting update under this number, and makes it known.
pub(super) fn add(
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
pub(super) fn know(connection: &Connection, known: KnownUpdate) -> Result<bool, SqlError> {
    let KnownUpdate { update, at } = known;
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO known (update_id, at, seq) VALUES (?1, ?2, 0)")?;
    Ok(insert.execute(params![update.0, at.0])? > 0)
}

/// Known updates with ids after this one.
pub(super) fn known(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<Vec<KnownUpdate>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT update_id, at FROM known WHERE update_id > ?1 ORDER BY update_id LIMIT ?2",
    )?;
    let known =
        |row: &Row<'_>| Ok(KnownUpdate { update: UpdateId(row.get(0)?), at: Millis(row.get(1)?) });
    Ok(select.query_map([after, rows(limit)], known)?.collect::<Result<_, _>>()?)
}

/// Undecided updates of these partitions after `after`, oldest first. The low four bits of a number are the
/// partition.
pub(super) fn undecided(
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
        .query_map(params![after, rows(limit), of.bits()], item)?
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
