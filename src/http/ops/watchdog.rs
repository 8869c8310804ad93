//! `/watchdog`: Alertmanager posts here while monitoring works.
//!
//! Invariant: a request without the token has no effect, and the contents of a notification are never stored.

use std::{fmt, sync::Arc};

use axum::{
    body::Bytes,
    extract::{FromRequest as _, Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{ALLOW, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, WWW_AUTHENTICATE},
    },
    response::{IntoResponse as _, Response},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::http::ops::OpsState;

/// Size limit of a notification. A group of alerts with all their texts is far smaller.
pub(in crate::http) const BODY_LIMIT: usize = 64 * 1024;

/// The receiver of watchdog notifications; cheap to clone.
#[derive(Clone)]
pub struct Watchdog {
    token: Arc<SecretString>,
    hears: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").finish_non_exhaustive()
    }
}

impl Watchdog {
    /// Accepts posts with this token, and calls `hears` for each.
    pub fn new(token: SecretString, hears: impl Fn() + Send + Sync + 'static) -> Self {
        Self { token: Arc::new(token), hears: Arc::new(hears) }
    }

    /// Constant-time comparison: the duration does not depend on how many characters are right.
    fn knows(&self, request: &Request) -> bool {
        let shown = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let shown = shown.and_then(|shown| shown.split_at_checked(BEARER.len()));
        shown.is_some_and(|(scheme, token)| {
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

pub(in crate::http) async fn watchdog(State(state): State<OpsState>, request: Request) -> Response {
    let Some(watchdog) = state.watchdog else { return refusal(StatusCode::NOT_FOUND) };
    if request.method() != Method::POST {
        return refusal(StatusCode::METHOD_NOT_ALLOWED);
    }
    if !watchdog.knows(&request) {
        return refusal(StatusCode::UNAUTHORIZED);
    }
    if announced(&request) > BODY_LIMIT {
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
        (watchdog.hears)();
    }
    StatusCode::OK.into_response()
}

/// The announced length of the body.
fn announced(request: &Request) -> usize {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or(0)
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
