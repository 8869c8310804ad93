//! The command line: parses the arguments and runs the subcommand.

use std::{num::NonZeroUsize, path::PathBuf, process::ExitCode, time::Duration};

use clap::{
    CommandFactory as _, Parser, Subcommand,
    error::{ContextKind, ContextValue},
};

use crate::{
    app::leave_no_dumps,
    config::Settings,
    files::words,
    spelling::did_you_mean,
    telemetry::{BUILD, Catalogue},
};

use super::{
    backup, config, dead, demo, doctor,
    exit::{self, Exit, UsageError},
    global_options::{GlobalOptions, NoSettings},
    healthcheck, import, manual, migrate,
    output::{errln, out},
    restore, run, setup,
};

/// A support desk on Telegram: users write to the bot, operators answer in topics of a forum group.
#[derive(Debug, Parser)]
#[command(name = "support-bot", version = BUILD, about, after_help = exit::HELP)]
struct Cli {
    #[command(flatten)]
    global: GlobalOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the desk; this is the default.
    Run,
    /// Shows the desk at work on a simulated Telegram. Needs no token, no network and no settings.
    Demo(demo::Options),
    /// Sets up a desk step by step: takes a token, finds the group and the owner, and writes the settings.
    Setup(setup::Options),
    /// Checks everything the desk depends on, and says how to fix what fails.
    Doctor(doctor::Options),
    /// Prints the settings in effect and where each comes from, without secrets.
    Config(config::Options),
    /// Lists dead letters, tries them again, or drops them.
    Dead {
        #[command(subcommand)]
        action: dead::Action,
    },
    /// Writes everything that the desk stores into one file, while it runs. The file holds users' names and waiting
    /// messages.
    Backup {
        /// The file to write, or a folder in which the file is named after the time.
        path: PathBuf,
        /// Removes the oldest backups from the folder, so that this many remain.
        #[arg(long, value_name = "N", value_parser = backup::parse_keep)]
        keep: Option<NonZeroUsize>,
        /// Keeps running, and makes a backup at this interval, for example 24h, 30m or 10s. A failed backup is tried
        /// again after a tenth of the interval.
        #[arg(long, value_name = "TIME", value_parser = backup::parse_interval)]
        every: Option<Duration>,
    },
    /// Fills an empty store from a backup.
    Restore {
        /// The backup.
        file: PathBuf,
        /// Only verifies the file and prints a summary.
        #[arg(long)]
        check: bool,
    },
    /// Copies everything from one store into the other, and compares them. The desk must be stopped.
    Migrate {
        /// The store to copy into. It must be empty; the other one is the source.
        #[arg(long)]
        to: migrate::Target,
    },
    /// Imports the users of the old Python bot from its Redis, which is not changed. The desk must be stopped.
    Import(import::Options),
    /// Asks the running desk whether it is alive, and answers with the exit code.
    Healthcheck {
        /// Checks instead whether the last backup was made.
        #[arg(long)]
        backups: bool,
        /// Asks instead whether the desk can work (store, Telegram and group), like `/readyz`.
        #[arg(long, conflicts_with = "backups")]
        ready: bool,
    },
    /// Prints all metrics as Markdown.
    Catalogue,
    /// Prints the completions of a shell.
    #[command(hide = true)]
    Completions {
        /// The shell.
        shell: manual::Shell,
    },
    /// Prints the man page.
    #[command(hide = true)]
    Man,
}

/// Runs the program. Called once, before any other thread exists.
pub fn main() -> ExitCode {
    let Cli { global, command } = match Cli::try_parse() {
        Ok(parsed) => parsed,
        Err(error) => suggested(error).exit(),
    };
    if let Err(error) = global.enter() {
        return failed(&error);
    }
    let load_settings = || load_settings(&global);
    let outcome = match command.unwrap_or(Command::Run) {
        Command::Run => load_settings().and_then(|settings| run::run(&settings)),
        Command::Demo(options) => demo::demo(options),
        Command::Setup(options) => setup::setup(&global, &options),
        Command::Doctor(options) => doctor::doctor(&global, &options),
        Command::Config(options) => config::config(&global, &options),
        Command::Dead { action } => {
            load_settings().and_then(|settings| dead::dead(&settings, &action))
        }
        Command::Backup { path, keep, every: None } => {
            load_settings().and_then(|settings| backup::back_up(&settings, &path, keep))
        }
        Command::Backup { path, keep, every: Some(every) } => load_settings()
            .and_then(|settings| backup::back_up_repeatedly(&settings, &path, keep, every)),
        Command::Restore { file, check: true } => restore::check(&file),
        Command::Restore { file, check: false } => {
            load_settings().and_then(|settings| restore::restore(&settings, &file))
        }
        Command::Migrate { to } => {
            load_settings().and_then(|settings| migrate::migrate(&settings, to))
        }
        Command::Import(options) => {
            load_settings().and_then(|settings| import::import(&settings, options))
        }
        Command::Healthcheck { backups: true, .. } => {
            load_settings().map(|settings| healthcheck::check_backups(&settings))
        }
        Command::Healthcheck { backups: false, ready } => {
            let path = if ready { "/readyz" } else { "/healthz" };
            load_settings().and_then(|settings| healthcheck::check_server(&settings, path))
        }
        Command::Catalogue => {
            out!("{}", Catalogue::new().markdown());
            Ok(ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            out!("{}", manual::completions(Cli::command(), shell));
            Ok(ExitCode::SUCCESS)
        }
        Command::Man => {
            let page = manual::page(Cli::command()).map_err(Into::into);
            page.map(|page| {
                out!("{page}");
                ExitCode::SUCCESS
            })
        }
    };
    outcome.unwrap_or_else(|error| failed(&error))
}

/// The error with a guess at the subcommand that was meant. clap makes none for `rnu`: it compares how words begin.
fn suggested(mut error: clap::Error) -> clap::Error {
    const NEAR: usize = 2;
    let Some(ContextValue::String(given)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    if error.get(ContextKind::SuggestedSubcommand).is_none() {
        let cli = Cli::command();
        let known = cli.get_subcommands().filter(|known| !known.is_hide_set());
        let known: Vec<&str> = known.map(clap::Command::get_name).collect();
        if let Some(meant) = did_you_mean(given, known, NEAR) {
            let meant = ContextValue::Strings(vec![meant.to_owned()]);
            error.insert(ContextKind::SuggestedSubcommand, meant);
        }
    }
    error
}

/// Says why the program fails, and gives the code for it.
fn failed(error: &anyhow::Error) -> ExitCode {
    errln!("{}", explained(error));
    let is_usage = error.is::<UsageError>() || error.is::<NoSettings>();
    if is_usage { Exit::Usage.into() } else { ExitCode::FAILURE }
}

/// The error and its causes. A cause whose words have been said already is left out.
fn explained(error: &anyhow::Error) -> String {
    let mut causes = error.chain().map(words);
    let mut said = causes.next().unwrap_or_default();
    for cause in causes {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Loads the settings of the real desk. The error lists all mistakes at once.
fn load_settings(global: &GlobalOptions) -> anyhow::Result<Settings> {
    // Before the token is read.
    leave_no_dumps();
    let environment = global.environment()?;
    let settings = Settings::load(&environment)?;
    for warning in &settings.warnings {
        errln!("{warning}");
    }
    Ok(settings)
}
