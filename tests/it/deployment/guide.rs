//! Runs the commands of the guide literally on a real Docker engine: restoring a backup, and moving over from the old
//! bot.

use std::{fs, process::Command};

use telegram_simulator::Options;

use super::{
    composed::text,
    deployed::{Deployed, UNWATCHED, arrives, docker, said, telegram, until},
};
use crate::harness::spec;

/// The commands of a section of the guide, block by block.
fn typed(part: &str) -> Vec<String> {
    let guide = text("docs/deployment.en.md");
    let part = guide.split(&format!("\n## {part}\n")).nth(1).expect(part);
    let part = part.split("\n## ").next().unwrap();
    part.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Runs a block in the desk's folder and returns its output.
fn types(desk: &Deployed, block: &str) -> String {
    let bash = Command::new("bash").args(["-ec", block]).current_dir(desk.path("")).output();
    said(&bash.unwrap(), block)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn what_the_guide_says_restores_a_backup() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    desk.up(&[]);
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("before the backup");
    arrives(&group, "before the backup").await;
    let blocks = typed("Backups");
    let [by_hand, _encrypted, restoring, putting, drill] = &blocks[..] else {
        panic!("{blocks:?}")
    };
    let made = types(&desk, by_hand);
    let file = made.lines().find_map(|line| line.strip_prefix("backed up to /backups/")).unwrap();
    let file = file.split(':').next().unwrap();
    println!("{}", types(&desk, &drill.replace("FILE", file)));
    fs::create_dir(desk.path("copies")).unwrap();
    types(&desk, "docker compose cp support-bot-backup:/backups/. ./copies");
    types(&desk, &putting.replace("FILE", file));
    println!("{}", types(&desk, &restoring.replace("FILE", file)));
    ada.writes("after the restore");
    arrives(&group, "after the restore").await;
    assert_eq!(group.topics().len(), 1, "the desk has found Ada's topic");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn what_the_guide_says_moves_over_from_the_old_bot_and_back() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    let redis = "redis:7.4.6-bookworm";
    let run = ["run", "-d", "--restart", "always", "--name"];
    docker(&[&run[..], &["support-bot", "--entrypoint", "sleep", redis, "infinity"]].concat());
    let plain = ["redis-server", "--save", "", "--protected-mode", "no"];
    docker(&[&run[..], &["support-redis", redis], &plain[..]].concat());
    let json = r#"{"id": 7, "is_banned": true, "language_code": "ru", "full_name": "Grace"}"#;
    let ask = ["exec", "support-redis", "redis-cli"];
    let pings = || Command::new("docker").args(ask).arg("ping").output().unwrap().status.success();
    until("the old Redis is there", pings).await;
    docker(&[&ask[..], &["HSET", "users", "7", json]].concat());

    let blocks = typed("Moving over from the Python bot");
    let [stop, read, start, back] = &blocks[..] else { panic!("{blocks:?}") };
    types(&desk, stop);
    let restarts = ["inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", "old-bot"];
    assert_eq!(docker(&restarts), "no", "the desk does not start with the machine");
    let taken = types(&desk, read);
    println!("{taken}{}", types(&desk, start));
    let grace = telegram.user(spec(7, "Grace", "ru"));
    let ada = telegram.user(spec(1001, "Ada", "en"));
    grace.writes("she is banned");
    ada.writes("on the new desk");
    arrives(&group, "on the new desk").await;
    assert_eq!(group.topics().len(), 1, "a banned user stays banned");

    docker(&["stop", "old-redis"]);
    types(&desk, back);
    let kept = docker(&["inspect", "--format", "{{.State.Running}}", "support-redis"]);
    docker(&["rm", "--force", "--volumes", "support-bot", "support-redis"]);
    assert_eq!(kept, "true");
}
