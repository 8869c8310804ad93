//! Sends: queued by commits, listed by lane, removed by commits.

use rusqlite::{Connection, Row, Rows, params};

use crate::adapters::codec;
use domain::{Millis, OutboxLane, Seq, Shards, UpdateId};
use ports::{LaneHead, Outbox, OutboxItem, Queued, StoreError};

use super::{
    SqliteStore,
    connection::rows,
    errors::{SqlError, corrupt},
    transaction::Transaction,
};

impl Outbox for SqliteStore {
    async fn lanes(&self, _all: Shards) -> Result<Vec<LaneHead>, StoreError> {
        self.reader()?.ask(lanes).await
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
    let seq = transaction.numbers.take(transaction.connection, queued.lane.part())?;
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

/// Takes a send out.
pub(super) fn remove(connection: &Connection, seq: Seq) -> Result<(), SqlError> {
    connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?.execute([seq.0])?;
    Ok(())
}

fn lanes(connection: &Connection) -> Result<Vec<LaneHead>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT heads.lane, heads.waiting, outbox.received
         FROM (SELECT lane, count(*) AS waiting, min(seq) AS first FROM outbox GROUP BY lane) heads
         JOIN outbox ON outbox.seq = heads.first",
    )?;
    let mut found = select.query([])?;
    let mut heads = Vec::new();
    while let Some(row) = found.next()? {
        heads.push(LaneHead {
            lane: lane(row.get(0)?)?,
            waiting: u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0),
            oldest: Millis(row.get(2)?),
        });
    }
    Ok(heads)
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

/// The sends of all lanes after `after`, in the order of their numbers.
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

/// Reads the columns from `lane` on, which come second.
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

/// The lane of a stored key.
pub(super) fn lane(key: i64) -> Result<OutboxLane, SqlError> {
    OutboxLane::from_key(key).ok_or_else(|| corrupt(format!("no lane has the key {key}")))
}
