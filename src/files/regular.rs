//! Reading a file that somebody named: only if it is one, and only up to a bound.
//!
//! A pipe that nobody writes to would be waited for without end, a device would fill the memory. Links are followed:
//! secrets of Kubernetes and Compose are links to files.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _},
    path::Path,
};

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system does not let us.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A folder, a pipe, a device.
    #[error("it is no regular file")]
    Irregular,
    /// Larger than what it is for can be.
    #[error("it is larger than {} kB", .0 / 1024)]
    TooLarge(usize),
    /// It is to hold text.
    #[error("it is not UTF-8 text")]
    NoText,
}

impl FileError {
    /// Whether there is none.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Opens a regular file for reading.
pub fn open(path: &Path) -> Result<File, FileError> {
    // Looked at before, because opening a pipe waits for who writes to it; and after, because it may be another by then.
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `most` bytes.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let mut content = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    open(path)?.take(limit).read_to_end(&mut content)?;
    if content.len() > most { Err(FileError::TooLarge(most)) } else { Ok(content) }
}

/// The same, of a text.
pub fn read_text(path: &Path, most: usize) -> Result<String, FileError> {
    String::from_utf8(read(path, most)?).map_err(|_binary| FileError::NoText)
}

fn regular(found: &Metadata) -> Result<(), FileError> {
    if found.is_file() { Ok(()) } else { Err(FileError::Irregular) }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::symlink, process::Command};

    use super::*;

    #[test]
    fn links_to_files_are_followed_and_nothing_but_files_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "secret").unwrap();
        symlink("file", at("link")).unwrap();
        // As Kubernetes mounts secrets: a link into a folder that is a link itself.
        fs::create_dir(at("..2026")).unwrap();
        fs::write(at("..2026/token"), "mounted").unwrap();
        symlink("..2026", at("..data")).unwrap();
        symlink("..data/token", at("token")).unwrap();
        assert_eq!(read_text(&at("link"), 6).unwrap(), "secret");
        assert_eq!(read_text(&at("token"), 7).unwrap(), "mounted");

        assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        symlink("/dev/zero", at("device")).unwrap();
        for name in ["pipe", "device", "..2026"] {
            assert!(matches!(read(&at(name), 100), Err(FileError::Irregular)), "{name}");
        }
        assert!(read(&at("nothing"), 100).unwrap_err().is_missing());
    }

    #[test]
    fn no_more_than_the_bound_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, vec![b'x'; 2049]).unwrap();
        assert_eq!(read(&path, 2049).unwrap().len(), 2049);
        let words = read(&path, 2048).unwrap_err().to_string();
        assert_eq!(words, "it is larger than 2 kB");
        fs::write(&path, [0xff]).unwrap();
        assert!(matches!(read_text(&path, 9), Err(FileError::NoText)));
    }
}
