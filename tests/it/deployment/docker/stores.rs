//! Builds the image and starts the compose file with a real Docker engine.

use std::{fs, os::unix::fs::PermissionsExt as _};

use telegram_simulator::{Group, Options, Person};

use super::desk::{
    Deployed, PASSWORD, UNWATCHED, docker, kill, program, restarts, telegram, until,
    until_delivered,
};
use crate::harness::spec;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn on_redis_the_desk_recovers_from_a_kill_of_either() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    desk.up(&["support-bot"]);
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("before the kills");
    until_delivered(&group, "before the kills").await;
    println!("doctor: {}", desk.doctor());
    assert_password_is_hidden();

    kill("support-bot");
    ada.writes("after the desk's kill");
    until_delivered(&group, "after the desk's kill").await;
    kill("support-redis");
    ada.writes("after the kill of Redis");
    until_delivered(&group, "after the kill of Redis").await;
    assert_eq!((restarts("support-bot"), restarts("support-redis")), ("1".into(), "1".into()));

    desk.stop();
    ada.writes("while it is stopped");
    desk.up(&["support-bot"]);
    until_delivered(&group, "while it is stopped").await;
    assert_eq!(group.topics().len(), 1, "the desk has found Ada's topic");
}

/// Checks that neither Docker nor the process list of this machine shows the password.
fn assert_password_is_hidden() {
    let inspected = docker(&["inspect", "support-bot", "support-redis"]);
    let top = docker(&["top", "support-redis"]);
    assert!(top.contains("redis-server"), "{top}");
    assert!(!inspected.contains(PASSWORD) && !top.contains(PASSWORD));
    for container in ["support-bot", "support-redis"] {
        for part in ["cmdline", "environ"] {
            let part = fs::read(format!("/proc/{}/{part}", program(container))).unwrap();
            assert!(!String::from_utf8_lossy(&part).contains(PASSWORD), "{container}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn on_redis_a_backup_is_restored_into_an_empty_store() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    let ada = telegram.user(spec(1001, "Ada", "en"));
    restore_backup(&desk, &group, &ada, "support-bot_redis", &["support-redis"]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn a_redis_that_cannot_read_its_password_says_so() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    let password = desk.path("secrets/redis_password");
    fs::set_permissions(password, fs::Permissions::from_mode(0o600)).unwrap();
    desk.run(&["up", "--detach", "support-redis"]);
    let said = || desk.run(&["logs", "support-redis"]).contains("chmod 644 secrets/redis_password");
    until("the log says what to do", said).await;
}

/// Restores the backup that the timer makes at its start into a new volume; these services must run for it.
#[expect(clippy::print_stdout, reason = "output for a manual run")]
async fn restore_backup(desk: &Deployed, group: &Group, ada: &Person, volume: &str, on: &[&str]) {
    desk.up(&["support-bot"]);
    ada.writes("before the backup");
    until_delivered(group, "before the backup").await;
    desk.up(&[]);
    let copied = tempfile::tempdir().unwrap();
    desk.run(&["cp", "support-bot-backup:/backups/.", copied.path().to_str().unwrap()]);
    let made = fs::read_dir(copied.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let made: Vec<String> = made.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(made.len(), 1, "{made:?}");

    desk.stop();
    desk.run(&["rm", "--force"]);
    docker(&["volume", "rm", volume]);
    let file = format!("/backups/{}", made[0]);
    if !on.is_empty() {
        desk.up(on);
    }
    let run = ["run", "--rm", "--no-deps", "--no-TTY"];
    let restore = [&run[..], &["support-bot-backup", "restore", &file]].concat();
    println!("restore: {}", desk.run(&restore));
    desk.up(&[]);
    ada.writes("after the restore");
    until_delivered(group, "after the restore").await;
    assert_eq!(group.topics().len(), 1, "the desk has found Ada's topic");
}
