//! `support-bot restore`: restores a backup into an empty store.

use std::{path::Path, process::ExitCode};

use crate::{
    adapters::backup::{Backup, Head},
    app::StoreLocation,
    config::Settings,
};

use super::{
    common::{print_counts, runtime, total},
    exit::UsageError,
    output::outln,
    progress::Shown,
};

/// Verifies a file and prints a summary. Needs no settings.
pub(super) fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let mut backup = open(file)?;
    let (head, counts) = runtime()?.block_on(backup.check())?;
    outln!("{} is intact: {}", file.display(), describe(&head));
    print_counts(&counts);
    Ok(ExitCode::SUCCESS)
}

/// Verifies a file, then restores it.
pub(super) fn restore(settings: &Settings, file: &Path) -> anyhow::Result<ExitCode> {
    let store = StoreLocation::chosen(settings);
    let mut backup = open(file)?;
    let restored = async {
        // Every record is parsed before the target is touched.
        let (head, counts) = backup.check().await?;
        let total = total(&counts);
        let mut contents = backup.contents()?;
        let mut shown = Shown::new("records restored", Some(total), &mut contents);
        let counts = ports::copy(&mut shown, store.restore_target().await?).await?;
        anyhow::Ok((head, counts))
    };
    let (head, counts) = runtime()?.block_on(restored)?;
    outln!("restored into {store}: {}", describe(&head));
    print_counts(&counts);
    outln!("start the desk with the same bot and the same group");
    Ok(ExitCode::SUCCESS)
}

/// Opens a file. One that is not there is a wrong argument.
fn open(file: &Path) -> anyhow::Result<Backup> {
    match Backup::open(file) {
        Err(error) if !file.exists() => Err(UsageError(error.to_string()).into()),
        opened => Ok(opened?),
    }
}

fn describe(head: &Head) -> String {
    format!("the desk as it was at {}, by release {}", head.made.written(), head.release)
}
