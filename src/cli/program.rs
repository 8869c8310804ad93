//! The command line: parses the arguments and runs the subcommand.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};

use crate::{
    app::leave_no_dumps,
    config::{Environment, Settings},
    telemetry::{BUILD, Catalogue},
};

use super::{backup, dead, demo, doctor, healthcheck, import, migrate, restore, run};

/// A support desk on Telegram: users write to the bot, operators answer in topics of a forum group.
#[derive(Debug, Parser)]
#[command(name = "support-bot", version = BUILD, about, after_help = AFTER_HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER_HELP: &str =
    "Settings come from the environment and from the file .env; .env.example names them all.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the desk; this is the default.
    Run,
    /// Shows the desk at work on a simulated Telegram. Needs no token, no network and no settings.
    Demo(demo::Options),
    /// Checks everything the desk depends on, and says how to fix what fails.
    Doctor,
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
        #[arg(long, value_name = "N")]
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
}

/// Runs the program. Called once, before any other thread exists.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command.unwrap_or(Command::Run) {
        Command::Run => load_settings().and_then(|settings| run::run(&settings)),
        Command::Demo(options) => demo::demo(options),
        Command::Doctor => load_settings().and_then(|settings| doctor::doctor(&settings)),
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
            print!("{}", Catalogue::new().markdown());
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::FAILURE
    })
}

/// Loads the settings of the real desk. The error lists all mistakes at once.
fn load_settings() -> anyhow::Result<Settings> {
    // Before the token is read.
    leave_no_dumps();
    let settings = Settings::load(&Environment::read(Path::new(".env"))?)?;
    for warning in &settings.warnings {
        eprintln!("{warning}");
    }
    Ok(settings)
}
