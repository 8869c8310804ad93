//! Backups: the file, the commands, and the restore drill with the real program.

mod commands;
mod drill;
mod file;
mod forged;
mod full_disk;
mod retention;

use std::process::Output;

use crate::contract::records;
use ports::Record;
use support_bot::adapters::backup::{Backup, BackupError};

/// The standard output of a command that succeeded.
fn stdout_of(output: &Output) -> String {
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{printed}\n{stderr}");
    printed
}

/// The error output of a command that failed.
fn stderr_of(output: &Output) -> String {
    let printed = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    printed
}

/// All records of a backup.
async fn records_of(path: &std::path::Path) -> Result<Vec<Record>, BackupError> {
    let mut backup = Backup::open(path)?;
    backup.check().await?;
    Ok(records(backup.contents()?).await)
}
