//! Errors that stop a backup midway: no partial backup remains, and older backups are kept.

use std::{fs, process::Stdio, time::Duration};

use crate::{faults::SmallDisk, harness::Desk};

use super::{records_of, stderr_of, stdout_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_the_old_backups_and_no_partial_one() {
    let Some(small) = SmallDisk::of("1m") else { return };
    let desk = Desk::start().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let folder = small.path().join("backups");
    fs::create_dir(&folder).unwrap();
    let to = folder.display().to_string();
    let listed = || {
        let entries = fs::read_dir(&folder).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    stdout_of(&desk.run(&["backup", &to, "--keep", "1"]).await);
    let [first] = &*listed() else { panic!("{:?}", listed()) };
    let before = records_of(first).await.unwrap();

    small.fill();
    let printed = stderr_of(&desk.run(&["backup", &to, "--keep", "1"]).await);
    assert!(printed.contains("no space is left") && printed.contains("make room"), "{printed}");
    assert_eq!(listed(), std::slice::from_ref(first), "exactly the old files are there");
    assert_eq!(records_of(first).await.unwrap(), before);
    let failing = || desk.metric("supportbot_backup_failing") > 0.9;
    desk.until("the desk reports the failure", failing).await;

    small.make_room();
    stdout_of(&desk.run(&["backup", &to, "--keep", "1"]).await);
    assert_ne!(listed(), std::slice::from_ref(first));
    assert_eq!(listed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_backup_is_either_absent_or_complete() {
    let desk = Desk::start().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().display().to_string();
    for moment in 0..30 {
        let mut backup = desk.command(&["backup", &to]);
        let mut backup = backup.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
        backup.kill().unwrap();
        backup.wait().unwrap();
    }
    let listed = |end: &str| {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.to_str().unwrap().ends_with(end)).collect::<Vec<_>>()
    };
    for made in listed(".backup") {
        records_of(&made).await.unwrap();
    }
    stdout_of(&desk.run(&["backup", &to]).await);
    assert_eq!(listed(".partial"), Vec::<std::path::PathBuf>::new(), "the leftover file is gone");
    assert!(!listed(".backup").is_empty());
}
