//! A Redis that speaks TLS with a certificate of an own authority, which the file of settings names.

use std::process::Output;

use super::Server;
use crate::{
    harness::{free_port, spec},
    setup::{ENOUGH, Newcomer},
    webhook::proxy::Identity,
};

const OWNER: i64 = 4_000_000_001;

fn said(ran: &Output) -> String {
    [&*ran.stdout, &*ran.stderr].map(String::from_utf8_lossy).concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_trusts_the_authority_in_the_file_of_settings() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let identity = authority.signed_by(folder.path());
    let port = free_port();
    let _server = Server::start_with(&[
        "--tls-port",
        &port.to_string(),
        "--tls-cert-file",
        identity.certificate.to_str().unwrap(),
        "--tls-key-file",
        identity.key.to_str().unwrap(),
        "--tls-ca-cert-file",
        authority.certificate.to_str().unwrap(),
        "--tls-auth-clients",
        "no",
    ]);
    let newcomer = Newcomer::new().await;
    newcomer.telegram.user(spec(OWNER, "Otto", "en")).starts();
    let group = newcomer.telegram.forum_with("Our desk", ENOUGH).id();
    let settings = |host: &str| {
        let token = newcomer.telegram.token();
        format!(
            "BOT_TOKEN={token}\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID={group}\nREDIS_URL=rediss://{host}:{port}/0\n"
        )
    };
    let trusted = format!("SSL_CERT_FILE={}\n", authority.certificate.display());
    for (host, more, expected) in [
        ("localhost", "", "no trusted authority signed its certificate"),
        ("127.0.0.1", &*trusted, "its certificate is for another name"),
        ("localhost", &*trusted, "The store in Redis can be written."),
    ] {
        newcomer.writes_file(".env", &(settings(host) + more));
        let found = said(&newcomer.command(&["doctor"]).output().unwrap());
        assert!(found.contains(expected), "{host} {more}: {found}");
    }
    // The Redis of the old bot, and the copy of a store, are reached in the same way.
    let from = format!("rediss://localhost:{port}/1");
    let found = said(&newcomer.command(&["import", "--from", &from]).output().unwrap());
    assert!(found.contains("there are no users of the old bot"), "{found}");
    let backup = newcomer.command(&["backup", "backups"]).output().unwrap();
    assert!(backup.status.success(), "{}", said(&backup));
}
