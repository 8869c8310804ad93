//! Finds panics and abnormal ends of runs, so that the owner is told of each once.
//!
//! Invariant: if a run survives a panic, that run reports it after a delay; otherwise the next run does.

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

/// Delay before a run reports its own panic. Until then, the panic may still be ending the run.
const OUTLIVED: Duration = Duration::from_secs(5);

/// Panics and abnormal ends that are not reported yet.
#[derive(Debug)]
pub(in crate::app) struct Crashes {
    folder: PathBuf,
    files: Arc<CrashFiles>,
    run: String,
    /// Reports left by earlier runs, oldest first.
    left: Vec<ToTell>,
    /// Ids of runs that ended abnormally and that no other run has seen.
    new: Vec<String>,
    /// Panics of this run that have been reported.
    told: usize,
}

/// A notice, and the files to clean up after it was sent.
#[derive(Debug)]
pub(in crate::app) struct ToTell {
    pub(in crate::app) notice: Notice,
    files: Vec<PathBuf>,
    run: Option<UncleanEnd>,
    /// Whether it is a panic of this run.
    is_own: bool,
}

impl Crashes {
    /// The folder for crash files and run markers, inside the store's folder.
    pub(in crate::app) fn folder(store: &Path) -> PathBuf {
        store.join("crashes")
    }

    /// Collects the reports of earlier runs, and starts writing crash files for this run's panics.
    pub(in crate::app) fn of(run: &RunMarker, folder: PathBuf, clock: &Arc<dyn Clock>) -> Self {
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

    /// Ids of runs that ended abnormally and that no other run has seen.
    pub(in crate::app) fn new_runs(&self) -> &[String] {
        &self.new
    }

    /// Takes the reports left by earlier runs, oldest first.
    pub(in crate::app) fn left(&mut self) -> Vec<ToTell> {
        std::mem::take(&mut self.left)
    }

    /// The next panic of this run whose delay is over.
    pub(in crate::app) fn next(&self, now: Millis) -> Option<ToTell> {
        if self.files.written() <= self.told {
            return None;
        }
        let due = |crash: &Crash| crash.run == self.run && now.since(Millis(crash.at)) >= OUTLIVED;
        let (file, crash) = untold(&self.folder).into_iter().find(|(_, crash)| due(crash))?;
        let notice = Notice::Panicked(panic(&file, &crash));
        Some(ToTell { notice, files: vec![file], run: None, is_own: true })
    }

    /// Marks a notice as reported: it was sent, or held back for a summary.
    pub(in crate::app) fn told(&mut self, what: ToTell) {
        self.told += usize::from(what.is_own);
        for file in &what.files {
            // If this fails, the owner is told again at the next start. Other components report a failing disk.
            let _told_again = mark_told(file);
        }
        what.run.into_iter().for_each(UncleanEnd::forget);
    }
}

/// Runs that ended abnormally, each with its last panic, and further panics of runs that have ended.
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

/// The notice of a panic. It names the crash file as it is called after the report.
fn panic(file: &Path, crash: &Crash) -> Panic {
    let name = told_name(file).file_name().map(|name| name.to_string_lossy().into_owned());
    Panic {
        line: crash.place.clone(),
        task: crash.task.clone(),
        at: Millis(crash.at),
        file: name.unwrap_or_default(),
    }
}
