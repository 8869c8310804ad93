//! The disk fails while the desk runs: Telegram keeps the updates that cannot be stored, and all are delivered in the
//! end.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use rusqlite::Connection;

use crate::harness::{Load, Program, spec};

const SEED: u64 = 20_261_124;

/// A small file system, unmounted on drop.
pub(crate) struct SmallDisk {
    at: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` if this user may not mount file systems.
    pub(crate) fn of(bytes: &str) -> Option<Self> {
        let at = tempfile::tempdir().unwrap();
        let size = format!("size={bytes}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at.path());
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        if !mounted {
            println!("SKIPPED: mounting a small disk needs root");
            return None;
        }
        Some(Self { at })
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.at.path()
    }

    fn ballast_file(&self) -> PathBuf {
        self.at.path().join("ballast")
    }

    /// Fills the disk completely.
    pub(crate) fn fill(&self) {
        let _no_space = fs::write(self.ballast_file(), vec![0; 64 << 20]);
    }

    pub(crate) fn make_room(&self) {
        fs::remove_file(self.ballast_file()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg("-l").arg(self.at.path()).status();
    }
}

/// Waits until the store visibly refuses writes: updates stay at Telegram, and `/readyz` gives the reason.
async fn refuses(program: &Program, reason: &str) {
    let series = format!("supportbot_store_errors_total{{kind=\"{reason}\"}}");
    program.until("the store refuses", async |program| program.metric(&series).await > 0.0).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(program.telegram.pending_updates() > 0, "an update was acknowledged but not stored");
    program
        .until("/readyz reports the store", async |program| {
            let (status, body) = program.ready().await;
            status == 503 && body.contains(r#""probe":"store","ready":false"#)
        })
        .await;
}

/// Ends a failure: all messages written meanwhile arrive in order.
async fn recovers(program: &Program, load: &Load) {
    let account = program.settled(load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!(account.repeats, 0, "nothing is repeated without a kill or a lost answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_keeps_updates_at_telegram_until_there_is_room() {
    let Some(disk) = SmallDisk::of("24m") else { return };
    let data = disk.at.path().join("data").display().to_string();
    let mut program = Program::new(&[("DATA_DIR", &data)]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 8, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    disk.fill();
    let until = tokio::time::Instant::now() + Duration::from_secs(30);
    while program.metric("supportbot_store_errors_total{kind=\"full\"}").await == 0.0 {
        assert!(tokio::time::Instant::now() < until, "the disk is never full");
        load.writes_for(&program.group, &program.operator, Duration::from_millis(100)).await;
    }
    load.writes_for(&program.group, &program.operator, Duration::from_millis(100)).await;
    refuses(&program, "full").await;
    disk.make_room();
    recovers(&program, &load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_waits_for_a_database_locked_by_another_process() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 8, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    let foreign = Connection::open(program.database()).unwrap();
    foreign.busy_timeout(Duration::from_secs(10)).unwrap();
    foreign.execute_batch("BEGIN IMMEDIATE").unwrap();
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    refuses(&program, "busy").await;
    foreign.execute_batch("ROLLBACK").unwrap();
    recovers(&program, &load).await;
    program
        .until("the program is ready again", async |program| program.ready().await.0 == 200)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_folder_is_noticed_before_anything_is_lost() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 8, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    let away = program.data().with_extension("away");
    fs::rename(program.data(), &away).unwrap();
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    refuses(&program, "io").await;
    assert!(program.log().contains("is not where it was"), "{}", program.log());
    fs::rename(&away, program.data()).unwrap();
    recovers(&program, &load).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_folder_is_reported_and_updates_wait() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 8, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    program.wait_until_idle().await;
    assert_eq!(program.terminate().await.code(), Some(0));
    let Ok(mounts) = read_only(&program.data()) else { return };
    load.writes_for(&program.group, &program.operator, Duration::from_millis(100)).await;
    let output = program.run(&["run"]);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && words.contains("must be writable"), "{words}");
    assert!(program.telegram.pending_updates() > 0);
    drop(mounts);
    program.start().await;
    recovers(&program, &load).await;
}

struct ReadOnly(PathBuf);

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _gone = Command::new("umount").arg(&self.0).status();
    }
}

fn read_only(folder: &std::path::Path) -> Result<ReadOnly, ()> {
    let mount = |options: &[&str]| {
        let mut mount = Command::new("mount");
        mount.args(options).arg(folder).output().is_ok_and(|output| output.status.success())
    };
    let path = folder.display().to_string();
    if !mount(&["--bind", &path]) {
        println!("SKIPPED: a read-only folder needs root");
        return Err(());
    }
    let mounted = ReadOnly(folder.to_owned());
    assert!(mount(&["-o", "remount,ro,bind"]));
    Ok(mounted)
}

/// The output of a start on a damaged file, after the desk has run and was killed.
async fn start_after_damage(damage: impl FnOnce(&Program)) -> (Program, Option<i32>, String) {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.telegram.user(spec(1001, "Ada", "en")).writes("hello");
    program.wait_until_idle().await;
    program.kill();
    damage(&program);
    let output = program.run(&["dead", "replay"]);
    let words = String::from_utf8(output.stderr).unwrap();
    (program, output.status.code(), words)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_and_not_changed() {
    let (program, code, words) = start_after_damage(|program| {
        let file = Connection::open(program.database()).unwrap();
        file.pragma_update(None, "user_version", 99).unwrap();
    })
    .await;
    assert_eq!(code, Some(1));
    assert!(words.contains("format 99") && words.contains("up to"), "{words}");
    let file = Connection::open(program.database()).unwrap();
    let rows: i64 =
        file.query_row("SELECT count(*) FROM conversations", [], |row| row.get(0)).unwrap();
    assert!(rows > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_a_database_is_refused() {
    let (program, code, words) = start_after_damage(|program| {
        // From an intact log, SQLite would repair the file.
        fs::remove_file(program.database().with_extension("sqlite3-wal")).unwrap();
        fs::write(
            program.database(),
            "not a database at all, but long enough for a page".repeat(99),
        )
        .unwrap();
    })
    .await;
    assert_eq!(code, Some(1));
    assert!(words.contains("is damaged") && words.contains("restore it"), "{words}");
    assert!(fs::read_to_string(program.database()).unwrap().starts_with("not a database"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database_does_not_pass_for_a_new_desk() {
    let (program, code, words) = start_after_damage(|program| {
        fs::write(program.database(), "").unwrap();
    })
    .await;
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("is damaged") && words.contains("restore it"), "{words}");
    let log = fs::metadata(program.database().with_extension("sqlite3-wal")).unwrap();
    assert!(log.len() > 0, "the data in the log is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_truncated_by_a_power_cut_is_read_up_to_the_cut() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 8, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(400)).await;
    program.wait_until_idle().await;
    program.kill();
    let log = program.database().with_extension("sqlite3-wal");
    let bytes = fs::read(&log).unwrap();
    fs::write(&log, &bytes[..bytes.len() - 10_000.min(bytes.len() / 3)]).unwrap();
    program.start().await;
    load.writes_for(&program.group, &program.operator, Duration::from_millis(200)).await;
    let account = program.settled(&load).await;
    println!("{account:?}");
    let lost = account.wrong.iter().filter(|wrong| wrong.contains("lost")).collect::<Vec<_>>();
    assert!(lost.is_empty(), "{lost:#?}");
}
