//! The operators' groups besides the first: three numbered values in the table `meta` for each.

use rusqlite::Connection;

use domain::{ChatId, GroupKey, Millis};
use ports::{GroupRegistry, GroupRow};

use super::meta::{self, key};
use crate::adapters::sqlite::file::schema;

/// Reads all rows.
pub(crate) fn read(connection: &Connection) -> rusqlite::Result<GroupRegistry> {
    let mut registry = GroupRegistry::default();
    let [chats, sinces] =
        [key::GROUP_CHAT, key::GROUP_SINCE].map(|name| meta::numbered(connection, name));
    let (chats, sinces) = (chats?, sinces?);
    let of = |values: &[(i64, i64)], number: i64| {
        values.iter().find(|(found, _)| *found == number).map(|(_, value)| *value)
    };
    let mut configured = meta::numbered(connection, key::GROUP_CONFIGURED)?;
    configured.sort_unstable();
    for (number, chat) in configured {
        let Some(group) = u16::try_from(number).ok().and_then(GroupKey::new) else { continue };
        registry.0.push(GroupRow {
            group,
            configured: ChatId(chat),
            chat: ChatId(of(&chats, number).unwrap_or(chat)),
            since: Millis(of(&sinces, number).unwrap_or(0)),
        });
    }
    Ok(registry)
}

/// Stores a row. From now on releases that know one group only refuse the file.
pub(crate) fn write(connection: &Connection, row: &GroupRow) -> rusqlite::Result<()> {
    let GroupRow { group, configured, chat, since } = row;
    let number = i64::from(group.number());
    for (name, value) in [
        (key::GROUP_CONFIGURED, configured.0),
        (key::GROUP_CHAT, chat.0),
        (key::GROUP_SINCE, since.0),
    ] {
        meta::set_numbered(connection, name, number, value)?;
    }
    schema::has_several_groups(connection)
}
