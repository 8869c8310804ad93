//! The image built and the compose file started, by a real Docker engine.

use std::{
    fs,
    net::Ipv4Addr,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use support_bot::simulator::{Group, Limits, Options, Simulator};
use tempfile::TempDir;

use crate::harness::{OWNER, spec};

/// How long anything may take that must happen in the end.
const PATIENCE: Duration = Duration::from_mins(2);

/// The tag of the image that is tried.
const VERSION: &str = "0.0.0-tried";

/// A folder as an owner has it, and the desk that runs from it; all of it is gone afterwards.
struct Deployed {
    folder: TempDir,
}

impl Deployed {
    /// Copies the compose file, and makes what the README tells the owner to make.
    fn install(telegram: &Simulator, group: &Group) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::copy(root.join("docker-compose.yml"), folder.path().join("docker-compose.yml"))
            .unwrap();
        fs::create_dir(folder.path().join("secrets")).unwrap();
        fs::write(folder.path().join("secrets/bot_token"), telegram.token()).unwrap();
        let settings = format!(
            "BOT_TOKEN=\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID={}\nBOT_API_URL={}\nPACE_GROUP_PER_MINUTE=0\n",
            group.id(),
            telegram.url()
        );
        fs::write(folder.path().join(".env"), settings).unwrap();
        Self { folder }
    }

    fn compose(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("docker");
        command.arg("compose").args(arguments).current_dir(self.folder.path());
        command.env("SUPPORT_BOT_VERSION", VERSION).output().unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        said(&self.compose(arguments), &arguments.join(" "))
    }
}

impl Drop for Deployed {
    #[expect(clippy::print_stderr, reason = "the desk's log is what explains a failure")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let logs = self.compose(&["logs", "--tail", "50"]);
            eprintln!("{}", String::from_utf8_lossy(&logs.stdout));
        }
        self.compose(&["down", "--volumes", "--timeout", "5"]);
    }
}

fn said(output: &Output, what: &str) -> String {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{what}: {out}{err}");
    out.trim().to_owned()
}

fn docker(arguments: &[&str]) -> String {
    said(&Command::new("docker").args(arguments).output().unwrap(), &arguments.join(" "))
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Docker engine with Compose, and builds the image: `just compose`"]
async fn the_desk_runs_from_its_compose_file_and_comes_back_after_a_kill() {
    let name = Command::new("docker").args(["container", "inspect", "support-bot"]).output();
    assert!(!name.unwrap().status.success(), "a desk runs on this machine already");
    let image = format!("support-bot:{VERSION}");
    let root = env!("CARGO_MANIFEST_DIR");
    docker(&[
        "build",
        "--build-arg",
        "REVISION=tried",
        "--build-arg",
        "VERSION=0.0.0",
        "-t",
        &image,
        root,
    ]);
    // The engine's own end of its default network is the first address in it.
    let subnet = "{{(index .IPAM.Config 0).Subnet}}";
    let subnet = docker(&["network", "inspect", "bridge", "--format", subnet]);
    let first: Ipv4Addr = subnet.split('/').next().unwrap().parse().unwrap();
    let host = Ipv4Addr::from(u32::from(first) + 1);
    let options = Options { host, limits: Limits::off(), ..Options::default() };
    let telegram = Simulator::start(options).await.unwrap();
    let group = telegram.forum("Support");
    let _owner = telegram.user(spec(OWNER, "Owner", "en")).starts();
    let arrived = |text: &'static str| {
        let group = &group;
        move || group.everything().iter().any(|seen| seen.text.as_deref() == Some(text))
    };

    let desk = Deployed::install(&telegram, &group);
    desk.succeeds(&["up", "--detach", "--wait", "--wait-timeout", "90", "support-bot"]);
    let ada = telegram.user(spec(1001, "Ada", "en"));
    ada.writes("before the kill");
    until("the first message arrives", arrived("before the kill")).await;
    let doctor = desk.compose(&["exec", "--no-TTY", "support-bot", "support-bot", "doctor"]);
    println!("doctor: {}", said(&doctor, "doctor"));

    desk.succeeds(&["up", "--detach", "--wait", "--wait-timeout", "90"]);

    // Not by `docker kill`, which Docker takes for the owner's wish.
    let init = docker(&["inspect", "--format", "{{.State.Pid}}", "support-bot"]);
    let children = fs::read_to_string(format!("/proc/{init}/task/{init}/children")).unwrap();
    assert!(Command::new("kill").args(["-9", children.trim()]).status().unwrap().success());
    ada.writes("after the kill");
    until("it comes back by itself", arrived("after the kill")).await;
    let restarts = docker(&["inspect", "--format", "{{.RestartCount}}", "support-bot"]);
    assert_eq!(restarts, "1");

    // The backup that the timer made at its start, restored into a new volume.
    let copied = tempfile::tempdir().unwrap();
    let to = copied.path().display().to_string();
    desk.succeeds(&["cp", "support-bot-backup:/backups/.", &to]);
    let made = fs::read_dir(copied.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let made: Vec<String> = made.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(made.len(), 1, "{made:?}");

    desk.succeeds(&["stop"]);
    let code = docker(&["inspect", "--format", "{{.State.ExitCode}}", "support-bot"]);
    assert_eq!(code, "0", "a stop is orderly");
    desk.succeeds(&["rm", "--force"]);
    docker(&["volume", "rm", "support-bot_data"]);
    let file = format!("/backups/{}", made[0]);
    let restore = ["run", "--rm", "--no-deps", "--no-TTY", "support-bot-backup", "restore", &file];
    println!("restore: {}", desk.succeeds(&restore));
    desk.succeeds(&["up", "--detach", "--wait", "--wait-timeout", "90"]);
    ada.writes("after the restore");
    until("the restored desk works", arrived("after the restore")).await;
    assert_eq!(group.topics().len(), 1, "it knows Ada's topic");
    println!("image: {} bytes", docker(&["image", "inspect", "--format", "{{.Size}}", &image]));
}
