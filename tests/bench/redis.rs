//! A Redis for one round, as the README has it set up but for `appendfsync everysec`.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::contender::cpu;

/// A server that ends with the round.
pub(crate) struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// Whether there is one to start.
    pub(crate) fn is_installed() -> bool {
        Command::new("redis-server").arg("--version").output().is_ok()
    }

    /// Starts it with its file in a folder.
    pub(crate) fn start(folder: &Path) -> Self {
        let begun = Instant::now();
        loop {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut command = Command::new("redis-server");
            command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", ""]);
            command.args(["--appendonly", "yes", "--appendfsync", "everysec", "--dir"]).arg(folder);
            let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            let mut server = Self { child, port };
            // It ends if another process has taken the port meanwhile.
            while server.child.try_wait().unwrap().is_none() {
                assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not start");
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return server;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Processor time spent so far, in user and kernel.
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
