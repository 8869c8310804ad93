//! Request numbers: each new request gets the next number; a repeated question gets the same number again.

use rusqlite::{Connection, OptionalExtension};

use domain::UserId;

use super::meta::{self, key};

/// The number of the user's `nth` request.
pub(crate) fn number(connection: &Connection, user: UserId, nth: u32) -> rusqlite::Result<i64> {
    let known: Option<(u32, i64)> = connection
        .prepare_cached("SELECT nth, number FROM requests WHERE user = ?1")?
        .query_row([user.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((_, number)) = known.filter(|(known, _)| *known >= nth) {
        return Ok(number);
    }
    let number = last(connection)?.saturating_add(1);
    meta::set(connection, key::REQUESTS, number)?;
    connection
        .prepare_cached("REPLACE INTO requests (user, nth, number) VALUES (?1, ?2, ?3)")?
        .execute((user.0, nth, number))?;
    Ok(number)
}

/// Raises the counter, so that later numbers exceed this one. Returns the last number given.
pub(crate) fn raise_to(connection: &Connection, from: i64) -> rusqlite::Result<i64> {
    let last = last(connection)?.max(from);
    meta::set(connection, key::REQUESTS, last)?;
    Ok(last)
}

/// The last number given.
pub(crate) fn last(connection: &Connection) -> rusqlite::Result<i64> {
    Ok(meta::get(connection, key::REQUESTS)?.unwrap_or(0))
}
