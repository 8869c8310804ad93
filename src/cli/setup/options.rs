//! The options of the command.

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;

use crate::cli::{backup::parse_interval, language::LanguageCode};

/// Sets up a desk step by step: takes a token, finds the group and the owner, and writes the settings.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Options {
    /// The language of the questions [default: that of the terminal, LANG].
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(super) lang: Option<LanguageCode>,
    /// The id of the operators' group, if it is known; otherwise setup waits until the bot is added to one.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    pub(super) group: Option<i64>,
    /// The user id of the owner, if it is known; otherwise setup waits until the owner presses Start.
    #[arg(long, value_name = "ID")]
    pub(super) owner: Option<u64>,
    /// Receives updates by webhook, at this public HTTPS URL.
    #[arg(long, value_name = "URL")]
    pub(super) webhook: Option<String>,
    /// Where the data is kept. Setup asks for the URL of Redis; scripts set `REDIS_URL` or `REDIS_URL_FILE`.
    #[arg(long, value_enum, value_name = "STORE")]
    pub(super) store: Option<StoreKind>,
    /// The language of cards and notices for operators.
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(super) operators_language: Option<LanguageCode>,
    /// The language for users whose own language the bot does not speak.
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub(super) default_language: Option<LanguageCode>,
    /// Writes the token into this file instead, and its name into `BOT_TOKEN_FILE`.
    #[arg(long, value_name = "FILE")]
    pub(super) token_to: Option<PathBuf>,
    /// Asks nothing, for scripts: takes the defaults, and changes an existing settings file.
    #[arg(long)]
    pub(super) yes: bool,
    /// How long to wait for what happens in Telegram, with --yes.
    #[arg(long, value_name = "TIME", value_parser = parse_interval, default_value = "10m", requires = "yes")]
    pub(super) wait: Duration,
}

/// Where the data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum StoreKind {
    /// In files, on this machine.
    Sqlite,
    /// In Redis.
    Redis,
}
