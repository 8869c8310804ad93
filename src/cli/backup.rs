//! `support-bot backup`: everything that the desk holds, in one file, while it runs.

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use anyhow::{Context as _, bail};

use crate::{
    adapters::{
        backup::{Draft, Good, Status, name_at, remove_older},
        sqlite::Peek,
    },
    config::Settings,
    domain::Millis,
    ports::{Clock as _, Restore as _, SystemClock, Tally},
};

pub(super) fn backup(
    settings: &Settings,
    to: &Path,
    keep: Option<NonZeroUsize>,
) -> anyhow::Result<ExitCode> {
    let (folder, now, began) = (&settings.store.folder, SystemClock.now(), Instant::now());
    // A folder without a store is a mistake in the settings: nobody there would read how the backup ended.
    Peek::find(folder)?;
    let made = super::runtime()?.block_on(make(folder, to, keep, now));
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let good = made.as_ref().ok().map(|made| Good { at: now.0, bytes: made.bytes, took });
    if let Err(error) = Status::note(folder, good) {
        eprintln!("the metrics of the desk will not tell of this backup: {error}");
    }
    let Made { path, bytes, tally } = made?;
    println!("backed up to {}: {bytes} bytes", path.display());
    super::print_tally(&tally);
    if let Some(keep) = keep {
        let removed = remove_older(&path, keep.get());
        for gone in removed.context("the backup is made, but an older one cannot be removed")? {
            println!("removed {}", gone.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

struct Made {
    path: PathBuf,
    bytes: u64,
    tally: Tally,
}

async fn make(
    folder: &Path,
    to: &Path,
    keep: Option<NonZeroUsize>,
    now: Millis,
) -> anyhow::Result<Made> {
    let path = if to.is_dir() {
        to.join(name_at(now))
    } else if keep.is_some() {
        bail!("--keep needs a folder of backups, and {} is none: make it first", to.display());
    } else {
        to.to_owned()
    };
    // Before a file is made: the store may be unfit to be read.
    let mut snapshot = Peek::open(folder)?.snapshot()?;
    let tally = Draft::begin(&path, now)?.fill(&mut snapshot).await?;
    let bytes = fs::metadata(&path).map_or(0, |found| found.len());
    Ok(Made { path, bytes, tally })
}
