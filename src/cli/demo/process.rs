//! The desk as a process of its own, which the demo can kill.
//!
//! Invariant: the process ends with the demo, however the demo ends, so a `kill -9` of the demo too.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{self, Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, getppid, kill_process};

/// The option that makes this program the desk of a demo, whose process id follows. It is hidden.
const DESK: &str = "--desk";

/// Time limit of an orderly stop.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// Interval at which a process that is to stop is looked at.
const STOP_CHECK: Duration = Duration::from_millis(20);

/// What is needed to start the desk: its settings, and the file that its log goes to.
#[derive(Debug)]
pub(super) struct Launcher {
    variables: BTreeMap<String, String>,
    folder: PathBuf,
    log: PathBuf,
}

/// A desk that runs. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Launcher {
    /// Starts desks with these settings alone, in a folder without a file `.env`, where their log is kept.
    pub(super) fn new(variables: BTreeMap<String, String>, folder: &Path) -> Self {
        Self { variables, folder: folder.to_owned(), log: folder.join("desk.log") }
    }

    /// Starts a desk. It must be called by the main thread: the process ends with the thread that has started it.
    pub(super) fn start(&self) -> io::Result<Process> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(env::current_exe()?);
        command.args(["demo", DESK, &process::id().to_string()]);
        command.env_clear().envs(&self.variables).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // Ctrl-C is for the demo, which drains the desk before it stops it.
        Ok(Process(command.process_group(0).spawn()?))
    }

    /// The last line of the log.
    pub(super) fn last_words(&self) -> Option<String> {
        fs::read_to_string(&self.log).ok()?.lines().last().map(str::to_owned)
    }
}

/// Becomes the desk of the demo with this process id: the process is replaced by `support-bot run`, and keeps its own id.
pub(super) fn become_desk(demo: i32) -> anyhow::Result<ExitCode> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .context("the desk cannot be made to end with the demo")?;
    // The demo may have ended before this process asked for the signal.
    anyhow::ensure!(getppid() == Pid::from_raw(demo), "the demo has ended");
    let failed = Command::new(env::current_exe()?).arg("run").exec();
    Err(failed).context("the desk cannot be started")
}

impl Process {
    /// The process id.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub(super) fn kill(&mut self) {
        // Both fail only if it is gone already.
        drop(self.0.kill());
        drop(self.0.wait());
    }

    /// Asks it to stop, and kills it if it does not within a time limit.
    pub(super) async fn stop(mut self) {
        let Ok(()) = kill_process(Pid::from_child(&self.0), Signal::TERM) else { return };
        let begun = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && begun.elapsed() < STOP_LIMIT {
            tokio::time::sleep(STOP_CHECK).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
