//! Facts about the desk as a whole, from the table `meta`.

use rusqlite::Connection;

use domain::{ChatId, Millis, Seq, Span, UpdateId};
use ports::{Facts, Imported, Notebook};

use super::{
    meta::{self, key, open},
    numbers::{Numbers, are_named},
    requests,
};

/// The values that a new process starts from.
pub(crate) fn notebook(connection: &Connection) -> rusqlite::Result<Notebook> {
    Ok(Notebook {
        offset: meta::get(connection, key::OFFSET)?.map(UpdateId),
        group: meta::get(connection, key::GROUP)?.map(ChatId),
        group_moved_from: meta::get(connection, key::GROUP_MOVED_FROM)?.map(ChatId),
        unclean: meta::get(connection, key::OPEN)?.is_some_and(|end| end != open::CLOSED),
        imported: last_import(connection)?,
    })
}

/// The last completed import.
pub(crate) fn last_import(connection: &Connection) -> rusqlite::Result<Option<Imported>> {
    let (users, at) =
        (meta::get(connection, key::IMPORTED)?, meta::get(connection, key::IMPORTED_AT)?);
    Ok(users.zip(at).map(|(users, at)| Imported { users, at: Millis(at) }))
}

/// Records an import.
pub(crate) fn set_imported(connection: &Connection, imported: Imported) -> rusqlite::Result<()> {
    meta::set(connection, key::IMPORTED, imported.users)?;
    meta::set(connection, key::IMPORTED_AT, imported.at.0)
}

/// The recorded spans of the group's limit.
pub(crate) fn limited(connection: &Connection) -> rusqlite::Result<Vec<Span>> {
    let spans = meta::numbered(connection, key::LIMITED)?.into_iter();
    Ok(spans.map(|(from, to)| Span { from: Millis(from), to: Millis(to) }).collect())
}

/// Records spans of the group's limit, and deletes those that ended before `forget`.
pub(crate) fn set_limited(
    connection: &Connection,
    spans: &[Span],
    forget: Millis,
) -> rusqlite::Result<()> {
    for span in spans {
        meta::set_numbered(connection, key::LIMITED, span.from.0, span.to.0)?;
    }
    meta::delete_numbered(connection, key::LIMITED, forget.0)
}

/// Reads the facts that are part of a backup.
pub(crate) fn read(connection: &Connection) -> rusqlite::Result<Facts> {
    Ok(Facts {
        offset: meta::get(connection, key::OFFSET)?.map(UpdateId),
        group: meta::get(connection, key::GROUP)?.map(ChatId),
        group_moved_from: meta::get(connection, key::GROUP_MOVED_FROM)?.map(ChatId),
        requests: requests::last(connection)?,
        imported: last_import(connection)?,
        next: meta::get(connection, key::SEQ)?.map_or(Numbers::FIRST, Seq),
        named: are_named(connection)?,
    })
}

/// Stores the facts of a backup, without the sequence numbers.
pub(crate) fn write(connection: &Connection, facts: &Facts) -> rusqlite::Result<()> {
    let Facts { offset, group, group_moved_from, requests, imported, .. } = facts;
    if let Some(imported) = imported {
        set_imported(connection, *imported)?;
    }
    let values = [
        (key::OFFSET, offset.map(|offset| offset.0)),
        (key::GROUP, group.map(|group| group.0)),
        (key::GROUP_MOVED_FROM, group_moved_from.map(|group| group.0)),
        (key::REQUESTS, (*requests > 0).then_some(*requests)),
    ];
    for (key, value) in values {
        if let Some(value) = value {
            meta::set(connection, key, value)?;
        }
    }
    Ok(())
}
