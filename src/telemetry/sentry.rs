//! Errors and panics, told to Sentry without what may be private.
//!
//! Invariant: Sentry never holds up work or exit for longer than a few seconds: its
//! own transport has no time limit, and joins its thread.

use std::{borrow::Cow, fmt, str::FromStr, sync::Arc, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use sentry::{
    ClientInitGuard, ClientOptions, Envelope, SessionMode, Transport, TransportFactory,
    TransportOptions,
    integrations::tracing::{BreadcrumbLayer, ErrorLayer},
    transports::{UreqHttpTransport, UreqHttpTransportOptions},
    types::Dsn,
};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, filter_fn},
    registry::LookupSpan,
};

use crate::telemetry::{VERSION, panics, scrub};

/// How long one report may take to be sent.
const SEND_LIMIT: Duration = Duration::from_secs(3);
/// How long the end of the program waits for the last reports.
const EXIT_LIMIT: Duration = Duration::from_secs(2);

/// Keeps Sentry alive; dropping it sends what is left, within a few seconds.
#[must_use = "Sentry ends when this is dropped"]
pub struct Guard(ClientInitGuard);

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("enabled", &self.0.is_enabled()).finish()
    }
}

/// The address of Sentry makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("not a Sentry address")]
pub struct InvalidDsn;

/// Whether this is an address of Sentry.
pub fn is_dsn(text: &str) -> bool {
    Dsn::from_str(text).is_ok()
}

/// Begins to report.
///
/// To be called in `main` before any thread exists, since threads inherit the client of the one
/// that started them, and after [`crate::telemetry::panics::install`].
pub fn init(dsn: &SecretString, environment: &str) -> Result<Guard, InvalidDsn> {
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
        .transport(Impatient);
    Ok(Guard(sentry::init(options)))
}

/// Errors become reports, what led to them their breadcrumbs. Does nothing before [`init`].
pub(in crate::telemetry) fn layers<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let errors = ErrorLayer::new().with_filter(filter_fn(is_error_to_report));
    errors.and_then(BreadcrumbLayer::new().with_filter(LevelFilter::INFO))
}

/// A panic is reported by Sentry's own hook, with its stack, and needs no second report.
fn is_error_to_report(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::ERROR && metadata.target() != panics::LOG_TARGET
}

/// Creates the transport with a time limit.
struct Impatient;

impl TransportFactory for Impatient {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let agent = ureq::Agent::config_builder().timeout_global(Some(SEND_LIMIT)).build();
        let options = UreqHttpTransportOptions::from(options).with_agent(agent.new_agent());
        Arc::new(Background(options.build()))
    }
}

/// Sends in the background only.
struct Background(UreqHttpTransport);

impl Transport for Background {
    fn send_envelope(&self, envelope: Envelope) {
        self.0.send_envelope(envelope);
    }

    /// Sentry's panic hook asks for this on the thread that panicked, where other work waits. The
    /// process goes on after a panic, so the report has time to leave by itself.
    fn flush(&self, _timeout: Duration) -> bool {
        true
    }

    fn shutdown(&self, timeout: Duration) -> bool {
        self.0.shutdown(timeout)
    }
}
