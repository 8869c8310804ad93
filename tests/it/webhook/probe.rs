//! `blackbox_exporter`, started as the compose file starts it, probes the webhook through Caddy over TLS.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

use reqwest::Method;
use serde_norway::Value;
use tempfile::TempDir;

use super::{
    SECRET,
    caddy::Caddy,
    count, fast_retries,
    proxy::{Identity, NAME},
    request,
};
use crate::harness::{Desk, free_port};

/// Time limit of the exporter's start.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where `bin/test` puts the program.
const UNPACKED: &str = "target/tools/monitoring/usr/bin/prometheus-blackbox-exporter";
/// Nobody's networks.
const NOBODY: &str = "203.0.113.0/24";

/// The exporter; it stops with the test.
struct Exporter {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Exporter {
    /// Starts the exporter; it trusts only this authority.
    async fn start(authority: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |file: &str| fs::read_to_string(root.join(file)).unwrap();
        let compose: Value = serde_norway::from_str(&read("monitoring/compose.yml")).unwrap();
        let script = &compose["services"]["blackbox-exporter"]["entrypoint"][2];
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let unpacked = root.join(UNPACKED);
        let program = if unpacked.exists() {
            unpacked
        } else {
            PathBuf::from("prometheus-blackbox-exporter")
        };
        let places = [
            ("$$", "$".to_owned()),
            (
                "/etc/blackbox_exporter/blackbox.yml",
                root.join("monitoring/blackbox.yml").display().to_string(),
            ),
            ("/tmp/blackbox.yml", folder.path().join("blackbox.yml").display().to_string()),
            (
                "exec /bin/blackbox_exporter",
                format!("exec {} --web.listen-address=127.0.0.1:{port}", program.display()),
            ),
        ];
        let script = places.iter().fold(script.as_str().unwrap().to_owned(), |script, place| {
            assert!(script.contains(place.0), "{script}");
            script.replace(place.0, &place.1)
        });
        let mut shell = Command::new("sh");
        shell.args(["-ec", &script]).env("WEBHOOK_URL", format!("https://{NAME}:443"));
        shell.env("SSL_CERT_FILE", authority).env("SSL_CERT_DIR", folder.path());
        shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let exporter = Self { child: shell.spawn().unwrap(), port, _folder: folder };
        let begun = Instant::now();
        let url = format!("http://127.0.0.1:{port}/-/healthy");
        while request(Method::GET, &url).send().await.is_err() {
            assert!(begun.elapsed() < PATIENCE, "blackbox_exporter does not start: {script}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        exporter
    }

    /// What it says of this path behind this port of Caddy's.
    async fn finds(&self, port: u16, path: &str) -> String {
        let target = format!("https://127.0.0.1:{port}{path}");
        let url = format!("http://127.0.0.1:{}/probe?module=webhook&target={target}", self.port);
        request(Method::GET, &url).send().await.unwrap().text().await.unwrap()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The value of a series without labels.
fn value(page: &str, name: &str) -> Option<f64> {
    let begins = format!("{name} ");
    page.lines().find_map(|line| line.strip_prefix(&begins)).map(|value| value.parse().unwrap())
}

/// Whether the probe succeeded, and the status of the answer: 0 without one.
fn outcome(page: &str) -> (Option<f64>, Option<f64>) {
    (value(page, "probe_success"), value(page, "probe_http_status_code"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probe_needs_a_desk_behind_caddy_and_a_certificate_that_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let identity = authority.signed_by(folder.path());
    let mut desk = Desk::closed_with(fast_retries(), &[]).await;
    desk.set("WEBHOOK_SECRET", SECRET);
    let address = desk.set_webhook().split('/').nth(2).unwrap().to_owned();
    desk.open().await;
    // The probe comes from a network that may not push.
    let caddy = Caddy::start_with_tls(&address, NOBODY, &identity);
    let [probed, figures] = caddy.inside;
    let exporter = Exporter::start(&authority.certificate).await;

    let page = exporter.finds(probed, "/").await;
    assert_eq!(outcome(&page), (Some(1.0), Some(401.0)), "{page}");
    let expires = value(&page, "probe_ssl_earliest_cert_expiry").unwrap();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    assert!((86_400.0..200_000.0).contains(&(expires - now)), "{expires}");
    assert_eq!(count(&desk, "wrong_secret"), 1);
    let page = exporter.finds(caddy.port, "/webhook").await;
    assert_eq!(outcome(&page), (Some(0.0), Some(403.0)), "{page}");

    let asks = async |path: &str| {
        let url = format!("http://127.0.0.1:{figures}{path}");
        request(Method::GET, &url).send().await.unwrap()
    };
    let page = asks("/metrics").await.text().await.unwrap();
    let answered = |line: &&str| {
        line.starts_with(
            "caddy_http_request_duration_seconds_count{code=\"401\",handler=\"reverse_proxy\"",
        ) && line.ends_with(" 1")
    };
    assert_eq!(page.lines().filter(answered).count(), 1, "{page}");
    for elsewhere in ["/", "/config/", "/stop"] {
        assert_eq!(asks(elsewhere).await.status(), 404, "{elsewhere}");
    }

    let untrusting = Exporter::start(&identity.certificate.with_extension("none")).await;
    let page = untrusting.finds(probed, "/").await;
    assert_eq!(outcome(&page), (Some(0.0), Some(0.0)), "{page}");
    assert_eq!(value(&page, "probe_ssl_earliest_cert_expiry"), None, "{page}");

    desk.close().await;
    let page = exporter.finds(probed, "/").await;
    assert_eq!(outcome(&page), (Some(0.0), Some(502.0)), "{page}");
}
