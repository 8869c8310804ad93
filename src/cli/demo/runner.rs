//! Runs the demo: a simulated Telegram, a desk, the scene, traffic, and the accounts at the end.

use std::{
    collections::BTreeMap, env, io, path::Path, process::ExitCode, sync::Arc, time::Duration,
};

use anyhow::Context as _;
use clap::Args;

use crate::{
    app::{App, Signals, StartError},
    config::Settings,
    telemetry::{Telemetry, logging, panics},
};
use ports::SystemClock;

use super::{
    actors::Actors,
    recorder::{Never, Recorder},
    scenario,
    terminal::{Ink, Terminal},
    traffic,
    transcript::{Detail, Transcript},
};

/// The port of the operations server, unless it is in use.
const OPS_PORT: u16 = 9464;

/// Options of the demo.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Program {
    /// End after the scene instead of continuing with random traffic.
    #[arg(long)]
    once: bool,
}

/// How the demo ended.
#[derive(Debug)]
enum End {
    /// The scene ended and `--once` was set, or a signal arrived.
    Asked,
    /// The effects of a step did not appear.
    Stuck(Never),
    /// The desk ended by itself.
    Died(String),
}

/// Runs the demo. Fails if anything was lost.
pub(in crate::cli) fn demo(program: Program) -> anyhow::Result<ExitCode> {
    let telemetry = Telemetry::install()?;
    panics::install(telemetry.metrics());
    logging::install(logging::Format::Pretty, filter(), telemetry.metrics())?;
    // The folder and its contents are removed when this function ends, even after an error.
    let folder = tempfile::Builder::new().prefix("support-bot-demo-").tempdir()?;
    let outcome = crate::cli::runtime()?.block_on(play(program, &telemetry, folder.path()));
    folder.close().context("the demo's temporary folder could not be removed")?;
    outcome
}

/// The log filter. The scene provokes failures, and the desk's warnings would tear the transcript apart on a terminal.
fn filter() -> &'static str {
    if io::IsTerminal::is_terminal(&io::stderr()) {
        "warn,support_bot::telemetry::events::desk=off"
    } else {
        "warn"
    }
}

async fn play(program: Program, telemetry: &Telemetry, folder: &Path) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let mut page = Terminal::new(env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()));
    let cast = Actors::gather().await.context("cannot start the simulated Telegram")?;
    introduce(&mut page, &cast);
    let app = tokio::select! {
        app = start(&cast, telemetry, folder) => app?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    let ops = format!("http://{}", app.ops());
    let mut stage = Recorder::new(cast, Transcript::new(page));

    let end = tokio::select! {
        end = perform(&mut stage, program, &ops) => end.map_or_else(End::Stuck, |()| End::Asked),
        () = signals.next() => End::Asked,
        died = app.lifecycle().died() => End::Died(died.to_string()),
    };
    stage.transcript.tell(Detail::Nothing);
    if !program.once {
        let waiting = stage.ledger.on_the_way();
        let page = &mut stage.transcript.page;
        page.line("");
        page.line(&format!(
            "Stopping: no new messages, {waiting} on the way. Ctrl-C again stops at once."
        ));
    }
    let drained = tokio::select! {
        drained = stage.settled("everything written has arrived", |_| true) => drained.is_ok(),
        () = signals.next() => false,
    };
    if drained {
        app.stop(signals.next()).await;
    } else {
        app.stop(std::future::ready(())).await;
    }
    // Observe what the desk sent while it was stopping.
    stage.attend(Duration::from_millis(50)).await;
    Ok(account(&mut stage, &end))
}

async fn perform(stage: &mut Recorder, program: Program, ops: &str) -> Result<(), Never> {
    scenario::play(stage).await?;
    if program.once {
        return Ok(());
    }
    let page = &mut stage.transcript.page;
    page.line("");
    page.line(&page.paint(
        Ink::Bold,
        "The desk stays open, with light random traffic. Ctrl-C drains it and counts.",
    ));
    page.line("");
    page.line(&format!("   {ops}/metrics   Prometheus metrics of this desk"));
    page.line(&format!("   {ops}/healthz   liveness"));
    page.line(&format!("   {ops}/readyz    readiness, with the reason if it is not ready"));
    page.line("");
    stage.transcript.tell(Detail::Nothing);
    traffic::run(stage, &mut fastrand::Rng::new()).await
}

/// All settings of the desk. None is read from anywhere else.
fn settings(cast: &Actors, folder: &Path, ops: u16) -> BTreeMap<String, String> {
    let telegram = &cast.telegram;
    [
        ("BOT_TOKEN", telegram.token()),
        ("BOT_API_URL", telegram.url()),
        ("BOT_DEV_ID", Actors::owner().to_string()),
        ("BOT_GROUP_ID", cast.group.id().to_string()),
        ("DATA_DIR", folder.display().to_string()),
        ("OPS_PORT", ops.to_string()),
        // The desk's own pacing is off, so that the scene can show Telegram's rate limit for groups.
        ("PACE_GROUP_PER_MINUTE", "0".to_owned()),
        ("ALBUM_WINDOW_MS", "300".to_owned()),
        ("POLL_TIMEOUT_SECONDS", "5".to_owned()),
        ("LINK_RETENTION_DAYS", "2".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Starts the desk. Its operations server uses the usual port, or any free port.
async fn start(cast: &Actors, telemetry: &Telemetry, folder: &Path) -> anyhow::Result<App> {
    let start = async |port: u16| {
        // Every attempt has its own store, because the store of a failed attempt may still be closing.
        let folder = folder.join(port.to_string());
        let settings = Settings::load(&settings(cast, &folder, port))?;
        anyhow::Ok(App::start(&settings, telemetry, Arc::new(SystemClock)).await)
    };
    match start(OPS_PORT).await? {
        Err(StartError::Listen { .. }) => Ok(start(0).await??),
        started => Ok(started?),
    }
}

fn introduce(page: &mut Terminal, cast: &Actors) {
    let title = page.paint(Ink::Bold, "support-bot demo");
    page.line(&format!(
        "{title}: the real bot, talking to a simulated Telegram at {}.",
        cast.telegram.url()
    ));
    page.line("It needs no token and no network, reads no settings, and keeps its store in a temporary folder.");
    page.line("");
    page.line(
        "   ▸ written by a person     ◂ sent by the bot     *bold* _italic_ `code`     [button]",
    );
}

/// Prints what was delivered, as counted in the simulated Telegram.
fn account(stage: &mut Recorder, end: &End) -> ExitCode {
    let (totals, refused) = (stage.ledger.totals, stage.refused());
    let (lost, told, well) = (stage.ledger.lost(), stage.ledger.told(), stage.ledger.is_well());
    let page = &mut stage.transcript.page;
    let heading = "What was delivered, counted in the simulated Telegram on both sides";
    page.line("");
    page.line(&page.paint(Ink::Bold, heading));
    page.line("");
    page.line("                                      sent  arrived");
    for (what, count) in [
        ("users' messages", totals.messages),
        ("operators' answers", totals.answers),
        ("of which replies", totals.replies),
        ("edits", totals.edits),
        ("reactions", totals.reactions),
    ] {
        page.line(&format!("   {what:<30}{count}"));
    }
    page.line("");
    for (what, count) in [
        ("told to wait by Telegram (429)", refused),
        ("leaked despite a ban or //", totals.leaked),
        ("out of order", totals.overtook),
    ] {
        page.line(&format!("   {what:<31}{count:>8}"));
    }
    if told > 0 {
        page.line(&format!("   {:<31}{told:>8}", "undeliverable, operators told"));
    }
    let ink = if well { Ink::Bot } else { Ink::Alarm };
    page.line("");
    page.line(&page.paint(ink, &format!("   lost: {lost}")));
    let trouble = match end {
        End::Asked if well => return ExitCode::SUCCESS,
        End::Asked if lost > 0 => format!("{lost} had not arrived when the demo stopped"),
        End::Asked => "not everything was delivered correctly".to_owned(),
        End::Stuck(never) => never.to_string(),
        End::Died(died) => format!("the desk ended by itself: {died}"),
    };
    page.line(&page.paint(Ink::Alarm, &format!("FAILED: {trouble}")));
    ExitCode::FAILURE
}
