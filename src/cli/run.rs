//! `support-bot run`: runs the desk until a signal stops it.

use std::{process::ExitCode, sync::Arc};

use anyhow::Context as _;

use crate::{
    app::{self, App, Signals, StartError, Stopped},
    config::{LogFormat, Settings},
    telemetry::{Telemetry, logging, panics, sentry},
};
use ports::SystemClock;

use super::{common::runtime, exit::Exit};

/// Runs the desk. The first SIGTERM or SIGINT stops it in order, a second one at once.
pub(super) fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let telemetry = Telemetry::install()?;
    panics::install(telemetry.metrics());
    let network = app::network(settings)?;
    // Before any other thread starts: earlier threads would not report to it.
    let reports = settings
        .sentry
        .as_ref()
        .map(|to| sentry::init(&to.dsn, &to.environment, network))
        .transpose()?;
    let filter = format!("{},{}=info", settings.logs.filter, logging::START);
    logging::install(format(settings.logs.format), &filter, telemetry.metrics())?;
    let outcome = runtime()?.block_on(serve(settings, &telemetry));
    drop(reports);
    outcome
}

async fn serve(settings: &Settings, telemetry: &Telemetry) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let clock = Arc::new(SystemClock);
    let app = match App::start_unless(settings, telemetry, clock, signals.next()).await {
        Err(StartError::Abandoned) => return Ok(ExitCode::SUCCESS),
        app => app?,
    };
    let asked = app.lifecycle().until_asked(signals.next()).await;
    let stopped = app.stop(signals.next()).await;
    asked?;
    Ok(match stopped {
        Stopped::Drained => ExitCode::SUCCESS,
        Stopped::TimedOut => Exit::Unfinished.into(),
    })
}

fn format(format: LogFormat) -> logging::Format {
    match format {
        LogFormat::Pretty => logging::Format::Pretty,
        LogFormat::Json => logging::Format::Json,
    }
}
