//! Crash files: what a panic leaves on disk, for the owner to hear of and for whoever mends it.
//!
//! Invariant: a file is on disk and whole once it has its name. It holds places of the source, closed words and
//! sentences of ours, and nothing of what the panic said. Writing one never panics and never fails loudly.

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
    REVISION, VERSION,
    frames::{self, Frame},
    labels::Task,
    recent,
};

/// So many are kept, the newest ones.
const KEPT: usize = 20;
/// The same panic is written down again after this: one update may panic many times a second.
const SAME: Duration = Duration::from_mins(1);
/// What the name of a file ends with.
const NEW: &str = ".json";
/// The same, once it was told.
const TOLD: &str = ".told.json";

/// A moment: in milliseconds since the epoch, and as names of files have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Since the epoch.
    pub millis: i64,
    /// Later moments have greater names.
    pub name: String,
}

/// Where one run of the program writes its crash files.
pub struct CrashFiles {
    folder: PathBuf,
    run: String,
    clock: Box<dyn Fn() -> Moment + Send + Sync>,
    written: AtomicUsize,
    /// What was written down lately.
    lately: Mutex<Vec<(String, Task, Instant)>>,
}

/// A panic that was written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crash {
    /// The run of the program that it happened in.
    pub run: String,
    /// When, in milliseconds since the epoch.
    pub at: i64,
    /// File and line of our source.
    pub place: String,
    /// What was at work.
    pub task: String,
}

/// A panic, as its file holds it.
#[derive(Debug, Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    crash: &'a Crash,
    version: &'static str,
    revision: &'static str,
    /// The functions of ours that were at work, the innermost first.
    frames: Vec<Frame>,
    /// The last warnings and errors before it.
    log: Vec<recent::Record>,
}

impl CrashFiles {
    /// For one run, in a folder that is made when it is needed.
    pub fn new(
        folder: PathBuf,
        run: String,
        clock: impl Fn() -> Moment + Send + Sync + 'static,
    ) -> Self {
        let (written, lately) = (AtomicUsize::new(0), Mutex::default());
        Self { folder, run, clock: Box::new(clock), written, lately }
    }

    /// How many were written so far.
    pub fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    /// Writes down a panic at this place, unless the same was written down a moment ago. A disk that fails is
    /// nothing that could be mended here.
    pub(in crate::telemetry) fn write(&self, file: &str, line: u32, task: Task) {
        let place = format!("{file}:{line}");
        if !self.is_new(&place, task) {
            return;
        }
        let frames = frames::of_ours(&Backtrace::force_capture().to_string());
        // A library that panics is called from a place of ours. Sources of ours have paths within the project.
        let outside = Path::new(file).is_absolute();
        let ours = frames.first().filter(|_| outside).map(|frame| frame.place.clone());
        let Moment { millis, name } = (self.clock)();
        let crash = Crash {
            run: self.run.clone(),
            at: millis,
            place: ours.unwrap_or(place),
            task: task.to_string(),
        };
        let (version, revision, log) = (VERSION, REVISION, recent::records());
        let page = Page { crash: &crash, version, revision, frames, log };
        let number = self.written.load(Ordering::Relaxed) + 1;
        let name = format!("{name}-{}-{number}", self.run);
        if self.store(&name, &page).is_ok() {
            self.written.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether it is worth a file. A panic must not wait: while another is looked at, it is.
    fn is_new(&self, place: &str, task: Task) -> bool {
        let Ok(mut lately) = self.lately.try_lock() else { return true };
        lately.retain(|(_, _, at)| at.elapsed() < SAME);
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
        sync(&self.folder)?;
        prune(&self.folder)
    }
}

impl std::fmt::Debug for CrashFiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let written = self.written();
        f.debug_struct("CrashFiles").field("written", &written).finish_non_exhaustive()
    }
}

/// The panics that nobody was told of yet, the oldest first, with their files. What makes no sense is left out.
pub fn untold(folder: &Path) -> Vec<(PathBuf, Crash)> {
    let told = |path: &PathBuf| path.to_string_lossy().ends_with(TOLD);
    let read = |path: PathBuf| {
        let crash = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        Some((path, crash))
    };
    files(folder).into_iter().filter(|path| !told(path)).filter_map(read).collect()
}

/// Gives the file of a panic that was told another name, so that it is told once. Returns it.
pub fn mark_told(file: &Path) -> io::Result<PathBuf> {
    let told = told_name(file);
    fs::rename(file, &told)?;
    Ok(told)
}

/// The name of a file once it is told.
pub fn told_name(file: &Path) -> PathBuf {
    file.with_extension(TOLD.trim_start_matches('.'))
}

/// Makes a folder for the program alone.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes a file for the program alone.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Has the disk remember the names in a folder.
pub fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The crash files of a folder, the oldest first.
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
    let spare = files.len().saturating_sub(KEPT);
    files.iter().take(spare).try_for_each(fs::remove_file)
}
