//! Stores with losses: the whole file, its log, or a page.

use std::{fs, path::Path, time::Duration};

use ports::{Store, copy};
use rusqlite::Connection;
use support_bot::adapters::sqlite::{OpenError, Options, ReadOnlyStore, RestoreTarget};

use super::disk::{Disk, image, open};
use crate::contract::{
    Archived as _, Backend,
    sample::{commit, conversation, receive, storing, update},
};

const LIMIT: Duration = Duration::from_secs(5);

/// A folder of a desk that has worked and shut down gracefully.
async fn stopped() -> Disk {
    let disk = Disk::open().await;
    for user in 1..200 {
        commit(disk.store(), storing(conversation(user), 0)).await;
    }
    receive(disk.store(), &[update(1, 1)]).await;
    disk.store().close(LIMIT).await.unwrap();
    disk
}

fn refused(folder: &Path) -> OpenError {
    open(folder, &Options::default()).expect_err("a lost store must not be opened as a new one")
}

#[tokio::test]
async fn a_missing_store_is_refused_until_a_backup_is_restored() {
    let whole = Disk::open().await;
    commit(whole.store(), storing(conversation(1), 0)).await;
    for removed in [false, true] {
        let disk = stopped().await;
        let (folder, file) = (disk.folder.path(), disk.folder.path().join("desk.sqlite3"));
        if removed {
            fs::remove_file(&file).unwrap();
        } else {
            fs::write(&file, b"").unwrap();
        }
        for _ in 0..2 {
            let error = refused(folder);
            assert!(matches!(error, OpenError::Emptied(_)), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("restore a backup") && text.contains("remove the folder"));
        }
        // A backup of an empty store would replace a good one.
        assert!(matches!(ReadOnlyStore::open(folder), Err(OpenError::Emptied(_))));

        // A store that was not filled completely counts as lost, too.
        drop(RestoreTarget::open(folder).unwrap());
        assert!(matches!(refused(folder), OpenError::Emptied(_)));
        let blank = RestoreTarget::open(folder).unwrap();
        copy(&mut whole.snapshot().await, Box::new(blank)).await.unwrap();
        open(folder, &Options::default()).unwrap();
    }
}

#[tokio::test]
async fn a_new_desk_may_start_in_a_folder_with_other_files() {
    // The files of a desk on Redis, or of one that never opened its store.
    let folder = tempfile::tempdir().unwrap();
    for name in ["notices.json", "backups.json", "pictures.json", "run-1", "desk.lock"] {
        fs::write(folder.path().join(name), "{}").unwrap();
    }
    fs::create_dir(folder.path().join("crashes")).unwrap();
    fs::write(folder.path().join("desk.sqlite3"), b"").unwrap();
    let store = open(folder.path(), &Options::default()).unwrap();
    store.close(LIMIT).await.unwrap();
    // An empty store that was closed is not a lost one.
    open(folder.path(), &Options::default()).unwrap();
}

#[tokio::test]
async fn a_log_lost_with_a_kill_is_detected() {
    let disk = stopped().await;
    let is_lost = |folder: &Path, options: &Options| {
        let store = open(folder, options).unwrap();
        (store.log_is_lost(), store.was_killed())
    };
    // The store is opened and killed before anything else is written.
    assert_eq!(is_lost(disk.folder.path(), &Options::default()), (false, false));
    let killed = image(disk.folder.path());
    fs::remove_file(killed.path().join("desk.sqlite3-wal")).unwrap();
    assert_eq!(is_lost(killed.path(), &Options::default()), (true, true));

    let killed = image(disk.folder.path());
    let maintenance = Options { maintenance: true, ..Options::default() };
    let store = open(killed.path(), &maintenance).unwrap();
    store.close(LIMIT).await.unwrap();
    assert_eq!(
        is_lost(killed.path(), &Options::default()),
        (false, true),
        "the last run ended gracefully"
    );
}

#[tokio::test]
async fn a_corrupt_page_is_detected() {
    let disk = stopped().await;
    assert!(ReadOnlyStore::open(disk.folder.path()).unwrap().is_sound().unwrap());
    let file = disk.folder.path().join("desk.sqlite3");
    let size: usize = Connection::open(&file)
        .unwrap()
        .pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))
        .unwrap()
        .try_into()
        .unwrap();
    let whole = fs::read(&file).unwrap();
    let pages = whole.len() / size;
    assert!(pages > 10, "{pages}");
    for page in 1..pages {
        let mut bytes = whole.clone();
        bytes[page * size..][..400].fill(0xa5);
        fs::write(&file, bytes).unwrap();
        let sound = ReadOnlyStore::open(disk.folder.path()).map(|store| store.is_sound().unwrap());
        assert!(matches!(sound, Ok(false) | Err(OpenError::Damaged { .. })), "{page}: {sound:?}");
    }
}
