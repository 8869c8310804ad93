//! Checks of the server and of its data before a store is opened.

use domain::Partition;

use crate::adapters::redis::{
    errors::OpenError,
    script::{answers::maybe, arguments::Args, layout::Keys},
};

use super::{connection::Connection, observer::Operation, server_info::ServerInfo};

/// The oldest version of Redis that supports all commands of the scripts.
const OLDEST_VERSION: (u32, u32) = (6, 2);

/// Fails if the server is too old for the scripts.
pub(in crate::adapters::redis) async fn check_version(
    connection: &Connection,
) -> Result<(), OpenError> {
    let info = info(connection, "server").await?;
    let version = info.field("redis_version");
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST_VERSION { Err(OpenError::Old(version.to_owned())) } else { Ok(()) }
}

/// Fails if the server is a replica of Redis. A process that joins writes nothing at first, so no refused write would
/// show it.
pub(in crate::adapters::redis) async fn check_master(
    connection: &Connection,
) -> Result<(), OpenError> {
    let replica = info(connection, "replication").await?.field("role") == "slave";
    if replica { Err(OpenError::Replica { at: connection.address().to_owned() }) } else { Ok(()) }
}

/// Fails if a bulk load into this Redis was not finished.
pub(in crate::adapters::redis) async fn refuse_unfinished_load(
    connection: &Connection,
    keys: &Keys,
) -> Result<(), OpenError> {
    let mut args = Args::default();
    args.text(keys.in_partition(Partition::DESK, "meta")).text("restoring");
    let marker = connection.command_raw("HGET", Operation::Upkeep, args, 1).await;
    let marker = marker.map_err(|error| OpenError::of(connection.address(), &error))?;
    if maybe(marker).is_ok_and(|marker| marker.is_none()) {
        Ok(())
    } else {
        Err(OpenError::Unfinished)
    }
}

async fn info(connection: &Connection, section: &str) -> Result<ServerInfo, OpenError> {
    let info = connection.info_once(section).await;
    info.map_err(|error| OpenError::of(connection.address(), &error))
}
