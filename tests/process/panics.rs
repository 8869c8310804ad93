//! The panic hook.

use std::{
    io::{self, Write},
    panic::AssertUnwindSafe,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use futures_util::FutureExt as _;
use support_bot::telemetry::{
    Label as _, Task, Telemetry,
    crashes::{CrashFiles, Moment, mark_told, untold},
    logging, panics,
};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_panic_is_counted_for_its_task_and_its_message_is_not_logged() {
    let _alone = crate::alone();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let lines = Lines::default();
    let writer = lines.clone();
    let pretty = logging::Format::Pretty;
    let subscriber =
        logging::subscriber(pretty, "info", telemetry.metrics(), move || writer.clone()).unwrap();
    let guard = tracing::subscriber::set_default(subscriber);

    let task = async { panic!("hello, I am Ada, +79161234567") };
    let task = panics::within(Task::Worker, telemetry.metrics().clone(), task);
    let ended = AssertUnwindSafe(task).catch_unwind().now_or_never().unwrap();

    drop(guard);
    assert!(ended.is_err());
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("panics.rs") && !text.contains("Ada"), "{text}");
    assert!(telemetry.render().contains("supportbot_panics_total{task=\"worker\"} 1"));
}

/// Makes the hook write panics into a folder, each one second later than the one before.
fn written_to(folder: &Path) -> Arc<CrashFiles> {
    let second = AtomicI64::new(0);
    let now = move || {
        let second = second.fetch_add(1, Ordering::Relaxed);
        Moment { millis: second * 1000, name: format!("2026-09-21T14-13-{second:02}-000Z") }
    };
    let files = Arc::new(CrashFiles::new(folder.to_owned(), "run".to_owned(), now));
    panics::write_to(Arc::clone(&files));
    files
}

/// Runs a function that panics inside a task.
fn panics_in(task: Task, telemetry: &Telemetry, panic: fn()) {
    let metrics = telemetry.metrics().clone();
    let work = panics::within(task, metrics, async move { panic() });
    assert!(AssertUnwindSafe(work).catch_unwind().now_or_never().unwrap().is_err());
}

#[test]
fn a_repeated_panic_has_one_crash_file_for_each_task() {
    let _alone = crate::alone();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let folder = tempfile::tempdir().unwrap();
    let files = written_to(&folder.path().join("crashes"));
    let poison: fn() = || panic!("hello, I am Ada, +79161234567");
    for _ in 0..100 {
        panics_in(Task::Worker, &telemetry, poison);
    }
    panics_in(Task::Sender, &telemetry, poison);
    assert_eq!(files.written(), 2);
    let found = untold(&folder.path().join("crashes"));
    let tasks: Vec<&str> = found.iter().map(|(_, crash)| crash.task.as_str()).collect();
    assert_eq!(tasks, ["worker", "sender"]);
    let (file, crash) = &found[0];
    assert!(crash.place.starts_with("tests/process/panics.rs:") && crash.at == 0, "{crash:?}");
    let page = std::fs::read_to_string(file).unwrap();
    assert!(!page.contains("Ada") && !page.contains("7916"), "{page}");
    let renamed = mark_told(file).unwrap();
    assert!(renamed.to_string_lossy().ends_with("-run-1.told.json"), "{renamed:?}");
    assert_eq!(untold(&folder.path().join("crashes")).len(), 1);
}

#[test]
fn the_newest_twenty_crash_files_are_kept_and_other_files_are_not_touched() {
    // Each panic needs a line of its own: the hook writes a place only once.
    fn one() {
        panic!("one")
    }
    fn two() {
        panic!("two")
    }
    fn three() {
        panic!("three")
    }
    fn four() {
        panic!("four")
    }
    let _alone = crate::alone();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("run-7"), "{}").unwrap();
    let files = written_to(folder.path());
    let places: [fn(); 4] = [one, two, three, four];
    for panic in places {
        for task in Task::ALL {
            panics_in(*task, &telemetry, panic);
        }
    }
    let all = places.len() * Task::ALL.len();
    assert!(all > 20 && files.written() == all, "{all}");
    let remaining = untold(folder.path());
    assert_eq!(remaining.len(), 20);
    assert_eq!(
        remaining[0].1.at,
        i64::try_from(all - 20).unwrap() * 1000,
        "the oldest files are gone"
    );
    assert!(folder.path().join("run-7").exists());
}
