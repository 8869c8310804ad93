//! Which notices were sent, and when, as stored on disk.
//!
//! Invariant: an unreadable or unwritable file counts as empty; then a notice is sent twice rather than not at all.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::telemetry::Label as _;
use domain::{Millis, NoticeKind, Told};

use super::label::label;

/// The file of the notices that were sent.
pub(super) struct NoticeHistory {
    file: PathBuf,
}

/// The contents of the file, by kind.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Contents(BTreeMap<String, Entry>);

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Entry {
    at: Option<i64>,
    #[serde(default)]
    kept_back: u32,
    #[serde(default)]
    goes_on: bool,
}

impl NoticeHistory {
    /// The history in the store's folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { file: folder.join("notices.json") }
    }

    /// What was sent of a kind.
    pub(super) fn get(&self, kind: NoticeKind) -> Told {
        let contents = self.read();
        let entry = contents.0.get(label(kind).as_str());
        entry.map_or_else(Told::default, |entry| Told {
            at: entry.at.map(Millis),
            kept_back: entry.kept_back,
            goes_on: entry.goes_on,
        })
    }

    /// Records what was sent of a kind.
    pub(super) fn set(&self, kind: NoticeKind, sent: Told) {
        let Told { at, kept_back, goes_on } = sent;
        let mut contents = self.read();
        let entry = Entry { at: at.map(|at| at.0), kept_back, goes_on };
        contents.0.insert(label(kind).as_str().to_owned(), entry);
        self.write(&contents);
    }

    fn read(&self) -> Contents {
        let text = fs::read(&self.file).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn write(&self, contents: &Contents) {
        let Ok(text) = serde_json::to_vec(contents) else { return };
        let new = self.file.with_extension("json.new");
        let _next_time = fs::write(&new, text).and_then(|()| fs::rename(&new, &self.file));
    }
}
