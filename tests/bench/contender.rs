//! A process under measurement: started, watched, killed.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use support_bot::simulator::{Group, Simulator};

/// A running program.
pub(crate) struct Contender(Child);

/// Whose figures they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// This program.
    Ours,
    /// This program, with updates pushed to it.
    Pushed,
    /// The bare loop.
    Bare,
}

impl Contender {
    /// Starts a contender at this Telegram; ours keeps its store in `folder`.
    pub(crate) fn start(who: Who, telegram: &Simulator, group: &Group, folder: &Path) -> Self {
        let (url, id) = (telegram.url(), group.id().to_string());
        let mut command = match who {
            Who::Bare => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.args(["--bare-loop", &url, &id]).env("TELOXIDE_TOKEN", telegram.token());
                command
            }
            Who::Ours | Who::Pushed => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_support-bot"));
                command
                    .current_dir(folder)
                    .env("BOT_TOKEN", telegram.token())
                    .env("BOT_DEV_ID", "1")
                    .env("BOT_GROUP_ID", &id)
                    .env("BOT_API_URL", &url)
                    .env("DATA_DIR", folder)
                    .env("OPS_PORT", "0")
                    .env("RUST_LOG", "error")
                    .env("PACE_OVERALL_PER_SECOND", "0")
                    .env("PACE_PRIVATE_PER_SECOND", "0")
                    .env("PACE_GROUP_PER_MINUTE", "0");
                if who == Who::Pushed {
                    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
                    command
                        .env("WEBHOOK_ENABLED", "true")
                        .env("WEBHOOK_URL", format!("http://{free}"))
                        .env("WEBHOOK_MAX_CONNECTIONS", "100")
                        .env("WEBAPP_HOST", "127.0.0.1")
                        .env("WEBAPP_PORT", free.port().to_string());
                }
                command
            }
        };
        Self(command.stdout(Stdio::null()).spawn().unwrap())
    }

    /// Processor time spent so far, in user and kernel.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        // The second field is the name in brackets; utime and stime are the 14th and 15th, in
        // hundredths of a second (proc_pid_stat(5); USER_HZ is 100 on Linux).
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
