//! A terminal of its own for a program: what it shows, and what is typed.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Child, Command, ExitStatus},
    sync::{Arc, Mutex},
    time::Duration,
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, tcgetattr},
};

/// Time limit of every wait.
const PATIENCE: Duration = Duration::from_mins(1);

/// A program at a terminal. It is killed with the test.
pub(crate) struct AtTerminal {
    child: Child,
    keyboard: File,
    /// Kept open, so that the terminal outlives the program.
    screen: File,
    shown: Arc<Mutex<Vec<u8>>>,
    /// Bytes that earlier expectations have passed.
    passed: usize,
}

impl AtTerminal {
    pub(crate) fn start(command: &mut Command) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let screen = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        for_all_streams(command, &screen);
        let child = command.spawn().unwrap();
        let keyboard = File::from(keyboard);
        let shown = Arc::<Mutex<Vec<u8>>>::default();
        let (mut from, into) = (keyboard.try_clone().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut part) {
                into.lock().unwrap().extend(&part[..read]);
            }
        });
        Self { child, keyboard, screen, shown, passed: 0 }
    }

    /// Everything that was shown so far.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).replace("\r\n", "\n")
    }

    /// Waits until this is shown, after what was expected before.
    pub(crate) async fn sees(&mut self, expected: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown()[self.passed..].find(expected) {
                self.passed += at + expected.len();
                return;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "never shown: {expected}\n{}",
                self.shown()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The rest of the line behind this.
    pub(crate) async fn sees_after(&mut self, expected: &str) -> String {
        self.sees(expected).await;
        let from = self.passed;
        self.sees("\n").await;
        self.shown()[from..self.passed].trim().to_owned()
    }

    pub(crate) fn types(&mut self, line: &str) {
        writeln!(self.keyboard, "{line}").unwrap();
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.screen).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Sends a signal, as the terminal does for Ctrl-C.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Waits until the program has ended.
    pub(crate) async fn ends(&mut self) -> ExitStatus {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(tokio::time::Instant::now() < deadline, "it does not end\n{}", self.shown());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn for_all_streams(command: &mut Command, screen: &File) {
    command
        .stdin(screen.try_clone().unwrap())
        .stdout(screen.try_clone().unwrap())
        .stderr(screen.try_clone().unwrap());
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
