//! The backup commands beside a running desk, and the metrics about them.

use std::{fs, process::Command, time::Duration};

use rusqlite::Connection;

use crate::harness::Desk;

use super::{records_of, stderr_of, stdout_of};

/// Waits until the desk has read the result of the last backup.
async fn told(desk: &Desk, outcome: &str, times: f64) {
    let series = format!("supportbot_backups_total{{outcome=\"{outcome}\"}}");
    desk.until("the metrics show the backup", || (desk.metric(&series) - times).abs() < 0.1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_desk_is_backed_up_and_restored_elsewhere() {
    let mut desk = Desk::start().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let file = desk.folder().join("desk.backup").display().to_string();
    let made = stdout_of(&desk.run(&["backup", &file]).await);
    assert!(made.contains("pairs of messages      1\n"), "{made}");

    let bare = Command::new(env!("CARGO_BIN_EXE_support-bot"))
        .args(["restore", &file, "--check"])
        .env_clear()
        .current_dir(desk.folder())
        .output()
        .unwrap();
    let checked = stdout_of(&bare);
    let (printed, counts) = checked.split_once('\n').unwrap();
    assert!(printed.contains("is intact") && printed.contains("UTC, by release 0."), "{printed}");
    assert_eq!(counts, made.split_once('\n').unwrap().1);

    let printed = stderr_of(&desk.run(&["restore", &file]).await);
    assert!(printed.contains("another support-bot is running on this folder"), "{printed}");
    desk.close().await;
    let printed = stderr_of(&desk.run(&["restore", &file]).await);
    assert!(printed.contains("there is a desk in") && printed.contains("nothing was changed"));

    let other = tempfile::tempdir().unwrap();
    desk.set("DATA_DIR", &other.path().join("new").display().to_string());
    let restored = stdout_of(&desk.run(&["restore", &file]).await);
    assert!(restored.starts_with("restored into") && restored.contains("the same group"));
    desk.open().await;
    let copy = desk.relayed(desk.topic()).remove(0).id;
    desk.operator.replies_in(desk.topic(), copy, "hello Ada");
    desk.settle().await;
    let ada = desk.user(1001, "Ada").sees();
    let answer = ada.iter().find(|seen| seen.text.as_deref() == Some("hello Ada")).unwrap();
    assert!(answer.reply_to.is_some(), "the pair is restored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_or_killed_desk_can_be_backed_up() {
    let mut desk = Desk::start().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let killed = crate::sqlite::image(desk.folder());
    desk.close().await;
    let file = desk.folder().join("stopped").display().to_string();
    let stopped = stdout_of(&desk.run(&["backup", &file]).await);
    desk.set("DATA_DIR", &killed.path().display().to_string());
    let file = desk.folder().join("killed").display().to_string();
    let killed = stdout_of(&desk.run(&["backup", &file]).await);
    assert_eq!(stopped.split_once('\n').unwrap().1, killed.split_once('\n').unwrap().1);
    desk.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_restore_creates_no_store() {
    let mut desk = Desk::closed().await;
    let (file, data) = (desk.folder().join("file"), desk.folder().join("data"));
    desk.set("DATA_DIR", &data.display().to_string());
    fs::write(&file, "no backup at all").unwrap();
    let printed = stderr_of(&desk.run(&["restore", &file.display().to_string()]).await);
    assert!(printed.contains("is not a backup"), "{printed}");
    let to = desk.folder().join("to").display().to_string();
    let printed = stderr_of(&desk.run(&["backup", &to]).await);
    assert!(printed.contains("there is no store in"), "{printed}");
    assert!(!data.exists() && !fs::exists(&to).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_show_the_last_backup_and_failures() {
    let desk = Desk::start().await;
    let last = "supportbot_backup_last_success_timestamp_seconds";
    assert!(desk.metric(last).abs() < 0.1, "there is no backup yet");
    let file = desk.folder().join("file");
    let to = file.display().to_string();
    stdout_of(&desk.run(&["backup", &to]).await);
    told(&desk, "made", 1.0).await;
    let first = desk.metric(last);
    assert!(first > 1_600_000_000.0);
    let size = u32::try_from(fs::metadata(&file).unwrap().len()).unwrap();
    assert!(
        (desk.metric("supportbot_backup_last_success_size_bytes") - f64::from(size)).abs() < 0.1
    );
    assert!(desk.metric("supportbot_backup_last_success_duration_seconds") > 0.0);
    assert!(desk.metric("supportbot_backup_failing") < 0.1);

    let printed = stderr_of(&desk.run(&["backup", "/proc/backup"]).await);
    assert!(printed.contains("/proc cannot be written"), "{printed}");
    told(&desk, "failed", 1.0).await;
    assert!(desk.metric("supportbot_backup_failing") > 0.9);
    assert!((desk.metric(last) - first).abs() < 0.001, "the last good backup stays");

    stdout_of(&desk.run(&["backup", &to]).await);
    told(&desk, "made", 2.0).await;
    assert!(desk.metric("supportbot_backup_failing") < 0.1 && desk.metric(last) > first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_damaged_store_keeps_the_previous_backup() {
    let mut desk = Desk::start().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let file = desk.folder().join("file");
    let to = file.display().to_string();
    stdout_of(&desk.run(&["backup", &to]).await);
    let before = records_of(&file).await.unwrap();
    desk.close().await;
    let store = Connection::open(desk.folder().join("desk.sqlite3")).unwrap();
    store.busy_timeout(Duration::from_secs(5)).unwrap();
    store.execute_batch("UPDATE conversations SET doc = '{}'").unwrap();
    drop(store);
    let printed = stderr_of(&desk.run(&["backup", &to]).await);
    assert!(printed.contains("the store is damaged"), "{printed}");
    assert_eq!(records_of(&file).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_an_earlier_release_is_not_changed_by_a_restore() {
    let mut desk = Desk::start().await;
    let file = desk.folder().join("file").display().to_string();
    stdout_of(&desk.run(&["backup", &file]).await);
    desk.close().await;
    let other = crate::sqlite::image(desk.folder());
    let database = other.path().join("desk.sqlite3");
    let store = Connection::open(&database).unwrap();
    store.pragma_update(None, "user_version", -1).unwrap();
    drop(store);
    desk.set("DATA_DIR", &other.path().display().to_string());
    let printed = stderr_of(&desk.run(&["restore", &file]).await);
    assert!(printed.contains("there is a desk in"), "{printed}");
    let printed = stderr_of(&desk.run(&["backup", &file]).await);
    assert!(printed.contains("older than this release's"), "{printed}");
    let store = Connection::open(&database).unwrap();
    let found: i64 = store.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(found, -1);
}
