//! Run markers: each run keeps a marker file on disk while it lasts, so that the next run knows how it ended.
//!
//! Invariant: a run's process holds a lock on its marker, and removes the marker at a clean end. A marker that can be
//! locked belongs to a run that ended abnormally; it stays until the owner was told. Several processes may share the
//! folder. A marker that can be locked proves its process's death only where it was made, because nobody locks a
//! copy.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::telemetry::crashes::{create, make, sync};
use domain::Millis;

use super::file_identity::Identity;

/// Prefix of a marker's file name. The run's id follows.
const MARK: &str = "run-";
/// Prefix after a later run has seen that this run ended abnormally.
const SEEN: &str = "broken-";
/// Number of dead runs reported at most, newest first.
const DEAD: usize = 32;

/// The current run.
#[derive(Debug)]
pub(in crate::app) struct RunMarker {
    /// Random id of the run.
    pub(in crate::app) id: String,
    began: Millis,
    /// `None` if the marker could not be created.
    mark: Option<Mark>,
}

/// A run that ended abnormally. While this value is held, no other process handles that run.
#[derive(Debug)]
pub(in crate::app) struct UncleanEnd {
    pub(in crate::app) id: String,
    pub(in crate::app) began: Millis,
    /// The task that ended the run; `None` if unknown.
    pub(in crate::app) died: Option<String>,
    /// Whether no earlier run has seen this marker.
    pub(in crate::app) is_new: bool,
    mark: Mark,
}

#[derive(Debug)]
struct Mark {
    path: PathBuf,
    file: File,
    is: Option<Identity>,
}

/// The contents of a marker.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Said {
    began: i64,
    /// Identity of this marker file; `None` where its lock proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is: Option<Identity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    died: Option<String>,
}

impl RunMarker {
    /// Begins a run and writes its marker.
    pub(in crate::app) fn begin(folder: &Path, now: Millis) -> Self {
        let id = format!("{:016x}", fastrand::u64(..));
        let mark = match Mark::make(folder, &id, now) {
            Ok(mark) => Some(mark),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(
                    error,
                    "cannot write the run marker to DATA_DIR: if this run is killed, the owner will not be told"
                );
                None
            }
        };
        Self { id, began: now, mark }
    }

    /// Ends the run: removes the marker, or records the task that failed.
    pub(in crate::app) fn end(self, died: Option<&'static str>) {
        let Some(mut mark) = self.mark else { return };
        let ended = match died {
            None => fs::remove_file(&mark.path),
            Some(task) => mark.say(self.began, Some(task)),
        };
        if let Err(error) = ended {
            let error = &error as &dyn std::error::Error;
            warn!(error, "cannot record in DATA_DIR how this run ended");
        }
    }

    /// Whether a run has not ended, in any process.
    pub(in crate::app) fn goes_on(folder: &Path, id: &str) -> bool {
        folder.join(format!("{MARK}{id}")).exists()
    }
}

impl UncleanEnd {
    /// Removes the marker, after the owner was told.
    pub(in crate::app) fn forget(self) {
        // If this fails, the owner is told again at the next start. Other components report a failing disk.
        let _told_again = fs::remove_file(&self.mark.path);
    }
}

/// The ids of killed runs that are certainly dead, newest first, up to a limit.
///
/// A process holds the lock on its marker until the kernel has closed its files. After that it can do nothing.
pub(in crate::app) fn dead(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut dead: Vec<(i64, String)> =
        entries.flatten().filter_map(|entry| is_dead(folder, &entry.path())).collect();
    dead.sort_unstable_by(|one, other| other.cmp(one));
    dead.truncate(DEAD);
    dead.into_iter().map(|(_, id)| id).collect()
}

/// The start time and id of a marker's run, if the marker proves the run's death. Changes nothing.
fn is_dead(folder: &Path, path: &Path) -> Option<(i64, String)> {
    let name = path.file_name()?.to_str()?;
    let id = name.strip_prefix(MARK).or_else(|| name.strip_prefix(SEEN))?;
    let mut file = File::open(path).ok()?;
    // A shared lock, so that several processes can look at once. A run that has seen the marker locks it until the
    // owner was told, so this attempt fails then.
    file.try_lock_shared().ok()?;
    let mut said = Vec::new();
    file.read_to_end(&mut said).ok()?;
    let Said { began, is, died } = serde_json::from_slice(&said).ok()?;
    // A run that ended by itself has released its leases, or had a reason not to.
    let proves = died.is_none() && is.is_some() && is == Identity::of(&file, folder);
    proves.then(|| (began, id.to_owned()))
}

impl Mark {
    fn make(folder: &Path, id: &str, now: Millis) -> io::Result<Self> {
        make(folder)?;
        // The file has a hidden name until it is locked.
        let hidden = folder.join(format!(".{MARK}{id}"));
        let file = create(&hidden)?;
        file.try_lock()?;
        let is = Identity::of(&file, folder);
        let mut mark = Self { path: folder.join(format!("{MARK}{id}")), file, is };
        mark.say(now, None)?;
        fs::rename(&hidden, &mark.path)?;
        sync(folder)?;
        Ok(mark)
    }

    /// Writes the marker's contents. New contents are never shorter than the old ones, so they overwrite them
    /// completely.
    fn say(&mut self, began: Millis, died: Option<&str>) -> io::Result<()> {
        let said = Said { began: began.0, is: self.is.clone(), died: died.map(str::to_owned) };
        self.file.rewind()?;
        self.file.write_all(&serde_json::to_vec(&said)?)?;
        self.file.sync_all()
    }
}

/// The runs whose markers nobody locks any more, oldest first.
pub(in crate::app) fn broken(folder: &Path) -> Vec<UncleanEnd> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut broken: Vec<UncleanEnd> =
        entries.flatten().filter_map(|entry| taken_up(folder, &entry.path())).collect();
    broken.sort_by_key(|run| run.began);
    broken
}

/// Takes over a marker: returns its run, if the file is a marker and nobody has locked it.
fn taken_up(folder: &Path, path: &Path) -> Option<UncleanEnd> {
    let name = path.file_name()?.to_str()?;
    let is_new = name.starts_with(MARK);
    let id = name.strip_prefix(MARK).or_else(|| name.strip_prefix(SEEN))?.to_owned();
    let file = File::open(path).ok()?;
    file.try_lock().ok()?;
    let said = serde_json::from_slice(&fs::read(path).ok()?);
    let Said { began, is, died } = said.unwrap_or_default();
    let now = Identity::of(&file, folder);
    if is.as_ref().zip(now.as_ref()).is_some_and(|(was, now)| now.is_copy_of(was)) {
        // A copy: its run may be alive. The processes on the original folder know.
        let _seen_again = fs::remove_file(path);
        return None;
    }
    let seen = folder.join(format!("{SEEN}{id}"));
    fs::rename(path, &seen).ok()?;
    Some(UncleanEnd { id, began: Millis(began), died, is_new, mark: Mark { path: seen, file, is } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn a_run_that_ended_in_order_leaves_nothing_and_one_that_did_not_is_found_until_it_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || (RunMarker::begin(folder.path(), NOW), broken(folder.path()));
        let (first, none) = begin();
        let (second, of_a_live_one) = begin();
        assert!(none.is_empty() && of_a_live_one.is_empty());
        assert!(RunMarker::goes_on(folder.path(), &second.id));
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
        found.into_iter().for_each(UncleanEnd::forget);
        fifth.end(None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_mark_that_makes_no_sense_is_that_of_a_run_all_the_same_and_proves_no_death() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run-7"), "{").unwrap();
        // The format of earlier releases.
        fs::write(folder.path().join("run-8"), r#"{"began":1}"#).unwrap();
        assert!(dead(folder.path()).is_empty());
        let found = broken(folder.path());
        assert_eq!((found[0].id.as_str(), found[0].began), ("7", Millis(0)));
    }

    #[test]
    fn only_runs_that_were_killed_are_dead_whoever_has_seen_it_and_not_those_that_live() {
        let folder = tempfile::tempdir().unwrap();
        let begin = |at| RunMarker::begin(folder.path(), Millis(at));
        let (alive, early, late, died) = (begin(1), begin(2), begin(3), begin(4));
        let killed = [late.id.clone(), early.id.clone()];
        assert!(dead(folder.path()).is_empty(), "all of them live");
        drop((early, late));
        died.end(Some("sender"));
        assert_eq!(dead(folder.path()), killed, "the last first");
        let found = broken(folder.path());
        assert!(dead(folder.path()).is_empty(), "who has seen them knows it");
        drop(found);
        assert_eq!(dead(folder.path()), killed);
        alive.end(None);
    }

    #[test]
    fn a_copy_of_a_mark_or_one_of_another_kernel_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunMarker::begin(folder.path(), NOW);
        let copied = tempfile::tempdir().unwrap();
        let name = format!("{MARK}{}", run.id);
        fs::copy(folder.path().join(&name), copied.path().join(&name)).unwrap();
        assert!(dead(copied.path()).is_empty(), "its run lives");
        assert!(broken(copied.path()).is_empty(), "and is not told to have ended");
        drop(run);
        fs::copy(folder.path().join(&name), copied.path().join(&name)).unwrap();
        assert!(dead(copied.path()).is_empty());
        let mark = folder.path().join(&name);
        let said = fs::read_to_string(&mark).unwrap();
        let mut other: serde_json::Value = serde_json::from_str(&said).unwrap();
        for (field, value) in
            [("boot", "another".into()), ("device", 1.into()), ("inode", 1.into())]
        {
            let before = std::mem::replace(&mut other["is"][field], value);
            // Overwritten in place, so the file keeps its identity.
            fs::write(&mark, other.to_string()).unwrap();
            assert!(dead(folder.path()).is_empty(), "another {field}");
            other["is"][field] = before;
        }
        fs::write(&mark, other.to_string()).unwrap();
        assert_eq!(dead(folder.path()).len(), 1, "as it was, it proves it");
    }
}
