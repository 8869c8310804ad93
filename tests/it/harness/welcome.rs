//! A desk with a welcome, and a clock that a test can move forward.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use domain::Millis;
use ports::{Clock, SystemClock};

use super::{Desk, stores_in_redis};

/// The machine's clock plus an offset.
#[derive(Debug, Default)]
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Millis {
        Millis(SystemClock.now().0 + self.0.load(Ordering::Relaxed))
    }
}

impl Desk {
    /// Uses the example welcome. With the clock of Redis, which a test cannot move, its waits are shorter.
    pub(crate) fn use_example_welcome(&mut self) {
        let example = include_str!("../../../welcome/example.toml");
        let shorter = example.replace("\"35s\"", "\"1s\"").replace("\"43s\"", "\"2s\"");
        self.use_welcome(if stores_in_redis() { &shorter } else { example });
    }

    /// Uses this welcome, with the picture of the example.
    pub(crate) fn use_welcome(&mut self, scene: &str) {
        let file = write(self.folder(), scene);
        self.set("WELCOME_FILE", &file);
    }

    /// Moves the clock forward; the clock of Redis does not move.
    pub(crate) fn advance_clock(&self, time: Duration) {
        if !stores_in_redis() {
            let time = i64::try_from(time.as_millis()).unwrap();
            self.clock.0.fetch_add(time, Ordering::Relaxed);
        }
    }
}

/// Writes a welcome and its picture; returns the path.
pub(crate) fn write(folder: &Path, scene: &str) -> String {
    let folder = folder.join("welcome");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("example.png"), include_bytes!("../../../welcome/example.png")).unwrap();
    let file = folder.join("example.toml");
    fs::write(&file, scene).unwrap();
    file.display().to_string()
}
