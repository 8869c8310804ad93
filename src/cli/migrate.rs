//! `support-bot migrate`: copies everything from one store into the other, and compares them.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::{
    adapters::{
        backup::{Checksum, ChecksumError},
        redis, sqlite,
    },
    app::{OpenError, StoreLocation, release},
    config::Settings,
};
use ports::StoreError;

use super::{
    common::{print_counts, runtime},
    output::outln,
    progress::Shown,
};

/// The target of the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Target {
    /// From `DATA_DIR` into Redis.
    Redis,
    /// From Redis into `DATA_DIR`.
    Sqlite,
}

/// Copies the other store into this target.
pub(super) fn migrate(settings: &Settings, to: Target) -> anyhow::Result<ExitCode> {
    let Some(in_redis) = StoreLocation::redis(settings) else {
        bail!("no Redis is configured: set REDIS_URL, or REDIS_HOST and its related settings");
    };
    let in_folder = StoreLocation::folder(settings);
    let (from, into) = match to {
        Target::Redis => (in_folder, in_redis),
        Target::Sqlite => (in_redis, in_folder),
    };
    runtime()?.block_on(migrate_between(&from, &into))?;
    outln!("{}", next_steps(to));
    Ok(ExitCode::SUCCESS)
}

async fn migrate_between(from: &StoreLocation, into: &StoreLocation) -> anyhow::Result<()> {
    let held = match from.hold().await {
        Err(error) if error.is_running() => {
            bail!("a desk is running on the store in {from}: stop it first")
        }
        held => held?,
    };
    let copied = copy(from, into).await;
    release(held).await.with_context(|| format!("the store in {from} was not closed"))?;
    copied
}

async fn copy(from: &StoreLocation, into: &StoreLocation) -> anyhow::Result<()> {
    let is_copied_already = match into.restore_target().await {
        Ok(target) => {
            if target.discarded_unfinished() {
                outln!(
                    "an earlier copy was not finished: it is removed, and everything is copied again"
                );
            }
            let mut snapshot = from.snapshot().await?;
            let mut shown = Shown::new("records copied", None, &mut *snapshot);
            ports::copy(&mut shown, target).await?;
            false
        }
        // Perhaps copied by an earlier run that was interrupted before it could report.
        Err(
            OpenError::Redis(redis::OpenError::Occupied(_))
            | OpenError::Sqlite(sqlite::OpenError::Occupied(_)),
        ) => true,
        Err(error) if error.is_running() => {
            bail!("a desk is running on the store in {into}: stop it first")
        }
        Err(error) => return Err(error.into()),
    };
    let (here, there) = (checksum(from).await?, checksum(into).await?);
    match (here == there, is_copied_already) {
        (true, false) => outln!("copied from {from} into {into}, and compared:"),
        (true, true) => outln!("everything from {from} is in {into} already; compared:"),
        (false, true) => bail!(
            "there is another desk in {into} already: nothing was changed. If it began as a copy and a desk has been \
             running on it since, use that desk; otherwise choose an empty place"
        ),
        (false, false) => bail!(
            "the copy in {into} differs from {from}: do not use it. Check the disk and the log of Redis, empty {into}, \
             and run this again; {from} is unchanged"
        ),
    }
    print_counts(&here.tally);
    Ok(())
}

async fn checksum(store: &StoreLocation) -> anyhow::Result<Checksum> {
    let checksum: Result<Checksum, ChecksumError<StoreError>> =
        Checksum::of(&mut Shown::new("records compared", None, &mut *store.snapshot().await?))
            .await;
    checksum.with_context(|| format!("the contents of {store} cannot be compared"))
}

fn next_steps(to: Target) -> &'static str {
    match to {
        Target::Redis => {
            "keep REDIS_URL, or REDIS_HOST and its related settings, in the settings of the desk, and start it: it \
             continues in Redis, and no longer writes into DATA_DIR.\nDo not start a desk on the old store again: \
             both would send the waiting messages. Keep it until you trust the new one, then delete desk.sqlite3 and \
             all files whose names begin with desk.sqlite3"
        }
        Target::Sqlite => {
            "remove REDIS_URL, or REDIS_HOST and its related settings, from the settings of the desk, and start it: \
             it continues in DATA_DIR.\nDo not start a desk on the old store again: both would send the waiting \
             messages. Keep it until you trust the new one, then delete the keys in Redis that begin with support-bot:"
        }
    }
}
