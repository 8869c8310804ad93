//! The real program in a process of its own, which can be killed; its simulated Telegram survives.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use telegram_simulator::{Group, Limits, Operator, Options, Simulator};
use tempfile::TempDir;

use super::{Account, Load, OWNER, free_port, spec, stores_in_redis};
use crate::redis::Server;

/// Time limit of every wait.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The program with its simulated Telegram and its folder.
pub(crate) struct Program {
    pub(crate) telegram: Arc<Simulator>,
    pub(crate) group: Group,
    pub(crate) operator: Operator,
    folder: TempDir,
    settings: BTreeMap<String, String>,
    port: u16,
    /// The program's file.
    binary: PathBuf,
    child: Option<Child>,
    /// Stops with the last of its processes.
    redis: Option<Arc<Server>>,
}

impl Program {
    /// Prepares everything but the process, without limits: Telegram has none, and the program obeys none.
    pub(crate) async fn new(overrides: &[(&str, &str)]) -> Self {
        Self::limited(Limits::off(), overrides).await
    }

    /// Prepares a Telegram with these limits, and tells the program of them by its settings.
    pub(crate) async fn limited(limits: Limits, overrides: &[(&str, &str)]) -> Self {
        let webhook_pace = 0.05; // a short time between repeats
        let options = Options { limits, call_log: 1_000_000, webhook_pace, ..Options::default() };
        let telegram = Arc::new(Simulator::start(options).await.unwrap());
        let group = telegram.forum("Support");
        let operator = group.operator(spec(4_000_000_002, "Olga", "en"));
        let _owner = telegram.user(spec(OWNER, "Owner", "en")).starts();
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let data = folder.path().join("data");
        let mut settings = BTreeMap::new();
        let mut set = |name: &str, value: &str| settings.insert(name.to_owned(), value.to_owned());
        set("BOT_TOKEN", &telegram.token());
        set("BOT_DEV_ID", &OWNER.to_string());
        set("BOT_GROUP_ID", &group.id().to_string());
        set("BOT_API_URL", &telegram.url());
        set("DATA_DIR", &data.display().to_string());
        set("OPS_PORT", &port.to_string());
        set("LOG_FORMAT", "json");
        set("ALBUM_WINDOW_MS", "100");
        set("FLOOD", "0");
        set("POLL_TIMEOUT_SECONDS", "5");
        set("REQUEST_TIMEOUT_SECONDS", "5");
        set("PACE_OVERALL_PER_SECOND", "0");
        set("PACE_PRIVATE_PER_SECOND", "0");
        set("PACE_GROUP_PER_MINUTE", "0");
        let redis = stores_in_redis().then(|| Arc::new(Server::start()));
        if let Some(redis) = &redis {
            set("REDIS_URL", &redis.url());
        }
        for (name, value) in overrides {
            set(name, value);
        }
        let binary = env!("CARGO_BIN_EXE_support-bot").into();
        Self { telegram, group, operator, folder, settings, port, binary, child: None, redis }
    }

    /// Prepares another process of the same bot, with a folder and ports of its own; it is not started.
    pub(crate) fn another_process(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut settings = self.settings.clone();
        settings.insert("DATA_DIR".to_owned(), folder.path().join("data").display().to_string());
        settings.insert("OPS_PORT".to_owned(), port.to_string());
        let (group, operator) = (self.group.clone(), self.operator.clone());
        let (telegram, redis) = (Arc::clone(&self.telegram), self.redis.clone());
        let binary = self.binary.clone();
        Self { telegram, group, operator, folder, settings, port, binary, child: None, redis }
    }

    /// Sends a signal: `STOP` freezes the process, `CONT` resumes it.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Whether the process runs.
    pub(crate) fn is_running(&self) -> bool {
        self.child.is_some()
    }

    /// Changes settings from the next start on.
    pub(crate) fn set_all(&mut self, settings: impl IntoIterator<Item = (&'static str, String)>) {
        self.settings.extend(settings.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }

    /// Resident memory of the process, in bytes, including the program and other mapped files.
    pub(crate) fn resident(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Resident memory that the process has allocated, in bytes.
    pub(crate) fn allocated(&self) -> u64 {
        self.status("RssAnon:")
    }

    fn status(&self, line: &str) -> u64 {
        let id = self.child.as_ref().unwrap().id();
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|found| found.strip_prefix(line)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The folder of the store.
    pub(crate) fn data(&self) -> PathBuf {
        PathBuf::from(&self.settings["DATA_DIR"])
    }

    /// The database file in that folder.
    pub(crate) fn database(&self) -> PathBuf {
        self.data().join("desk.sqlite3")
    }

    /// Starts the process without waiting for it.
    pub(crate) fn spawn(&mut self) {
        assert!(self.child.is_none(), "the process is already running");
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = self.command(&["run"]);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// Makes a process that was started with this program's settings its process.
    pub(crate) fn adopt(&mut self, child: Child) {
        assert!(self.child.is_none(), "the process is already running");
        self.child = Some(child);
    }

    /// The exit status, if the process has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let ended = self.child.as_mut().unwrap().try_wait().unwrap();
        if ended.is_some() {
            self.child = None;
        }
        ended
    }

    /// Starts the process, and waits until it is ready.
    pub(crate) async fn start(&mut self) {
        self.spawn();
        self.until("the program is ready", async |program| program.ready().await.0 == 200).await;
    }

    /// Runs a subcommand until it exits.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts a subcommand without waiting for it.
    pub(crate) fn spawn_command(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs another build of the program from the next start on.
    pub(crate) fn set_binary(&mut self, binary: &Path) {
        binary.clone_into(&mut self.binary);
    }

    /// Changes a setting from the next start on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Kills the process without warning.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Asks the process to stop, and waits until it exits.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap()
    }

    /// The log of all runs.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// The end of the log, for the message of a failing test.
    fn end_of_log(&self) -> String {
        let log = self.log();
        log[log.floor_char_boundary(log.len().saturating_sub(4000))..].to_owned()
    }

    /// The status and body of `/readyz`; the status is 0 if nothing answers.
    pub(crate) async fn ready(&self) -> (u16, String) {
        self.get("readyz").await
    }

    /// The value of a series on `/metrics`; `series` is the name with its labels.
    pub(crate) async fn metric(&self, series: &str) -> f64 {
        let (_, page) = self.get("metrics").await;
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let none = || panic!("no series {series} in:\n{page}\n{}", self.end_of_log());
        line.unwrap_or_else(none).parse().unwrap()
    }

    /// Waits until a condition holds; `what` describes it.
    pub(crate) async fn until(&self, what: &str, so: impl AsyncFn(&Self) -> bool) {
        self.until_within(what, TIMEOUT, so).await;
    }

    /// Waits for so long until a condition holds.
    pub(crate) async fn until_within(
        &self,
        what: &str,
        limit: Duration,
        so: impl AsyncFn(&Self) -> bool,
    ) {
        let deadline = tokio::time::Instant::now() + limit;
        while !so(self).await {
            let late = tokio::time::Instant::now() >= deadline;
            assert!(!late, "never happened: {what}\n{}", self.end_of_log());
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until the bot has made no call but polls for a while, and no update is pending.
    pub(crate) async fn wait_until_idle(&self) {
        let sends = || {
            let calls = self.telegram.calls().counts;
            calls
                .iter()
                .filter(|(name, _)| !matches!(**name, "getUpdates" | "getWebhookInfo" | "getMe"))
                .map(|(_, n)| n)
                .sum::<u64>()
        };
        self.until("the program becomes idle", async |program| {
            let before = sends();
            tokio::time::sleep(Duration::from_millis(600)).await;
            program.telegram.pending_updates() == 0 && sends() == before
        })
        .await;
    }

    /// Waits until each message has arrived and the program is idle; returns the account.
    pub(crate) async fn settled(&self, load: &Load) -> Account {
        self.until("each message arrives", async |program| load.arrived(&program.group)).await;
        self.wait_until_idle().await;
        load.account(&self.telegram, &self.group)
    }

    /// The status and body of a page; the status is 0 if nothing answers.
    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        let url = format!("http://127.0.0.1:{}/{path}", self.port);
        match reqwest::get(url).await {
            Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
            Err(_not_there) => (0, String::new()),
        }
    }

    /// Address of the operations server.
    pub(crate) fn ops(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Gives a command the settings and the folder of the program.
    pub(crate) fn with_settings(&self, mut command: Command) -> Command {
        command.env_clear().envs(&self.settings).current_dir(self.folder.path());
        command
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.with_settings(Command::new(&self.binary));
        command.args(arguments);
        command
    }

    fn log_file(&self) -> PathBuf {
        Path::join(self.folder.path(), "log")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone = child.kill();
            let _gone = child.wait();
        }
    }
}
