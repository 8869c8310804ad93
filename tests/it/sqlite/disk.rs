//! A store on a disk that can lose power at any moment.

use std::{fs, path::Path, sync::Arc, time::Duration};

use ports::{Snapshot, Store, StoreError, copy};
use support_bot::adapters::sqlite::{
    OpenError, Options, ReadOnlyStore, RestoreTarget, SqliteStore,
};
use tempfile::TempDir;

use crate::contract::{Archived, Backend};

/// A folder of its own with a store in it.
pub(crate) struct Disk {
    pub(crate) folder: TempDir,
    store: Arc<SqliteStore>,
}

impl Backend for Disk {
    type Store = SqliteStore;

    async fn open() -> Self {
        Self::with(&Options::default())
    }

    const CASES: u32 = 24;

    fn store(&self) -> &SqliteStore {
        &self.store
    }

    fn shared(&self) -> Arc<SqliteStore> {
        Arc::clone(&self.store)
    }

    fn refuses(&self, refuses: bool) {
        let [there, away] =
            ["desk.sqlite3", "away.sqlite3"].map(|name| self.folder.path().join(name));
        let (from, to) = if refuses { (there, away) } else { (away, there) };
        fs::rename(from, to).unwrap();
    }

    async fn kill(self) -> Self {
        let folder = image(self.folder.path());
        let store = open(folder.path(), &Options::default()).unwrap();
        Self { folder, store: Arc::new(store) }
    }

    async fn reopen(self) -> Self {
        match self.store.close(Duration::from_secs(10)).await {
            Ok(()) | Err(StoreError::Closed) => {}
            Err(error) => panic!("{error}"),
        }
        let store = open(self.folder.path(), &Options::default()).unwrap();
        Self { folder: self.folder, store: Arc::new(store) }
    }
}

impl Archived for Disk {
    async fn snapshot(&self) -> impl Snapshot {
        ReadOnlyStore::open(self.folder.path()).unwrap().snapshot().unwrap()
    }

    async fn filled(from: &mut impl Snapshot) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blank = RestoreTarget::open(folder.path()).unwrap();
        copy(from, Box::new(blank)).await.unwrap();
        let store = open(folder.path(), &Options::default()).unwrap();
        Self { folder, store: Arc::new(store) }
    }

    async fn refusal(self) -> (Self, Option<String>) {
        self.store.close(Duration::from_secs(10)).await.unwrap();
        let refused = RestoreTarget::open(self.folder.path()).map(drop).err();
        (self.reopen().await, refused.map(|error| error.to_string()))
    }
}

impl Disk {
    pub(crate) fn with(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path(), options).unwrap();
        Self { folder, store: Arc::new(store) }
    }
}

pub(crate) fn open(folder: &Path, options: &Options) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(folder, options)
}

/// A copy of the folder's files at this moment: what a killed process leaves.
pub(crate) fn image(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in ["desk.sqlite3", "desk.sqlite3-wal"] {
        if folder.join(name).exists() {
            fs::copy(folder.join(name), copy.path().join(name)).unwrap();
        }
    }
    copy
}
