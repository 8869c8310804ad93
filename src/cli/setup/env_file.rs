//! Writes settings into a `.env` file that only its owner can read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use crate::config::counterpart;

/// The text with these settings: a line that sets one is replaced, what is not set yet is added at the end. Each line keeps
/// its end, and new ones get that of the first line.
pub(super) fn edited(text: &str, values: &[(&'static str, String)]) -> String {
    let usual = text.split_inclusive('\n').next().map_or("\n", |line| parts(line).1);
    let usual = if usual.is_empty() { "\n" } else { usual };
    let mut edited = String::new();
    let mut add = |line: &str, end: &str| {
        edited.push_str(line);
        edited.push_str(if end.is_empty() { usual } else { end });
    };
    let mut missing: Vec<&(&'static str, String)> = values.iter().collect();
    for (line, end) in text.split_inclusive('\n').map(parts) {
        if values.iter().any(|(name, _)| sets(line, &counterpart(name))) {
            // `NAME` and `NAME_FILE` exclude each other.
            continue;
        }
        let Some(value) = values.iter().find(|(name, _)| sets(line, name)) else {
            add(line, end);
            continue;
        };
        // A second line that sets the same is left out: which of them counts would be a riddle.
        if let Some(at) = missing.iter().position(|missing| missing.0 == value.0) {
            missing.remove(at);
            add(&format!("{}={}", value.0, value.1), end);
        }
    }
    for (name, value) in missing {
        add(&format!("{name}={value}"), usual);
    }
    edited
}

/// A line and its end, which only the last line may lack.
fn parts(line: &str) -> (&str, &str) {
    let text = line.strip_suffix('\n').map_or(line, |text| text.strip_suffix('\r').unwrap_or(text));
    line.split_at(text.len())
}

/// Whether a line sets this variable.
fn sets(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
}

/// Creates a file with mode 600. Fails if there is one already, or a link.
pub(super) fn create_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Replaces a file, or creates it, with mode 600. Either all of it is written or nothing. A file keeps its owner.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let at = target(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let folder = at.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = (|| {
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        if let Ok(before) = fs::metadata(&at) {
            fchown(file.as_file(), Some(before.uid()), Some(before.gid()))?;
        }
        file.persist(&at)?;
        Ok::<(), io::Error>(())
    })();
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// The file behind a link, so that the link stays one.
fn target(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn values(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn lines_are_replaced_in_place_and_others_stay() {
        let text = "# mine\nBOT_TOKEN=\n  export BOT_DEV_ID = 7 # me\nFLOOD=3\nBOT_TOKEN=old\n#BOT_GROUP_ID=\n";
        let values =
            values(&[("BOT_DEV_ID", "9"), ("BOT_GROUP_ID", "-1001"), ("BOT_TOKEN", "1:a")]);
        let expected =
            "# mine\nBOT_TOKEN=1:a\nBOT_DEV_ID=9\nFLOOD=3\n#BOT_GROUP_ID=\nBOT_GROUP_ID=-1001\n";
        assert_eq!(edited(text, &values), expected);
        assert_eq!(edited(expected, &values), expected);
        assert_eq!(edited("BOT_TOKEN_FILE=x\nA=1", &values[2..]), "A=1\nBOT_TOKEN=1:a\n");
    }

    #[test]
    fn every_line_keeps_its_end_and_new_ones_get_that_of_the_file() {
        let values = values(&[("BOT_TOKEN", "1:a"), ("BOT_DEV_ID", "9")]);
        for (before, after) in [
            ("# a\r\nBOT_TOKEN=\r\nA=1\r\n", "# a\r\nBOT_TOKEN=1:a\r\nA=1\r\nBOT_DEV_ID=9\r\n"),
            ("A=1\r\nBOT_TOKEN=\nB=\r2\n", "A=1\r\nBOT_TOKEN=1:a\nB=\r2\nBOT_DEV_ID=9\r\n"),
            ("A=1\nB=2\r\nBOT_TOKEN=", "A=1\nB=2\r\nBOT_TOKEN=1:a\nBOT_DEV_ID=9\n"),
            ("A=1", "A=1\nBOT_TOKEN=1:a\nBOT_DEV_ID=9\n"),
            ("", "BOT_TOKEN=1:a\nBOT_DEV_ID=9\n"),
        ] {
            assert_eq!(edited(before, &values), after, "{before:?}");
            assert_eq!(edited(after, &values), after, "{before:?}");
        }
    }

    #[test]
    fn a_file_is_private_and_a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real"), folder.path().join(".env"));
        fs::write(&file, "A=1\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        symlink(&file, &link).unwrap();
        write_private(&link, "A=2\n").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "A=2\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write_private(&folder.path().join("none/.env"), "").is_err());
        for taken in [&file, &link] {
            assert!(create_private(taken, "secret").is_err());
        }
        assert_eq!(fs::read_to_string(&file).unwrap(), "A=2\n");
    }
}
