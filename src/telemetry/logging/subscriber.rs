//! Logging to standard error, as text or JSON, filtered by `RUST_LOG`. Warnings and errors are counted.

use std::io::{self, IsTerminal};

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{LevelFilter, filter_fn},
    fmt::{self, MakeWriter},
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Registry},
    util::{SubscriberInitExt, TryInitError},
};

use crate::telemetry::{catalogue::Metrics, logging::ring, registry::labels::LogLevel, sentry};

/// The format of log records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Readable lines.
    Pretty,
    /// One JSON object per line.
    Json,
}

/// Libraries whose lower levels would log requests and bodies.
const QUIET: [&str; 5] = ["teloxide", "hyper", "reqwest", "h2", "rustls"];

/// A library that is silenced: it warns at every attempt, and the desk already logs the failure once.
const SILENCED: &str = "fred";

/// The target of the line that says what has started. `run` adds it to every filter: a log without it would look like a
/// program that never ran.
pub const START: &str = "support_bot::start";

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// `RUST_LOG` is not a valid filter.
    #[error("not a log filter")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Logging is already installed in this process.
    #[error("logging is already installed")]
    AlreadyBegun(#[from] TryInitError),
}

/// Installs logging for the whole process.
pub fn install(format: Format, filter: &str, metrics: &Metrics) -> Result<(), LoggingError> {
    // Records of libraries that use `log` pass through the same filter.
    Ok(subscriber(format, filter, metrics, io::stderr)?.try_init()?)
}

/// Builds the complete subscriber, with the caller's writer.
pub fn subscriber<W>(
    format: Format,
    filter: &str,
    metrics: &Metrics,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, LoggingError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer);
    let lines = match format {
        Format::Pretty => lines.with_ansi(io::stderr().is_terminal()).boxed(),
        Format::Json => lines.json().flatten_event(true).boxed(),
    };
    Ok(Registry::default()
        .with(EnvFilter::try_new(filter)?)
        .with(filter_fn(is_loud_enough))
        .with(lines)
        .with(CountingLayer { metrics: metrics.clone() }.with_filter(LevelFilter::WARN))
        .with(ring::RingLayer.with_filter(LevelFilter::WARN))
        .with(sentry::layers()))
}

fn is_loud_enough(metadata: &Metadata<'_>) -> bool {
    let of = |library: &&str| metadata.target().starts_with(library);
    !of(&SILENCED) && (*metadata.level() <= Level::WARN || !QUIET.iter().any(of))
}

/// A layer that counts warnings and errors.
struct CountingLayer {
    metrics: Metrics,
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for CountingLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            _ => LogLevel::Warn,
        };
        self.metrics.program.log_events.of(level).increment(1);
    }
}
