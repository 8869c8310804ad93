//! The tables `conversations` and `former`: a row for each user, checked by revision, found by user,
//! by current topic or by a former one.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use crate::adapters::{codec, sqlite::errors::SqlError};
use domain::{Conversation, Millis, PartitionSet, Revision, State, Subject, TopicId, UserId};

use super::{
    counts::{Counted, Counts},
    row_limit::row_limit,
    transaction::Transaction,
};

/// The part of a stored row that a write needs before it replaces the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    revision: Revision,
    columns: Columns,
}

/// The indexed and counted columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    /// The position in [`State::ALL`].
    state: u8,
    topic: Option<i64>,
    waiting: Option<i64>,
    due: Option<i64>,
}

/// Reads the stored row; `None` if the user has none.
pub(crate) fn find_stored(
    connection: &Connection,
    user: UserId,
) -> Result<Option<Stored>, SqlError> {
    let row = connection
        .prepare_cached(
            "SELECT revision, state, topic, waiting, due FROM conversations WHERE user = ?1",
        )?
        .query_row([user.0], |row| {
            Ok(Stored {
                revision: Revision(row.get(0)?),
                columns: Columns {
                    state: row.get(1)?,
                    topic: row.get(2)?,
                    waiting: row.get(3)?,
                    due: row.get(4)?,
                },
            })
        })
        .optional()?;
    Ok(row)
}

/// Whether the stored row has this revision. A conversation that is not stored has revision zero.
pub(crate) fn has_revision(stored: Option<Stored>, revision: Revision) -> bool {
    stored.map_or(Revision::default(), |stored| stored.revision) == revision
}

/// The next revision.
pub(crate) fn next_revision(revision: Revision) -> Revision {
    Revision(revision.0.saturating_add(1))
}

/// Replaces the stored row under the conversation's next revision.
pub(crate) fn write(
    transaction: &mut Transaction<'_>,
    conversation: &Conversation,
    stored: Option<Stored>,
) -> Result<(), SqlError> {
    write_at(transaction, next_revision(conversation.revision), conversation, stored)
}

/// Replaces the stored row under this revision.
pub(crate) fn write_at(
    transaction: &mut Transaction<'_>,
    revision: Revision,
    conversation: &Conversation,
    stored: Option<Stored>,
) -> Result<(), SqlError> {
    let connection = transaction.connection;
    let columns = Columns::of(conversation);
    let Columns { state, topic, waiting, due } = columns;
    let doc = codec::conversation::encode(conversation)?;
    let common: [&dyn ToSql; 4] =
        [&conversation.user.0, &revision.0, &codec::conversation::FORMAT, &doc];
    let [user, revision, format, doc] = common;
    match stored {
        // The usual case changes no indexed column.
        Some(stored) if stored.columns == columns => connection
            .prepare_cached(
                "UPDATE conversations SET revision = ?2, format = ?3, doc = ?4 WHERE user = ?1",
            )?
            .execute([user, revision, format, doc])?,
        Some(_) => connection
            .prepare_cached(
                "UPDATE conversations
                 SET revision = ?2, format = ?3, doc = ?4, state = ?5, topic = ?6, waiting = ?7, due = ?8
                 WHERE user = ?1",
            )?
            .execute([user, revision, format, doc, &state, &topic, &waiting, &due])?,
        None => connection
            .prepare_cached(
                "INSERT INTO conversations (user, revision, format, doc, state, topic, waiting, due)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute([user, revision, format, doc, &state, &topic, &waiting, &due])?,
    };
    // The former topics change only when the topic does.
    if stored.is_none_or(|stored| stored.columns.topic != topic) {
        write_former(connection, conversation)?;
    }
    recount(&mut transaction.counts, stored.map(|stored| stored.columns.state), state);
    Ok(())
}

fn write_former(connection: &Connection, conversation: &Conversation) -> Result<(), SqlError> {
    let user = conversation.user.0;
    connection.prepare_cached("DELETE FROM former WHERE user = ?1")?.execute([user])?;
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO former (user, topic) VALUES (?1, ?2)")?;
    for topic in &conversation.topic.former {
        insert.execute([user, topic.0])?;
    }
    Ok(())
}

/// Loads a conversation. If a topic belongs to one user now and belonged to another before, the present user's is
/// loaded.
pub(crate) fn load(
    connection: &Connection,
    subject: Subject,
) -> Result<Option<Arc<Conversation>>, SqlError> {
    let (sql, id) = match subject {
        Subject::User(user) => {
            ("SELECT user, revision, format, doc FROM conversations WHERE user = ?1", user.0)
        }
        Subject::Topic(TopicId(topic)) => (
            "SELECT user, revision, format, doc FROM conversations WHERE topic = ?1 LIMIT 1",
            topic,
        ),
        Subject::StaffMessage(message) => (
            "SELECT user, revision, format, doc FROM conversations WHERE user = (
                 SELECT user FROM links WHERE staff_message = ?1 LIMIT 1)",
            message.0,
        ),
        Subject::Nobody => return Ok(None),
    };
    let found = find_one(connection, sql, id)?;
    match subject {
        Subject::Topic(_) if found.is_none() => find_one(
            connection,
            "SELECT user, revision, format, doc FROM conversations WHERE user = (
                 SELECT user FROM former WHERE topic = ?1 LIMIT 1)",
            id,
        ),
        Subject::Topic(_) | Subject::User(_) | Subject::StaffMessage(_) | Subject::Nobody => {
            Ok(found)
        }
    }
}

fn find_one(
    connection: &Connection,
    sql: &str,
    id: i64,
) -> Result<Option<Arc<Conversation>>, SqlError> {
    let mut select = connection.prepare_cached(sql)?;
    let mut rows = select.query([id])?;
    rows.next()?.map(decode).transpose()
}

/// Conversations of users with ids above `after`. Each carries its request number, even if the stored document does
/// not have it yet.
pub(crate) fn list(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<Vec<Conversation>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT user, revision, format, doc, nth, number FROM conversations
         LEFT JOIN requests USING (user) WHERE user > ?1 ORDER BY user LIMIT ?2",
    )?;
    let mut rows = select.query([after, row_limit(limit)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut conversation = Arc::unwrap_or_clone(decode(row)?);
        if let (Some(nth), Some(number)) = (row.get(4)?, row.get(5)?) {
            conversation.set_request_number(nth, number);
        }
        found.push(conversation);
    }
    Ok(found)
}

/// Users in these partitions whose timer has expired, earliest first.
pub(crate) fn due(
    connection: &Connection,
    of: PartitionSet,
    now: Millis,
    limit: usize,
) -> Result<Vec<UserId>, SqlError> {
    // The low four bits of a user id are the partition, for negative ids too.
    let mut select = connection.prepare_cached(
        "SELECT user FROM conversations WHERE due <= ?1 AND (?3 >> (user & 15)) & 1
         ORDER BY due LIMIT ?2",
    )?;
    let bounds = (now.0, row_limit(limit), of.bits());
    let found = select.query_map(bounds, |row| row.get(0).map(UserId))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Conversations of these partitions with user ids above `after`, and the last id scanned. Unreadable rows are
/// skipped.
pub(crate) fn page(
    connection: &Connection,
    of: PartitionSet,
    after: i64,
    limit: usize,
) -> Result<(Vec<Arc<Conversation>>, Option<i64>), SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT user, revision, format, doc FROM conversations
         WHERE user > ?1 AND (?3 >> (user & 15)) & 1 ORDER BY user LIMIT ?2",
    )?;
    let mut rows = select.query((after, row_limit(limit), of.bits()))?;
    let (mut found, mut last) = (Vec::new(), None);
    while let Some(row) = rows.next()? {
        last = Some(row.get(0)?);
        found.extend(decode(row).ok());
    }
    Ok((found, last))
}

/// Since when the user who waits longest has waited.
pub(crate) fn oldest_waiting(connection: &Connection) -> Result<Option<Millis>, SqlError> {
    let oldest: Option<Option<i64>> = connection
        .prepare_cached("SELECT min(waiting) FROM conversations WHERE waiting IS NOT NULL")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(oldest.flatten().map(Millis))
}

fn decode(row: &Row<'_>) -> Result<Arc<Conversation>, SqlError> {
    let doc = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    let (user, revision) = (UserId(row.get(0)?), Revision(row.get(1)?));
    Ok(Arc::new(codec::conversation::decode(row.get(2)?, user, revision, doc)?))
}

impl Columns {
    fn of(conversation: &Conversation) -> Self {
        let state = conversation.state();
        let is_waiting = state == State::WaitingOperator;
        Self {
            state: (0..).zip(State::ALL).find(|(_, one)| *one == state).map_or(0, |(at, _)| at),
            topic: conversation.topic.id().map(|topic| topic.0),
            waiting: conversation.waiting_since.filter(|_| is_waiting).map(|since| since.0),
            due: conversation.welcome.due.map(|due| due.0),
        }
    }
}

fn recount(counts: &mut Counts, before: Option<u8>, now: u8) {
    if let Some(before) = before {
        counts.add(Counted::State(before.into()), -1);
    }
    counts.add(Counted::State(now.into()), 1);
}
