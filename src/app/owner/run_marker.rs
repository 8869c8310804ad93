//! Run markers: each run keeps a marker file on disk while it lasts, so that the next run knows how it ended.
//!
//! Invariant: a run's process holds a lock on its marker, and removes the marker at a clean end. A marker that can be
//! locked belongs to a run that ended uncleanly; it stays until the owner was told. Several processes may share the
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

use super::file_identity::FileIdentity;

/// Prefix of a marker's file name. The run's id follows.
const RUNNING_PREFIX: &str = "run-";
/// Prefix after a later run has seen that this run ended uncleanly.
const SEEN_PREFIX: &str = "broken-";
/// Number of dead runs reported at most, newest first.
const MAX_DEAD_RUNS: usize = 32;

/// The current run.
#[derive(Debug)]
pub(in crate::app) struct RunMarker {
    /// Random id of the run.
    pub(in crate::app) id: String,
    began: Millis,
    /// `None` if the marker could not be created.
    file: Option<MarkerFile>,
}

/// A run that ended uncleanly. While this value is held, no other process handles that run.
#[derive(Debug)]
pub(super) struct UncleanEnd {
    pub(super) id: String,
    pub(super) began: Millis,
    /// The task that ended the run; `None` if unknown.
    pub(super) failed_task: Option<String>,
    /// Whether no earlier run has seen this marker.
    pub(super) is_new: bool,
    file: MarkerFile,
}

#[derive(Debug)]
struct MarkerFile {
    path: PathBuf,
    file: File,
    identity: Option<FileIdentity>,
}

/// The contents of a marker.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Contents {
    began: i64,
    /// Identity of this marker file; `None` where its lock proves nothing.
    #[serde(rename = "is", default, skip_serializing_if = "Option::is_none")]
    identity: Option<FileIdentity>,
    #[serde(rename = "died", default, skip_serializing_if = "Option::is_none")]
    failed_task: Option<String>,
}

impl RunMarker {
    /// Begins a run and writes its marker.
    pub(in crate::app) fn begin(folder: &Path, now: Millis) -> Self {
        let id = format!("{:016x}", fastrand::u64(..));
        let file = match MarkerFile::create(folder, &id, now) {
            Ok(file) => Some(file),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                warn!(
                    error,
                    "cannot write the run marker to DATA_DIR: if this run is killed, the owner will not be told"
                );
                None
            }
        };
        Self { id, began: now, file }
    }

    /// Ends the run: removes the marker, or records the task that failed.
    pub(in crate::app) fn end(self, failed_task: Option<&'static str>) {
        let Some(mut file) = self.file else { return };
        let ended = match failed_task {
            None => fs::remove_file(&file.path),
            Some(task) => file.write(self.began, Some(task)),
        };
        if let Err(error) = ended {
            let error = &error as &dyn std::error::Error;
            warn!(error, "cannot record in DATA_DIR how this run ended");
        }
    }

    /// Whether a run has not ended, in any process.
    pub(in crate::app) fn is_running(folder: &Path, id: &str) -> bool {
        folder.join(format!("{RUNNING_PREFIX}{id}")).exists()
    }
}

impl UncleanEnd {
    /// Removes the marker, after the owner was told.
    pub(in crate::app) fn remove(self) {
        // If this fails, the owner is told again at the next start. Other components report a failing disk.
        let _reported_again = fs::remove_file(&self.file.path);
    }
}

/// The ids of killed runs that are certainly dead, newest first, up to a limit.
///
/// A process holds the lock on its marker until the kernel has closed its files. After that it can do nothing.
pub(in crate::app) fn dead_runs(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut dead: Vec<(i64, String)> =
        entries.flatten().filter_map(|entry| dead_run(folder, &entry.path())).collect();
    dead.sort_unstable_by(|one, other| other.cmp(one));
    dead.truncate(MAX_DEAD_RUNS);
    dead.into_iter().map(|(_, id)| id).collect()
}

/// The start time and id of a marker's run, if the marker proves the run's death. Changes nothing.
fn dead_run(folder: &Path, path: &Path) -> Option<(i64, String)> {
    let name = path.file_name()?.to_str()?;
    let id = name.strip_prefix(RUNNING_PREFIX).or_else(|| name.strip_prefix(SEEN_PREFIX))?;
    let mut file = File::open(path).ok()?;
    // A shared lock, so that several processes can look at once. A run that has seen the marker locks it until the
    // owner was told, so this attempt fails then.
    file.try_lock_shared().ok()?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).ok()?;
    let Contents { began, identity, failed_task } = serde_json::from_slice(&text).ok()?;
    // A run that ended by itself has released its leases, or had a reason not to.
    let is_proof =
        failed_task.is_none() && identity.is_some() && identity == FileIdentity::of(&file, folder);
    is_proof.then(|| (began, id.to_owned()))
}

impl MarkerFile {
    fn create(folder: &Path, id: &str, now: Millis) -> io::Result<Self> {
        make(folder)?;
        // The file has a hidden name until it is locked.
        let hidden = folder.join(format!(".{RUNNING_PREFIX}{id}"));
        let file = create(&hidden)?;
        file.try_lock()?;
        let identity = FileIdentity::of(&file, folder);
        let path = folder.join(format!("{RUNNING_PREFIX}{id}"));
        let mut marker = Self { path, file, identity };
        marker.write(now, None)?;
        fs::rename(&hidden, &marker.path)?;
        sync(folder)?;
        Ok(marker)
    }

    /// Writes the marker's contents. New contents are never shorter than the old ones, so they overwrite them
    /// completely.
    fn write(&mut self, began: Millis, failed_task: Option<&str>) -> io::Result<()> {
        let contents = Contents {
            began: began.0,
            identity: self.identity.clone(),
            failed_task: failed_task.map(str::to_owned),
        };
        self.file.rewind()?;
        self.file.write_all(&serde_json::to_vec(&contents)?)?;
        self.file.sync_all()
    }
}

/// The runs whose markers nobody locks any more, oldest first.
pub(super) fn unclean_ends(folder: &Path) -> Vec<UncleanEnd> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut ends: Vec<UncleanEnd> =
        entries.flatten().filter_map(|entry| take_over(folder, &entry.path())).collect();
    ends.sort_by_key(|run| run.began);
    ends
}

/// Takes over a marker: returns its run, if the file is a marker and nobody has locked it.
fn take_over(folder: &Path, path: &Path) -> Option<UncleanEnd> {
    let name = path.file_name()?.to_str()?;
    let is_new = name.starts_with(RUNNING_PREFIX);
    let id =
        name.strip_prefix(RUNNING_PREFIX).or_else(|| name.strip_prefix(SEEN_PREFIX))?.to_owned();
    let file = File::open(path).ok()?;
    file.try_lock().ok()?;
    let contents = serde_json::from_slice(&fs::read(path).ok()?);
    let Contents { began, identity, failed_task } = contents.unwrap_or_default();
    let now = FileIdentity::of(&file, folder);
    if identity.as_ref().zip(now.as_ref()).is_some_and(|(then, now)| now.is_copy_of(then)) {
        // A copy: its run may be alive. The processes on the original folder know.
        let _seen_again = fs::remove_file(path);
        return None;
    }
    let seen = folder.join(format!("{SEEN_PREFIX}{id}"));
    fs::rename(path, &seen).ok()?;
    let file = MarkerFile { path: seen, file, identity };
    Some(UncleanEnd { id, began: Millis(began), failed_task, is_new, file })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn an_unclean_end_is_found_until_it_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || (RunMarker::begin(folder.path(), NOW), unclean_ends(folder.path()));
        let (first, none) = begin();
        let (second, of_a_live_one) = begin();
        assert!(none.is_empty() && of_a_live_one.is_empty());
        assert!(RunMarker::is_running(folder.path(), &second.id));
        first.end(None);
        let killed = second.id.clone();
        drop(second);

        let (third, mut found) = begin();
        let (fourth, taken_over_already) = begin();
        assert!(taken_over_already.is_empty());
        fourth.end(None);
        let found = found.remove(0);
        assert_eq!((&found.id, found.began, found.is_new), (&killed, NOW, true));
        assert_eq!(found.failed_task, None);
        drop(found);
        third.end(Some("sender"));

        let (fifth, found) = begin();
        let mut failed: Vec<_> =
            found.iter().map(|run| (run.is_new, run.failed_task.as_deref())).collect();
        // Both runs began at the same time.
        failed.sort_unstable();
        assert_eq!(failed, [(false, None), (true, Some("sender"))]);
        found.into_iter().for_each(UncleanEnd::remove);
        fifth.end(None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_unreadable_marker_is_an_unclean_end_but_proves_no_death() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("run-7"), "{").unwrap();
        // The format of earlier releases.
        fs::write(folder.path().join("run-8"), r#"{"began":1}"#).unwrap();
        assert!(dead_runs(folder.path()).is_empty());
        let found = unclean_ends(folder.path());
        assert_eq!((found[0].id.as_str(), found[0].began), ("7", Millis(0)));
    }

    #[test]
    fn only_killed_runs_are_dead() {
        let folder = tempfile::tempdir().unwrap();
        let begin = |at| RunMarker::begin(folder.path(), Millis(at));
        let (alive, early, late, failed) = (begin(1), begin(2), begin(3), begin(4));
        let killed = [late.id.clone(), early.id.clone()];
        assert!(dead_runs(folder.path()).is_empty(), "all of them live");
        drop((early, late));
        failed.end(Some("sender"));
        assert_eq!(dead_runs(folder.path()), killed, "the newest first");
        let found = unclean_ends(folder.path());
        assert!(dead_runs(folder.path()).is_empty(), "another run has taken them over");
        drop(found);
        assert_eq!(dead_runs(folder.path()), killed);
        alive.end(None);
    }

    #[test]
    fn a_copied_marker_or_one_of_another_boot_proves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunMarker::begin(folder.path(), NOW);
        let copied = tempfile::tempdir().unwrap();
        let name = format!("{RUNNING_PREFIX}{}", run.id);
        fs::copy(folder.path().join(&name), copied.path().join(&name)).unwrap();
        assert!(dead_runs(copied.path()).is_empty(), "its run lives");
        assert!(unclean_ends(copied.path()).is_empty(), "and is not reported as ended");
        drop(run);
        fs::copy(folder.path().join(&name), copied.path().join(&name)).unwrap();
        assert!(dead_runs(copied.path()).is_empty());
        let marker = folder.path().join(&name);
        let text = fs::read_to_string(&marker).unwrap();
        let mut other: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (field, value) in
            [("boot", "another".into()), ("device", 1.into()), ("inode", 1.into())]
        {
            let before = std::mem::replace(&mut other["is"][field], value);
            // Overwritten in place, so the file keeps its identity.
            fs::write(&marker, other.to_string()).unwrap();
            assert!(dead_runs(folder.path()).is_empty(), "another {field}");
            other["is"][field] = before;
        }
        fs::write(&marker, other.to_string()).unwrap();
        assert_eq!(dead_runs(folder.path()).len(), 1, "the original contents prove it");
    }
}
