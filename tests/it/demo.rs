//! `support-bot demo` as a stranger runs it, on a machine whose setup is as bad as possible.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Time limit of the demo on any machine.
const PATIENCE: Duration = Duration::from_secs(90);

const CHAPTERS: [&str; 12] = [
    "Two users press Start",
    "The first message opens a topic",
    "An operator answers",
    "An album",
    "Edits and reactions follow, both ways",
    "/language",
    "A ban, and its end",
    "Somebody deletes a topic",
    "A user blocks the bot, and returns",
    "Telegram says: wait",
    "A burst that Telegram throttles",
    "A flood that harms nobody",
];

/// A working folder for the demo, whose environment and `.env` would stop any real desk.
struct WorkingFolder {
    working: TempDir,
    temporary: TempDir,
}

impl WorkingFolder {
    fn with_invalid_env_file() -> Self {
        let (working, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mistakes = "BOT_TOKEN=from the file\nBOT_GROUP_ID=12\nthis is = no 'setting\n";
        std::fs::write(working.path().join(".env"), mistakes).unwrap();
        Self { working, temporary }
    }

    fn demo(&self, arguments: &[&str]) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_support-bot"));
        for (name, value) in [
            ("BOT_TOKEN", "garbage"),
            ("BOT_DEV_ID", "nobody"),
            ("BOT_GROUP_ID", "0"),
            ("BOT_API_URL", "http://example.invalid"),
            ("DATA_DIR", "/nonexistent/folder"),
            ("TEXTS_DIR", "/nonexistent/texts"),
            ("OPS_PORT", "many"),
            ("REDIS_URL", "redis://127.0.0.1:1"),
            ("SENTRY_DSN", "nowhere"),
            ("RUST_LOG", "=,="),
            ("HTTP_PROXY", "http://127.0.0.1:1"),
            ("http_proxy", "http://127.0.0.1:1"),
        ] {
            command.env(name, value);
        }
        command
            .arg("demo")
            .args(arguments)
            .env("TMPDIR", self.temporary.path())
            .current_dir(self.working.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Whether the demo has left nothing but the file that was there before.
    fn is_clean(&self) -> bool {
        let names = |folder: &Path| std::fs::read_dir(folder).unwrap().count();
        names(self.temporary.path()) == 0 && names(self.working.path()) == 1
    }
}

fn finished(mut child: Child) -> Output {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// Reads until a line contains `what`; returns that line.
fn read_until(lines: &mut BufReader<ChildStdout>, what: &str) -> String {
    let mut line = String::new();
    while !line.contains(what) {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the demo ended before {what:?}");
    }
    line
}

fn assert_all_delivered(totals: &str) {
    assert!(totals.contains("lost: 0"), "{totals}");
    for what in ["users' messages", "operators' answers", "edits", "reactions"] {
        let row = totals.lines().find(|line| line.trim_start().starts_with(what)).unwrap();
        let numbers: Vec<u64> =
            row.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        assert!(numbers[0] > 0 && numbers[0] == numbers[1], "{row}");
    }
}

#[test]
fn the_demo_plays_every_chapter_and_leaves_nothing_behind() {
    let place = WorkingFolder::with_invalid_env_file();
    let output = finished(place.demo(&["--once"]));
    let output_text = String::from_utf8(output.stdout).unwrap();
    let warned = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{output_text}\n{warned}");
    let mut rest = output_text.as_str();
    for chapter in CHAPTERS {
        let at = rest
            .find(chapter)
            .unwrap_or_else(|| panic!("the output has no chapter {chapter:?}:\n{output_text}"));
        rest = &rest[at..];
    }
    assert!(!output_text.contains('\x1b'), "colours are for terminals:\n{output_text}");
    let widest = output_text.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(widest.chars().count() <= 100, "{widest}");
    let (flood, totals) = rest.split_once("What was delivered").unwrap();
    for remark in ["42 written, 42 arrived", "in order; told to wait: 0", "Grace was told once"] {
        assert!(flood.contains(remark), "{remark:?}:\n{flood}");
    }
    assert_all_delivered(totals);
    assert!(place.is_clean());
}

#[tokio::test]
async fn the_demo_runs_until_it_is_asked_to_stop_and_then_drains() {
    let place = WorkingFolder::with_invalid_env_file();
    let mut child = place.demo(&[]);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let line = read_until(&mut lines, "/metrics");
    let url = line.split_whitespace().next().unwrap();
    let page = reqwest::get(url).await.unwrap().text().await.unwrap();
    let deliveries = page.lines().filter(|line| line.starts_with("supportbot_deliveries_total{"));
    let delivered: f64 =
        deliveries.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum();
    assert!(delivered > 0.0, "{page}");
    read_until(&mut lines, "on the way");

    let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let mut totals = String::new();
    read_until(&mut lines, "What was delivered");
    lines.read_to_string(&mut totals).unwrap();
    assert!(finished(child).status.success(), "{totals}");
    assert_all_delivered(&totals);
    assert!(place.is_clean());
}
