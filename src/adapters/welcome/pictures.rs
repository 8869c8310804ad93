//! The pictures of the welcome, and Telegram's file ids for them.
//!
//! Invariant: a file id is stored under the picture's checksum, so that a new picture with an old file name is
//! uploaded again.

use std::{
    collections::{BTreeMap, HashMap},
    fmt, fs,
    io::Write as _,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};

use crate::files::{self, FileError};
use ports::{Photo, PhotoSource};

/// Telegram's size limit for photos, in bytes.
const LARGEST: usize = 10 * 1024 * 1024;
/// The name of the file with the file ids.
const KEPT: &str = "pictures.json";

/// The pictures of a scene.
pub(super) struct Pictures {
    by_name: HashMap<String, Picture>,
    /// Telegram's file ids, by checksum.
    known: Mutex<BTreeMap<String, String>>,
    kept: Option<PathBuf>,
}

struct Picture {
    content: Arc<[u8]>,
    sum: String,
}

impl Pictures {
    /// Creates the set of pictures from contents by name. Their file ids are stored in `folder`; `None` stores none.
    pub(super) fn new(contents: HashMap<String, Arc<[u8]>>, folder: Option<&Path>) -> Self {
        let picture = |(name, content): (String, Arc<[u8]>)| {
            let sum = Sha256::digest(&content).iter().fold(String::new(), |sum, byte| {
                let (high, low) = (byte >> 4, byte & 15);
                format!("{sum}{high:x}{low:x}")
            });
            (name, Picture { content, sum })
        };
        let kept = folder.map(|folder| folder.join(KEPT));
        // If the file cannot be read, the pictures are uploaded again.
        let known = kept.as_ref().and_then(|file| fs::read(file).ok());
        let known = known.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        let by_name = contents.into_iter().map(picture).collect();
        Self { by_name, known: Mutex::new(known), kept }
    }

    pub(super) fn photo(&self, name: &str, anew: bool) -> Option<Photo> {
        let Picture { content, sum } = self.by_name.get(name)?;
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(sum).cloned();
        let source = match known.filter(|_| !anew) {
            Some(file) => PhotoSource::Known(file),
            None => PhotoSource::New(Arc::clone(content)),
        };
        Some(Photo { name: name.to_owned(), source })
    }

    pub(super) fn uploaded(&self, photo: &Photo, file: &str) {
        let Some(Picture { sum, .. }) = self.by_name.get(&photo.name).filter(|_| photo.is_new())
        else {
            return;
        };
        let known = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.insert(sum.clone(), file.to_owned()).as_deref() == Some(file) {
                return;
            }
            known.clone()
        };
        if let Some(kept) = &self.kept {
            // If this fails, the picture is uploaded once more after the next start.
            let _kept = keep(kept, &known);
        }
    }
}

fn keep(file: &Path, known: &BTreeMap<String, String>) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut whole = tempfile::NamedTempFile::new_in(folder)?;
    whole.write_all(&serde_json::to_vec(known)?)?;
    whole.persist(file)?;
    Ok(())
}

/// Reads a picture from the folder of the welcome file, or explains why it is not usable.
pub(super) fn read(folder: &Path, name: &str) -> Result<Arc<[u8]>, String> {
    let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !inside {
        return Err(format!("the picture `{name}` must be in the folder of this file"));
    }
    let content = files::read(&folder.join(name), LARGEST).map_err(|error| match error {
        FileError::TooLarge(_) => {
            format!("the picture `{name}` has more than 10 MB, which Telegram refuses")
        }
        FileError::Io(_) | FileError::Irregular | FileError::NoText => {
            format!("the picture `{name}` cannot be read: {error}")
        }
    })?;
    let beginnings: [&[u8]; 2] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"];
    if !beginnings.iter().any(|beginning| content.starts_with(beginning)) {
        return Err(format!("the picture `{name}` is neither a PNG nor a JPEG"));
    }
    Ok(content.into())
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pictures").field("pictures", &self.by_name.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_file_of_at_most_10_mb() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("endless.png")).unwrap();
        let words = read(folder.path(), "endless.png").unwrap_err();
        assert!(
            words.contains("`endless.png` cannot be read: it is not a regular file"),
            "{words}"
        );
        let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
        large.resize(LARGEST, 0);
        fs::write(folder.path().join("large.png"), &large).unwrap();
        assert_eq!(read(folder.path(), "large.png").unwrap().len(), LARGEST);
        large.push(0);
        fs::write(folder.path().join("large.png"), large).unwrap();
        let words = read(folder.path(), "large.png").unwrap_err();
        assert!(words.contains("more than 10 MB"), "{words}");
    }
}
