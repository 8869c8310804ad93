//! A folder as an owner has it, and the containers that run from it, on a real Docker engine.

use std::{
    env, fs,
    net::Ipv4Addr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Once,
    time::{Duration, Instant},
};

use telegram_simulator::{Group, Limits, Options, Simulator};
use tempfile::TempDir;

use crate::harness::{OWNER, spec};

/// Time limit of every wait.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Name of the image under test. It is not built again if it exists and the variable below is set.
pub(super) const IMAGE: &str = "support-bot:0.0.0-tried";
const BUILT_ALREADY: &str = "DEPLOYED_IMAGE_IS_BUILT";
/// The files and folders of the checkout that an owner has.
const FILES: [&str; 12] = [
    ".env.example",
    "docker-compose.yml",
    "docker-compose.minimal.yml",
    "docker-compose.unwatched.yml",
    "caddy",
    "monitoring",
    "alertmanager",
    "prometheus",
    "grafana",
    "bin",
    "deploy",
    "welcome",
];

/// Setting that leaves out the monitoring services.
pub(super) const UNWATCHED: &str = "COMPOSE_FILE=docker-compose.yml:docker-compose.unwatched.yml\n";
/// The password of Redis.
pub(super) const PASSWORD: &str = "5f1d0c-the-password-of-redis";
/// The token that Alertmanager shows to the desk.
const WATCHDOG: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// A simulated Telegram that containers can reach, with a forum and the desk's owner.
pub(super) async fn telegram(options: Options) -> (Simulator, Group) {
    // The host's own address on Docker's default network is the first one.
    let subnet = "{{(index .IPAM.Config 0).Subnet}}";
    let subnet = docker(&["network", "inspect", "bridge", "--format", subnet]);
    let first: Ipv4Addr = subnet.split('/').next().unwrap().parse().unwrap();
    let host = Ipv4Addr::from(u32::from(first) + 1);
    let options = Options { host, limits: Limits::off(), ..options };
    let telegram = Simulator::start(options).await.unwrap();
    let group = telegram.forum("Support");
    let _owner = telegram.user(spec(OWNER, "Owner", "en")).starts();
    (telegram, group)
}

/// The containers that run from a folder; they and their volumes are removed afterwards.
pub(super) struct Deployed {
    folder: TempDir,
}

impl Deployed {
    /// Builds the image, and copies what an owner has after `git clone`.
    pub(super) fn cloned() -> Self {
        let name = Command::new("docker").args(["container", "inspect", "support-bot"]).output();
        assert!(!name.unwrap().status.success(), "a desk is already running on this machine");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        image();
        let folder = tempfile::tempdir().unwrap();
        for file in FILES {
            copy(&root.join(file), &folder.path().join(file));
        }
        Self { folder }
    }

    /// A folder with what docs/setup/docker.md tells the owner to create.
    pub(super) fn install(telegram: &Simulator, group: &Group, more: &str) -> Self {
        let deployed = Self::cloned();
        deployed.write("secrets/bot_token", &telegram.token());
        let nobody_else = fs::Permissions::from_mode(0o700);
        fs::set_permissions(deployed.path("secrets"), nobody_else).unwrap();
        deployed.write("secrets/redis_password", PASSWORD);
        deployed.write("secrets/watchdog_token", WATCHDOG);
        deployed.write(".env", &(settings(telegram, group) + more));
        deployed
    }

    /// Leaves the checkout to its owner alone, as `git clone` does where the `umask` is 077.
    pub(super) fn close(&self) {
        let closed =
            Command::new("chmod").args(["-R", "go-rwx", "."]).current_dir(self.path("")).status();
        assert!(closed.unwrap().success());
    }

    /// Writes a file that containers can read.
    pub(super) fn write(&self, path: &str, content: &str) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(super) fn compose(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("docker");
        command.arg("compose").args(arguments).current_dir(self.folder.path()).output().unwrap()
    }

    pub(super) fn run(&self, arguments: &[&str]) -> String {
        printed(&self.compose(arguments), &arguments.join(" "))
    }

    /// Starts these services, or all if there are none, and waits until they are healthy.
    pub(super) fn up(&self, services: &[&str]) {
        let up = ["up", "--detach", "--wait", "--wait-timeout", "90"];
        self.run(&[&up[..], services].concat());
    }

    /// The output of `doctor` in the container.
    pub(super) fn doctor(&self) -> String {
        self.run(&["exec", "--no-TTY", "support-bot", "support-bot", "doctor"])
    }

    /// Stops everything; the desk shuts down gracefully.
    pub(super) fn stop(&self) {
        self.run(&["stop"]);
        let code = docker(&["inspect", "--format", "{{.State.ExitCode}}", "support-bot"]);
        assert_eq!(code, "0", "the stop is graceful");
    }
}

impl Drop for Deployed {
    #[expect(clippy::print_stderr, reason = "the logs explain a failure")]
    fn drop(&mut self) {
        let all = ["--profile", "webhook", "--profile", "replicas"];
        if std::thread::panicking() {
            let logs = self.compose(&[&all[..], &["logs", "--tail", "50"]].concat());
            eprintln!("{}", String::from_utf8_lossy(&logs.stdout));
        }
        self.compose(&[&all[..], &["down", "--volumes", "--timeout", "5"]].concat());
    }
}

/// What an owner writes into `.env`, and where this Telegram is.
pub(super) fn settings(telegram: &Simulator, group: &Group) -> String {
    let (group, url) = (group.id(), telegram.url());
    format!(
        "SUPPORT_BOT_IMAGE={IMAGE}\nBOT_TOKEN=\nBOT_DEV_ID={OWNER}\nBOT_GROUP_ID={group}\nBOT_API_URL={url}\nPACE_GROUP_PER_MINUTE=0\n"
    )
}

/// Copies a file, or a folder with its contents, with the modes.
fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

/// Builds the image under test, once in a run.
pub(super) fn image() {
    static BUILT: Once = Once::new();
    BUILT.call_once(build);
}

#[expect(clippy::print_stdout, reason = "a figure for a manual run")]
fn build() {
    let root = env!("CARGO_MANIFEST_DIR");
    let (revision, version) = ("REVISION=tried", "VERSION=0.0.0");
    if env::var_os(BUILT_ALREADY).is_none() {
        docker(&["build", "--build-arg", revision, "--build-arg", version, "-t", IMAGE, root]);
    }
    println!("image: {} bytes", docker(&["image", "inspect", "--format", "{{.Size}}", IMAGE]));
}

pub(super) fn printed(output: &Output, what: &str) -> String {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{what}: {out}{err}");
    out.trim().to_owned()
}

pub(super) fn docker(arguments: &[&str]) -> String {
    printed(&Command::new("docker").args(arguments).output().unwrap(), &arguments.join(" "))
}

/// The process id, on this machine, of a container's program.
pub(super) fn program(container: &str) -> String {
    let init = docker(&["inspect", "--format", "{{.State.Pid}}", container]);
    let children = fs::read_to_string(format!("/proc/{init}/task/{init}/children")).unwrap();
    children.trim().to_owned()
}

/// Kills the program of a container. Docker would take `docker kill` for the owner's wish and not restart it.
pub(super) fn kill(container: &str) {
    let program = program(container);
    assert!(Command::new("kill").args(["-9", &program]).status().unwrap().success());
}

/// How often Docker has restarted a container.
pub(super) fn restarts(container: &str) -> String {
    docker(&["inspect", "--format", "{{.RestartCount}}", container])
}

pub(super) async fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < TIMEOUT, "{what}: timed out");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until a text arrives in the group.
pub(super) async fn until_delivered(group: &Group, text: &str) {
    let is = || group.everything().iter().any(|seen| seen.text.as_deref() == Some(text));
    until(text, is).await;
}
