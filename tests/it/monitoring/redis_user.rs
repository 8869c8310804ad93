//! The user of `redis_exporter`, in a Redis that the compose file's own script starts: it may ask for figures only.

use std::{
    fs,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::servers::{redis_exporter, redis_script};
use crate::harness::free_port;

/// Time limit of the server's start.
const PATIENCE: Duration = Duration::from_secs(20);
/// A password that the configuration file has to quote.
const PASSWORD: &str = "with a space and a #";
/// What the user must not be able to do: read or write keys, learn the password or what people write, change anything.
const REFUSED: [&[&str]; 14] = [
    &["GET", "a"],
    &["SET", "a", "b"],
    &["DEL", "a"],
    &["HGETALL", "a"],
    &["SCAN", "0"],
    &["DBSIZE"],
    &["CONFIG", "GET", "requirepass"],
    &["CONFIG", "SET", "maxmemory", "1"],
    &["SLOWLOG", "GET"],
    &["MONITOR"],
    &["CLIENT", "LIST"],
    &["ACL", "LIST"],
    &["EVAL", "return 1", "0"],
    &["FLUSHALL"],
];

/// A Redis as the compose file starts it; it stops with the test.
struct Redis {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Redis {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let secret = folder.path().join("redis_password");
        fs::write(&secret, format!("{PASSWORD}\n")).unwrap();
        let here = format!("redis-server --port {port} --bind 127.0.0.1");
        let script = redis_script().replace("exec redis-server", &format!("exec {here}"));
        let script = script.replace("/run/secrets/redis_password", &secret.display().to_string());
        let mut shell = Command::new("sh");
        shell.args(["-ec", &script]).current_dir(folder.path());
        let child = shell.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let redis = Self { child, port, _folder: folder };
        let begun = Instant::now();
        while !redis.says("default", PASSWORD, &["PING"]).contains("PONG") {
            assert!(begun.elapsed() < PATIENCE, "the script starts no Redis:\n{script}");
            std::thread::sleep(Duration::from_millis(50));
        }
        redis
    }

    fn asked(&self, user: &str, password: &str, command: &[&str]) -> Output {
        let mut cli = Command::new("redis-cli");
        cli.args(["-p", &self.port.to_string(), "--no-auth-warning", "--user", user]);
        cli.env("REDISCLI_AUTH", password).args(command).output().unwrap()
    }

    /// The answer, or the error.
    fn says(&self, user: &str, password: &str, command: &[&str]) -> String {
        let output = self.asked(user, password, command);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_exporter_can_ask_for_figures_only() {
    let redis = Redis::start();
    let owner = |command: &[&str]| redis.says("default", PASSWORD, command);
    assert!(owner(&["SET", "a", "what somebody wrote"]).contains("OK"));
    for command in REFUSED {
        let answer = redis.says("redis-exporter", "none", command);
        assert!(answer.contains("NOPERM"), "{command:?}: {answer}");
    }
    assert!(owner(&["GET", "a"]).contains("what somebody wrote"));
    let stranger = redis.says("default", "none", &["PING"]);
    assert!(!stranger.contains("PONG"), "{stranger}");

    let exporter = redis_exporter(&format!("redis://127.0.0.1:{}", redis.port)).await;
    let page = reqwest::get(exporter.url("/metrics")).await.unwrap().text().await.unwrap();
    for line in ["redis_up 1", "redis_exporter_last_scrape_error{err=\"\"} 0"] {
        assert!(page.lines().any(|found| found == line), "{line}:\n{page}");
    }
    let shown = [
        "redis_connected_clients",
        "redis_commands_processed_total",
        "redis_aof_current_size_bytes",
    ];
    for name in shown {
        let begins = format!("{name} ");
        assert!(page.lines().any(|line| line.starts_with(&begins)), "{name}:\n{page}");
    }
}
