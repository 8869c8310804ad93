//! The webhook's server alone: its answers when the intake is full, slow or broken.

use std::{net::SocketAddr, sync::Arc};

use futures_util::future::join_all;
use reqwest::Method;
use secrecy::SecretString;
use support_bot::{
    http::{Storing, Webhook},
    telemetry::{Metrics, Pushed},
};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{HEADER, SECRET, pushes, request};

/// Serves until the test ends; `take` receives the pushed updates.
async fn serve(take: impl Fn(String) -> Storing + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at: SocketAddr = listener.local_addr().unwrap();
    let secret = SecretString::from(SECRET);
    let webhook = Webhook::new("/webhook".to_owned(), secret, 1, Metrics::nowhere(), take);
    assert!(!format!("{webhook:?}").contains(SECRET));
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    let _served = tokio::spawn(webhook.serve(listener, CancellationToken::new()));
    format!("http://{at}/webhook")
}

#[tokio::test]
async fn a_full_inbox_asks_telegram_to_retry() {
    for (outcome, wait) in [(Pushed::Full, "5"), (Pushed::Unstored, "5"), (Pushed::Stopping, "2")] {
        let url = serve(move |_| Box::pin(async move { outcome })).await;
        let answer = request(Method::POST, &url).header(HEADER, SECRET).body("{}").send();
        let answer = answer.await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["Retry-After"].to_str().unwrap()),
            (503, &wait)
        );
    }
}

#[tokio::test]
async fn requests_beyond_the_limit_are_not_read() {
    let gate = Arc::new(Semaphore::new(0));
    let taken = Arc::clone(&gate);
    let url = serve(move |_| {
        let gate = Arc::clone(&taken);
        Box::pin(async move {
            drop(gate.acquire().await);
            Pushed::Stored
        })
    })
    .await;
    let opens = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        gate.close();
    };
    let requests = (0..60).map(|_| pushes(&url, SECRET, "{}"));
    let (answers, ()) = tokio::join!(join_all(requests), opens);
    let of = |status| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!((of(200), of(503)), (29, 31), "requests beyond the limit are refused");
}

#[tokio::test]
async fn an_update_that_panics_is_not_acknowledged_and_harms_no_other() {
    let url = serve(|raw| {
        Box::pin(async move {
            assert_ne!(raw, "poison");
            Pushed::Stored
        })
    })
    .await;
    assert_eq!(pushes(&url, SECRET, "poison").await, 500);
    assert_eq!(pushes(&url, SECRET, "{}").await, 200);
}
