//! The table `links`: pairs of messages, found from either one, kept until they are forgotten.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::adapters::sqlite::errors::SqlError;
use domain::{Fingerprint, GroupKey, Link, LinkKey, MessageId, Millis, Side, UserId};

use super::row_limit::row_limit;

/// Stores a link, or updates its contents.
pub(crate) fn upsert(connection: &Connection, link: &Link) -> Result<(), SqlError> {
    let Link { user, user_message, staff_message, origin, fingerprint, at } = link;
    connection
        .prepare_cached(
            "REPLACE INTO links
                 (staff_message, user_message, user, origin, text_hash, media_hash, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            staff_message.0,
            user_message.0,
            user.0,
            matches!(origin, Side::Staff),
            fingerprint.text,
            fingerprint.media,
            at.0,
        ])?;
    Ok(())
}

/// The link of a message; if there are several, the newest.
pub(crate) fn find(connection: &Connection, key: LinkKey) -> Result<Option<Link>, SqlError> {
    let found = match key {
        LinkKey::User(user, message) => connection
            .prepare_cached(
                "SELECT staff_message, user_message, user, origin, text_hash, media_hash, at
                 FROM links WHERE user = ?1 AND user_message = ?2
                 ORDER BY at DESC, staff_message DESC LIMIT 1",
            )?
            .query_row(params![user.0, message.0], link),
        LinkKey::Staff(message) => connection
            .prepare_cached(
                "SELECT staff_message, user_message, user, origin, text_hash, media_hash, at
                 FROM links WHERE staff_message = ?1
                 ORDER BY at DESC, user_message DESC LIMIT 1",
            )?
            .query_row([message.0], link),
    };
    Ok(found.optional()?)
}

/// Links after this pair of message ids (group, user).
pub(crate) fn list(
    connection: &Connection,
    (staff, user): (i64, i64),
    limit: usize,
) -> Result<Vec<Link>, SqlError> {
    let mut select = connection.prepare_cached(
        "SELECT staff_message, user_message, user, origin, text_hash, media_hash, at FROM links
         WHERE (staff_message, user_message) > (?1, ?2)
         ORDER BY staff_message, user_message LIMIT ?3",
    )?;
    let found = select.query_map(params![staff, user, row_limit(limit)], link)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Forgets links made before this moment, at most `limit` of them. Returns their number.
pub(crate) fn forget(
    connection: &Connection,
    before: Millis,
    limit: usize,
) -> Result<usize, SqlError> {
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM links WHERE (staff_message, user_message) IN (
                SELECT staff_message, user_message FROM links WHERE at < ?1 LIMIT ?2)",
        )?
        .execute(params![before.0, row_limit(limit)])?;
    Ok(forgotten)
}

/// Forgets all links of a group: it has moved, and its message ids are no longer valid.
pub(crate) fn forget_group(connection: &Connection, group: GroupKey) -> Result<(), SqlError> {
    let first = |group: u16| MessageId(i64::from(group) << MessageId::NUMBER_BITS).0;
    // Before the first group are messages without a number, whose copies Telegram sends later.
    let from = if group == GroupKey::FIRST { i64::MIN } else { first(group.number()) };
    connection
        .prepare_cached("DELETE FROM links WHERE staff_message >= ?1 AND staff_message < ?2")?
        .execute([from, first(group.number() + 1)])?;
    Ok(())
}

fn link(row: &Row<'_>) -> rusqlite::Result<Link> {
    Ok(Link {
        staff_message: MessageId(row.get(0)?),
        user_message: MessageId(row.get(1)?),
        user: UserId(row.get(2)?),
        origin: if row.get(3)? { Side::Staff } else { Side::User },
        fingerprint: Fingerprint { text: row.get(4)?, media: row.get(5)? },
        at: Millis(row.get(6)?),
    })
}
