//! Runs the demo: a simulated Telegram, a desk, the scene, traffic, and the accounts at the end.
//!
//! The desk is started again and again on the same store: within this process, without pacing; as a process of its own, which is
//! killed; and within this process again, with pacing.

use std::{
    collections::BTreeMap, env, future, io, os::fd::AsFd, path::Path, process::ExitCode, sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;

use crate::{
    app::{App, Signals, StartError},
    cli::{common::runtime, output::errln},
    config::{Settings, wants_colour},
    telemetry::{Telemetry, logging, panics},
};
use ports::SystemClock;

use super::{
    actors::{Actors, MINUTE},
    killed::killed,
    process::{Launcher, become_desk},
    recorder::{Recorder, TimedOut},
    scenario,
    terminal::{Format, Style, Terminal},
    traffic,
    transcript::{Detail, Transcript},
};

/// The port of the operations server, unless it is in use.
const OPS_PORT: u16 = 9464;

/// Options of the demo.
#[derive(Debug, Clone, Copy, Args)]
pub(in crate::cli) struct Options {
    /// Ends after the scene instead of going on with random traffic.
    #[arg(long)]
    once: bool,
    /// Format of the transcript.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    transcript: Format,
    /// Becomes the desk of the demo with this process id. The environment has its settings.
    #[arg(long, hide = true)]
    desk: Option<i32>,
}

/// How the desk keeps to the group's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pacing {
    /// Not at all, so that the scene can show Telegram's limit.
    Off,
    /// As every desk does, and it holds floods; but its minute is shorter.
    On,
}

/// How the demo ended.
#[derive(Debug)]
enum End {
    /// The scene ended and `--once` was set, or a signal arrived.
    Asked,
    /// The effects of a step did not appear.
    Stuck(TimedOut),
    /// The desk ended by itself.
    Died(String),
}

/// Runs the demo. Fails if anything was lost.
pub(in crate::cli) fn demo(options: Options) -> anyhow::Result<ExitCode> {
    if let Some(demo) = options.desk {
        return become_desk(demo);
    }
    let telemetry = Telemetry::install()?;
    panics::install(telemetry.metrics());
    logging::install(logging::Format::Pretty, log_filter(), telemetry.metrics())?;
    // The folder and its contents are removed when this function ends, even after an error.
    let folder = tempfile::Builder::new().prefix("support-bot-demo-").tempdir()?;
    let outcome = runtime()?.block_on(run(options, &telemetry, folder.path()));
    folder.close().context("the demo's temporary folder could not be removed")?;
    outcome
}

/// The log filter. The scene provokes failures, and the desk's warnings would tear the transcript apart where both go to the same place.
fn log_filter() -> &'static str {
    if shares_its_place(io::stdout(), io::stderr()) { "off" } else { "warn" }
}

/// Whether both are the same terminal, file or pipe.
fn shares_its_place(one: impl AsFd, other: impl AsFd) -> bool {
    let place = |stat: rustix::fs::Stat| (stat.st_dev, stat.st_ino);
    let (one, other) = (rustix::fs::fstat(one), rustix::fs::fstat(other));
    one.ok().zip(other.ok()).is_some_and(|(one, other)| place(one) == place(other))
}

/// `COLUMNS`: how wide the page is where no terminal can be asked.
fn columns() -> Option<usize> {
    env::var_os("COLUMNS")?.to_str()?.parse().ok()
}

async fn run(options: Options, telemetry: &Telemetry, folder: &Path) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let mut terminal = Terminal::new(options.transcript, !wants_colour(), columns());
    let actors = Actors::gather().await.context("cannot start the simulated Telegram")?;
    print_introduction(&mut terminal, &actors);
    let mut app = tokio::select! {
        app = start(&actors, telemetry, folder, Pacing::Off) => app?,
        () = signals.next() => return Ok(ExitCode::SUCCESS),
    };
    let mut recorder = Recorder::new(actors, Transcript::new(terminal));

    let mut end = watched(&app, &mut signals, scenario::play(&mut recorder)).await;
    if end.is_none() {
        // A signal is noticed as soon as the desk is open again.
        app.stop(future::pending()).await;
        end = play_killed(&mut recorder, &mut signals, folder).await?;
        app = start(&recorder.actors, telemetry, folder, Pacing::On).await?;
    }
    if end.is_none() {
        let ops = format!("http://{}", app.ops());
        end = watched(&app, &mut signals, play_paced(&mut recorder, options, &ops)).await;
    }
    let end = end.unwrap_or(End::Asked);
    recorder.transcript.set_detail(Detail::Nothing);
    if !options.once {
        let waiting = recorder.accounting.in_transit();
        let terminal = &mut recorder.transcript.terminal;
        terminal.line("");
        let stopping =
            format!("Stopping: no new messages, {waiting} on the way. Ctrl-C again stops at once.");
        terminal.prose(Style::Plain, 0, &stopping);
    }
    let drained = tokio::select! {
        drained = recorder.settled("everything written has arrived", |_| true) => drained.is_ok(),
        () = signals.next() => false,
    };
    if drained {
        app.stop(signals.next()).await;
    } else {
        app.stop(future::ready(())).await;
    }
    // Observe what the desk sent while it was stopping.
    recorder.observe_for(Duration::from_millis(50)).await;
    Ok(print_accounts(&mut recorder, &end))
}

/// Plays a part of the demo. Returns how the demo has ended, or `None` if the next part follows.
async fn watched(
    app: &App,
    signals: &mut Signals,
    part: impl Future<Output = Result<(), TimedOut>>,
) -> Option<End> {
    tokio::select! {
        played = part => played.err().map(End::Stuck),
        () = signals.next() => Some(End::Asked),
        died = app.lifecycle().died() => Some(End::Died(died.to_string())),
    }
}

/// Plays the chapter of the desk that is killed. Whatever it leaves undone after a signal, the next desk does.
async fn play_killed(
    recorder: &mut Recorder,
    signals: &mut Signals,
    folder: &Path,
) -> anyhow::Result<Option<End>> {
    let launcher = Launcher::new(variables(&recorder.actors, folder, 0, Pacing::Off), folder);
    let played = tokio::select! {
        played = killed(recorder, &launcher) => played,
        () = signals.next() => return Ok(Some(End::Asked)),
    };
    let Err(stuck) = played else { return Ok(None) };
    if let Some(line) = launcher.last_words() {
        recorder.transcript.terminal.prose(Style::Faint, 3, &line);
    }
    Ok(Some(End::Stuck(stuck)))
}

/// Plays the chapter of the paced desk, and random traffic.
async fn play_paced(recorder: &mut Recorder, options: Options, ops: &str) -> Result<(), TimedOut> {
    scenario::flood(recorder).await?;
    if options.once {
        return Ok(());
    }
    let terminal = &mut recorder.transcript.terminal;
    terminal.line("");
    terminal.prose(
        Style::Bold,
        0,
        "The desk stays open, with light random traffic. Ctrl-C drains it and counts.",
    );
    terminal.line("");
    terminal.set_line(&format!("   {ops}/metrics   Prometheus metrics of this desk"));
    terminal.set_line(&format!("   {ops}/healthz   liveness"));
    terminal.set_line(&format!("   {ops}/readyz    readiness, or why it is not ready"));
    terminal.line("");
    recorder.transcript.set_detail(Detail::Nothing);
    traffic::generate(recorder, &mut fastrand::Rng::new()).await
}

/// All settings of the desk that have a name. None is read from anywhere else.
fn variables(actors: &Actors, folder: &Path, ops: u16, pacing: Pacing) -> BTreeMap<String, String> {
    let telegram = &actors.telegram;
    let rate = match pacing {
        Pacing::Off => 0,
        Pacing::On => 20,
    };
    [
        ("BOT_TOKEN", telegram.token()),
        ("BOT_API_URL", telegram.url()),
        ("BOT_DEV_ID", Actors::owner().to_string()),
        ("BOT_GROUP_ID", actors.group.id().to_string()),
        ("DATA_DIR", folder.join("data").display().to_string()),
        ("OPS_PORT", ops.to_string()),
        ("PACE_GROUP_PER_MINUTE", rate.to_string()),
        ("ALBUM_WINDOW_MS", "300".to_owned()),
        ("FLOOD", rate.to_string()),
        ("POLL_TIMEOUT_SECONDS", "5".to_owned()),
        ("LINK_RETENTION_DAYS", "2".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn settings(actors: &Actors, folder: &Path, ops: u16, pacing: Pacing) -> anyhow::Result<Settings> {
    let mut settings = Settings::load(&variables(actors, folder, ops, pacing))?;
    settings.pace.group_period = MINUTE;
    settings.limits.hold_times = Some((MINUTE, 5 * MINUTE));
    Ok(settings)
}

/// Starts the desk. Its operations server uses the usual port, or any free port.
async fn start(
    actors: &Actors,
    telemetry: &Telemetry,
    folder: &Path,
    pacing: Pacing,
) -> anyhow::Result<App> {
    let start = async |port: u16| {
        let settings = settings(actors, folder, port, pacing)?;
        anyhow::Ok(App::start(&settings, telemetry, Arc::new(SystemClock)).await)
    };
    match start(OPS_PORT).await? {
        Err(StartError::Listen { .. }) => Ok(start(0).await??),
        started => Ok(started?),
    }
}

fn print_introduction(terminal: &mut Terminal, actors: &Actors) {
    let url = actors.telegram.url();
    terminal.prose(Style::Bold, 0, "support-bot demo");
    terminal.prose(
        Style::Plain,
        0,
        &format!(
            "The real bot, talking to a simulated Telegram at {url}. It needs no token and no network, reads no \
             settings, and keeps its store in a temporary folder."
        ),
    );
    terminal.line("");
    terminal.set_line(
        "   ▸ written by a person     ◂ sent by the bot     *bold* _italic_ `code`     [button]",
    );
}

/// Prints what was delivered, as counted in the simulated Telegram.
fn print_accounts(recorder: &mut Recorder, end: &End) -> ExitCode {
    let (totals, refused) = (recorder.accounting.totals, recorder.refused());
    let (lost, reported, is_complete) = (
        recorder.accounting.lost(),
        recorder.accounting.reported(),
        recorder.accounting.is_complete(),
    );
    let terminal = &mut recorder.transcript.terminal;
    let heading = "What was delivered, counted in the simulated Telegram on both sides";
    terminal.line("");
    terminal.prose(Style::Bold, 0, heading);
    terminal.line("");
    terminal.line("                                      sent  arrived");
    for (what, count) in [
        ("users' messages", totals.messages),
        ("operators' answers", totals.answers),
        ("of which replies", totals.replies),
        ("edits", totals.edits),
        ("reactions", totals.reactions),
    ] {
        terminal.line(&format!("   {what:<30}{count}"));
    }
    terminal.line("");
    for (what, count) in [
        ("told to wait by Telegram (429)", refused),
        ("leaked despite a ban or //", totals.leaked),
        ("out of order", totals.out_of_order),
    ] {
        terminal.line(&format!("   {what:<31}{count:>8}"));
    }
    if reported > 0 {
        terminal.line(&format!("   {:<31}{reported:>8}", "undeliverable, operators told"));
    }
    let style = if is_complete { Style::Bot } else { Style::Alarm };
    terminal.line("");
    terminal.line(&terminal.paint(style, &format!("   lost: {lost}")));
    let failure = match end {
        End::Asked if is_complete => return ExitCode::SUCCESS,
        End::Asked if lost > 0 => format!("{lost} had not arrived when the demo stopped"),
        End::Asked => "not everything was delivered correctly".to_owned(),
        End::Stuck(timed_out) => timed_out.to_string(),
        End::Died(died) => format!("the desk ended by itself: {died}"),
    };
    match terminal.format() {
        Format::Text => {
            terminal.prose(Style::Alarm, 0, &format!("FAILED: {failure}"));
            terminal.prose(Style::Plain, 0, "The desk's log: support-bot demo 2>demo.log");
        }
        Format::Json => errln!("FAILED: {failure}"),
    }
    ExitCode::FAILURE
}
