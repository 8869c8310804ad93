//! Reads a file named by a person: only a regular file, and only up to a size limit.
//!
//! Reading a pipe without a writer would never end, and reading a device would fill the memory. Symbolic links are
//! followed: Kubernetes and Compose mount secrets as links to files.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read as _},
    path::Path,
};

use super::words;

/// The reason why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses.
    #[error("{}", words(.0))]
    Io(#[from] io::Error),
    /// A folder, pipe or device.
    #[error("it is not a regular file")]
    Irregular,
    /// Larger than the limit, in bytes.
    #[error("it is larger than {} kB", .0 / 1024)]
    TooLarge(usize),
    /// The contents are not text.
    #[error("it is not UTF-8 text")]
    NoText,
}

impl FileError {
    /// Whether the file does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Opens a regular file for reading.
pub fn open(path: &Path) -> Result<File, FileError> {
    // Checked before opening, because opening a pipe waits for a writer. Checked again afterwards, because the path
    // may name another file by then.
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

/// Like [`read`], for text.
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
        // Kubernetes mounts secrets like this: a link into a folder that is a link itself.
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
        let nothing = read(&at("nothing"), 100).unwrap_err();
        assert!(nothing.is_missing());
        assert_eq!(nothing.to_string(), "No such file or directory");
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
