//! Prometheus and Alertmanager as packaged by Debian, each with this project's files, for one test.
//!
//! The files are changed only in locations: addresses, ports, folders and secrets.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::files::{root, text};
use crate::harness::free_port;

/// Time limit of a server's start on a busy machine.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Where `bin/test` unpacks programs of packages that it does not install.
const UNPACKED: &str = "target/tools/monitoring/usr/bin";

/// A server; it stops with the test.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    pub(super) port: u16,
    folder: TempDir,
    client: Client,
    /// Whether it is a script that ends another process at its own orderly end.
    is_script: bool,
}

impl Server {
    /// Starts a program on a free port; `prepared` sets up its folder and returns the arguments.
    fn start(program: &str, prepared: impl FnOnce(&Path, u16) -> Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let arguments = prepared(folder.path(), port);
        let command = Command::new(place(program));
        Self::spawn(program, command, arguments, folder, port)
    }

    fn spawn(
        program: &str,
        mut command: Command,
        arguments: Vec<String>,
        folder: TempDir,
        port: u16,
    ) -> Self {
        let log = File::create(folder.path().join("log")).unwrap();
        command.args(arguments).current_dir(folder.path()).stdin(Stdio::null());
        let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn();
        let child = child.unwrap_or_else(|error| {
            panic!("{program}: {error}. `bin/test alerts` installs it into {UNPACKED}")
        });
        let client = Client::builder().no_proxy().build().unwrap();
        Self { child, port, folder, client, is_script: false }
    }

    /// Waits until this path answers with 200.
    async fn until_it_answers(self, path: &str) -> Self {
        let begun = Instant::now();
        let url = self.url(path);
        loop {
            let answer = self.client.get(&url).send().await;
            if answer.is_ok_and(|answer| answer.status() == 200) {
                return self;
            }
            assert!(begun.elapsed() < TIMEOUT, "{url} does not answer:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Posts JSON.
    pub(super) async fn post(&self, path: &str, body: &Value) {
        let request = self.client.post(self.url(path)).header("content-type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", self.log());
    }

    /// The text of a page.
    pub(super) async fn page(&self, path: &str) -> String {
        self.client.get(self.url(path)).send().await.unwrap().text().await.unwrap()
    }

    pub(super) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// Kills the server without warning.
    pub(super) fn kill(&mut self) {
        if self.is_script && matches!(self.child.try_wait(), Ok(None)) {
            self.signal("TERM");
        } else {
            let _gone = self.child.kill();
        }
        let _gone = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where `bin/test` unpacks the Alertmanager of a newer Debian.
pub(super) const NEWER: &str = "target/tools/monitoring-forky/usr/bin/prometheus-alertmanager";

/// Where links to runbooks lead, as an owner has set it.
pub(super) const RUNBOOKS: &str = "https://runbooks.example.org";

/// A recent Alertmanager as the compose file starts it: through `alertmanager/start`, with these secrets, and with these
/// texts of its files replaced. `None` if it is not there.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(super) async fn composed_alertmanager(
    secrets: &Path,
    places: &[(&str, &str)],
) -> Option<Server> {
    let program = root().join(NEWER);
    if !program.exists() {
        println!("SKIPPED: a newer Alertmanager, which `bin/test alerts` unpacks, is not there");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let (here, port) = (folder.path().to_owned(), free_port());
    fs::create_dir(here.join("second")).unwrap();
    let mut files = vec![PathBuf::from("alertmanager.yml")];
    for file in fs::read_dir(root().join("alertmanager/second")).unwrap() {
        files.push(Path::new("second").join(file.unwrap().file_name()));
    }
    let mut found = vec![false; places.len()];
    for file in files {
        let addresses = here.join("addresses.tmpl").display().to_string();
        let words = text(&format!("alertmanager/{}", file.display()));
        let mut words = words.replace("/tmp/addresses.tmpl", &addresses);
        for ((there, new), found) in places.iter().zip(&mut found) {
            *found |= words.contains(there);
            words = words.replace(there, new);
        }
        fs::write(here.join(file), words).unwrap();
    }
    assert!(found.iter().all(|found| *found), "a text is missing: {places:?} {found:?}");
    let mut command = Command::new(root().join("alertmanager/start"));
    command.env("SECRETS", secrets).env("ALERTMANAGER", program);
    command.env("COMPOSED", here.join("composed.yml"));
    command.env("ADDRESSES", here.join("addresses.tmpl")).env("RUNBOOKS_URL", RUNBOOKS);
    let mut arguments = arguments("alertmanager", &["--cluster.", "--enable-feature"]);
    arguments.extend([
        format!("--config.file={}", here.join("alertmanager.yml").display()),
        format!("--storage.path={}", here.join("data").display()),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ]);
    let mut server = Server::spawn("alertmanager/start", command, arguments, folder, port);
    server.is_script = true;
    Some(server.until_it_answers("/-/ready").await)
}

/// The path of a program: unpacked by `bin/test`, or in `PATH`.
fn place(program: &str) -> PathBuf {
    let unpacked = root().join(UNPACKED).join(program);
    if unpacked.exists() { unpacked } else { PathBuf::from(program) }
}

/// An Alertmanager that sends to this Telegram and posts its watchdog to this desk.
pub(super) async fn alertmanager(
    telegram: &str,
    token: &str,
    chat: i64,
    desk: &str,
    watchdog: &str,
) -> Server {
    let prepared = |folder: &Path, port: u16| {
        let secret = folder.join("watchdog_token");
        fs::write(&secret, watchdog).unwrap();
        let templates = root().join("alertmanager/templates");
        let config = moved(
            "alertmanager/debian.yml",
            &[
                (
                    "telegram_api_url: https://api.telegram.org",
                    &format!("telegram_api_url: {telegram}"),
                ),
                ("/etc/prometheus/alertmanager_templates", &templates.display().to_string()),
                ("\"BOT_TOKEN\"", &format!("\"{token}\"")),
                ("chat_id: CHAT_ID", &format!("chat_id: {chat}")),
                ("url: http://127.0.0.1:9464/", &format!("url: http://{desk}/")),
                (
                    "credentials_file: /etc/prometheus/watchdog_token",
                    &format!("credentials_file: {}", secret.display()),
                ),
            ],
        );
        let file = folder.join("alertmanager.yml");
        fs::write(&file, config).unwrap();
        let mut arguments = arguments("alertmanager", &["--cluster."]);
        arguments.extend([
            format!("--config.file={}", file.display()),
            format!("--storage.path={}", folder.join("data").display()),
            format!("--web.listen-address=127.0.0.1:{port}"),
        ]);
        arguments
    };
    Server::start("prometheus-alertmanager", prepared).until_it_answers("/-/ready").await
}

/// A Redis exporter for this server, as the user that the compose file gives it.
pub(super) async fn redis_exporter(redis: &str) -> Server {
    let prepared = |_: &Path, port: u16| {
        let kinds = ["--redis.user", "--redis.password", "--config-", "--set-", "--redis-only-"];
        let mut arguments = arguments("redis-exporter", &kinds);
        arguments.push(format!("--redis.addr={redis}"));
        arguments.push(format!("--web.listen-address=127.0.0.1:{port}"));
        arguments
    };
    Server::start("prometheus-redis-exporter", prepared).until_it_answers("/metrics").await
}

/// The script that starts Redis in `docker-compose.yml`.
pub(super) fn redis_script() -> String {
    let compose: serde_norway::Value = serde_norway::from_str(&text("docker-compose.yml")).unwrap();
    let script = &compose["services"]["support-redis"]["command"][2];
    script.as_str().unwrap().replace("$$", "$")
}

/// A Prometheus that monitors these targets.
#[derive(Debug)]
pub(super) struct Prometheus(pub(super) Server);

/// The targets of a test's Prometheus.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// Addresses of the operations servers of the desk's processes.
    pub(super) desks: Vec<String>,
    pub(super) alertmanager: u16,
    pub(super) redis_exporter: Option<u16>,
    /// Whether all rules are evaluated at the interval of the desk's rules, so that a test does not wait for slow
    /// rules.
    pub(super) hurried: bool,
}

impl Prometheus {
    pub(super) async fn start(targets: &Targets) -> Self {
        let prepared = |folder: &Path, port: u16| {
            copy_rules(folder, port, targets);
            let mut arguments = arguments(
                "prometheus",
                &["--rules.", "--query.", "--storage.tsdb.retention", "--web.external-url"],
            );
            arguments.extend([
                format!("--config.file={}", folder.join("prometheus.yml").display()),
                format!("--storage.tsdb.path={}", folder.join("data").display()),
                format!("--web.listen-address=127.0.0.1:{port}"),
            ]);
            arguments
        };
        Self(Server::start("prometheus", prepared).until_it_answers("/-/ready").await)
    }

    /// The present result of a query: a list of series.
    pub(super) async fn ask(&self, query: &str) -> Result<Vec<Value>, String> {
        self.result("/api/v1/query", &[("query", query)]).await
    }

    /// The result for each step of the last minutes, as for a graph.
    pub(super) async fn ask_range(
        &self,
        query: &str,
        last: Duration,
    ) -> Result<Vec<Value>, String> {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let (start, end) = ((now - last.as_secs()).to_string(), now.to_string());
        let asked = [("query", query), ("start", &start), ("end", &end), ("step", "5")];
        self.result("/api/v1/query_range", &asked).await
    }

    /// The values of a label of the series that a selector finds.
    pub(super) async fn values(&self, label: &str, selector: &str) -> Result<Vec<Value>, String> {
        let path = format!("/api/v1/label/{label}/values");
        let url = reqwest::Url::parse_with_params(&self.0.url(&path), [("match[]", selector)]);
        let answer = self.0.client.get(url.unwrap()).send().await.unwrap();
        listed(&answer.text().await.unwrap(), "/data")
    }

    /// The rules with their health.
    pub(super) async fn rules(&self) -> Vec<Value> {
        let answer = self.0.client.get(self.0.url("/api/v1/rules")).send().await.unwrap();
        let groups = listed(&answer.text().await.unwrap(), "/data/groups").unwrap();
        groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
    }

    /// Waits until a query has a result.
    pub(super) async fn until(&self, query: &str, timeout: Duration) {
        let begun = Instant::now();
        while self.ask(query).await.is_ok_and(|found| found.is_empty()) {
            assert!(begun.elapsed() < timeout, "{query} finds nothing:\n{}", self.0.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn result(&self, path: &str, asked: &[(&str, &str)]) -> Result<Vec<Value>, String> {
        let request = self.0.client.post(self.0.url(path)).form(asked);
        let answer = request.send().await.map_err(|error| error.to_string())?;
        let answer = answer.text().await.map_err(|error| error.to_string())?;
        let scalar: Value = serde_json::from_str(&answer).map_err(|error| error.to_string())?;
        if scalar["data"]["resultType"] == "scalar" {
            return Ok(vec![scalar["data"]["result"].clone()]);
        }
        listed(&answer, "/data/result")
    }
}

fn listed(answer: &str, pointer: &str) -> Result<Vec<Value>, String> {
    let answer: Value =
        serde_json::from_str(answer).map_err(|error| format!("{error}: {answer}"))?;
    if answer["status"] != "success" {
        return Err(answer["error"].to_string());
    }
    Ok(answer.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default())
}

/// Copies `prometheus/` into a folder, with these targets.
fn copy_rules(folder: &Path, port: u16, targets: &Targets) {
    let alertmanager = format!("127.0.0.1:{}", targets.alertmanager);
    let own = format!("[127.0.0.1:{port}]");
    let mut config = moved(
        "prometheus/prometheus.yml",
        &[("[localhost:9090]", &own), ("alertmanager:9093", &alertmanager)],
    );
    if let Some(port) = targets.redis_exporter {
        let by_name = "dns_sd_configs:\n      - names: [redis-exporter]\n        type: A\n        refresh_interval: 30s\n        port: 9121\n";
        assert!(config.contains(by_name), "redis-exporter is missing:\n{config}");
        let here = format!("static_configs:\n      - targets: [\"127.0.0.1:{port}\"]\n");
        config = config.replace(by_name, &here);
    }
    fs::write(folder.join("prometheus.yml"), config).unwrap();
    fs::create_dir(folder.join("targets")).unwrap();
    let desks = format!("- targets: {:?}\n", targets.desks);
    fs::write(folder.join("targets/supportbot.yml"), desks).unwrap();
    fs::create_dir(folder.join("rules")).unwrap();
    for file in fs::read_dir(root().join("prometheus/rules")).unwrap().map(Result::unwrap) {
        if file.path().extension().is_some_and(|ending| ending == "yml") {
            let mut rules = fs::read_to_string(file.path()).unwrap();
            if targets.hurried {
                let hurry = |line: &str| {
                    let slow = line.trim_start().starts_with("interval: ");
                    if slow { "    interval: 5s".to_owned() } else { line.to_owned() }
                };
                rules = rules.lines().map(hurry).collect::<Vec<_>>().join("\n");
            }
            fs::write(folder.join("rules").join(file.file_name()), rules).unwrap();
        }
    }
}

/// A file with these texts replaced; each of them must occur.
fn moved(file: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text(file), |config, (there, here)| {
        assert!(config.contains(there), "{file} does not contain {there}");
        config.replace(there, here)
    })
}

/// The arguments of these kinds in the compose file's service: they change what the service does, not where.
fn arguments(service: &str, kinds: &[&str]) -> Vec<String> {
    let compose: serde_norway::Value =
        serde_norway::from_str(&text("monitoring/compose.yml")).unwrap();
    let arguments = compose["services"][service]["command"].as_sequence().unwrap().iter();
    let arguments = arguments.map(|argument| argument.as_str().unwrap().to_owned());
    let arguments: Vec<String> =
        arguments.filter(|one| kinds.iter().any(|kind| one.starts_with(kind))).collect();
    assert!(!arguments.is_empty(), "{service} has no arguments of these kinds");
    arguments
}
