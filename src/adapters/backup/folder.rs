//! A folder of backups: file names with the time, and removal of old backups.
//!
//! Invariant: only files with names of this form are removed, and never the newest backup.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use domain::Millis;

use super::errors::BackupError;

const BEFORE: &str = "support-bot-";
const AFTER: &str = ".backup";
/// The form of the time in a name: zeros stand for digits.
const MOMENT: &str = "0000-00-00T00-00-00-000Z";
/// Prefix and suffix of an unfinished backup's name.
const HIDDEN: (&str, &str) = (".support-bot-", ".partial");

/// The file name of a backup made at this moment. Names sort by time.
pub fn name_at(now: Millis) -> String {
    format!("{BEFORE}{}{AFTER}", now.stamp())
}

/// Keeps `made` and the newest other backups of its folder, `keep` in total. Removes the rest and returns their
/// paths.
pub fn remove_older(made: &Path, keep: usize) -> Result<Vec<PathBuf>, BackupError> {
    let folder = containing(made);
    let unreadable = |why| BackupError::reading(folder, why);
    let mut others = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        // Symbolic links are never removed: a person made them.
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && name.to_str().is_some_and(is_ours) && made.file_name() != Some(&name) {
            others.push(entry.path());
        }
    }
    others.sort();
    others.truncate((others.len() + 1).saturating_sub(keep.max(1)));
    for path in &others {
        remove(path).map_err(|why| BackupError::writing(path, why))?;
    }
    Ok(others)
}

/// Creates an unfinished backup under a hidden name.
pub(super) fn hidden(folder: &Path) -> io::Result<NamedTempFile> {
    let hidden = tempfile::Builder::new().prefix(HIDDEN.0).suffix(HIDDEN.1).tempfile_in(folder)?;
    // The lock tells `remove_unfinished` that the file is in use. It is optional: some filesystems have no locks.
    let _locked = hidden.as_file().try_lock();
    Ok(hidden)
}

/// Removes unfinished backups of killed processes. A file that cannot be removed does no harm.
pub(super) fn remove_unfinished(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let unfinished = name.starts_with(HIDDEN.0) && name.ends_with(HIDDEN.1);
        if unfinished && fs::File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            drop(remove(&path));
        }
    }
}

/// The folder that contains a file.
pub(super) fn containing(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Removes a file. A missing file is no error.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn is_ours(name: &str) -> bool {
    let moment = name.strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix(AFTER));
    moment.is_some_and(|moment| {
        moment.len() == MOMENT.len()
            && moment.chars().zip(MOMENT.chars()).all(|(found, shape)| {
                if shape == '0' { found.is_ascii_digit() } else { found == shape }
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_moment_and_only_such_names_are_ours() {
        let name = |millis| name_at(Millis(millis));
        assert_eq!(name(0), "support-bot-1970-01-01T00-00-00-000Z.backup");
        assert_eq!(name(951_782_399_999), "support-bot-2000-02-28T23-59-59-999Z.backup");
        assert_eq!(name(951_782_400_000), "support-bot-2000-02-29T00-00-00-000Z.backup");
        assert_eq!(name(1_790_000_000_123), "support-bot-2026-09-21T14-13-20-123Z.backup");
        assert_eq!(name(4_107_542_400_000), "support-bot-2100-03-01T00-00-00-000Z.backup");
        assert!(is_ours(&name(1_790_000_000_123)));
        for other in [
            "support-bot-2026-09-21T14-13-20-123Z.backup.gz",
            "support-bot-2026-09-21.backup",
            "support-bot-before-update-0000000Z.backup",
            "my-support-bot-2026-09-21T14-13-20-123Z.backup",
            "",
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
