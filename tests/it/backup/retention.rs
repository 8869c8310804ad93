//! Retention in a folder of backups: older backups are deleted, and nothing else.

use std::{collections::BTreeSet, fs, path::Path, process::Stdio, time::Duration};

use crate::harness::Desk;

use super::{records_of, stdout_of};

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_backups_of_the_same_name_are_removed_and_the_newest_stay() {
    let desk = Desk::start().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().display().to_string();
    let old = ["2020-01-01T00-00-00-000Z", "2021-01-01T00-00-00-000Z", "2022-01-01T00-00-00-000Z"]
        .map(|moment| format!("support-bot-{moment}.backup"));
    let others = ["support-bot-before-the-update.backup", "desk.sqlite3", "0-notes.txt"];
    for name in old.iter().map(String::as_str).chain(others) {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    // A folder with a matching name is not a backup, and a temporary file of another program is not removed either.
    fs::create_dir(folder.path().join("support-bot-2019-01-01T00-00-00-000Z.backup")).unwrap();
    fs::write(folder.path().join(".support-bot-x.partial"), "left by a kill").unwrap();

    let printed = stdout_of(&desk.run(&["backup", &to, "--keep", "2"]).await);
    assert_eq!(printed.matches("removed ").count(), 2, "{printed}");
    let left = names(folder.path());
    assert!(!left.contains(&old[0]) && !left.contains(&old[1]) && left.contains(&old[2]));
    assert!(others.iter().all(|name| left.contains(*name)), "{left:?}");
    assert!(left.contains("support-bot-2019-01-01T00-00-00-000Z.backup"));
    assert!(!left.contains(".support-bot-x.partial"));
    let made = |left: &BTreeSet<String>| {
        let made = left.iter().find(|name| name.starts_with("support-bot-202") && **name > old[2]);
        made.map(|name| folder.path().join(name))
    };
    records_of(&made(&left).unwrap()).await.unwrap();

    // Without `--keep`, no backup is deleted.
    stdout_of(&desk.run(&["backup", &to]).await);
    assert_eq!(names(folder.path()).len(), left.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backup_just_made_is_never_removed_whatever_the_clock_says() {
    let desk = Desk::start().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().display().to_string();
    // Backups of a machine whose clock was wrong, damaged since.
    for year in 3001..3004 {
        let name = format!("support-bot-{year}-01-01T00-00-00-000Z.backup");
        fs::write(folder.path().join(name), "x").unwrap();
    }
    stdout_of(&desk.run(&["backup", &to, "--keep", "1"]).await);
    let left = names(folder.path());
    let [only] = &*left.into_iter().collect::<Vec<_>>() else { panic!("a backup is left") };
    records_of(&folder.path().join(only)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_option_keep_needs_a_folder_and_a_number() {
    let desk = Desk::start().await;
    let file = desk.folder().join("file").display().to_string();
    for (arguments, why) in [
        (&[&*file, "--keep", "2"][..], "there is no folder"),
        (&["nosuch/"], "there is no folder nosuch/: create it first"),
        (&["nosuch/deeper"], "there is no folder nosuch: create it first"),
        (&["/dev/null", "--keep", "2"], "/dev/null is not a folder"),
        (&[&*file, "--keep", "0"], "write a whole number above 0"),
    ] {
        let refused = desk.run(&[&["backup"], arguments].concat()).await;
        let printed = String::from_utf8(refused.stderr).unwrap();
        assert!(printed.contains(why), "{printed}");
        assert_eq!(refused.status.code(), Some(2));
    }
    assert!(!Path::new(&file).exists());
    let state = desk.run(&["healthcheck", "--backups"]).await;
    assert_eq!(String::from_utf8(state.stdout).unwrap(), "no backup has been made yet\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_backups_repeat_and_a_restart_makes_no_extra_one() {
    let desk = Desk::start().await;
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().display().to_string();
    let count = || names(folder.path()).iter().filter(|name| !name.starts_with('.')).count();
    assert!(
        !desk.run(&["healthcheck", "--backups"]).await.status.success(),
        "no backup is deleted yet"
    );
    let often = ["backup", &to, "--keep", "3", "--every", "1s"];
    let mut running = desk.command(&often).stdout(Stdio::null()).spawn().unwrap();
    desk.until("the folder holds the number of backups to keep", || count() == 3).await;
    let first = names(folder.path());
    desk.until("the backups continue", || names(folder.path()).is_disjoint(&first)).await;
    running.kill().unwrap();
    running.wait().unwrap();

    assert!(desk.run(&["healthcheck", "--backups"]).await.status.success());
    let before = names(folder.path());
    let seldom = ["backup", &to, "--every", "1h"];
    let mut running = desk.command(&seldom).stdout(Stdio::null()).spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(running.try_wait().unwrap(), None, "the command waits");
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(names(folder.path()), before);

    // A folder that disappears under a schedule makes it fail.
    let often = ["backup", &to, "--every", "1s"];
    let mut running = desk.command(&often).stdout(Stdio::null()).spawn().unwrap();
    desk.until("the schedule has begun", || names(folder.path()) != before).await;
    drop(folder);
    let failed = || {
        let state = fs::read_to_string(desk.folder().join("backups.json"));
        state.is_ok_and(|state| state.replace(' ', "").contains("\"failing\":true"))
    };
    desk.until("the schedule fails", failed).await;
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(!desk.run(&["healthcheck", "--backups"]).await.status.success());
}
