//! `/watchdog`: Alertmanager posts here while monitoring works. `/watchdog/undelivered`: it posts here while it cannot
//! deliver alerts.
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

/// What Alertmanager says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfReport {
    /// Monitoring works.
    Alive,
    /// Alerts cannot be delivered.
    Undelivered,
    /// Alerts are delivered again.
    Delivered,
}

/// The receiver of Alertmanager's reports about itself; cheap to clone.
#[derive(Clone)]
pub struct Watchdog {
    token: Arc<SecretString>,
    on_report: Arc<dyn Fn(SelfReport) + Send + Sync>,
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watchdog").finish_non_exhaustive()
    }
}

impl Watchdog {
    /// Accepts posts with this token, and calls `on_report` for each.
    pub fn new(
        token: SecretString,
        on_report: impl Fn(SelfReport) + Send + Sync + 'static,
    ) -> Self {
        Self { token: Arc::new(token), on_report: Arc::new(on_report) }
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

/// The only relevant part of a notification: whether its alert fires.
#[derive(Debug, Deserialize)]
struct Notification {
    #[serde(default)]
    status: Option<String>,
}

impl Notification {
    fn has_status(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }
}

pub(super) async fn watchdog(
    State(watchdog): State<Option<Watchdog>>,
    request: Request,
) -> Response {
    reported(watchdog, request, |notification| {
        // When Prometheus is down, Alertmanager reports the watchdog once as resolved. That is not a sign of life.
        let resolved = notification.is_some_and(|notification| notification.has_status("resolved"));
        Ok((!resolved).then_some(SelfReport::Alive))
    })
    .await
}

pub(super) async fn undelivered(
    State(watchdog): State<Option<Watchdog>>,
    request: Request,
) -> Response {
    reported(watchdog, request, |notification| match notification {
        Some(one) if one.has_status("firing") => Ok(Some(SelfReport::Undelivered)),
        Some(one) if one.has_status("resolved") => Ok(Some(SelfReport::Delivered)),
        Some(_) | None => Err(StatusCode::BAD_REQUEST),
    })
    .await
}

/// Passes on what a request reports, if it shows the token. `meaning` is that of its notification.
async fn reported(
    watchdog: Option<Watchdog>,
    request: Request,
    meaning: fn(Option<Notification>) -> Result<Option<SelfReport>, StatusCode>,
) -> Response {
    let (watchdog, notification) = match received(watchdog, request).await {
        Ok(received) => received,
        Err(refused) => return refused,
    };
    match meaning(notification) {
        Ok(report) => {
            if let Some(report) = report {
                (watchdog.on_report)(report);
            }
            StatusCode::OK.into_response()
        }
        Err(status) => status.into_response(),
    }
}

/// The notification in a request that shows the token; `None` if the body is not one. `Err` is the refusal.
async fn received(
    watchdog: Option<Watchdog>,
    request: Request,
) -> Result<(Watchdog, Option<Notification>), Response> {
    let watchdog = watchdog.ok_or_else(|| refusal(StatusCode::NOT_FOUND))?;
    if request.method() != Method::POST {
        return Err(refusal(StatusCode::METHOD_NOT_ALLOWED));
    }
    if !watchdog.authenticates(&request) {
        return Err(refusal(StatusCode::UNAUTHORIZED));
    }
    if content_length(&request) > BODY_LIMIT {
        return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE));
    }
    let body = Bytes::from_request(request, &()).await;
    let body = body.map_err(|refused| refusal(refused.status()))?;
    Ok((watchdog, serde_json::from_slice(&body).ok()))
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
