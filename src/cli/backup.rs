//! `support-bot backup`: writes everything that the desk stores into one file, while it runs.

use std::{
    fs::{self, DirBuilder},
    num::NonZeroUsize,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Context as _;

use crate::{
    adapters::{
        backup::{Draft, Good, Status, name_at, remove_older},
        sqlite::ReadOnlyStore,
    },
    app::{self, StoreLocation},
    config::Settings,
};
use domain::Millis;
use ports::{Clock as _, RecordCounts, SystemClock};

use super::{
    common::{print_counts, runtime},
    exit::UsageError,
    output::{errln, outln},
    progress::Shown,
};

/// Writes one backup, and removes older ones.
pub(super) fn back_up(
    settings: &Settings,
    to: &Path,
    keep: Option<NonZeroUsize>,
) -> anyhow::Result<ExitCode> {
    check_path(to, keep.is_some())?;
    back_up_now(settings, to, keep, to.is_dir())
}

/// Writes a backup. In a folder, it is named after the time; a folder that has gone meanwhile is a failure.
fn back_up_now(
    settings: &Settings,
    to: &Path,
    keep: Option<NonZeroUsize>,
    in_folder: bool,
) -> anyhow::Result<ExitCode> {
    let (folder, now, began) = (&settings.store.folder, SystemClock.now(), Instant::now());
    let store = StoreLocation::chosen(settings);
    match &store {
        // A folder without a store is a mistake in the settings: no desk there would read the result of the backup.
        StoreLocation::Sqlite(folder) => drop(ReadOnlyStore::find(folder)?),
        // The folder holds nothing else. Without it, only the metrics lack the result.
        StoreLocation::Redis(_) => {
            drop(DirBuilder::new().recursive(true).mode(0o700).create(folder));
        }
    }
    // A damaged file may give what can still be read: better a backup of that than none.
    let is_sound = match &store {
        StoreLocation::Sqlite(folder) => app::is_sound(folder).ok(),
        StoreLocation::Redis(_) => None,
    };
    let written = runtime()?.block_on(write(&store, to, in_folder, now));
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let good = written.as_ref().ok().map(|written| Good { at: now.0, bytes: written.bytes, took });
    if let Err(error) = Status::note(folder, good, is_sound) {
        errln!("the metrics of the desk will not show this backup: {error}");
    }
    if is_sound == Some(false) {
        errln!(
            "the store's file is damaged: check the disk, and keep the earlier backups; this one may be incomplete"
        );
    }
    let Written { path, bytes, counts } = written?;
    outln!("backed up to {}: {bytes} bytes", path.display());
    print_counts(&counts);
    if let Some(keep) = keep {
        let removed = remove_older(&path, keep.get());
        for path in removed.context("the backup was made, but an older one could not be removed")? {
            outln!("removed {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a path that no backup can be written to. A wrong argument is no failed backup, so it is not recorded as one.
fn check_path(to: &Path, needs_folder: bool) -> anyhow::Result<()> {
    let names_folder = needs_folder || to.as_os_str().as_encoded_bytes().ends_with(b"/");
    let folder = if names_folder || to.is_dir() { Some(to) } else { to.parent() };
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if folder.is_dir() {
        return Ok(());
    }
    let shown = folder.display();
    let why = if folder.exists() {
        format!("{shown} is not a folder: name a folder")
    } else {
        format!("there is no folder {shown}: create it first")
    };
    Err(UsageError(why).into())
}

/// Makes backups forever, `every` after the last one. A restart does not cause an additional backup.
pub(super) fn back_up_repeatedly(
    settings: &Settings,
    to: &Path,
    keep: Option<NonZeroUsize>,
    every: Duration,
) -> anyhow::Result<ExitCode> {
    check_path(to, keep.is_some())?;
    let in_folder = to.is_dir();
    loop {
        let last = fs::read(Status::file(&settings.store.folder))
            .ok()
            .and_then(|text| Status::parse(&text).last);
        let age = last.map_or(Duration::MAX, |last| SystemClock.now().since(last.at()));
        std::thread::sleep(every.saturating_sub(age));
        if let Err(error) = back_up_now(settings, to, keep, in_folder) {
            errln!("{error:#}");
            std::thread::sleep(every / 10);
        }
    }
}

/// Parses how many backups to keep.
pub(super) fn parse_keep(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_not_a_number| "write a whole number above 0".to_owned())
}

/// Parses a duration: a number of seconds, minutes, hours or days.
pub(super) fn parse_interval(text: &str) -> Result<Duration, String> {
    let split = text.len() - text.chars().next_back().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err("write a number followed by s, m, h or d, for example 24h".to_owned()),
    };
    match number.parse::<u32>() {
        Ok(number) if number > 0 => Ok(Duration::from_secs(u64::from(number) * seconds)),
        Ok(_) | Err(_) => {
            Err("write a whole number above 0 before the unit, for example 24h".to_owned())
        }
    }
}

/// A backup that was written.
struct Written {
    path: PathBuf,
    bytes: u64,
    counts: RecordCounts,
}

async fn write(
    store: &StoreLocation,
    to: &Path,
    in_folder: bool,
    now: Millis,
) -> anyhow::Result<Written> {
    let path = if in_folder { to.join(name_at(now)) } else { to.to_owned() };
    // Opened before a file is created, because the store may be unreadable.
    let mut snapshot = store.snapshot().await?;
    let mut shown = Shown::new("records backed up", None, &mut *snapshot);
    let counts = ports::copy(&mut shown, Box::new(Draft::begin(&path, now)?)).await?;
    drop(shown);
    let bytes = fs::metadata(&path).map_or(0, |found| found.len());
    Ok(Written { path, bytes, counts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_a_number_and_a_unit() {
        for (text, seconds) in [("10s", 10), ("30m", 1800), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(parse_interval(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "h", "24", "0h", "-1h", "1.5h", "24 h", "24ч"] {
            assert!(parse_interval(text).is_err(), "{text}");
        }
    }
}
