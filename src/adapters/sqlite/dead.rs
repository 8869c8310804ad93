//! Dead letters: stored in full, so that they can be replayed unchanged.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::adapters::codec;
use domain::{DeadId, InboxLane, Millis, Seq, UpdateId};
use ports::{
    DeadLetter, DeadLetters, InboxItem, Origin, OutboxItem, Queued, RawUpdate, StoreError,
};

use super::{
    SqliteStore,
    connection::rows,
    errors::SqlError,
    inbox,
    meta::Counted,
    outbox::{self, lane},
    transaction::Transaction,
    write_request::WriteRequest,
};

const COLUMNS: &str =
    "id, at, reason, lane, received, update_id, attempts, not_before, format, body";
/// Format of a stored update: Telegram's JSON, unchanged.
const RAW: u32 = 0;

#[ports::async_trait]
impl DeadLetters for SqliteStore {
    async fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        self.reader()?.ask(move |connection| list(connection, after, limit)).await
    }

    async fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        self.reader()?.ask(move |connection| find(connection, id)).await
    }

    async fn drop_dead(&self, id: DeadId) -> Result<bool, StoreError> {
        self.writer()?.ask(|answer| WriteRequest::DropDead { id, answer }).await
    }
}

/// Removes an item from its queue and stores it as a dead letter.
pub(super) fn bury(transaction: &mut Transaction<'_>, letter: &DeadLetter) -> Result<(), SqlError> {
    let connection = transaction.connection;
    let id = letter.id();
    if let Origin::Update(item) = &letter.origin
        && !inbox::decided(connection, item.seq)?
    {
        // Already a dead letter, or never durable: then Telegram delivers the update again.
        return Ok(());
    }
    if let Origin::Send(item) = &letter.origin {
        outbox::remove(connection, item.seq)?;
    }
    // A dead letter that is stored again counts once.
    remove(transaction, id)?;
    keep(transaction, letter)
}

/// Stores a dead letter that is in no queue and not stored yet.
pub(super) fn keep(transaction: &mut Transaction<'_>, letter: &DeadLetter) -> Result<(), SqlError> {
    let (connection, id) = (transaction.connection, letter.id());
    let mut insert = connection.prepare_cached(
        "INSERT INTO dead
             (id, at, reason, lane, received, update_id, attempts, not_before, format, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let DeadLetter { origin, reason, at } = letter;
    let none: Option<i64> = None;
    match origin {
        Origin::Update(InboxItem { update, received, attempts, .. }) => {
            let (lane, number) = (update.lane.key(), update.update.0);
            let RawUpdate { raw, .. } = update;
            insert.execute(params![
                id.0, at.0, reason, lane, received.0, number, attempts, none, RAW, raw
            ])?;
        }
        Origin::Send(OutboxItem { queued, .. }) => {
            let Queued { lane, effect, cause, received, not_before } = queued;
            let (lane, not_before) = (lane.key(), not_before.map(|moment| moment.0));
            let (format, effect) = (codec::effect::FORMAT, codec::effect::encode(effect)?);
            insert.execute(params![
                id.0, at.0, reason, lane, received.0, cause.0, none, not_before, format, effect
            ])?;
        }
    }
    transaction.counts.add(counted(id), 1);
    Ok(())
}

/// Deletes a dead letter; `false` if it does not exist.
pub(super) fn remove(transaction: &mut Transaction<'_>, id: DeadId) -> Result<bool, SqlError> {
    let mut delete = transaction.connection.prepare_cached("DELETE FROM dead WHERE id = ?1")?;
    let removed = delete.execute([id.0])? > 0;
    if removed {
        transaction.counts.add(counted(id), -1);
    }
    Ok(removed)
}

/// Removes a dead letter and returns it for replay; `None` if it does not exist.
pub(super) fn take(
    transaction: &mut Transaction<'_>,
    id: DeadId,
) -> Result<Option<Origin>, SqlError> {
    let letter = find(transaction.connection, id)?;
    remove(transaction, id)?;
    Ok(letter.map(|letter| letter.origin))
}

/// Dead letters after `after`.
pub(super) fn list(
    connection: &Connection,
    after: Option<DeadId>,
    limit: usize,
) -> Result<Vec<DeadLetter>, SqlError> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM dead WHERE id > ?1 ORDER BY id LIMIT ?2"
    ))?;
    let mut found = select.query(params![after.map_or(i64::MIN, |id| id.0), rows(limit)])?;
    let mut letters = Vec::new();
    while let Some(row) = found.next()? {
        letters.push(letter(row)?);
    }
    Ok(letters)
}

/// Reads one dead letter.
pub(super) fn find(connection: &Connection, id: DeadId) -> Result<Option<DeadLetter>, SqlError> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM dead WHERE id = ?1"))?
        .query_row([id.0], |row| Ok(letter(row)))
        .optional()?
        .transpose()
}

fn letter(row: &Row<'_>) -> Result<DeadLetter, SqlError> {
    let id: i64 = row.get(0)?;
    let (seq, received) = (Seq(id >> 1), Millis(row.get(4)?));
    let origin = if is_send(DeadId(id)) {
        let effect = row.get_ref(9)?.as_str().map_err(rusqlite::Error::from)?;
        Origin::Send(OutboxItem {
            seq,
            queued: Queued {
                lane: lane(row.get(3)?)?,
                effect: codec::effect::decode(row.get(8)?, effect)?,
                cause: UpdateId(row.get(5)?),
                received,
                not_before: row.get::<_, Option<i64>>(7)?.map(Millis),
            },
        })
    } else {
        Origin::Update(InboxItem {
            seq,
            update: RawUpdate {
                update: UpdateId(row.get(5)?),
                lane: InboxLane::from_key(row.get(3)?),
                raw: row.get(9)?,
            },
            received,
            attempts: row.get(6)?,
        })
    };
    Ok(DeadLetter { origin, reason: row.get(2)?, at: Millis(row.get(1)?) })
}

/// The inverse of `DeadId::of_send` and `DeadId::of_update`.
fn is_send(id: DeadId) -> bool {
    id.0 & 1 == 1
}

fn counted(id: DeadId) -> Counted {
    if is_send(id) { Counted::DeadSends } else { Counted::DeadUpdates }
}
