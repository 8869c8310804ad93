//! Which panics, and which ends of runs, the owner is to hear of.
//!
//! Invariant: each is told once. A panic that the run outlives is told by that run, after a moment; what a run could not
//! tell any more is told by the next.

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

use super::runs::{Broken, Run, broken};

/// A panic is told when the run has outlived it for so long: until then it may be the end of the run.
const OUTLIVED: Duration = Duration::from_secs(5);

/// What is to be told.
#[derive(Debug)]
pub(super) struct Crashes {
    folder: PathBuf,
    files: Arc<CrashFiles>,
    run: String,
    /// What earlier runs have left, the oldest first.
    left: Vec<ToTell>,
    /// The runs that did not end in order and that no other has seen.
    new: Vec<String>,
    /// How many panics of this run are told.
    told: usize,
}

/// Something to tell, and what must be done once it is told.
#[derive(Debug)]
pub(super) struct ToTell {
    pub(super) notice: Notice,
    files: Vec<PathBuf>,
    run: Option<Broken>,
    /// It is of this run.
    is_own: bool,
}

impl Crashes {
    /// The folder of crash files, and of the marks of runs, in that of the store.
    pub(super) fn folder(store: &Path) -> PathBuf {
        store.join("crashes")
    }

    /// Looks at what runs before this one have left, and has its panics written down.
    pub(super) fn of(run: &Run, folder: PathBuf, clock: &Arc<dyn Clock>) -> Self {
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

    /// What earlier runs have left, the oldest first.
    pub(super) fn left(&mut self) -> Vec<ToTell> {
        std::mem::take(&mut self.left)
    }

    /// The next panic of this run that is to be told now.
    pub(super) fn next(&self, now: Millis) -> Option<ToTell> {
        if self.files.written() <= self.told {
            return None;
        }
        let due = |crash: &Crash| crash.run == self.run && now.since(Millis(crash.at)) >= OUTLIVED;
        let (file, crash) = untold(&self.folder).into_iter().find(|(_, crash)| due(crash))?;
        let notice = Notice::Panicked(panic(&file, &crash));
        Some(ToTell { notice, files: vec![file], run: None, is_own: true })
    }

    /// It was told, or will be with others of its kind.
    pub(super) fn told(&mut self, what: ToTell) {
        self.told += usize::from(what.is_own);
        for file in &what.files {
            // Under its old name it would be told again at the next start: of a disk that fails others tell.
            let _told_again = mark_told(file);
        }
        what.run.into_iter().for_each(Broken::forget);
    }
}

/// The runs that did not end in order, each with its last panic; and the panics of others that are over.
fn left(folder: &Path, broken: Vec<Broken>) -> Vec<ToTell> {
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
    untold.retain(|(_, crash)| !Run::goes_on(folder, &crash.run));
    left.extend(untold.into_iter().map(|(file, crash)| ToTell {
        notice: Notice::Panicked(panic(&file, &crash)),
        files: vec![file],
        run: None,
        is_own: false,
    }));
    left
}

/// A panic in words, with the name that its file has once it is told.
fn panic(file: &Path, crash: &Crash) -> Panic {
    let name = told_name(file).file_name().map(|name| name.to_string_lossy().into_owned());
    Panic {
        line: crash.place.clone(),
        task: crash.task.clone(),
        at: Millis(crash.at),
        file: name.unwrap_or_default(),
    }
}
