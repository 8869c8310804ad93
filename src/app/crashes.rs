//! Panics and abnormal ends of runs that the owner must be told of.
//!
//! Invariant: each is told once. If a run survives a panic, that run tells of it after a moment; otherwise the next
//! run does.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::telemetry::{
    crashes::{Crash, CrashFiles, Moment, mark_told, told_name, untold},
    panics,
};
use domain::{Millis, Notice, Panic};
use ports::Clock;

use super::run_marker::{RunMarker, UncleanEnd, broken};

/// How long a run must survive a panic before it tells of it: until then the panic may be ending the run.
const OUTLIVED: Duration = Duration::from_secs(5);

/// Panics and ended runs that are still to be told.
#[derive(Debug)]
pub(super) struct Crashes {
    folder: PathBuf,
    files: Arc<CrashFiles>,
    run: String,
    /// Reports left by earlier runs, oldest first.
    left: Vec<ToTell>,
    /// The runs that did not end in order and that no other has seen.
    new: Vec<String>,
    /// How many panics of this run are told.
    told: usize,
}

/// A notice, and the files to tidy up once it was sent.
#[derive(Debug)]
pub(super) struct ToTell {
    pub(super) notice: Notice,
    files: Vec<PathBuf>,
    run: Option<UncleanEnd>,
    /// Whether it belongs to this run.
    is_own: bool,
}

impl Crashes {
    /// The folder of crash files, and of the marks of runs, in that of the store.
    pub(super) fn folder(store: &Path) -> PathBuf {
        store.join("crashes")
    }

    /// Looks at what runs before this one have left, and has its panics written down.
    pub(super) fn of(run: &RunMarker, folder: PathBuf, clock: &Arc<dyn Clock>) -> Self {
        let broken = broken(&folder);
        let new = broken.iter().filter(|run| run.is_new).map(|run| run.id.clone()).collect();
        let left = left(&folder, broken);
        let clock = Arc::clone(clock);
        let now = move || {
            let now = clock.now();
            Moment { millis: now.0, name: now.stamp() }
        };
        let files = Arc::new(CrashFiles::new(folder.clone(), run.id.clone(), now));
        panics::write_to(Arc::clone(&files));
        Self { folder, files, run: run.id.clone(), left, new, told: 0 }
    }

    /// The runs that did not end in order and that no other has seen.
    pub(super) fn new_runs(&self) -> &[String] {
        &self.new
    }

    /// Takes the reports left by earlier runs, oldest first.
    pub(super) fn left(&mut self) -> Vec<ToTell> {
        std::mem::take(&mut self.left)
    }

    /// The next panic of this run that is due to be told.
    pub(super) fn next(&self, now: Millis) -> Option<ToTell> {
        if self.files.written() <= self.told {
            return None;
        }
        let due = |crash: &Crash| crash.run == self.run && now.since(Millis(crash.at)) >= OUTLIVED;
        let (file, crash) = untold(&self.folder).into_iter().find(|(_, crash)| due(crash))?;
        let notice = Notice::Panicked(panic(&file, &crash));
        Some(ToTell { notice, files: vec![file], run: None, is_own: true })
    }

    /// The notice was sent, or was held back to be summarized with others of its kind.
    pub(super) fn told(&mut self, what: ToTell) {
        self.told += usize::from(what.is_own);
        for file in &what.files {
            // Otherwise it would be told again at the next start. Other components report a failing disk.
            let _told_again = mark_told(file);
        }
        what.run.into_iter().for_each(UncleanEnd::forget);
    }
}

/// The runs that ended abnormally, each with its last panic, and panics of other runs that have ended.
fn left(folder: &Path, broken: Vec<UncleanEnd>) -> Vec<ToTell> {
    let mut untold = untold(folder);
    let mut left = Vec::new();
    for run in broken {
        let panics: Vec<_> = untold.extract_if(.., |(_, crash)| crash.run == run.id).collect();
        let notice = match (panics.last(), &run.died) {
            (Some((file, crash)), _) => Notice::Crashed(panic(file, crash)),
            (None, Some(task)) => Notice::Ended { began: run.began, task: task.clone() },
            (None, None) => Notice::Killed { began: run.began },
        };
        let files = panics.into_iter().map(|(file, _)| file).collect();
        left.push(ToTell { notice, files, run: Some(run), is_own: false });
    }
    untold.retain(|(_, crash)| !RunMarker::goes_on(folder, &crash.run));
    left.extend(untold.into_iter().map(|(file, crash)| ToTell {
        notice: Notice::Panicked(panic(&file, &crash)),
        files: vec![file],
        run: None,
        is_own: false,
    }));
    left
}

/// The notice of a panic. It includes the name that the crash file gets once it was told.
fn panic(file: &Path, crash: &Crash) -> Panic {
    let name = told_name(file).file_name().map(|name| name.to_string_lossy().into_owned());
    Panic {
        line: crash.place.clone(),
        task: crash.task.clone(),
        at: Millis(crash.at),
        file: name.unwrap_or_default(),
    }
}
