//! A real Redis server for one test, on a free port, with its files in a folder of its own.

use std::{
    fs::{self, File},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use secrecy::SecretString;
use support_bot::adapters::redis::Options;
use tempfile::TempDir;

use crate::harness::free_port;

/// Time limit of a server's start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server; it stops with the test.
pub(crate) struct Server {
    child: Child,
    port: u16,
    folder: TempDir,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a server that syncs every write before it answers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// Starts such a server with additional arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|one| (*one).to_owned()).collect();
        // Another process may take a port that was free a moment ago.
        for _ in 0..20 {
            let port = free_port();
            let mut child = spawn(folder.path(), port, &arguments);
            if answers(&mut child, port) {
                return Self { child, port, folder, arguments };
            }
        }
        panic!("the server does not start");
    }

    /// Starts a Sentinel for a master called `mymaster`; `quorum` Sentinels must agree that it is down.
    pub(crate) fn sentinel(master: &Self, quorum: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        let settings = format!(
            "sentinel monitor mymaster 127.0.0.1 {} {quorum}\n\
             sentinel down-after-milliseconds mymaster 1000\n\
             sentinel failover-timeout mymaster 5000\n",
            master.port
        );
        fs::write(&file, settings).unwrap();
        for _ in 0..20 {
            let port = free_port();
            let mut command = program();
            command.arg(&file).args(["--sentinel", "--bind", "127.0.0.1", "--port"]);
            command.arg(port.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            if answers(&mut child, port) {
                return Self { child, port, folder, arguments: Vec::new() };
            }
        }
        panic!("no Sentinel starts");
    }

    /// Options to open a store on this server. The lease is short, because tests kill what they open.
    pub(crate) fn options(&self) -> Options {
        Options {
            lease: Duration::from_millis(600),
            command_limit: Duration::from_secs(1),
            ..Options::at(SecretString::from(self.url()))
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the server again on the same port, with what it has written.
    pub(crate) fn restart(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.child = spawn(self.folder.path(), self.port, &self.arguments);
            if answers(&mut self.child, self.port) {
                return;
            }
            assert!(Instant::now() < deadline, "the server does not start again");
        }
    }

    /// Starts the server again with other additional arguments.
    pub(crate) fn restart_with(&mut self, arguments: &[&str]) {
        self.arguments = arguments.iter().map(|one| (*one).to_owned()).collect();
        self.restart();
    }

    /// Length of the append-only file, in bytes.
    pub(crate) fn written(&self) -> u64 {
        fs::metadata(self.changes()).unwrap().len()
    }

    /// Cuts the file of a dead server to this length, as if the rest had not reached the disk; returns the number of
    /// bytes cut.
    pub(crate) fn forgets_after(&self, length: u64) -> u64 {
        let gone = self.written() - length;
        File::options().write(true).open(self.changes()).unwrap().set_len(length).unwrap();
        gone
    }

    fn changes(&self) -> PathBuf {
        let files = fs::read_dir(self.folder.path().join("appendonlydir")).unwrap();
        let mut files = files.map(|file| file.unwrap().path());
        files.find(|path| path.to_string_lossy().ends_with(".incr.aof")).unwrap()
    }

    /// Sends a signal: `STOP` freezes the server, `CONT` resumes it.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Runs a command through `redis-cli`; returns its output.
    pub(crate) fn ask(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]).args(arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn spawn(folder: &Path, port: u16, arguments: &[String]) -> Child {
    let mut command = program();
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
    command.args(["--appendonly", "yes", "--appendfsync", "always", "--dir"]).arg(folder);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("a server must be installed: `bin/test` does it")
}

/// The server's program: `redis-server`, or what `REDIS_SERVER` names (a Valkey server, for example).
fn program() -> Command {
    Command::new(std::env::var_os("REDIS_SERVER").unwrap_or_else(|| "redis-server".into()))
}

/// Waits until the server answers; false if it exits.
fn answers(child: &mut Child, port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            let mut answer = [0; 16];
            stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
            let asked = stream.write_all(b"PING\r\n").and_then(|()| stream.read(&mut answer));
            // A server with a password answers -NOAUTH; one that still reads its file, -LOADING.
            if asked.is_ok_and(|size| size > 0) && !answer.starts_with(b"-LOADING") {
                return true;
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}
