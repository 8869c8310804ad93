//! Reports errors and panics to Sentry, without anything private.
//!
//! Invariant: Sentry never delays work, and delays the exit by a few seconds at most. The transports of its library
//! have no time limit and join their thread, so we use our own transport.

use std::{borrow::Cow, fmt, str::FromStr, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sentry::{
    ClientInitGuard, ClientOptions, Hub, SessionMode,
    integrations::tracing::{BreadcrumbLayer, ErrorLayer},
    types::Dsn,
};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, filter_fn},
    registry::LookupSpan,
};

use crate::{
    network::Network,
    telemetry::{
        VERSION,
        crashes::current,
        sentry::{scrub, transport::Background},
    },
};

/// Maximum time that the exit waits for the last reports.
const EXIT_LIMIT: Duration = Duration::from_secs(2);

/// Keeps Sentry active. Dropping it sends the remaining reports, within a few seconds.
#[must_use = "Sentry ends when this is dropped"]
pub struct Guard(ClientInitGuard);

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("enabled", &self.0.is_enabled()).finish()
    }
}

/// The DSN of Sentry is not valid.
#[derive(Debug, thiserror::Error)]
#[error("not a Sentry address")]
pub struct InvalidDsn;

/// Whether a text is a valid Sentry DSN.
pub fn is_dsn(text: &str) -> bool {
    Dsn::from_str(text).is_ok()
}

/// Starts reporting, through this network.
///
/// Call it in `main` before any thread exists, because threads inherit the client of the thread
/// that started them, and after [`crate::telemetry::panics::install`].
pub fn init(dsn: &SecretString, environment: &str, network: Network) -> Result<Guard, InvalidDsn> {
    if !is_dsn(dsn.expose_secret()) {
        return Err(InvalidDsn);
    }
    let options = ClientOptions::new()
        .dsn(dsn.expose_secret())
        .release(Cow::from(format!("support-bot@{VERSION}")))
        .environment(Cow::from(environment.to_owned()))
        .auto_session_tracking(true)
        .session_mode(SessionMode::Application)
        .attach_stacktrace(true)
        .send_default_pii(false)
        .shutdown_timeout(EXIT_LIMIT)
        .before_send(|event| Some(scrub::event(event)))
        .before_breadcrumb(|breadcrumb| Some(scrub::breadcrumb(breadcrumb)))
        .transport(Background(network));
    Ok(Guard(sentry::init(options)))
}

/// Sends the remaining reports, within a few seconds, for a program that ends without dropping its [`Guard`].
pub fn flush() {
    if let Some(client) = Hub::main().client() {
        client.flush(Some(EXIT_LIMIT));
    }
}

/// A layer that turns errors into reports, and earlier records into their breadcrumbs. Does nothing before [`init`].
pub(in crate::telemetry) fn layers<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let errors = ErrorLayer::new().with_filter(filter_fn(is_error_to_report));
    errors.and_then(BreadcrumbLayer::new().with_filter(LevelFilter::INFO))
}

/// Whether a record becomes a report. Panics do not: Sentry's own hook already reports them with their stack.
fn is_error_to_report(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::ERROR && metadata.target() != current::LOG_TARGET
}
