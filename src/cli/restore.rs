//! `support-bot restore`: restores a backup into an empty store.

use std::{path::Path, process::ExitCode};

use crate::{
    adapters::backup::{Backup, Head},
    app::StoreLocation,
    config::Settings,
};

/// Verifies a file and prints a summary. Needs no settings.
pub(super) fn check(file: &Path) -> anyhow::Result<ExitCode> {
    let mut backup = Backup::open(file)?;
    let (head, tally) = super::runtime()?.block_on(backup.check())?;
    println!("{} is intact: {}", file.display(), words(&head));
    super::print_tally(&tally);
    Ok(ExitCode::SUCCESS)
}

/// Verifies a file, then restores it.
pub(super) fn restore(settings: &Settings, file: &Path) -> anyhow::Result<ExitCode> {
    let place = StoreLocation::chosen(settings);
    let mut backup = Backup::open(file)?;
    let restored = async {
        // Every record is parsed before the target is touched.
        let (head, _) = backup.check().await?;
        let tally = ports::copy(&mut backup.contents()?, place.blank().await?).await?;
        anyhow::Ok((head, tally))
    };
    let (head, tally) = super::runtime()?.block_on(restored)?;
    println!("restored into {place}: {}", words(&head));
    super::print_tally(&tally);
    println!("start the desk with the same bot and the same group");
    Ok(ExitCode::SUCCESS)
}

fn words(head: &Head) -> String {
    format!("the desk as it was at {}, by release {}", head.made.written(), head.release)
}
