//! Caddy as packaged by Debian, with the compose files' Caddyfile, in front of a desk, on free ports; where a test asks for it, with TLS.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Method;
use tempfile::TempDir;

use super::{
    HEADER, SECRET, fast_retries, message,
    proxy::{Identity, NAME},
    request,
};
use crate::harness::{Desk, free_port};

/// Time limit of Caddy's start.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where `bin/test` puts the program.
const UNPACKED: &str = "target/tools/monitoring/usr/bin/caddy";
/// The default of docker-compose.yml.
const TELEGRAMS: &str = "149.154.160.0/20 91.108.4.0/22";

/// Caddy; it stops with the test.
pub(super) struct Caddy {
    child: Child,
    /// Where Telegram pushes to.
    pub(super) port: u16,
    /// Where monitoring probes the webhook, and asks for figures.
    pub(super) inside: [u16; 2],
    folder: TempDir,
}

impl Caddy {
    /// Starts Caddy in front of this desk, for connections from these networks.
    fn start(desk: &str, from: &str) -> Self {
        // Another process may take a port that was free a moment ago.
        let started = std::iter::repeat_with(|| Self::try_start(desk, from, None)).take(20);
        started.flatten().next().expect("Caddy found no free ports")
    }

    /// Starts Caddy with this certificate.
    pub(super) fn start_with_tls(desk: &str, from: &str, identity: &Identity) -> Self {
        let started = std::iter::repeat_with(|| Self::try_start(desk, from, Some(identity)));
        started.take(20).flatten().next().expect("Caddy found no free ports")
    }

    /// `None` if Caddy has exited.
    fn try_start(desk: &str, from: &str, identity: Option<&Identity>) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (port, inside) = (free_port(), [free_port(), free_port()]);
        let mut caddyfile = moved(free_port(), free_port(), inside);
        let mut url = format!("http://127.0.0.1:{port}");
        if let Some(Identity { certificate, key }) = identity {
            url = format!("https://{NAME}:{port}");
            let site = "{$WEBHOOK_URL} {";
            let (certificate, key) = (certificate.display(), key.display());
            let with = format!("{site}\n\tbind 127.0.0.1\n\ttls {certificate} {key}");
            caddyfile = caddyfile.replace(site, &with);
        }
        fs::write(folder.path().join("Caddyfile"), caddyfile).unwrap();
        let unpacked = root().join(UNPACKED);
        let program = if unpacked.exists() { unpacked } else { PathBuf::from("caddy") };
        let log = folder.path().join("log");
        let mut caddy = Command::new(program);
        caddy.args(["run", "--config", "Caddyfile", "--adapter", "caddyfile"]);
        caddy.current_dir(folder.path()).env("HOME", folder.path());
        caddy.env("WEBHOOK_URL", url).env("DESKS", desk);
        caddy.env("WEBHOOK_PATH", "/webhook").env("CADDY_ALLOW_FROM", from);
        caddy.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
        let child = caddy.spawn().unwrap_or_else(|error| {
            panic!("caddy: {error}. `bin/test tests` installs it into {UNPACKED}")
        });
        let mut started = Self { child, port, inside, folder };
        let begun = Instant::now();
        while started.child.try_wait().unwrap().is_none() {
            if started.log().contains("serving initial configuration") {
                return Some(started);
            }
            assert!(begun.elapsed() < PATIENCE, "Caddy does not start: {}", started.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        let taken = started.log().contains("address already in use");
        assert!(taken, "Caddy does not start: {}", started.log());
        None
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// The status of the answer to an update with the secret.
    async fn answers(&self, path: &str) -> u16 {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let request = request(Method::POST, &url).header(HEADER, SECRET);
        // A header does not change where a request comes from.
        let request = request.header("X-Forwarded-For", "149.154.167.220");
        let answer = request.body(message(900_000_002, "/help")).send().await.unwrap();
        answer.status().as_u16()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Caddyfile with these ports of 127.0.0.1: for plain HTTP, for health, and for the probe and figures.
fn moved(plain: u16, health: u16, inside: [u16; 2]) -> String {
    let ours = fs::read_to_string(root().join("caddy/Caddyfile")).unwrap();
    let [probe, figures] = inside;
    let moved = [
        ("http:// {", format!("http://127.0.0.1:{plain} {{")),
        ("http://127.0.0.1:2020 {", format!("http://127.0.0.1:{health} {{")),
        ("https://:2443 {", format!("https://:{probe} {{\n\tbind 127.0.0.1")),
        ("http://:2021 {", format!("http://:{figures} {{\n\tbind 127.0.0.1")),
        // Where Debian's older version expects it. Redirects would need port 80.
        (
            "\tmetrics\n\tservers {",
            "\tauto_https disable_redirects\n\tservers {\n\t\tmetrics".into(),
        ),
    ];
    moved.iter().fold(ours, |file, (theirs, here)| {
        assert_eq!(file.matches(theirs).count(), 1, "{theirs}");
        file.replace(theirs, here)
    })
}

impl Drop for Caddy {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_lets_only_the_configured_networks_reach_the_webhook() {
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    desk.set("WEBHOOK_SECRET", SECRET);
    let url = desk.set_webhook();
    let address = url.split('/').nth(2).unwrap();
    desk.open().await;
    for (from, status) in [
        (TELEGRAMS, 403),
        ("203.0.113.0/24", 403),
        ("private_ranges", 200),
        ("0.0.0.0/0 ::/0", 200),
    ] {
        let caddy = Caddy::start(address, from);
        assert_eq!(caddy.answers("/webhook").await, status, "{from}");
        for elsewhere in ["/", "/metrics", "/webhook/more"] {
            assert_eq!(caddy.answers(elsewhere).await, 404, "{from}: {elsewhere}");
        }
    }
}
