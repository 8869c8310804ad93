//! What an operator notices: the desk works behind a proxy, and each failure names the setting.

use std::net::SocketAddr;

use tempfile::TempDir;

use super::servers::{Kind, LOGIN, Manners, TestProxy, tls};
use crate::{
    harness::{Desk, Tracker, free_port},
    webhook::proxy::{Identity, NAME},
};

/// A desk whose Telegram speaks TLS, with a certificate of an authority that nobody knows.
struct Secured {
    desk: Desk,
    /// Where TLS is spoken.
    server: SocketAddr,
    authority: Identity,
    folder: TempDir,
}

impl Secured {
    /// It expects Telegram at a name that only a proxy can find.
    async fn closed() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Identity::authority(folder.path());
        let mut desk = Desk::closed().await;
        let telegram = desk.telegram.url().replace("http://", "").parse().unwrap();
        let server = tls(&authority.signed_by(folder.path()), telegram).await;
        desk.set("BOT_API_URL", &format!("https://{NAME}"));
        Self { desk, server, authority, folder }
    }

    /// As above, and the authority is trusted.
    async fn trusting() -> Self {
        let mut secured = Self::closed().await;
        let file = secured.authority.certificate.display().to_string();
        secured.desk.set("SSL_CERT_FILE", &file);
        secured
    }

    /// Expects Telegram at this machine, without a proxy.
    fn direct(&mut self) {
        let url = format!("https://localhost:{}", self.server.port());
        self.desk.set("BOT_API_URL", &url);
    }

    /// What the doctor says, without and with mistakes.
    async fn doctor(&self) -> String {
        let output = self.desk.run(&["doctor"]).await;
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).unwrap()
    }
}

async fn is_relayed(desk: &mut Desk) {
    desk.open().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_every_call_goes_through_it() {
    let login = format!("{LOGIN}@");
    for (kind, setting, scheme, manners, login) in [
        (Kind::Http, "HTTPS_PROXY", "http://", Manners::Guarded, login.as_str()),
        (Kind::Http, "https_proxy", "", Manners::Open, ""),
        (Kind::Socks5, "ALL_PROXY", "socks5h://", Manners::Guarded, login.as_str()),
        (Kind::Socks5, "ALL_PROXY", "socks5h://", Manners::Open, ""),
    ] {
        let mut secured = Secured::trusting().await;
        let proxy = TestProxy::start(kind, manners, secured.server).await;
        secured.desk.set(setting, &format!("{scheme}{login}127.0.0.1:{}", proxy.port));
        is_relayed(&mut secured.desk).await;
        let asked = proxy.asked();
        assert!(!asked.is_empty(), "{setting}");
        assert!(asked.iter().all(|server| server == "desk.example.org:443"), "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_speaks_tls_is_used_and_its_certificate_checked() {
    let mut secured = Secured::trusting().await;
    let identity = secured.authority.signed_by(secured.folder.path());
    let proxy = TestProxy::start_tls(&identity, Manners::Guarded, secured.server).await;
    let url = |host: &str, login: &str| format!("https://{login}@{host}:{}", proxy.port);
    secured.desk.set("HTTPS_PROXY", &url("localhost", LOGIN));
    is_relayed(&mut secured.desk).await;
    let asked = proxy.asked();
    assert!(
        !asked.is_empty() && asked.iter().all(|one| one == "desk.example.org:443"),
        "{asked:?}"
    );

    let password = "The proxy in HTTPS_PROXY asks for a user name and a password";
    secured.desk.set("HTTPS_PROXY", &url("localhost", "user:wr0ng"));
    let report = secured.doctor().await;
    assert!(report.contains(password) && !report.contains("wr0ng"), "{report}");

    // The certificate is for another name.
    secured.desk.set("HTTPS_PROXY", &url("127.0.0.1", LOGIN));
    let report = secured.doctor().await;
    assert!(report.contains("The proxy in HTTPS_PROXY cannot be reached"), "{report}");

    // Without TLS, the password would be sent in clear: the desk does not fall back. The connection must fail before the
    // call does.
    secured.desk.set("REQUEST_TIMEOUT_SECONDS", "20");
    let plain = TestProxy::start(Kind::Http, Manners::Guarded, secured.server).await;
    secured.desk.set("HTTPS_PROXY", &format!("https://{LOGIN}@localhost:{}", plain.port));
    let report = secured.doctor().await;
    assert!(report.contains("The proxy in HTTPS_PROXY cannot be reached"), "{report}");
    assert!(plain.asked().is_empty());

    secured.desk.set("HTTPS_PROXY", &url("localhost", LOGIN));
    secured.desk.set("SSL_CERT_FILE", "");
    let report = secured.doctor().await;
    assert!(report.contains("an authority that this machine does not know"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_to_tgtrack_go_through_the_proxy_too() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let tracker = Tracker::start().await;
    let server = tracker.url().replace("http://", "").parse().unwrap();
    let server = tls(&authority.signed_by(folder.path()), server).await;
    let proxy = TestProxy::start(Kind::Http, Manners::Open, server).await;
    let mut desk = Desk::closed().await;
    for (name, value) in tracker.settings() {
        desk.set(name, &value);
    }
    desk.set("TGTRACK_URL", &format!("https://{NAME}"));
    desk.set("SSL_CERT_FILE", &authority.certificate.display().to_string());
    desk.set("HTTPS_PROXY", &format!("127.0.0.1:{}", proxy.port));
    desk.open().await;
    desk.user(1001, "Ada").starts();
    desk.until("the start is reported", || !tracker.reports().is_empty()).await;
    assert_eq!(proxy.asked()[0], format!("{NAME}:443"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unencrypted_servers_and_those_of_no_proxy_are_reached_without_one() {
    let dead = format!("http://127.0.0.1:{}", free_port());
    let mut desk = Desk::closed().await;
    desk.set("HTTPS_PROXY", &dead);
    is_relayed(&mut desk).await;

    let mut secured = Secured::trusting().await;
    secured.direct();
    secured.desk.set("HTTPS_PROXY", &dead);
    secured.desk.set("NO_PROXY", "example.org,localhost");
    is_relayed(&mut secured.desk).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_with_a_proxy_and_never_prints_its_password() {
    let unreachable = "The proxy in HTTPS_PROXY cannot be reached, or does not answer.";
    let password = "The proxy in HTTPS_PROXY asks for a user name and a password";
    let refused = "The proxy in HTTPS_PROXY does not connect to Telegram.";
    let mut secured = Secured::trusting().await;
    for (kind, manners, login, said) in [
        (Kind::Http, Manners::Guarded, "", password),
        (Kind::Http, Manners::Guarded, "user:wr0ng@", password),
        (Kind::Http, Manners::Closed, "user:wr0ng@", refused),
        (Kind::Socks5, Manners::Guarded, "", password),
        (Kind::Socks5, Manners::Guarded, "user:wr0ng@", password),
        (Kind::Socks5, Manners::Closed, "", refused),
    ] {
        let proxy = TestProxy::start(kind, manners, secured.server).await;
        let scheme = if kind == Kind::Http { "http" } else { "socks5h" };
        let url = format!("{scheme}://{login}127.0.0.1:{}", proxy.port);
        secured.desk.set("HTTPS_PROXY", &url);
        let report = secured.doctor().await;
        assert!(report.contains(said), "{kind:?} {manners:?} {login:?}: {report}");
        assert!(!report.contains("wr0ng"), "{report}");
    }
    // Another kind of proxy than the setting says: it waits for more. The connection must fail before the call does.
    secured.desk.set("REQUEST_TIMEOUT_SECONDS", "20");
    for (kind, scheme) in [(Kind::Http, "socks5h"), (Kind::Socks5, "http")] {
        let proxy = TestProxy::start(kind, Manners::Open, secured.server).await;
        secured.desk.set("HTTPS_PROXY", &format!("{scheme}://127.0.0.1:{}", proxy.port));
        let report = secured.doctor().await;
        assert!(report.contains(unreachable), "{kind:?} {scheme}: {report}");
    }
    for scheme in ["http", "socks5h", "socks5"] {
        let url = format!("{scheme}://user:wr0ng@127.0.0.1:{}", free_port());
        secured.desk.set("HTTPS_PROXY", &url);
        // A proxy that looks names up here is not even asked for a name that does not exist.
        secured.desk.set("BOT_API_URL", "https://localhost");
        let report = secured.doctor().await;
        assert!(report.contains(unreachable) && !report.contains("wr0ng"), "{scheme}: {report}");
        assert!(report.contains("or remove HTTPS_PROXY"), "{report}");
    }
    let running = secured.desk.spawn();
    secured.desk.until("it says so", || running.log().contains("proxy in HTTPS_PROXY")).await;
    let log = running.log();
    assert!(log.contains("proxy in HTTPS_PROXY") && !log.contains("wr0ng"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_authority_is_trusted_if_a_setting_names_it_and_otherwise_the_doctor_does() {
    let mut secured = Secured::closed().await;
    secured.direct();
    let report = secured.doctor().await;
    assert!(report.contains("an authority that this machine does not know"), "{report}");
    assert!(report.contains("Set SSL_CERT_FILE"), "{report}");

    let folder = secured.folder.path().display().to_string();
    secured.desk.set("SSL_CERT_DIR", &folder);
    let report = secured.doctor().await;
    assert!(report.contains("Telegram answers."), "{report}");

    secured.desk.set("SSL_CERT_DIR", "");
    let file = secured.authority.certificate.display().to_string();
    secured.desk.set("SSL_CERT_FILE", &file);
    secured.desk.set("PREFER_IPV4", "true");
    is_relayed(&mut secured.desk).await;

    secured.desk.set("SSL_CERT_FILE", "/nowhere/authority.pem");
    let report = secured.doctor().await;
    assert!(report.contains("SSL_CERT_FILE is \"/nowhere/authority.pem\""), "{report}");
}

/// Names with an IPv6 and an IPv4 address are tried in `src/network/resolver.rs`, where a test decides what they are.
#[tokio::test(flavor = "multi_thread")]
async fn names_are_found_if_ipv4_is_preferred() {
    let mut desk = Desk::closed().await;
    let url = desk.telegram.url().replace("127.0.0.1", "localhost");
    desk.set("BOT_API_URL", &url);
    desk.set("PREFER_IPV4", "true");
    is_relayed(&mut desk).await;
}
