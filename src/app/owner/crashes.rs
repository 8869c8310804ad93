//! Finds panics and unclean ends of runs, so that the owner is told of each once.
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

use super::run_marker::{RunMarker, UncleanEnd, unclean_ends};

/// Delay before a run reports its own panic. Until then, the panic may still be ending the run.
const REPORT_DELAY: Duration = Duration::from_secs(5);

/// Panics and unclean ends that are not reported yet.
#[derive(Debug)]
pub(in crate::app) struct Crashes {
    folder: PathBuf,
    files: Arc<CrashFiles>,
    run: String,
    /// Reports left by earlier runs, oldest first.
    earlier: Vec<CrashReport>,
    /// Ids of runs that ended uncleanly and that no other run has seen.
    new_runs: Vec<String>,
    /// Number of this run's panics that have been reported.
    reported: usize,
}

/// A notice, and the files to clean up after it was sent.
#[derive(Debug)]
pub(super) struct CrashReport {
    pub(super) notice: Notice,
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
    pub(in crate::app) fn collect(
        run: &RunMarker,
        folder: PathBuf,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let ends = unclean_ends(&folder);
        let new_runs = ends.iter().filter(|run| run.is_new).map(|run| run.id.clone()).collect();
        let earlier = reports(&folder, ends);
        let clock = Arc::clone(clock);
        let now = move || {
            let now = clock.now();
            Moment { millis: now.0, name: now.stamp() }
        };
        let files = Arc::new(CrashFiles::new(folder.clone(), run.id.clone(), now));
        panics::write_to(Arc::clone(&files));
        Self { folder, files, run: run.id.clone(), earlier, new_runs, reported: 0 }
    }

    /// The writer of this run's crash files.
    pub(in crate::app) fn files(&self) -> Arc<CrashFiles> {
        Arc::clone(&self.files)
    }

    /// Ids of runs that ended uncleanly and that no other run has seen.
    pub(in crate::app) fn new_runs(&self) -> &[String] {
        &self.new_runs
    }

    /// Takes the reports left by earlier runs, oldest first.
    pub(super) fn take_earlier(&mut self) -> Vec<CrashReport> {
        std::mem::take(&mut self.earlier)
    }

    /// The next panic of this run whose delay is over.
    pub(super) fn next_due(&self, now: Millis) -> Option<CrashReport> {
        if self.files.written() <= self.reported {
            return None;
        }
        let due =
            |crash: &Crash| crash.run == self.run && now.since(Millis(crash.at)) >= REPORT_DELAY;
        let (file, crash) = untold(&self.folder).into_iter().find(|(_, crash)| due(crash))?;
        let notice = notice_of(&file, &crash, true);
        Some(CrashReport { notice, files: vec![file], run: None, is_own: true })
    }

    /// Marks a notice as reported: it was sent, or held back for a summary.
    pub(super) fn mark_reported(&mut self, report: CrashReport) {
        self.reported += usize::from(report.is_own);
        for file in &report.files {
            // If this fails, the owner is told again at the next start. Other components report a failing disk.
            let _reported_again = mark_told(file);
        }
        report.run.into_iter().for_each(UncleanEnd::remove);
    }
}

/// Runs that ended uncleanly, each with its last panic, and further panics of runs that have ended.
fn reports(folder: &Path, ends: Vec<UncleanEnd>) -> Vec<CrashReport> {
    let mut untold = untold(folder);
    let mut reports = Vec::new();
    for run in ends {
        let panics: Vec<_> = untold.extract_if(.., |(_, crash)| crash.run == run.id).collect();
        let notice = match (panics.last(), &run.failed_task) {
            (Some((file, crash)), _) => notice_of(file, crash, false),
            (None, Some(task)) => Notice::Ended { began: run.began, task: task.clone() },
            (None, None) => Notice::Killed { began: run.began },
        };
        let files = panics.into_iter().map(|(file, _)| file).collect();
        reports.push(CrashReport { notice, files, run: Some(run), is_own: false });
    }
    untold.retain(|(_, crash)| !RunMarker::is_running(folder, &crash.run));
    reports.extend(untold.into_iter().map(|(file, crash)| CrashReport {
        notice: notice_of(&file, &crash, true),
        files: vec![file],
        run: None,
        is_own: false,
    }));
    reports
}

/// The notice of a crash file: of a standstill, or of a panic that was `caught` or not.
fn notice_of(file: &Path, crash: &Crash, caught: bool) -> Notice {
    let panic = panic_of(file, crash);
    match (crash.stood_still, caught) {
        (Some(_seconds), _) => {
            let Panic { task, at, file, .. } = panic;
            Notice::StoodStill { task, at, file }
        }
        (None, true) => Notice::Panicked(panic),
        (None, false) => Notice::Crashed(panic),
    }
}

/// The notice of a panic. It names the crash file as it is called after the report.
fn panic_of(file: &Path, crash: &Crash) -> Panic {
    let name = told_name(file).file_name().map(|name| name.to_string_lossy().into_owned());
    Panic {
        line: crash.place.clone(),
        task: crash.task.clone(),
        at: Millis(crash.at),
        file: name.unwrap_or_default(),
    }
}
