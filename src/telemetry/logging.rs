//! Logs: readable or JSON, to standard error, filtered by `RUST_LOG`, warnings and errors counted.

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

use crate::telemetry::{catalogue::Metrics, labels::LogLevel, recent, sentry};

/// How log records look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Libraries whose lower levels tell about requests and bodies, not about the desk.
const QUIET: [&str; 5] = ["teloxide", "hyper", "reqwest", "h2", "rustls"];

/// The one that warns at each attempt of what the desk says once.
const MUTE: &str = "fred";

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// `RUST_LOG` makes no sense.
    #[error("not a log filter")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else already logs in this process.
    #[error("logging has already begun")]
    AlreadyBegun(#[from] TryInitError),
}

/// Begins to log, for the whole process.
pub fn install(format: Format, filter: &str, metrics: &Metrics) -> Result<(), LoggingError> {
    // Libraries that speak `log` come through the same filter.
    Ok(subscriber(format, filter, metrics, io::stderr)?.try_init()?)
}

/// The whole of logging, with a writer of the caller's choice.
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
        .with(filter_fn(loud_enough))
        .with(lines)
        .with(Counting { metrics: metrics.clone() }.with_filter(LevelFilter::WARN))
        .with(recent::Keeping.with_filter(LevelFilter::WARN))
        .with(sentry::layers()))
}

fn loud_enough(metadata: &Metadata<'_>) -> bool {
    let of = |library: &&str| metadata.target().starts_with(library);
    !of(&MUTE) && (*metadata.level() <= Level::WARN || !QUIET.iter().any(of))
}

/// Counts what a person may want to see.
struct Counting {
    metrics: Metrics,
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Counting {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            _ => LogLevel::Warn,
        };
        self.metrics.program.log_events.of(level).increment(1);
    }
}
