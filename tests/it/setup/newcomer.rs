//! Somebody with a bot at a simulated Telegram and an empty folder.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, process::Command};

use telegram_simulator::{Group, Limits, Options, Rights, Simulator};
use tempfile::TempDir;

use super::pty::AtTerminal;
use crate::harness::{OWNER, free_port, spec};

/// The rights that the link asks for, and no others.
pub(crate) const ENOUGH: Rights =
    Rights { manage_topics: true, delete_messages: true, pin_messages: true, ..Rights::none() };

/// A newcomer.
pub(crate) struct Newcomer {
    pub(crate) telegram: Simulator,
    folder: TempDir,
    port: u16,
}

impl Newcomer {
    pub(crate) async fn new() -> Self {
        let options = Options { limits: Limits::off(), ..Options::default() };
        let telegram = Simulator::start(options).await.unwrap();
        Self { telegram, folder: tempfile::tempdir().unwrap(), port: free_port() }
    }

    /// A newcomer with a group where the bot has its rights, and an owner who has written to the bot; and the group's
    /// id.
    pub(crate) async fn with_group() -> (Self, i64) {
        let newcomer = Self::new().await;
        newcomer.telegram.user(spec(OWNER, "Otto", "en")).starts();
        let group = newcomer.telegram.forum_with("Our desk", ENOUGH).id();
        (newcomer, group)
    }

    /// A group that the bot is not in.
    pub(crate) fn group_without_bot(
        &self,
        title: &str,
        group: fn(&Simulator, &str) -> Group,
    ) -> Group {
        let group = group(&self.telegram, title);
        group.kick_bot();
        group
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_support-bot"));
        self.here(command.args(arguments));
        command
    }

    /// A line that a shell runs in the same folder.
    pub(crate) fn shell(&self, line: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        self.here(command.args(["-c", &format!("exec {line}")]));
        command
    }

    fn here(&self, command: &mut Command) {
        command.env_clear().current_dir(self.folder.path());
        command.env("BOT_API_URL", self.telegram.url()).env("OPS_PORT", self.port.to_string());
        command.env("REQUEST_TIMEOUT_SECONDS", "5").env("POLL_TIMEOUT_SECONDS", "5");
    }

    pub(crate) fn at_terminal(&self, arguments: &[&str]) -> AtTerminal {
        AtTerminal::start(&mut self.command(arguments))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn writes_file(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The text of a file that only its owner can read; `None` if it does not exist.
    pub(crate) fn private_file(&self, name: &str) -> Option<String> {
        let text = fs::read_to_string(self.path(name)).ok()?;
        let mode = fs::metadata(self.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
        Some(text)
    }
}
