//! The webhook over real TLS: Telegram pushes to a name, nginx has its certificate, and the desk is behind nginx.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{Router, http::StatusCode};
use reqwest::{Certificate, Client};
use telegram_simulator::Options;
use tokio::net::TcpListener;

use super::{
    HEADER, SECRET, count, fast_retries, message,
    proxy::{Identity, NAME, Nginx},
};
use crate::harness::Desk;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A Telegram that resolves the name to this machine and trusts these authorities too.
fn telegram(authorities: Vec<Vec<u8>>) -> Options {
    Options { authorities, names: vec![(NAME.to_owned(), HERE)], ..fast_retries() }
}

/// Makes the desk listen on a free port, and returns its address.
fn listening(desk: &mut Desk) -> String {
    desk.set("WEBHOOK_SECRET", SECRET);
    let url = desk.set_webhook();
    url.split('/').nth(2).unwrap().to_owned()
}

async fn doctor(desk: &Desk) -> String {
    String::from_utf8(desk.run(&["doctor"]).await.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_only_updates_for_the_host_name_and_path_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let mut desk = Desk::closed_with(telegram(vec![authority.pem()]), &[]).await;
    let nginx = Nginx::start(&authority.signed_by(folder.path()), &[listening(&mut desk)]);
    let url = format!("https://{NAME}:{}", nginx.port);
    desk.set("WEBHOOK_URL", &url);
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    let state = desk.telegram.webhook().unwrap();
    assert_eq!((state.url, state.last_error), (format!("{url}/webhook"), None));

    let trusting = Certificate::from_pem(&authority.pem()).unwrap();
    let client = Client::builder().no_proxy().add_root_certificate(trusting);
    let client = client.resolve(NAME, SocketAddr::new(HERE, 0)).build().unwrap();
    let known = message(900_000_001, "/help");
    for (path, secret, status) in
        [("/webhook", SECRET, 200), ("/webhook", "x", 401), ("/metrics", SECRET, 404)]
    {
        let request = client.post(format!("{url}{path}")).header(HEADER, secret);
        let answer = request.body(known.clone()).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    let unencrypted = client.post(format!("http://127.0.0.1:{}/webhook", nginx.port));
    assert_eq!(unencrypted.send().await.unwrap().status(), 400);

    desk.close().await;
    ada.writes("while it is closed");
    let refused = || desk.telegram.webhook().is_some_and(|state| state.last_error.is_some());
    desk.until("Telegram gets 502", refused).await;
    let report = doctor(&desk).await;
    assert!(report.contains("the proxy told Telegram that the desk was down"), "{report}");
    desk.open().await;
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello", "while it is closed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_from_outside_telegrams_networks_are_refused_and_the_doctor_reports_it() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let mut desk = Desk::closed_with(telegram(vec![authority.pem()]), &[]).await;
    let identity = authority.signed_by(folder.path());
    let address = listening(&mut desk);
    let nginx = Nginx::start_strict(&identity, std::slice::from_ref(&address));
    desk.set("WEBHOOK_URL", &format!("https://{NAME}:{}", nginx.port));
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("from 127.0.0.1");
    let noted = || desk.telegram.webhook().is_some_and(|state| state.last_error.is_some());
    desk.until("Telegram's request is refused", noted).await;
    assert_eq!(count(&desk, "stored"), 0);
    let report = doctor(&desk).await;
    assert!(report.contains("got the answer 403: the proxy refused its address"), "{report}");
    assert!(report.contains("149.154.160.0/20 and 91.108.4.0/22"), "{report}");
    drop(nginx);

    desk.close().await;
    let nginx = Nginx::start(&identity, &[address]);
    desk.set("WEBHOOK_URL", &format!("https://{NAME}:{}", nginx.port));
    desk.open().await;
    desk.settle().await;
    assert_eq!(
        desk.relayed_texts(desk.topic()),
        ["from 127.0.0.1"],
        "the setting lets Telegram through"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_self_signed_certificate_is_trusted_once_uploaded() {
    let folder = tempfile::tempdir().unwrap();
    let own = Identity::self_signed(folder.path());
    let mut desk = Desk::closed_with(telegram(Vec::new()), &[]).await;
    let nginx = Nginx::start(&own, &[listening(&mut desk)]);
    desk.set("WEBHOOK_URL", &format!("https://{NAME}:{}", nginx.port));
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    let noted = || desk.telegram.webhook().is_some_and(|state| state.last_error.is_some());
    desk.until("Telegram rejects the certificate", noted).await;
    assert_eq!(count(&desk, "stored"), 0);
    let report = doctor(&desk).await;
    assert!(report.contains("did not accept the certificate of WEBHOOK_URL"), "{report}");

    desk.close().await;
    desk.set("WEBHOOK_CERTIFICATE", own.certificate.to_str().unwrap());
    desk.open().await;
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_one_of_two_desks_costs_telegram_no_retry() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Identity::authority(folder.path());
    let mut desk = Desk::closed_with(telegram(vec![authority.pem()]), &[]).await;
    // A server that answers as a desk does while it stops.
    let stops = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stopping = stops.local_addr().unwrap().to_string();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let answers = Router::new().fallback({
        let asked = std::sync::Arc::clone(&asked);
        move || async move {
            asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            StatusCode::SERVICE_UNAVAILABLE
        }
    });
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    let _served = tokio::spawn(axum::serve(stops, answers).into_future());
    let desks = [stopping, listening(&mut desk)];
    let nginx = Nginx::start(&authority.signed_by(folder.path()), &desks);
    desk.set("WEBHOOK_URL", &format!("https://{NAME}:{}", nginx.port));
    desk.open().await;
    let ada = desk.user(1001, "Ada");
    let written: Vec<String> = (0..10).map(|number| format!("number {number}")).collect();
    for text in &written {
        ada.writes(text);
    }
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), written);
    assert_eq!(desk.telegram.webhook().unwrap().last_error, None);
    assert!(
        asked.load(std::sync::atomic::Ordering::Relaxed) > 0,
        "the stopping server was asked first"
    );
}
