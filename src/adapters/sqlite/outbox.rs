//! Sends: queued by commits, listed by lane, removed by commits.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, Row, Rows, params};

use crate::adapters::codec;
use domain::{Channel, Millis, OutboxLane, Partition, PartitionSet, Seq, UpdateId};
use ports::{Backlog, LaneHead, LanePage, Outbox, OutboxItem, Queued, Reached, StoreError};

use super::{
    SqliteStore,
    connection::rows,
    errors::{SqlError, corrupt},
    transaction::Transaction,
};

/// Sends scanned at most for one page of lanes.
const SCAN: usize = 4_096;

#[ports::async_trait]
impl Outbox for SqliteStore {
    async fn backlog(&self, _all: PartitionSet) -> Result<Vec<Backlog>, StoreError> {
        self.reader()?.ask(backlog).await
    }

    async fn lanes(
        &self,
        _all: PartitionSet,
        channel: Channel,
        from: Reached,
        limit: usize,
    ) -> Result<LanePage, StoreError> {
        // All partitions share one table and were scanned up to the same number.
        self.reader()?.ask(move |found| lanes(found, channel, from.least(), limit)).await
    }

    async fn next(
        &self,
        lane: OutboxLane,
        after: Option<Seq>,
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        self.reader()?.ask(move |connection| next(connection, lane, after, limit)).await
    }
}

/// Adds a send at the end of its lane.
pub(super) fn queue(transaction: &mut Transaction<'_>, queued: &Queued) -> Result<Seq, SqlError> {
    let seq = transaction.numbers.take(transaction.connection, queued.lane.partition())?;
    add(transaction.connection, seq, queued)?;
    Ok(seq)
}

/// Adds a send under this number.
pub(super) fn add(connection: &Connection, seq: Seq, queued: &Queued) -> Result<(), SqlError> {
    let Queued { lane, effect, cause, received, not_before } = queued;
    connection
        .prepare_cached(
            "INSERT INTO outbox (seq, lane, cause, received, not_before, format, effect)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            seq.0,
            lane.key(),
            cause.0,
            received.0,
            not_before.map(|moment| moment.0),
            codec::effect::FORMAT,
            codec::effect::encode(effect)?,
        ])?;
    Ok(())
}

/// Removes a send.
pub(super) fn remove(connection: &Connection, seq: Seq) -> Result<(), SqlError> {
    connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?.execute([seq.0])?;
    Ok(())
}

fn backlog(connection: &Connection) -> Result<Vec<Backlog>, SqlError> {
    // One read transaction: the writer may commit between the statements.
    let connection = &*connection.unchecked_transaction()?;
    // Counted here, because SQLite would sort all rows to group them.
    let mut counted: BTreeMap<(Partition, usize), (u64, i64)> = BTreeMap::new();
    let mut select = connection.prepare_cached("SELECT lane, seq FROM outbox ORDER BY lane")?;
    let mut found = select.query([])?;
    while let Some(row) = found.next()? {
        let (lane, seq) = (lane(row.get(0)?)?, row.get(1)?);
        let one = counted.entry((Partition::of(lane.user), lane.channel as usize));
        let (count, first) = one.or_insert((0, seq));
        *count += 1;
        *first = seq.min(*first);
    }
    let mut received = connection.prepare_cached("SELECT received FROM outbox WHERE seq = ?1")?;
    let mut backlog = Vec::new();
    for ((partition, channel), (waiting, first)) in counted {
        let Some(channel) = Channel::ALL.get(channel).copied() else { continue };
        let oldest = Millis(received.query_row([first], |row| row.get(0))?);
        backlog.push(Backlog { partition, channel, waiting, oldest });
    }
    Ok(backlog)
}

fn lanes(
    connection: &Connection,
    channel: Channel,
    from: Seq,
    limit: usize,
) -> Result<LanePage, SqlError> {
    let connection = &*connection.unchecked_transaction()?;
    let mut select = connection
        .prepare_cached("SELECT seq, lane FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut found = select.query(params![from.0, rows(SCAN)])?;
    let (mut reached, mut seen, mut heads) = (from, HashSet::new(), Vec::new());
    let mut looked_at = 0;
    while heads.len() < limit
        && let Some(row) = found.next()?
    {
        looked_at += 1;
        reached = Seq(row.get(0)?);
        let lane = lane(row.get(1)?)?;
        if lane.channel == channel && seen.insert(lane.user) {
            heads.push(head(connection, lane)?);
        }
    }
    let more = looked_at == SCAN || heads.len() >= limit;
    Ok(LanePage { heads, reached: Reached::everywhere(reached), more })
}

fn head(connection: &Connection, lane: OutboxLane) -> Result<LaneHead, SqlError> {
    let (waiting, last, oldest): (i64, i64, i64) = connection
        .prepare_cached(
            "SELECT lanes.waiting, lanes.last, outbox.received
             FROM (SELECT count(*) AS waiting, min(seq) AS first, max(seq) AS last FROM outbox WHERE lane = ?1) lanes
             JOIN outbox ON outbox.seq = lanes.first",
        )?
        .query_row([lane.key()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let (waiting, last, oldest) = (waiting.unsigned_abs(), Seq(last), Millis(oldest));
    Ok(LaneHead { lane, waiting, oldest, last })
}

fn next(
    connection: &Connection,
    lane: OutboxLane,
    after: Option<Seq>,
    limit: usize,
) -> Result<Vec<OutboxItem>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT seq, lane, cause, received, not_before, format, effect FROM outbox
         WHERE lane = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let after = after.map_or(i64::MIN, |seq| seq.0);
    items(select.query(params![lane.key(), after, rows(limit)])?)
}

/// Sends of all lanes after `after`, ordered by number.
pub(super) fn all(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<Vec<OutboxItem>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT seq, lane, cause, received, not_before, format, effect FROM outbox
         WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    items(select.query(params![after, rows(limit)])?)
}

fn items(mut found: Rows<'_>) -> Result<Vec<OutboxItem>, SqlError> {
    let mut items = Vec::new();
    while let Some(row) = found.next()? {
        items.push(OutboxItem { seq: Seq(row.get(0)?), queued: queued(row)? });
    }
    Ok(items)
}

/// Reads a send. Its columns begin at index 1, with `lane`.
fn queued(row: &Row<'_>) -> Result<Queued, SqlError> {
    let effect = row.get_ref(6)?.as_str().map_err(rusqlite::Error::from)?;
    Ok(Queued {
        lane: lane(row.get(1)?)?,
        cause: UpdateId(row.get(2)?),
        received: Millis(row.get(3)?),
        not_before: row.get::<_, Option<i64>>(4)?.map(Millis),
        effect: codec::effect::decode(row.get(5)?, effect)?,
    })
}

/// Parses the stored key of a lane.
pub(super) fn lane(key: i64) -> Result<OutboxLane, SqlError> {
    OutboxLane::from_key(key).ok_or_else(|| corrupt(format!("no lane has the key {key}")))
}
