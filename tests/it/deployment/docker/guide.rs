//! Runs the commands of the book literally on a real Docker engine: the setup, restoring a backup, and moving over from
//! the old bot.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use telegram_simulator::Options;

use super::{
    desk::{
        Deployed, IMAGE, UNWATCHED, docker, kill, printed, settings, telegram, until,
        until_delivered,
    },
    monitoring::{ALERTS, alerts_go_to, telegram_of_alerts},
};
use crate::{
    deployment::compose::text,
    harness::{OWNER, spec},
};

/// The commands of a section of a page, block by block.
fn blocks(page: &str, part: &str) -> Vec<String> {
    let page = text(page);
    let part = page.split(&format!("\n## {part}\n")).nth(1).expect(part);
    let part = part.split("\n## ").next().unwrap();
    part.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Runs a block in the desk's folder and returns its output.
fn run_block(desk: &Deployed, block: &str) -> String {
    run_block_with(desk, block, "")
}

/// The same, with what the owner pastes.
fn run_block_with(desk: &Deployed, block: &str, pasted: &str) -> String {
    let mut bash = Command::new("bash");
    // As strict servers have it: what containers read must be readable whatever it is.
    let block = format!("umask 077\n{block}");
    bash.args(["-ec", &block]).current_dir(desk.path(""));
    bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut bash = bash.spawn().unwrap();
    bash.stdin.take().unwrap().write_all(pasted.as_bytes()).unwrap();
    printed(&bash.wait_with_output().unwrap(), &block)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn the_commands_of_the_guide_set_up_a_desk_that_is_watched() {
    let (telegram, group) = telegram(Options::default()).await;
    let (alerts, on_call) = telegram_of_alerts().await;
    let desk = Deployed::cloned();
    alerts_go_to(&desk, &alerts);
    let page = "docs/setup/docker.md";
    desk.close();
    let made = blocks(page, "Settings and secrets");
    let [secrets, token, second] = &made[..] else { panic!("{made:?}") };
    run_block(&desk, secrets);
    let example = fs::read_to_string(desk.path(".env")).unwrap();
    fs::write(desk.path(".env"), example + "\n" + &settings(&telegram, &group)).unwrap();
    run_block_with(&desk, token, &format!("{}\n", telegram.token()));
    run_block_with(&desk, second, &format!("{ALERTS}\n{}\n", on_call.id()));

    let start = blocks(page, "Start");
    println!("{}", run_block(&desk, &start[0]));
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("after the setup");
    until_delivered(&group, "after the setup").await;
    let rings = || {
        on_call
            .everything()
            .iter()
            .any(|seen| seen.text.as_deref().is_some_and(|text| text.contains("SmokeTest")))
    };
    until("the test alert arrives", rings).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn the_shortest_way_is_one_container_that_backs_up_and_restores() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::cloned();
    desk.close();
    let page = blocks("docs/setup/docker.md", "The shortest way");
    let [_download, settings, start] = &page[..] else { panic!("{page:?}") };
    let pasted = format!("{}\n{}\n{OWNER}\n", telegram.token(), group.id());
    run_block_with(&desk, settings, &pasted);
    let here = format!("SUPPORT_BOT_IMAGE={IMAGE}\nBOT_API_URL={}\n", telegram.url());
    let written = fs::read_to_string(desk.path(".env")).unwrap();
    fs::write(desk.path(".env"), written + &here).unwrap();
    println!("{}", run_block(&desk, start));
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("in one container");
    until_delivered(&group, "in one container").await;
    assert_eq!(docker(&["container", "ls", "--all", "--format", "{{.Names}}"]), "support-bot");
    kill("support-bot");
    ada.writes("after the kill");
    until_delivered(&group, "after the kill").await;

    let page = text("docs/setup/docker.md");
    let cron = page.split("&& docker compose exec -T").nth(1).unwrap().lines().next().unwrap();
    let made = run_block(&desk, &format!("docker compose exec -T{cron}"));
    let file = made.lines().find_map(|line| line.strip_prefix("backed up to /backups/")).unwrap();
    let file = file.split(':').next().unwrap();
    let restoring = &blocks("docs/operate/backups.md", "With Docker")[3];
    let restoring = restoring.replace("FILE", file);
    // Over a desk it is refused, with the words that help.
    desk.stop();
    let over = desk.compose(&[
        "run",
        "--rm",
        "--no-deps",
        "-T",
        "support-bot",
        "restore",
        &format!("/backups/{file}"),
    ]);
    let refused = String::from_utf8_lossy(&over.stderr).into_owned();
    assert!(
        !over.status.success() && refused.contains("docker volume rm support-bot_data"),
        "{refused}"
    );
    println!("{}", run_block(&desk, &restoring));
    ada.writes("after the restore");
    until_delivered(&group, "after the restore").await;
    assert_eq!(group.topics().len(), 1, "the desk has found Ada's topic");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn the_commands_of_the_guide_restore_a_backup() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    desk.up(&[]);
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("before the backup");
    until_delivered(&group, "before the backup").await;
    let blocks = blocks("docs/operate/backups.md", "With Docker");
    let [by_hand, encrypted, restoring, _minimal, putting, drill] = &blocks[..] else {
        panic!("{blocks:?}")
    };
    let made = run_block(&desk, by_hand);
    let file = made.lines().find_map(|line| line.strip_prefix("backed up to /backups/")).unwrap();
    let file = file.split(':').next().unwrap();
    println!("{}", run_block(&desk, &drill.replace("FILE", file)));
    // Twice, as every day.
    let (copies, _) = encrypted.split_once('\n').unwrap();
    for _ in 0..2 {
        run_block(&desk, copies);
        let files = fs::read_dir(desk.path("copies")).unwrap().map(|entry| entry.unwrap().path());
        assert!(files.into_iter().all(|path| path.is_file()), "the backups are not nested");
    }
    run_block(&desk, &putting.replace("FILE", file));
    println!("{}", run_block(&desk, &restoring.replace("FILE", file)));
    ada.writes("after the restore");
    until_delivered(&group, "after the restore").await;
    assert_eq!(group.topics().len(), 1, "the desk has found Ada's topic");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn the_commands_of_the_guide_migrate_from_the_old_bot_and_back() {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    let _removed = OldBot;
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

    let blocks = blocks("docs/setup/from-the-python-bot.md", "The move, with Docker");
    let [stop, read, start, back] = &blocks[..] else { panic!("{blocks:?}") };
    run_block(&desk, stop);
    let restarts = ["inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}", "old-bot"];
    assert_eq!(docker(&restarts), "no", "the desk does not start with the machine");
    let taken = run_block(&desk, read);
    println!("{taken}{}", run_block(&desk, start));
    let grace = telegram.user(spec(7, "Grace", "ru"));
    let ada = telegram.user(spec(1001, "Ada", "en"));
    grace.writes("she is banned");
    ada.writes("on the new desk");
    until_delivered(&group, "on the new desk").await;
    assert_eq!(group.topics().len(), 1, "a banned user stays banned");

    docker(&["stop", "old-redis"]);
    run_block(&desk, back);
    let running = docker(&["inspect", "--format", "{{.State.Running}}", "support-redis"]);
    assert_eq!(running, "true");
}

/// The old bot's containers, under whichever names; they are removed however the test ends.
struct OldBot;

impl Drop for OldBot {
    fn drop(&mut self) {
        let names = ["support-bot", "support-redis", "old-bot", "old-redis"];
        let remove = ["rm", "--force", "--volumes"];
        let _some_are_unknown = Command::new("docker").args(remove).args(names).output();
    }
}
