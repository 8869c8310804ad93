//! Files that the store opens, files that it refuses, and the messages of the refusals.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use domain::{ChatId, Millis, PartitionSet, UserId};
use ports::{Commit, DeskState as _, Ledger, Origin, RequestNumbers as _, Store};
use rusqlite::Connection;
use support_bot::adapters::sqlite::{OpenError, Options, ReadOnlyStore};

use super::disk::{Disk, image, open};
use crate::contract::{
    Backend, quickest_query,
    sample::{
        commit, conversation, dead, later, load, queue, receive, send, storing, undecided, update,
    },
};

fn refusal(folder: &std::path::Path) -> (OpenError, String) {
    let error = open(folder, &Options::default()).unwrap_err();
    let text = error.to_string();
    (error, text)
}

#[tokio::test]
async fn a_second_process_is_refused() {
    let disk = Disk::open().await;
    let (error, text) = refusal(disk.folder.path());
    assert!(matches!(error, OpenError::Running(_)));
    assert!(text.starts_with("another support-bot is running on this folder"), "{text}");
    disk.store().close(Duration::from_secs(5)).await.unwrap();
    open(disk.folder.path(), &Options::default()).unwrap();
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let disk = Disk::open().await;
    let inner = disk.folder.path().join("a/b");
    let store = open(&inner, &Options::default()).unwrap();
    receive(&store, &[update(1, 1)]).await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    for name in ["desk.sqlite3", "desk.sqlite3-wal", "desk.lock"] {
        assert_eq!(mode(&inner.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_file_of_a_newer_format_is_refused_and_unchanged() {
    let disk = Disk::open().await;
    let folder = image(disk.folder.path());
    let file = folder.path().join("desk.sqlite3");
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let (error, text) = refusal(folder.path());
    assert_eq!(error, OpenError::Newer { found: 99, known: 4 });
    assert!(text.contains("format 99") && text.contains("up to 4"), "{text}");
}

#[tokio::test]
async fn only_a_file_with_a_second_group_is_closed_to_releases_that_know_one() {
    let disk = Disk::open().await;
    let format = || {
        let folder = image(disk.folder.path());
        let file = Connection::open(folder.path().join("desk.sqlite3")).unwrap();
        file.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
    };
    disk.store().register_groups(&[]).await.unwrap();
    assert_eq!(format(), 3);
    disk.store().register_groups(&[ChatId(-10)]).await.unwrap();
    assert_eq!(format(), 4);
    let again = disk.reopen().await;
    assert_eq!(again.store().register_groups(&[]).await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn a_file_of_the_first_format_is_upgraded_without_loss() {
    let disk = Disk::open().await;
    commit(disk.store(), storing(conversation(1), 0)).await;
    receive(disk.store(), &[update(1, 1)]).await;
    let folder = image(disk.folder.path());
    let file = Connection::open(folder.path().join("desk.sqlite3")).unwrap();
    file.execute_batch(
        "DROP INDEX conversations_due; ALTER TABLE conversations DROP COLUMN due;
         DROP TABLE requests; DROP TABLE former; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(file);
    let store = open(folder.path(), &Options::default()).unwrap();
    assert_eq!(load(&store, 1).await.unwrap(), load(disk.store(), 1).await.unwrap());
    assert_eq!(undecided(&store).await.len(), 1);
    assert_eq!(store.due(PartitionSet::ALL, later(1), 10).await.unwrap(), []);
    assert_eq!(store.request(UserId(1), 1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_hundred_thousand_timers_that_are_not_due_cost_nothing() {
    let disk = Disk::open().await;
    let mut waits = conversation(1);
    waits.welcome.due = Some(later(i64::from(i32::MAX)));
    commit(disk.store(), storing(waits, 0)).await;
    let alone = quickest_query(disk.store()).await;
    let folder = image(disk.folder.path());
    let file = Connection::open(folder.path().join("desk.sqlite3")).unwrap();
    file.execute_batch(
        "WITH RECURSIVE users (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM users WHERE id < 100000)
         INSERT INTO conversations (user, revision, format, doc, state, due)
         SELECT id, revision, format, doc, state, due FROM users, conversations WHERE user = 1",
    )
    .unwrap();
    drop(file);
    let store = open(folder.path(), &Options::default()).unwrap();
    assert_eq!(
        store.due(PartitionSet::ALL, Millis(i64::MAX), 200_000).await.unwrap().len(),
        100_000
    );
    let among_many = quickest_query(&store).await;
    println!("{alone:?} with one timer, {among_many:?} with 100,000");
    assert!(among_many < alone * 20, "{alone:?} with one timer, {among_many:?} with 100,000");
}

#[test]
fn a_file_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.sqlite3");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(refusal(folder.path()).0, OpenError::Foreign(_)));
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_a_remedy() {
    let disk = Disk::open().await;
    disk.store().close(Duration::from_secs(5)).await.unwrap();
    let file = disk.folder.path().join("desk.sqlite3");
    let mut bytes = fs::read(&file).unwrap();
    bytes[..16].fill(b'x');
    fs::write(&file, bytes).unwrap();
    let (error, text) = refusal(disk.folder.path());
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert!(text.contains("restore it from a backup"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_refused() {
    // Not even root can create a folder inside a file.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (error, text) = refusal(&file.join("desk"));
    assert!(matches!(error, OpenError::Access { .. }), "{error:?}");
    assert!(text.contains("must be writable"), "{text}");
}

#[tokio::test]
async fn a_truncated_log_loses_only_unsynced_commits() {
    let disk = Disk::open().await;
    for number in 0..20 {
        receive(disk.store(), &[update(number, 1)]).await;
    }
    let whole = image(disk.folder.path());
    let log = fs::read(whole.path().join("desk.sqlite3-wal")).unwrap();
    let mut last = usize::MAX;
    for cut in [0, 1, 100, 4096 + 24, 20_000, log.len() / 2] {
        let folder = image(whole.path());
        fs::write(folder.path().join("desk.sqlite3-wal"), &log[..log.len() - cut]).unwrap();
        let store = open(folder.path(), &Options::default()).unwrap();
        let found = undecided(&store).await;
        assert!(found.len() <= last && found.iter().zip(0..).all(|(a, b)| a.update.update.0 == b));
        assert!(cut > 0 || found.len() == 20);
        last = found.len();
        receive(&store, &[update(100, 1)]).await;
    }
}

#[tokio::test]
async fn a_read_only_store_opens_while_the_bot_runs_and_changes_nothing() {
    let disk = Disk::open().await;
    let sends = queue(disk.store(), vec![send(1, 1)]).await;
    let letter = dead(Origin::Send(sends[0].clone()));
    let bury = Commit { dead: vec![letter.clone()], ..Commit::default() };
    commit(disk.store(), bury).await;
    let read_only = ReadOnlyStore::open(disk.folder.path()).unwrap();
    assert_eq!(read_only.dead(None, 10).unwrap(), vec![letter.clone()]);
    assert_eq!(read_only.dead_letter(letter.id()).unwrap(), Some(letter));
    assert_eq!(read_only.figures().unwrap().dead_sends, 1);

    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(ReadOnlyStore::open(empty.path()), Err(OpenError::Missing(_))));
}

#[tokio::test]
async fn maintenance_does_not_hide_that_the_last_run_was_killed() {
    let disk = Disk::open().await;
    let folder = image(disk.folder.path());
    let maintenance = Options { maintenance: true, ..Options::default() };
    for over in 0..2 {
        let store = open(folder.path(), &maintenance).unwrap();
        assert!(store.notebook().await.unwrap().unclean);
        commit(&store, storing(conversation(7), over)).await;
        store.close(Duration::from_secs(5)).await.unwrap();
    }
    let store = open(folder.path(), &Options::default()).unwrap();
    assert!(store.notebook().await.unwrap().unclean);
    assert_eq!(load(&store, 7).await.unwrap().revision.0, 2);
}
