//! Tests deploy/update and deploy/back on a real Docker engine: an update to a good version, and the way back from a
//! bad one.

use std::{
    fs::{self, File},
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use telegram_simulator::{Group, Options, Person, Simulator};

use super::desk::{Deployed, IMAGE, UNWATCHED, docker, printed, telegram, until_delivered};
use crate::harness::spec;

/// Seconds that the scripts wait for a new version to become healthy.
const TIMEOUT: &str = "45";

/// Builds an image like the one under test, with these lines added.
fn build_image(tag: &str, lines: &str) -> String {
    let image = format!("support-bot:{tag}-tried");
    let mut build = Command::new("docker");
    build.args(["build", "--quiet", "--tag", &image, "-"]).stdin(Stdio::piped());
    let mut build = build.stdout(Stdio::null()).spawn().unwrap();
    let dockerfile = format!("FROM {IMAGE}\nLABEL another={tag}\n{lines}\n");
    build.stdin.take().unwrap().write_all(dockerfile.as_bytes()).unwrap();
    assert!(build.wait().unwrap().success());
    image
}

/// The id of an image.
fn id(image: &str) -> String {
    docker(&["image", "inspect", "--format", "{{.Id}}", image])
}
fn inspect_desk(what: &str) -> String {
    docker(&["inspect", "--format", what, "support-bot"])
}

/// Runs one of the scripts; returns its output.
fn script(desk: &Deployed, name: &str, arguments: &[&str]) -> Output {
    let mut script = Command::new(desk.path(&format!("deploy/{name}")));
    script.args(arguments).env("PATIENCE", TIMEOUT).env("STEADY", "2").output().unwrap()
}

/// A running desk with its backups, and a user who writes to it.
async fn running() -> (Simulator, Group, Deployed, Person) {
    let (telegram, group) = telegram(Options::default()).await;
    let desk = Deployed::install(&telegram, &group, UNWATCHED);
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(desk.path(".env"), private).unwrap();
    desk.up(&[]);
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("before");
    until_delivered(&group, "before").await;
    (telegram, group, desk, ada)
}

/// Runs `act` while Ada writes ten times a second, and checks that all her messages arrive once and in order.
async fn while_ada_writes<T: Send + 'static>(
    ada: &Person,
    group: &Group,
    act: impl FnOnce() -> T + Send,
) -> T {
    let (over, before) = (AtomicBool::new(false), group.everything().len());
    let (done, written) = std::thread::scope(|scope| {
        let writes = scope.spawn(|| {
            let mut written = Vec::new();
            while !over.load(Ordering::Relaxed) {
                let text = format!("after {before}, number {}", written.len());
                ada.writes(&text);
                written.push(text);
                std::thread::sleep(Duration::from_millis(100));
            }
            written
        });
        let done = act();
        over.store(true, Ordering::Relaxed);
        (done, writes.join().unwrap())
    });
    until_delivered(group, written.last().unwrap()).await;
    let arrived: Vec<String> =
        group.everything().into_iter().filter_map(|seen| seen.text).collect();
    let arrived: Vec<&String> = arrived.iter().filter(|text| written.contains(text)).collect();
    assert_eq!(arrived, written.iter().collect::<Vec<_>>());
    done
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn an_update_runs_the_new_version_and_can_be_rolled_back() {
    let (_telegram, group, desk, ada) = running().await;
    let second = build_image("0.0.2", "");
    let (redis, first) = ("{{.State.StartedAt}}", id(IMAGE));
    let redis = || docker(&["inspect", "--format", redis, "support-redis"]);
    let untouched = redis();
    let update = ["0.0.2-tried"];
    let output = while_ada_writes(&ada, &group, || script(&desk, "update", &update)).await;
    println!("{}", printed(&output, "deploy/update"));
    assert_eq!(inspect_desk("{{.Image}}"), id(&second));
    assert_eq!(redis(), untouched, "no other container is restarted");
    let settings = fs::read_to_string(desk.path(".env")).unwrap();
    assert_eq!(settings.matches("SUPPORT_BOT_IMAGE=support-bot:id-").count(), 1, "{settings}");
    let mode = fs::metadata(desk.path(".env")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the file may contain a token");
    let journal = fs::read_to_string(desk.path(".deploy/journal")).unwrap();
    assert!(journal.contains("runs\t/backups/support-bot-"), "{journal}");

    let container = inspect_desk("{{.Id}}");
    let again = printed(&script(&desk, "update", &update), "deploy/update");
    assert_eq!(inspect_desk("{{.Id}}"), container, "the container was replaced: {again}");

    let back = while_ada_writes(&ada, &group, || script(&desk, "back", &[])).await;
    println!("{}", printed(&back, "deploy/back"));
    assert_eq!(inspect_desk("{{.Image}}"), first);
    printed(&script(&desk, "back", &[]), "deploy/back");
    assert_eq!(inspect_desk("{{.Image}}"), id(&second), "the previous image is the second now");
    assert_eq!(group.topics().len(), 1, "the desk has found Ada's topic");

    let lock = File::open(desk.path(".deploy/lock")).unwrap();
    lock.lock().unwrap();
    let refused = script(&desk, "update", &update);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("another update is under way"));
}

/// Tries a bad version while Ada writes, and checks that the script returns to the old version and says why.
async fn assert_rolled_back(version: &str, lines: &str, why: &str) {
    let (_telegram, group, desk, ada) = running().await;
    let (bad, good) = (build_image(version, lines), id(IMAGE));
    let tag = bad.split(':').nth(1).unwrap();
    let output = while_ada_writes(&ada, &group, || script(&desk, "update", &[tag])).await;
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(out.contains(why) && err.contains("runs again, and nothing is lost"), "{out}{err}");
    assert_eq!(inspect_desk("{{.Image}}"), good);
    let settings = fs::read_to_string(desk.path(".env")).unwrap();
    let named = settings.lines().find_map(|line| line.strip_prefix("SUPPORT_BOT_IMAGE="));
    assert_eq!(id(named.unwrap()), good, "a later start would run the bad version");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn a_version_that_exits_at_once_is_rolled_back() {
    assert_rolled_back("0.0.3", "CMD [\"no-such-command\"]", "does not stay up").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn a_version_that_never_becomes_ready_is_rolled_back() {
    let never = "CMD [\"backup\", \"/data\", \"--every\", \"24h\"]";
    assert_rolled_back("0.0.4", never, "was not ready within 45 seconds").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn an_unknown_or_invalid_version_changes_nothing() {
    let (_telegram, _group, desk, _ada) = running().await;
    let container = inspect_desk("{{.Id}}");
    for version in ["9.9.9-none", "0.0.2; reboot", "$(id)", "../x"] {
        let output = script(&desk, "update", &[version]);
        assert!(!output.status.success(), "{version}");
    }
    assert!(!script(&desk, "back", &[]).status.success(), "no version ran before");
    assert_eq!(inspect_desk("{{.Id}}"), container);
}
