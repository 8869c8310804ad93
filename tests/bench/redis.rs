//! A Redis server for one round, set up as docs/setup/redis.md says, except for `appendfsync everysec`.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::contender::cpu;

/// A Redis server; it stops when the round ends.
pub(crate) struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// Whether a Redis server is installed.
    pub(crate) fn is_installed() -> bool {
        Command::new("redis-server").arg("--version").output().is_ok()
    }

    /// Starts the server with its files in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let begun = Instant::now();
        loop {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new("redis-server");
            command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
            command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--dir"]).arg(folder);
            let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let mut server = Self { child, port };
            // The server exits if another process has taken the port.
            while server.child.try_wait().unwrap().is_none() {
                assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not start");
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return server;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Processor time used so far, user and kernel together.
    pub(crate) fn cpu(&self) -> Duration {
        cpu(&self.child)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
