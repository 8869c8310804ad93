//! nginx with a certificate in front of the desk: the configuration of docs/setup/webhook.md, on free ports.

use std::{
    fs::{self, File},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::harness::free_port;

/// The host name in that configuration.
pub(crate) const NAME: &str = "desk.example.org";
/// The line that refuses all networks but Telegram's; the page says when to leave it out.
const STRICT: &str = "deny all;";
/// Time limit of nginx's start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A certificate and its key, in files.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Identity {
    /// A self-signed certificate for `NAME`.
    pub(crate) fn self_signed(folder: &Path) -> Self {
        let name = format!("subjectAltName=DNS:{NAME}");
        let leaf = ["-addext", &name, "-addext", "basicConstraints=critical,CA:FALSE"];
        Self::made(folder, "own", NAME, &leaf)
    }

    /// A certificate authority for the test.
    pub(crate) fn authority(folder: &Path) -> Self {
        Self::made(folder, "authority", "An authority", &[])
    }

    /// A certificate for `NAME` and `localhost`, signed by this authority.
    pub(crate) fn signed_by(&self, folder: &Path) -> Self {
        let name = format!("subjectAltName=DNS:{NAME},DNS:localhost");
        let (certificate, key) = (self.certificate.to_str().unwrap(), self.key.to_str().unwrap());
        let leaf = ["-addext", &name, "-addext", "basicConstraints=critical,CA:FALSE"];
        Self::made(
            folder,
            "leaf",
            NAME,
            &[&["-CA", certificate, "-CAkey", key], &leaf[..]].concat(),
        )
    }

    fn made(folder: &Path, file: &str, subject: &str, more: &[&str]) -> Self {
        let (certificate, key) =
            (folder.join(format!("{file}.pem")), folder.join(format!("{file}.key")));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-days", "2", "-nodes", "-newkey", "ec"]);
        openssl.args(["-pkeyopt", "ec_paramgen_curve:P-256", "-subj", &format!("/CN={subject}")]);
        openssl.arg("-out").arg(&certificate).arg("-keyout").arg(&key).args(more);
        let made = openssl.output().expect("openssl must be in PATH");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { certificate, key }
    }

    pub(crate) fn pem(&self) -> Vec<u8> {
        fs::read(&self.certificate).unwrap()
    }
}

/// nginx; it stops with the test.
pub(super) struct Nginx {
    child: Child,
    /// The port that speaks TLS.
    pub(super) port: u16,
    _folder: TempDir,
}

impl Nginx {
    /// Starts nginx with the page's configuration and this identity, in front of these addresses; any network may
    /// push.
    pub(super) fn start(identity: &Identity, desks: &[String]) -> Self {
        Self::start_with(identity, desks, "")
    }

    /// Starts nginx for Telegram's networks only.
    pub(super) fn start_strict(identity: &Identity, desks: &[String]) -> Self {
        Self::start_with(identity, desks, STRICT)
    }

    fn start_with(identity: &Identity, desks: &[String], deny: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Another process may take a port that was free a moment ago.
        for _ in 0..20 {
            let (plain, port) = (free_port(), free_port());
            let configuration = configuration(identity, desks, plain, port).replace(STRICT, deny);
            fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
            let mut nginx = Command::new("nginx");
            nginx.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
            let log = File::create(folder.path().join("log")).unwrap();
            let mut child = nginx.stderr(log).spawn().expect("nginx must be in PATH");
            let begun = Instant::now();
            while child.try_wait().unwrap().is_none() && begun.elapsed() < PATIENCE {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { child, port, _folder: folder };
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let _ended_already = child.kill();
            child.wait().unwrap();
        }
        let log = fs::read_to_string(folder.path().join("log")).unwrap();
        panic!("nginx does not start: {log}");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn configuration(identity: &Identity, desks: &[String], plain: u16, port: u16) -> String {
    let page = include_str!("../../../docs/setup/webhook.md");
    let site = page.split("```nginx\n").nth(1).unwrap().split("```").next().unwrap();
    let desks: Vec<String> = desks.iter().map(|desk| format!("server {desk};")).collect();
    let live = format!("/etc/letsencrypt/live/{NAME}");
    let replaced = [
        ("server 127.0.0.1:8080;".to_owned(), desks.join("\n")),
        ("listen 80;".to_owned(), format!("listen 127.0.0.1:{plain};")),
        ("listen 443 ssl;".to_owned(), format!("listen 127.0.0.1:{port} ssl;")),
        (format!("{live}/fullchain.pem"), identity.certificate.display().to_string()),
        (format!("{live}/privkey.pem"), identity.key.display().to_string()),
    ];
    let site = replaced.iter().fold(site.to_owned(), |site, (theirs, ours)| {
        assert_eq!(site.matches(theirs).count(), 1, "docs/setup/webhook.md: {theirs}");
        site.replace(theirs, ours)
    });
    // A single process, so that a kill leaves no other behind.
    format!(
        "daemon off; master_process off; pid nginx.pid;\n\
         events {{}}\n\
         http {{\n\
         access_log off; client_body_temp_path body; proxy_temp_path proxy;\n\
         fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n\
         {site}}}\n"
    )
}
