//! Backups: the file, the commands, and the restore drill with the real program.

mod commands;
mod drill;
mod file;
mod forged;
mod full;
mod keep;

use std::process::Output;

use crate::contract::records;
use ports::Record;
use support_bot::adapters::backup::{Backup, BackupError};

/// The standard output of a command that succeeded.
fn said(output: &Output) -> String {
    let words = String::from_utf8(output.stdout.clone()).unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{words}\n{complaint}");
    words
}

/// The error output of a command that failed.
fn complaint(output: &Output) -> String {
    let words = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{words}");
    words
}

/// All records of a backup.
async fn held_by(path: &std::path::Path) -> Result<Vec<Record>, BackupError> {
    let mut backup = Backup::open(path)?;
    backup.check().await?;
    Ok(records(backup.contents()?).await)
}
