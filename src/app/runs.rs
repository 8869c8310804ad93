//! Runs of the program: each keeps a marker on disk while it lasts, so that the next run knows how it ended.
//!
//! Invariant: a marker is locked by its process, and removed when that process ends in order. A marker that can be
//! locked belongs to a run that ended abnormally, and stays until the owner was told. Several processes may share the
//! folder.

use std::{
    fs::{self, File},
    io::{self, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::telemetry::crashes::{create, make, sync};
use domain::Millis;

/// Prefix of a marker's name; the rest is the run's id.
const MARK: &str = "run-";
/// Prefix after a later run has seen that this run ended abnormally.
const SEEN: &str = "broken-";

/// The current run.
#[derive(Debug)]
pub(super) struct Run {
    /// Distinguishes this run from others.
    pub(super) id: String,
    began: Millis,
    /// `None` if the marker could not be created.
    mark: Option<Mark>,
}

/// A run that ended abnormally. While this value is held, no other process handles that run.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) id: String,
    pub(super) began: Millis,
    /// The task that ended the run; `None` if unknown.
    pub(super) died: Option<String>,
    /// Whether no run has seen it before.
    pub(super) is_new: bool,
    mark: Mark,
}

#[derive(Debug)]
struct Mark {
    path: PathBuf,
    file: File,
}

/// The contents of a marker.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Said {
    began: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    died: Option<String>,
}

impl Run {
    /// Begins a run, and finds those that ended abnormally, oldest first.
    pub(super) fn begin(folder: &Path, now: Millis) -> (Self, Vec<Broken>) {
        let broken = broken(folder);
        let id = format!("{:016x}", fastrand::u64(..));
        let mark = match Mark::make(folder, &id, now) {
            Ok(mark) => Some(mark),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(
                    error,
                    "cannot write the marker of this run into DATA_DIR: if it is killed, the owner will not be told"
                );
                None
            }
        };
        (Self { id, began: now, mark }, broken)
    }

    /// Ends the run in order, or records the task that has ended it.
    pub(super) fn end(self, died: Option<&'static str>) {
        let Some(mut mark) = self.mark else { return };
        let ended = match died {
            None => fs::remove_file(&mark.path),
            Some(task) => mark.say(self.began, Some(task)),
        };
        if let Err(error) = ended {
            let error = &error as &dyn std::error::Error;
            warn!(error, "cannot write into DATA_DIR how this run ended");
        }
    }

    /// Whether a run is still going on, in any process.
    pub(super) fn goes_on(folder: &Path, id: &str) -> bool {
        folder.join(format!("{MARK}{id}")).exists()
    }
}

impl Broken {
    /// Removes the marker, because the owner was told.
    pub(super) fn forget(self) {
        // Otherwise it would be told again at the next start. Other components report a failing disk.
        let _told_again = fs::remove_file(&self.mark.path);
    }
}

impl Mark {
    fn make(folder: &Path, id: &str, now: Millis) -> io::Result<Self> {
        make(folder)?;
        // The file is hidden until it is locked.
        let hidden = folder.join(format!(".{MARK}{id}"));
        let file = create(&hidden)?;
        file.try_lock()?;
        let mut mark = Self { path: folder.join(format!("{MARK}{id}")), file };
        mark.say(now, None)?;
        fs::rename(&hidden, &mark.path)?;
        sync(folder)?;
        Ok(mark)
    }

    /// The new contents are never shorter than the old ones, so they overwrite them completely.
    fn say(&mut self, began: Millis, died: Option<&str>) -> io::Result<()> {
        let said = Said { began: began.0, died: died.map(str::to_owned) };
        self.file.rewind()?;
        self.file.write_all(&serde_json::to_vec(&said)?)?;
        self.file.sync_all()
    }
}

/// The runs whose markers are not locked any more, oldest first.
fn broken(folder: &Path) -> Vec<Broken> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut broken: Vec<Broken> =
        entries.flatten().filter_map(|entry| taken_up(folder, &entry.path())).collect();
    broken.sort_by_key(|run| run.began);
    broken
}

/// The run of this marker, if the file is a marker and nobody has locked it.
fn taken_up(folder: &Path, path: &Path) -> Option<Broken> {
    let name = path.file_name()?.to_str()?;
    let is_new = name.starts_with(MARK);
    let id = name.strip_prefix(MARK).or_else(|| name.strip_prefix(SEEN))?.to_owned();
    let file = File::open(path).ok()?;
    file.try_lock().ok()?;
    let Said { began, died } = serde_json::from_slice(&fs::read(path).ok()?).unwrap_or_default();
    let seen = folder.join(format!("{SEEN}{id}"));
    fs::rename(path, &seen).ok()?;
    Some(Broken { id, began: Millis(began), died, is_new, mark: Mark { path: seen, file } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn a_run_that_ended_in_order_leaves_nothing_and_one_that_did_not_is_found_until_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Run::begin(folder.path(), NOW);
        let (first, none) = begin();
        let (second, of_a_live_one) = begin();
        assert!(none.is_empty() && of_a_live_one.is_empty());
        assert!(Run::goes_on(folder.path(), &second.id));
        first.end(None);
        let killed = second.id.clone();
        drop(second);

        let (third, mut found) = begin();
        let (fourth, taken_up_already) = begin();
        assert!(taken_up_already.is_empty());
        fourth.end(None);
        let found = found.remove(0);
        assert_eq!((&found.id, found.began, found.is_new), (&killed, NOW, true));
        assert_eq!(found.died, None);
        drop(found);
        third.end(Some("sender"));

        let (fifth, found) = begin();
        let mut died: Vec<_> = found.iter().map(|run| (run.is_new, run.died.as_deref())).collect();
        // Both runs began at the same time.
        died.sort_unstable();
        assert_eq!(died, [(false, None), (true, Some("sender"))]);
        found.into_iter().for_each(Broken::forget);
        fifth.end(None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_mark_that_makes_no_sense_is_that_of_a_run_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run-7"), "{").unwrap();
        let (_run, found) = Run::begin(folder.path(), NOW);
        assert_eq!((found[0].id.as_str(), found[0].began), ("7", Millis(0)));
    }
}
