//! Crash files: reports of panics and standstills on disk, for notices to the owner and for debugging.
//!
//! Invariant: a file that has its final name is complete and on disk. It contains source locations, closed words and
//! our own sentences, never the panic's message. Writing a file never panics, and errors are ignored.

use std::{
    backtrace::Backtrace,
    fs::{self, DirBuilder, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::telemetry::{
    REVISION, Stale, VERSION,
    crashes::{
        frames::{self, Frame},
        threads,
    },
    logging::ring,
    registry::labels::Task,
};

/// Number of crash files to keep. The oldest are removed.
const CAPACITY: usize = 20;
/// Minimum interval between two files for the same panic: one update may panic many times a second.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(1);
/// Suffix of a file that the owner was not told of yet.
const NEW: &str = ".json";
/// Suffix of a file that the owner was told of.
const NOTIFIED: &str = ".told.json";

/// A time, as a number and as a part of a file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the epoch.
    pub millis: i64,
    /// The name. Later times sort after earlier ones.
    pub name: String,
}

/// Writes the crash files of one run of the program.
pub struct CrashFiles {
    folder: PathBuf,
    run: String,
    clock: Box<dyn Fn() -> Moment + Send + Sync>,
    /// Numbers given to file names, so that two panics of one millisecond have a file each.
    named: AtomicUsize,
    written: AtomicUsize,
    /// Recent panics, so that the same one is not written again at once.
    lately: Mutex<Vec<(String, Task, Instant)>>,
}

/// A panic or a standstill, as read from its crash file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crash {
    /// The run of the program in which it happened.
    pub run: String,
    /// The time, in milliseconds since the epoch.
    pub at: i64,
    /// File and line in our source; empty for a standstill.
    pub place: String,
    /// The task that panicked, or the loop that stood still.
    pub task: String,
    /// For how many seconds the loop stood still; `None` for a panic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stood_still: Option<u64>,
}

/// The contents of a crash file.
#[derive(Debug, Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    crash: &'a Crash,
    version: &'static str,
    revision: &'static str,
    /// Our own functions on the stack, innermost first.
    frames: Vec<Frame>,
    /// The threads of the process, at a standstill: which of them run, wait, or wait for a disk.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    threads: Vec<String>,
    /// The last warnings and errors before it.
    log: Vec<ring::Record>,
}

impl CrashFiles {
    /// Creates a writer for one run. The folder is created on first use.
    pub fn new(
        folder: PathBuf,
        run: String,
        clock: impl Fn() -> Moment + Send + Sync + 'static,
    ) -> Self {
        let (named, written) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { folder, run, clock: Box::new(clock), named, written, lately: Mutex::default() }
    }

    /// Number of files written so far.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes a crash file, unless the same panic was written recently. Errors of the disk are ignored: nothing could
    /// be done about them here.
    pub(in crate::telemetry) fn write(&self, file: &str, line: u32, task: Task) {
        let place = format!("{file}:{line}");
        if !self.is_new(&place, task) {
            return;
        }
        let frames = frames::own_frames(&Backtrace::force_capture().to_string());
        // If a library panics, the innermost function of our own is the place. Our own sources have relative paths.
        let outside = Path::new(file).is_absolute();
        let ours = frames.first().filter(|_| outside).map(|frame| frame.place.clone());
        let crash = |run, at| {
            let (place, task) = (ours.unwrap_or(place), task.to_string());
            Crash { run, at, place, task, stood_still: None }
        };
        self.write_page(crash, frames, Vec::new());
    }

    /// Writes the crash file of a loop that stands still. Errors of the disk are ignored.
    pub fn write_standstill(&self, still: Stale) {
        let crash = |run, at| {
            let (task, stood_still) = (still.task.to_string(), Some(still.age.as_secs()));
            Crash { run, at, place: String::new(), task, stood_still }
        };
        self.write_page(crash, Vec::new(), threads::states());
    }

    fn write_page(
        &self,
        crash: impl FnOnce(String, i64) -> Crash,
        frames: Vec<Frame>,
        threads: Vec<String>,
    ) {
        let Moment { millis, name } = (self.clock)();
        let crash = crash(self.run.clone(), millis);
        let (version, revision, log) = (VERSION, REVISION, ring::records());
        let page = Page { crash: &crash, version, revision, frames, threads, log };
        let number = self.named.fetch_add(1, Ordering::Relaxed) + 1;
        let name = format!("{name}-{}-{number}", self.run);
        if self.store(&name, &page).is_ok() {
            self.written.fetch_add(1, Ordering::Relaxed);
            let _tidied = prune(&self.folder);
        }
    }

    /// Whether the panic needs a file. A panic must not wait for the lock: if it is held, the answer is yes.
    fn is_new(&self, place: &str, task: Task) -> bool {
        let Ok(mut lately) = self.lately.try_lock() else { return true };
        lately.retain(|(_, _, at)| at.elapsed() < DUPLICATE_WINDOW);
        let known = lately.iter().any(|(known, by, _)| known == place && *by == task);
        if !known {
            lately.push((place.to_owned(), task, Instant::now()));
        }
        !known
    }

    fn store(&self, name: &str, page: &Page<'_>) -> io::Result<()> {
        make(&self.folder)?;
        let hidden = self.folder.join(format!(".{name}.new"));
        let mut file = create(&hidden)?;
        file.write_all(&serde_json::to_vec_pretty(page)?)?;
        file.sync_all()?;
        fs::rename(&hidden, self.folder.join(format!("{name}{NEW}")))?;
        let _power_cuts_only = sync(&self.folder);
        Ok(())
    }
}

impl std::fmt::Debug for CrashFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let written = self.written();
        f.debug_struct("CrashFiles").field("written", &written).finish_non_exhaustive()
    }
}

/// Panics and standstills that the owner was not told of yet, with their files, oldest first. Unreadable files are left out.
pub fn untold(folder: &Path) -> Vec<(PathBuf, Crash)> {
    let told = |path: &PathBuf| path.to_string_lossy().ends_with(NOTIFIED);
    let read = |path: PathBuf| {
        let crash = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        Some((path, crash))
    };
    files(folder).into_iter().filter(|path| !told(path)).filter_map(read).collect()
}

/// Renames the file of a panic that the owner was told of, so that it is reported only once. Returns the new path.
pub fn mark_told(file: &Path) -> io::Result<PathBuf> {
    let told = told_name(file);
    fs::rename(file, &told)?;
    Ok(told)
}

/// The path of a file after the owner was told of it.
pub fn told_name(file: &Path) -> PathBuf {
    file.with_extension(NOTIFIED.trim_start_matches('.'))
}

/// Creates a folder that only the program's user can access.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Creates a file that only the program's user can access.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Syncs a folder, so that the names in it survive a power failure.
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The crash files in a folder, oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(|first: char| first.is_ascii_digit()) && name.ends_with(NEW)
    };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(ours).collect();
    files.sort();
    files
}

fn prune(folder: &Path) -> io::Result<()> {
    let files = files(folder);
    let spare = files.len().saturating_sub(CAPACITY);
    files.iter().take(spare).try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn panics_of_one_millisecond_have_a_file_each() {
        let folder = tempfile::tempdir().unwrap();
        let moment = || Moment { millis: 1, name: "1".to_owned() };
        let crashes = CrashFiles::new(folder.path().to_owned(), "run".to_owned(), moment);
        let together = Barrier::new(8);
        std::thread::scope(|scope| {
            for line in 1..=8 {
                let (crashes, together) = (&crashes, &together);
                scope.spawn(move || {
                    together.wait();
                    crashes.write("src/desk.rs", line, Task::Other);
                });
            }
        });
        let mut places: Vec<_> =
            untold(folder.path()).into_iter().map(|(_, crash)| crash.place).collect();
        places.sort();
        assert_eq!(places, (1..=8).map(|line| format!("src/desk.rs:{line}")).collect::<Vec<_>>());
        assert_eq!(crashes.written(), 8);
    }
}
