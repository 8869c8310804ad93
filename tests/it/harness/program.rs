//! The program around a desk: its start, its operations server, and the real binary with the same settings.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};

use support_bot::{
    app::{App, StartError},
    config::Settings,
};
use telegram_simulator::{Fault, FaultHandle, Limits, Matcher, Options, SeenMessage, Times, What};

use super::Desk;

/// A Telegram without limits.
pub(crate) fn unlimited() -> Options {
    Options { limits: Limits::off(), ..Options::default() }
}

impl Desk {
    /// A desk whose program is not started yet.
    pub(crate) async fn closed() -> Self {
        Self::closed_with(unlimited(), &[]).await
    }

    /// Tries to start the program.
    pub(crate) async fn try_open(&mut self) -> Result<(), StartError> {
        let mut settings = Settings::load(&self.settings).unwrap();
        settings.limits.hold_times = self.hold_times;
        let clock = Arc::clone(&self.clock);
        self.app = Some(App::start(&settings, &self.telemetry, clock).await?);
        Ok(())
    }

    /// The error of a start that must fail.
    pub(crate) async fn start_error(&mut self) -> String {
        match self.try_open().await {
            Ok(()) => panic!("the desk started without an error"),
            Err(error) => error.to_string(),
        }
    }

    /// Stops the program gracefully and starts it again.
    pub(crate) async fn reopen(&mut self) {
        self.close().await;
        self.open().await;
    }

    /// Changes a setting from the next start on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.settings.insert(name.to_owned(), value.to_owned());
    }

    /// Makes Telegram push updates from the next start on; returns the webhook's address.
    pub(crate) fn set_webhook(&mut self) -> String {
        let settings = webhook_settings();
        for (name, value) in &settings {
            self.set(name, value);
        }
        format!("{}/webhook", settings["WEBHOOK_URL"])
    }

    /// The address of the operations server.
    pub(crate) fn ops_address(&self) -> SocketAddr {
        self.app.as_ref().unwrap().ops()
    }

    /// The status and body of an answer of the operations server.
    pub(crate) async fn ops(&self, path: &str) -> (u16, String) {
        get(&format!("http://{}{path}", self.ops_address())).await
    }

    /// Waits until `/readyz` reports that the desk is ready.
    pub(crate) async fn until_ready(&self) {
        let ready = async {
            while self.ops("/readyz").await.0 != 200 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), ready).await.unwrap();
    }

    /// The command `support-bot` with the settings of this desk and an otherwise empty environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_support-bot"));
        command.args(arguments).env_clear().envs(&self.settings).current_dir(self.folder());
        command
    }

    /// Runs `support-bot` until it exits.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
    }

    /// Starts the real binary; it is killed when the value is dropped.
    pub(crate) fn spawn(&self) -> Running {
        let log = std::fs::File::create(self.folder().join("log")).unwrap();
        let child = self.command(&["run"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Running { child, log: self.folder().join("log") }
    }

    /// Waits until the real binary has taken all updates from Telegram.
    pub(crate) async fn until_updates_are_stored(&self) {
        self.until("all updates are stored", || self.telegram.pending_updates() == 0).await;
    }

    /// Makes Telegram refuse a method with this description, for a number of calls.
    pub(crate) fn refuses(&self, method: &str, description: &str, times: Times) -> FaultHandle {
        let code = if description.starts_with("Forbidden") { 403 } else { 400 };
        let what = What::Error { code, description: description.to_owned() };
        self.telegram.inject(Fault { on: Matcher::method(method), what, times })
    }

    /// The texts of the users' messages in a topic.
    pub(crate) fn relayed_texts(&self, topic: i64) -> Vec<String> {
        texts(self.relayed(topic))
    }

    /// The desk's notices in a topic, without the card.
    pub(crate) fn notice_texts(&self, topic: i64) -> Vec<String> {
        let mut notices = texts(self.notices(topic));
        notices.retain(|text| text.starts_with('◆'));
        notices
    }

    /// The only notice in a topic that contains `part`.
    pub(crate) fn notice(&self, topic: i64, part: &str) -> SeenMessage {
        let mut found = self.notices(topic);
        found.retain(|notice| notice.text.as_deref().is_some_and(|text| text.contains(part)));
        assert_eq!(
            found.len(),
            1,
            "one notice with {part:?} is expected: {:?}",
            self.notice_texts(topic)
        );
        found.remove(0)
    }

    /// The text of the pinned card.
    pub(crate) fn card(&self, topic: i64) -> String {
        let mut cards = self.group.pinned(topic);
        cards.retain(|message| message.text.as_deref().is_some_and(|text| text.contains("/ban –")));
        assert_eq!(cards.len(), 1, "one pinned card is expected: {cards:?}");
        cards.remove(0).text.unwrap()
    }
}

/// Settings for a webhook on a free port of this machine.
pub(crate) fn webhook_settings() -> BTreeMap<&'static str, String> {
    let port = super::free_port();
    BTreeMap::from([
        ("WEBHOOK_ENABLED", "true".to_owned()),
        ("WEBHOOK_URL", format!("http://127.0.0.1:{port}")),
        ("WEBAPP_HOST", "127.0.0.1".to_owned()),
        ("WEBAPP_PORT", port.to_string()),
    ])
}

/// The texts of messages.
pub(crate) fn texts(messages: Vec<SeenMessage>) -> Vec<String> {
    messages.into_iter().filter_map(|message| message.text).collect()
}

/// The status and body of a server's answer; the status is 0 if nothing answers.
pub(crate) async fn get(url: &str) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    match client.get(url).timeout(Duration::from_secs(5)).send().await {
        Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap_or_default()),
        Err(_nobody) => (0, String::new()),
    }
}

/// The real binary, running.
pub(crate) struct Running {
    child: Child,
    log: std::path::PathBuf,
}

impl Running {
    /// Sends a signal: `TERM`, `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// The exit code, if the process has exited.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))
    }

    /// The log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
