//! `support-bot demo` as a stranger runs it, on a machine whose setup is as bad as possible.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Time limit of the demo on any machine.
const PATIENCE: Duration = Duration::from_secs(90);

const CHAPTERS: [&str; 13] = [
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
    KILL,
    "A flood that harms nobody",
];

/// The chapter in which the desk is killed.
const KILL: &str = "kill -9 in the midst of it";

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
        self.command(arguments).spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
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
            ("COLUMNS", "100"),
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
            .stderr(Stdio::piped());
        command
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

/// Checks the remarks on the desk that was killed, and that neither of the two runs any more.
fn assert_another_process_went_on(chapter: &str) {
    let number = |text: &str| text.split_whitespace().next().unwrap().parse::<u32>().unwrap();
    let processes: Vec<u32> = chapter.split("→ process ").skip(1).map(number).collect();
    let [killed, next] = processes[..] else { panic!("{chapter}") };
    assert_ne!(killed, next, "{chapter}");
    assert!(!is_running(killed) && !is_running(next), "{chapter}");
    for remark in ["36 written, 36 arrived", "each user's in order", "1 written, 1 arrived"] {
        assert!(chapter.contains(remark), "{remark:?}:\n{chapter}");
    }
    let gap = chapter.split("the first of them ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(gap.parse::<f64>().unwrap() > 0.3, "nobody delivers between the two: {chapter}");
}

fn is_running(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat"));
    state.is_ok_and(|state| !state.rsplit(')').next().unwrap().starts_with(" Z"))
}

/// The processes that this one has started.
fn children(process: u32) -> Vec<u32> {
    let listed = std::fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    listed.unwrap().split_whitespace().map(|child| child.parse().unwrap()).collect()
}

/// Waits until the desk is a process of its own, and returns which.
fn desk_of(demo: u32, lines: &mut BufReader<ChildStdout>) -> u32 {
    read_until(lines, KILL);
    let begun = Instant::now();
    loop {
        if let [desk] = children(demo)[..] {
            return desk;
        }
        assert!(begun.elapsed() < PATIENCE, "the demo has started no process");
        std::thread::yield_now();
    }
}

fn signal(process: u32, signal: &str) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

/// The width of a line in terminal cells.
fn cells(line: &str) -> usize {
    let of = |letter: char| match letter {
        '\u{200d}' | '\u{fe0f}' => 0,
        '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    };
    line.chars().map(of).sum()
}

/// Checks that no line is wider than the page, and that it has two columns from 100 cells on.
fn assert_fits(output: &str, width: usize) {
    let widest = output.lines().max_by_key(|line| cells(line)).unwrap();
    assert!(cells(widest) <= width, "{width}: {widest}");
    assert!(width > 130 || cells(widest) > width - 10, "{width}: the page is not used: {widest}");
    let heading = output.lines().find(|line| line.contains("USERS' PHONES")).unwrap();
    assert_eq!(heading.contains("OPERATORS' GROUP"), width >= 100, "{width}: {heading}");
}

#[test]
fn the_demo_fits_into_the_width_of_its_page() {
    let place = WorkingFolder::with_invalid_env_file();
    let demo = |width: usize| {
        let mut command = place.command(&["--once"]);
        (width, command.env("COLUMNS", width.to_string()).spawn().unwrap())
    };
    // All at once: they mostly wait.
    let running = [60, 80, 100, 140].map(demo);
    for (width, child) in running {
        let output = finished(child);
        assert!(output.status.success(), "{width}");
        let output_text = String::from_utf8(output.stdout).unwrap();
        assert_fits(&output_text, width);
        assert!(output_text.contains("lost: 0"), "{width}");
    }
}

/// A terminal of 80 columns that has 120 of them from the sixth chapter on.
const RESIZED: &str = r#"
import fcntl, os, pty, struct, sys, termios
def resize(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[1], [sys.argv[1], "demo", "--once"])
resize(terminal, 80)
seen, wide = b"", False
while True:
    try:
        seen += os.read(terminal, 65536)
    except OSError:
        break
    if not wide and b" 6 " in seen:
        wide = True
        resize(terminal, 120)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"#;

#[test]
fn the_demo_follows_a_terminal_that_is_resized() {
    let place = WorkingFolder::with_invalid_env_file();
    let mut command = Command::new("python3");
    command.args(["-c", RESIZED, env!("CARGO_BIN_EXE_support-bot")]);
    command.env("COLUMNS", "100").env("NO_COLOR", "1").current_dir(place.working.path());
    command.env("TMPDIR", place.temporary.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = finished(command.spawn().unwrap());
    let output_text = String::from_utf8(output.stdout).unwrap().replace('\r', "");
    assert!(output.status.success(), "{output_text}");
    let (narrow, wide) = output_text.split_once("── 7 ·").unwrap();
    let (narrow, _) = narrow.split_once("── 6 ·").unwrap();
    assert_fits(narrow, 80);
    assert!(wide.lines().all(|line| cells(line) <= 120), "{wide}");
    assert!(wide.lines().any(|line| cells(line) > 110), "{wide}");
}

#[test]
fn no_line_of_the_log_stands_in_the_transcript() {
    let place = WorkingFolder::with_invalid_env_file();
    let file = tempfile::NamedTempFile::new().unwrap();
    let both = || Stdio::from(File::options().append(true).open(file.path()).unwrap());
    let mut command = place.command(&["--once"]);
    let output = finished(command.stdout(both()).stderr(both()).spawn().unwrap());
    let transcript = std::fs::read_to_string(file.path()).unwrap();
    assert!(output.status.success() && transcript.contains("429 Too Many"), "{transcript}");
    let log = transcript.lines().find(|line| line.contains(" WARN ") || line.contains("ERROR"));
    assert_eq!(log, None);
}

#[test]
fn a_demo_that_is_stopped_while_its_desk_is_a_process_of_its_own_loses_nothing() {
    let place = WorkingFolder::with_invalid_env_file();
    let mut demo = place.demo(&[]);
    let mut lines = BufReader::new(demo.stdout.take().unwrap());
    let desk = desk_of(demo.id(), &mut lines);
    signal(demo.id(), "-INT");
    let mut totals = String::new();
    read_until(&mut lines, "What was delivered");
    lines.read_to_string(&mut totals).unwrap();
    assert!(finished(demo).status.success(), "{totals}");
    assert_all_delivered(&totals);
    assert!(!is_running(desk) && place.is_clean());
}

#[test]
fn the_desk_ends_with_a_demo_that_is_killed() {
    let place = WorkingFolder::with_invalid_env_file();
    let mut demo = place.demo(&[]);
    let mut lines = BufReader::new(demo.stdout.take().unwrap());
    let desk = desk_of(demo.id(), &mut lines);
    demo.kill().unwrap();
    demo.wait().unwrap();
    let begun = Instant::now();
    while is_running(desk) {
        assert!(begun.elapsed() < PATIENCE, "{desk} is still running");
        std::thread::yield_now();
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
    let (_, killing) = output_text.split_once(KILL).unwrap();
    let (killing, _) = killing.split_once("A flood").unwrap();
    assert_another_process_went_on(killing);
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

    signal(child.id(), "-INT");
    let mut totals = String::new();
    read_until(&mut lines, "What was delivered");
    lines.read_to_string(&mut totals).unwrap();
    assert!(finished(child).status.success(), "{totals}");
    assert_all_delivered(&totals);
    assert!(place.is_clean());
}
