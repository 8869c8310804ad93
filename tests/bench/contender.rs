//! A process under measurement: it is started, watched and killed.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::stage::Stage;

/// This program, as it was built with the bench.
pub(crate) const OURS: &str = env!("CARGO_BIN_EXE_support-bot");

/// Settings under which this program keeps to no limit.
pub(crate) const UNPACED: [(&str, &str); 3] = [
    ("PACE_OVERALL_PER_SECOND", "0"),
    ("PACE_PRIVATE_PER_SECOND", "0"),
    ("PACE_GROUP_PER_MINUTE", "0"),
];

/// A running program.
pub(crate) struct Contender {
    child: Child,
    /// Port of the program's operations server.
    ops: u16,
}

/// The kind of program under measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// This program, polling, with its store in SQLite.
    Ours,
    /// This program with a webhook.
    Pushed,
    /// This program, with its store in Redis.
    OnRedis,
    /// This program with its store in Redis and a webhook.
    PushedOnRedis,
    /// The bare loop.
    Bare,
}

impl Who {
    /// Whether Telegram pushes updates to it.
    pub(crate) fn is_pushed(self) -> bool {
        matches!(self, Self::Pushed | Self::PushedOnRedis)
    }

    /// Whether it keeps its store in Redis.
    pub(crate) fn is_on_redis(self) -> bool {
        matches!(self, Self::OnRedis | Self::PushedOnRedis)
    }
}

impl Contender {
    /// Starts a contender on a stage. This program keeps its store in the stage's folder or in its Redis.
    pub(crate) fn start(who: Who, stage: &Stage) -> Self {
        Self::start_in(who, stage, stage.folder.path())
    }

    /// Starts a contender with a folder of its own.
    pub(crate) fn start_in(who: Who, stage: &Stage, folder: &Path) -> Self {
        if who != Who::Bare {
            return Self::start_build(Path::new(OURS), who, stage, folder, &UNPACED);
        }
        let telegram = &stage.telegram;
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--bare-loop", &telegram.url(), &stage.group.id().to_string()])
            .env("TELOXIDE_TOKEN", telegram.token());
        Self::spawn(command, free())
    }

    /// Starts a build of this program with these settings in addition to those that the stage demands.
    pub(crate) fn start_build(
        build: &Path,
        who: Who,
        stage: &Stage,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Self {
        let telegram = &stage.telegram;
        let ops = free();
        let mut command = Command::new(build);
        command
            .current_dir(folder)
            .env("BOT_TOKEN", telegram.token())
            .env("BOT_DEV_ID", "1")
            .env("BOT_GROUP_ID", stage.group.id().to_string())
            .env("BOT_API_URL", telegram.url())
            .env("DATA_DIR", folder)
            .env("OPS_PORT", ops.to_string())
            .env("RUST_LOG", "error")
            .envs(settings.iter().copied())
            .env("FLOOD", "0");
        if let Some(redis) = &stage.redis {
            command.env("REDIS_URL", redis.url());
        }
        if who.is_pushed() {
            let port = free();
            let public = stage.balancer.as_ref().map_or(port, |(balancer, public)| {
                balancer.backends.lock().unwrap().push(port);
                *public
            });
            command
                .env("WEBHOOK_ENABLED", "true")
                .env("WEBHOOK_URL", format!("http://127.0.0.1:{public}"))
                .env("WEBHOOK_MAX_CONNECTIONS", "100")
                .env("WEBAPP_HOST", "127.0.0.1")
                .env("WEBAPP_PORT", port.to_string());
        }
        Self::spawn(command, ops)
    }

    fn spawn(mut command: Command, ops: u16) -> Self {
        Self { child: command.stdout(Stdio::null()).spawn().unwrap(), ops }
    }

    /// Processor time used so far, user and kernel together.
    pub(crate) fn cpu(&self) -> Duration {
        cpu(&self.child)
    }

    /// Commands that this program has sent to Redis: writes, reads, and upkeep (leases, slots and the rest).
    pub(crate) async fn commands_sent(&self) -> [f64; 3] {
        let page = self.metrics().await.unwrap();
        let of = |operation: &str| {
            let name = "supportbot_redis_command_duration_seconds_count";
            value(&page, &format!("{name}{{operation=\"{operation}\"}}"))
        };
        [of("receive") + of("commit") + of("hint"), of("read"), of("slots") + of("upkeep")]
    }

    /// Number of partitions assigned to this program; `None` until it reports them.
    pub(crate) async fn partitions(&self) -> Option<f64> {
        Some(value(&self.metrics().await.ok()?, "supportbot_partitions_held"))
    }

    async fn metrics(&self) -> reqwest::Result<String> {
        reqwest::get(format!("http://127.0.0.1:{}/metrics", self.ops)).await?.text().await
    }

    /// Resident memory, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time that a process has used, user and kernel together.
pub(crate) fn cpu(child: &Child) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    // The second field is the name in parentheses; utime and stime are fields 14 and 15, in hundredths of a second
    // (proc_pid_stat(5); USER_HZ is 100 on Linux).
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The value of a series on a metrics page; `series` is the name with its labels.
fn value(page: &str, series: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap().parse().unwrap()
}

fn free() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
