//! The command: reads the old bot's users, stores them, records the import and prints a report.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    adapters::redis::OldBot,
    app::redis_options,
    cli::{common::runtime, exit::UsageError, output::out, progress::Progress},
    config::{Settings, is_sent_in_the_clear},
    files,
};
use ports::{Clock as _, Imported, SystemClock};

use super::{
    old_users::{Users, read_users, remove_doubtful_topics},
    report::Report,
    store::store_users,
    target::Target,
};

/// Options of the command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// URL of the old bot's Redis, for example <redis://host:6379/0>; by default, the Redis in the settings.
    #[arg(long, value_name = "URL")]
    from: Option<SecretString>,
    /// A file that holds this URL: a password in it is then neither in the list of processes nor in the shell's history.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    from_file: Option<PathBuf>,
    /// Only prints what would be imported and what would be skipped. Writes nothing, and works while the desk runs.
    #[arg(long)]
    dry_run: bool,
}

/// Imports users, and prints what was taken and what was skipped.
pub(in crate::cli) fn import(settings: &Settings, options: Options) -> anyhow::Result<ExitCode> {
    let Options { from, from_file, dry_run } = options;
    let from = match from_file {
        Some(file) => Some(read_url(&file)?),
        None => from,
    };
    if let Some(url) = &from
        && !url.expose_secret().contains("://")
    {
        let why = "the URL of the old bot's Redis lacks its beginning: write redis://HOST:PORT/0";
        return Err(UsageError(why.to_owned()).into());
    }
    let url = from.or_else(|| settings.store.redis.as_ref().map(|redis| redis.url.clone()));
    let Some(url) = url else {
        bail!("the Redis of the old bot is unknown: set --from redis://host:6379/0");
    };
    if is_sent_in_the_clear(&url) {
        bail!(
            "--from would send the password, and what it reads of users, in clear over the internet: write rediss://, \
             or reach that Redis on this machine, in a private network or through a tunnel"
        );
    }
    let report = runtime()?.block_on(run(settings, &url, dry_run))?;
    out!("{}", report.text());
    Ok(ExitCode::SUCCESS)
}

/// Size limit of a file that holds a URL, in bytes.
const LONGEST_URL: usize = 64 << 10;

fn read_url(file: &Path) -> anyhow::Result<SecretString> {
    match files::read_text(file, LONGEST_URL) {
        Ok(text) => Ok(SecretString::from(text.trim())),
        Err(error) => Err(UsageError(format!("{} cannot be read: {error}", file.display())).into()),
    }
}

async fn run(settings: &Settings, url: &SecretString, dry_run: bool) -> anyhow::Result<Report> {
    let options = redis_options(settings, url.clone());
    let old = OldBot::open(&options).await.context("the Redis of the old bot")?;
    let mut reading = Progress::new("users of the old bot read", None);
    let entries = old.users(|so_far| reading.report(so_far as u64)).await;
    let entries = entries.context("the users of the old bot cannot be read")?;
    if entries.is_empty() {
        bail!("there are no users of the old bot: check --from and the database number at its end");
    }
    let (mut report, mut users) = read_users(entries, SystemClock.now());
    report.dry_run = dry_run;
    let claimed: Vec<i64> =
        users.values().filter_map(|one| one.topic.id()).map(|topic| topic.0).collect();
    let owners = old.owners(&claimed).await?;
    remove_doubtful_topics(&mut users, &claimed.into_iter().zip(owners).collect(), &mut report);
    let counter = old.requests().await?;
    report.requests = counter.map(|counter| counter.trim().parse().ok().ok_or(counter));

    let target = if dry_run {
        Target::open_read_only(settings).await?
    } else {
        Target::open(settings).await?
    };
    let written = write(&target, users, &mut report).await;
    target.close().await?;
    written?;
    Ok(report)
}

async fn write(target: &Target, users: Users, report: &mut Report) -> anyhow::Result<()> {
    report.earlier = target.notebook().await?.imported;
    store_users(target, users, report).await?;
    // New requests get numbers above those of the old bot.
    if let Some(Ok(last)) = report.requests {
        report.last_request = target.requests_from(last).await?;
    }
    // Last, so that an interrupted import does not count as done.
    let users = i64::try_from(report.taken + report.known).unwrap_or(i64::MAX);
    target.record_import(Imported { users, at: SystemClock.now() }).await?;
    Ok(())
}
