//! The webhook: Telegram pushes an update, and gets 200 once it is on disk.
//!
//! Invariant: 200 is answered only after the engine has confirmed that the update is stored. A request without the
//! secret has no effect, and only its head is read.

use std::{
    fmt,
    future::{Future, IntoFuture},
    io,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, FromRequest as _, Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, CONNECTION, RETRY_AFTER},
    },
    response::{IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    http::serving::{content_length, serve_until},
    telemetry::{Metrics, Pushed, events},
};

use super::listener::{Connection, WebhookListener};

/// The header that carries Telegram's secret.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Size limit of an update. An update is a message with the message it replies to, at most some tens of kilobytes.
/// Telegram states no limit; this is far more than the types of the Bot API can hold, and two hundred bodies of this
/// size still fit in memory.
const BODY_LIMIT: usize = 1 << 20;
/// Time limit for reading a body, once the head has arrived.
const READ_LIMIT: Duration = Duration::from_secs(10);
/// How long an update may take to be stored. Telegram waits a minute.
const STORE_LIMIT: Duration = Duration::from_secs(20);
/// Requests accepted beyond the number of Telegram's connections: Telegram may have just abandoned some of them.
const SPARE_REQUESTS: usize = 28;

/// The pending result of storing one update.
pub type Storing = Pin<Box<dyn Future<Output = Pushed> + Send>>;

/// The webhook and the function that accepts its updates; cheap to clone.
#[derive(Clone)]
pub struct Webhook(Arc<Inner>);

struct Inner {
    path: String,
    secret: SecretString,
    store: Box<dyn Fn(String) -> Storing + Send + Sync>,
    slots: Semaphore,
    metrics: Metrics,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path may be secret too.
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

impl Webhook {
    /// Creates a webhook at `path` that requires `secret`. `store` gets the text of each update; it is called at most
    /// `max_concurrent` times concurrently, plus a few.
    pub fn new(
        path: String,
        secret: SecretString,
        max_concurrent: u8,
        metrics: Metrics,
        store: impl Fn(String) -> Storing + Send + Sync + 'static,
    ) -> Self {
        let slots = Semaphore::new(usize::from(max_concurrent) + SPARE_REQUESTS);
        Self(Arc::new(Inner { path, secret, store: Box::new(store), slots, metrics }))
    }

    /// Serves until `stop` is cancelled, and then briefly waits for open requests.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
        let listener = WebhookListener::new(listener, &self.0.metrics);
        let router = Router::new()
            .fallback(receive)
            .with_state(self)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(CatchPanicLayer::new());
        let server =
            axum::serve(listener, router.into_make_service_with_connect_info::<Connection>())
                .with_graceful_shutdown(stop.clone().cancelled_owned())
                .into_future();
        serve_until(stop, server).await
    }
}

async fn receive(
    State(Webhook(webhook)): State<Webhook>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let begun = Instant::now();
    let outcome = webhook.outcome(&connection, request).await;
    events::webhook_answered(&webhook.metrics, outcome, begun.elapsed());
    answer(outcome)
}

impl Inner {
    async fn outcome(&self, connection: &Connection, request: Request) -> Pushed {
        if request.uri().path() != self.path {
            return Pushed::NotFound;
        }
        if request.method() != Method::POST {
            return Pushed::WrongMethod;
        }
        if !self.authenticates(&request) {
            return Pushed::WrongSecret;
        }
        connection.authenticate();
        if content_length(&request) > BODY_LIMIT {
            return Pushed::TooLarge;
        }
        // Requests beyond the limit are not read, so memory stays bounded.
        let Ok(_slot) = self.slots.try_acquire() else { return Pushed::Busy };
        let body = match timeout(READ_LIMIT, Bytes::from_request(request, &())).await {
            Ok(Ok(body)) => body,
            Ok(Err(refused)) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Pushed::TooLarge;
            }
            Ok(Err(_broken)) => return Pushed::Broken,
            Err(_too_late) => return Pushed::TooSlow,
        };
        // A body that is not UTF-8 is accepted too and becomes a dead letter; otherwise Telegram would repeat it for
        // a day.
        let raw = String::from_utf8(body.into())
            .unwrap_or_else(|bytes| String::from_utf8_lossy(bytes.as_bytes()).into_owned());
        timeout(STORE_LIMIT, (self.store)(raw)).await.unwrap_or(Pushed::Unstored)
    }

    /// Whether the request shows the secret. A constant-time comparison: the duration does not depend on how many characters are right.
    fn authenticates(&self, request: &Request) -> bool {
        let secret = self.secret.expose_secret().as_bytes();
        let given = request.headers().get(SECRET_HEADER);
        given.is_some_and(|given| given.as_bytes().ct_eq(secret).into())
    }
}

/// Telegram repeats a push that is not answered with 2xx: after a second, then after twice the time each, unless
/// `Retry-After` says when.
fn answer(outcome: Pushed) -> Response {
    const CLOSE: HeaderValue = HeaderValue::from_static("close");
    let retry_after = |seconds: u64| (StatusCode::SERVICE_UNAVAILABLE, Some(seconds));
    let (status, wait) = match outcome {
        Pushed::Stored => (StatusCode::OK, None),
        Pushed::Busy => retry_after(1),
        Pushed::Stopping => retry_after(2),
        Pushed::Full | Pushed::Unstored => retry_after(5),
        Pushed::WrongSecret => (StatusCode::UNAUTHORIZED, None),
        Pushed::NotFound => (StatusCode::NOT_FOUND, None),
        Pushed::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, None),
        Pushed::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, None),
        Pushed::TooSlow => (StatusCode::REQUEST_TIMEOUT, None),
        Pushed::Broken => (StatusCode::BAD_REQUEST, None),
    };
    let mut response = status.into_response();
    let headers = response.headers_mut();
    if let Some(seconds) = wait {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if outcome == Pushed::WrongMethod {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    match outcome {
        Pushed::Stored | Pushed::Full | Pushed::Unstored | Pushed::Stopping => {}
        Pushed::WrongSecret
        | Pushed::NotFound
        | Pushed::WrongMethod
        | Pushed::TooLarge
        | Pushed::TooSlow
        | Pushed::Broken
        | Pushed::Busy => {
            headers.insert(CONNECTION, CLOSE);
        }
    }
    response
}
