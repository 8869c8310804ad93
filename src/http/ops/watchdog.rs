//! `/watchdog`: Alertmanager posts here while monitoring works.
//!
//! Invariant: a request without the token has no effect, and the contents of a notification are never stored.

use std::{fmt, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest as _, Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{ALLOW, AUTHORIZATION, CONNECTION, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::http::serving::content_length;

/// Size limit of a notification. A group of alerts with all their texts is far smaller.
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// The receiver of watchdog notifications; cheap to clone.
#[derive(Clone)]
pub struct Watchdog {
    token: Arc<SecretString>,
    on_post: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").finish_non_exhaustive()
    }
}

impl Watchdog {
    /// Accepts posts with this token, and calls `on_post` for each.
    pub fn new(token: SecretString, on_post: impl Fn() + Send + Sync + 'static) -> Self {
        Self { token: Arc::new(token), on_post: Arc::new(on_post) }
    }

    /// Whether the request shows the token. A constant-time comparison: the duration does not depend on how many characters are right.
    fn authenticates(&self, request: &Request) -> bool {
        let given = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let given = given.and_then(|given| given.split_at_checked(BEARER.len()));
        given.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case(BEARER)
                && token.ct_eq(self.token.expose_secret().as_bytes()).into()
        })
    }
}

const BEARER: &[u8] = b"Bearer ";

/// The only relevant part of a notification: whether the watchdog fires.
#[derive(Debug, Deserialize)]
struct Notification {
    #[serde(default)]
    status: Option<String>,
}

pub(super) async fn watchdog(
    State(watchdog): State<Option<Watchdog>>,
    request: Request,
) -> Response {
    let Some(watchdog) = watchdog else { return refusal(StatusCode::NOT_FOUND) };
    if request.method() != Method::POST {
        return refusal(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !watchdog.authenticates(&request) {
        return refusal(StatusCode::UNAUTHORIZED);
    }
    if content_length(&request) > BODY_LIMIT {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(refused) => return refusal(refused.status()),
    };
    // When Prometheus is down, Alertmanager reports the watchdog once as resolved. That is not a sign of life.
    let notification = serde_json::from_slice::<Notification>(&body).ok();
    let resolved =
        notification.is_some_and(|notification| notification.status.as_deref() == Some("resolved"));
    if !resolved {
        (watchdog.on_post)();
    }
    StatusCode::OK.into_response()
}

/// A response to a request whose body is not read to its end.
fn refusal(status: StatusCode) -> Response {
    let with = |name: HeaderName, value| (status, [(name, HeaderValue::from_static(value))]);
    let mut response = match status {
        StatusCode::UNAUTHORIZED => with(WWW_AUTHENTICATE, "Bearer").into_response(),
        StatusCode::METHOD_NOT_ALLOWED => with(ALLOW, "POST").into_response(),
        _ => status.into_response(),
    };
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
