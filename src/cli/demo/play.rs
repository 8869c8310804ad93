//! The whole of the demo: a Telegram, a desk, a scene, traffic, and the books at the end.

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
    cast::Cast,
    page::{Ink, Page},
    scene,
    stage::{Never, Stage},
    traffic,
    transcript::{Detail, Transcript},
};

/// The port of the operations server, if nobody has it.
const OPS_PORT: u16 = 9464;

/// How the demo is played.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Program {
    /// Ends after the scene instead of going on with random traffic.
    #[arg(long)]
    once: bool,
}

/// How the play ended.
#[derive(Debug)]
enum End {
    /// The scene was all that was wanted, or a signal came.
    Asked,
    /// A step did not have its effects.
    Stuck(Never),
    /// The desk did not stay up.
    Died(String),
}

/// Plays. Fails if anything was lost.
pub(in crate::cli) fn demo(program: Program) -> anyhow::Result<ExitCode> {
    let telemetry = Telemetry::install()?;
    panics::install(telemetry.metrics());
    logging::install(logging::Format::Pretty, filter(), telemetry.metrics())?;
    // Removed with everything in it when this function ends, however it ends.
    let folder = tempfile::Builder::new().prefix("support-bot-demo-").tempdir()?;
    let outcome = crate::cli::runtime()?.block_on(play(program, &telemetry, folder.path()));
    folder.close().context("the demo's temporary folder could not be removed")?;
    outcome
}

/// Troubles are staged, and the desk warns of them: on a terminal that would tear the transcript apart.
fn filter() -> &'static str {
    if io::IsTerminal::is_terminal(&io::stderr()) {
        "warn,support_bot::telemetry::events=off"
    } else {
        "warn"
    }
}

async fn play(program: Program, telemetry: &Telemetry, folder: &Path) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let mut page = Page::new(env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()));
    let cast = Cast::gather().await.context("cannot start the simulated Telegram")?;
    introduce(&mut page, &cast);
    let app = tokio::select! {
        app = start(&cast, telemetry, folder) => app?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    let ops = format!("http://{}", app.ops());
    let mut stage = Stage::new(cast, Transcript::new(page));

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
            "Stopping: nobody writes any more, {waiting} on the way. Ctrl-C again stops at once."
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
    // What the desk still sent while it stopped.
    stage.attend(Duration::from_millis(50)).await;
    Ok(account(&mut stage, &end))
}

async fn perform(stage: &mut Stage, program: Program, ops: &str) -> Result<(), Never> {
    scene::play(stage).await?;
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
    page.line(&format!("   {ops}/metrics   Prometheus metrics of this very desk"));
    page.line(&format!("   {ops}/healthz   is it alive?"));
    page.line(&format!("   {ops}/readyz    can it work, and what not?"));
    page.line("");
    stage.transcript.tell(Detail::Nothing);
    traffic::run(stage, &mut fastrand::Rng::new()).await
}

/// All settings there are: none is read from anywhere else.
fn settings(cast: &Cast, folder: &Path, ops: u16) -> BTreeMap<String, String> {
    let telegram = &cast.telegram;
    [
        ("BOT_TOKEN", telegram.token()),
        ("BOT_API_URL", telegram.url()),
        ("BOT_DEV_ID", Cast::owner().to_string()),
        ("BOT_GROUP_ID", cast.group.id().to_string()),
        ("DATA_DIR", folder.display().to_string()),
        ("OPS_PORT", ops.to_string()),
        // So that the simulated Telegram is met at its limit for groups: the scene says so.
        ("PACE_GROUP_PER_MINUTE", "0".to_owned()),
        ("ALBUM_WINDOW_MS", "300".to_owned()),
        ("POLL_TIMEOUT_SECONDS", "5".to_owned()),
        ("LINK_RETENTION_DAYS", "2".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Starts the desk; its operations server takes the usual port, or any free one.
async fn start(cast: &Cast, telemetry: &Telemetry, folder: &Path) -> anyhow::Result<App> {
    let start = async |port: u16| {
        // A store of its own each time: that of a start that failed may still be closing.
        let folder = folder.join(port.to_string());
        let settings = Settings::load(&settings(cast, &folder, port))?;
        anyhow::Ok(App::start(&settings, telemetry, Arc::new(SystemClock)).await)
    };
    match start(OPS_PORT).await? {
        Err(StartError::Listen { .. }) => Ok(start(0).await??),
        started => Ok(started?),
    }
}

fn introduce(page: &mut Page, cast: &Cast) {
    let title = page.paint(Ink::Bold, "support-bot demo");
    page.line(&format!(
        "{title}: the real bot, talking to a simulated Telegram at {}.",
        cast.telegram.url()
    ));
    page.line("No token, no network; no settings are read; its store is in a temporary folder.");
    page.line("");
    page.line("   ▸ written by a person     ◂ put there by the bot     *bold* _italic_ `code`     [button]");
}

/// Says what was delivered, from what stands in the simulated Telegram.
fn account(stage: &mut Stage, end: &End) -> ExitCode {
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
        ("of both, replies", totals.replies),
        ("edits", totals.edits),
        ("reactions", totals.reactions),
    ] {
        page.line(&format!("   {what:<30}{count}"));
    }
    page.line("");
    for (what, count) in [
        ("told to wait by Telegram (429)", refused),
        ("passed on in spite of ban or //", totals.leaked),
        ("out of order", totals.overtook),
    ] {
        page.line(&format!("   {what:<31}{count:>8}"));
    }
    if told > 0 {
        page.line(&format!("   {:<31}{told:>8}", "cannot arrive, operators told"));
    }
    let ink = if well { Ink::Bot } else { Ink::Alarm };
    page.line("");
    page.line(&page.paint(ink, &format!("   lost: {lost}")));
    let trouble = match end {
        End::Asked if well => return ExitCode::SUCCESS,
        End::Asked if lost > 0 => format!("{lost} had not arrived when the demo stopped"),
        End::Asked => "not everything went where it should".to_owned(),
        End::Stuck(never) => never.to_string(),
        End::Died(died) => format!("the desk did not stay up: {died}"),
    };
    page.line(&page.paint(Ink::Alarm, &format!("FAILED: {trouble}")));
    ExitCode::FAILURE
}
