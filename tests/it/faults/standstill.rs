//! A program whose loops stand still ends itself, and nothing that it only waits for ends it.
//!
//! The limit of a loop is two minutes. The programs here are the real one with a limit of seconds; nothing else differs.

use std::{
    fs,
    fs::File,
    future::pending,
    os::unix::net::UnixDatagram,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use ports::SystemClock;
use support_bot::{
    app::{App, Signals},
    config::{Environment, Settings},
    telemetry::{Loop, Telemetry, logging, panics},
};

use crate::{
    harness::{OWNER, Program, spec},
    redis::Server,
};

/// The limit of a loop in the programs of this file. After twice as long they end themselves.
const LIMIT: Duration = Duration::from_secs(4);
/// For so long things are gone here.
const OUTAGE: Duration = Duration::from_secs(14);

/// Starts the program with the short limit, changed by `change`.
fn spawn(program: &mut Program, change: impl FnOnce(&mut Command)) {
    spawn_one("a_program_with_a_short_limit", program, change);
}

/// Starts one of the programs below.
fn spawn_one(name: &str, program: &mut Program, change: impl FnOnce(&mut Command)) {
    let mut command = program.with_settings(Command::new(std::env::current_exe().unwrap()));
    let name = format!("faults::standstill::{name}");
    command.args(["--exact", "--ignored", "--nocapture", &name]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    change(&mut command);
    program.adopt(command.spawn().unwrap());
}

async fn start(program: &mut Program, change: impl FnOnce(&mut Command)) {
    spawn(program, change);
    program.until("the program is ready", async |program| program.ready().await.0 == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run only as the child process of another test"]
async fn a_program_with_a_short_limit() {
    run(|_app| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run only as the child process of another test"]
async fn a_program_with_a_loop_that_waits_forever() {
    // The place of the webhook's loop is free, because this program polls.
    run(|app| {
        let heartbeats = app.heartbeats().clone();
        heartbeats.watch(Loop::Webhook, LIMIT);
        let waits = async move { heartbeats.run(Loop::Webhook, pending()).await };
        app.lifecycle().spawn("webhook", waits);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run only as the child process of another test"]
async fn a_program_with_a_task_that_does_not_stop() {
    run(|app| app.lifecycle().spawn("other", pending())).await;
}

/// Runs the program as `support-bot run` does, with the short limit and something more.
async fn run(with: impl FnOnce(&App)) {
    let mut settings = Settings::load(&Environment::read(Path::new(".env")).unwrap()).unwrap();
    settings.limits.stuck = LIMIT;
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    let filter = &settings.logs.filter;
    logging::install(logging::Format::Json, filter, telemetry.metrics()).unwrap();
    let mut signals = Signals::listen().unwrap();
    let app = App::start(&settings, &telemetry, Arc::new(SystemClock)).await.unwrap();
    with(&app);
    let asked = app.lifecycle().until_asked(signals.next()).await;
    app.stop(pending()).await;
    std::process::exit(if asked.is_ok() { 0 } else { 7 });
}

/// Polls that end soon: the limit of the loop that polls is longer by the longest poll.
async fn program(overrides: &[(&str, &str)]) -> Program {
    let mut program = Program::new(overrides).await;
    program.set("POLL_TIMEOUT_SECONDS", "1");
    program.set("REQUEST_TIMEOUT_SECONDS", "1");
    program
}

fn crash_files(program: &Program) -> Vec<PathBuf> {
    let Ok(found) = fs::read_dir(program.data().join("crashes")) else { return Vec::new() };
    let found = found.map(|entry| entry.unwrap().path());
    found.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect()
}

/// The program still runs, and what was written meanwhile arrives.
async fn goes_on(mut program: Program) {
    assert_eq!(program.ended(), None);
    program.telegram.user(spec(1001, "Ada", "en")).writes("hello");
    program
        .until("Ada's message arrives", async |program| {
            let texts = program.group.everything().into_iter().filter_map(|message| message.text);
            texts.into_iter().any(|text| text == "hello")
        })
        .await;
    assert_eq!(program.ended(), None);
    assert_eq!(crash_files(&program), Vec::<PathBuf>::new());
    assert_eq!(program.terminate().await.code(), Some(0));
}

/// Waits until the program has ended itself, and returns its exit code.
async fn exit_code(program: &mut Program, within: Duration) -> Option<i32> {
    let ended = async {
        loop {
            if let Some(status) = program.ended() {
                return status.code();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(within, ended).await.unwrap()
}

/// The only crash file.
fn crash(program: &Program) -> (serde_json::Value, String) {
    let files = crash_files(program);
    assert_eq!(files.len(), 1, "{files:?}");
    let page = fs::read_to_string(&files[0]).unwrap();
    (serde_json::from_str(&page).unwrap(), page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_one_loop_that_waits_forever_ends_itself_and_says_which() {
    let mut program = program(&[]).await;
    let log = program.data().with_extension("stderr");
    let to = File::create(&log).unwrap();
    spawn_one("a_program_with_a_loop_that_waits_forever", &mut program, |command| {
        command.stderr(to);
    });
    let late = async |program: &Program| program.get("healthz").await.1.contains("webhook");
    program.until("/healthz names the loop", late).await;
    assert_eq!(exit_code(&mut program, LIMIT * 4).await, Some(3));
    let (crash, page) = crash(&program);
    assert_eq!((&crash["task"], &crash["place"]), (&"webhook".into(), &"".into()), "{page}");
    let log = fs::read_to_string(log).unwrap();
    let last = log.lines().rfind(|line| line.contains("a loop stands still")).unwrap();
    assert!(last.contains(r#""level":"ERROR""#) && last.contains(r#""task":"webhook""#), "{last}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_does_not_end_is_ended() {
    let mut program = program(&[("DRAIN_SECONDS", "1")]).await;
    spawn_one("a_program_with_a_task_that_does_not_stop", &mut program, |_| {});
    program.until("the program is ready", async |program| program.ready().await.0 == 200).await;
    program.signal("TERM");
    // The stop may take a second, and twice ten for closing; then it is late, and after as long again it stands still.
    assert_eq!(exit_code(&mut program, Duration::from_secs(75)).await, Some(3));
    assert_eq!(crash(&program).0["task"], "stop");
}

/// A log that nobody reads any more: once the pipe is full, each thread that logs stands still. So does a program whose
/// supervisor or terminal hangs.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_stands_still_ends_itself_and_the_next_run_tells_the_owner() {
    let mut program = program(&[("RUST_LOG", "trace")]).await;
    let (nobody_reads, log) = std::io::pipe().unwrap();
    spawn(&mut program, |command| {
        command.stderr(log);
    });
    let ended = async {
        loop {
            if let Some(status) = program.ended() {
                return status;
            }
            program.telegram.user(spec(1001, "Ada", "en")).writes("my parcel is lost");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_mins(1), ended).await.unwrap();
    assert_eq!(ended.code(), Some(3));
    drop(nobody_reads);
    let (crash, page) = crash(&program);
    assert!(!page.contains("parcel") && !page.contains("Ada"), "{page}");
    assert!(crash["stood_still"].as_u64().unwrap() > 2 * LIMIT.as_secs(), "{page}");
    let threads = crash["threads"].as_array().unwrap();
    assert!(threads.iter().any(|thread| thread == "last-words R"), "{page}");

    program.set("RUST_LOG", "info");
    program.start().await;
    let owner = program.telegram.user(spec(OWNER, "Owner", "en"));
    let told = || owner.reads().into_iter().find(|text| text.contains("stood still"));
    program.until("the owner is told", async |_| told().is_some()).await;
    let (text, task) = (told().unwrap(), crash["task"].as_str().unwrap());
    assert!(text.contains(&format!("The loop {task} had not moved")), "{text}");
    assert!(program.metric("supportbot_previous_shutdown_unclean").await > 0.0);
    program
        .until("what was written arrives", async |program| {
            let texts = program.group.everything().into_iter().filter_map(|message| message.text);
            texts.into_iter().any(|text| text == "my parcel is lost")
        })
        .await;
    assert_eq!(program.terminate().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_was_stopped_for_longer_goes_on() {
    let mut program = program(&[]).await;
    start(&mut program, |_| {}).await;
    program.signal("STOP");
    tokio::time::sleep(OUTAGE).await;
    program.signal("CONT");
    goes_on(program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_without_telegram_for_longer_goes_on() {
    let mut program = program(&[]).await;
    start(&mut program, |_| {}).await;
    program.telegram.user(spec(1002, "Bob", "en")).writes("hi");
    program.telegram.set_unreachable(true);
    tokio::time::sleep(OUTAGE).await;
    program.telegram.set_unreachable(false);
    goes_on(program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_redis_does_not_answer_or_is_gone_for_longer_goes_on() {
    let mut redis = Server::start();
    let mut program = program(&[("REDIS_URL", &redis.url())]).await;
    start(&mut program, |_| {}).await;
    let bob = program.telegram.user(spec(1002, "Bob", "en"));
    bob.writes("hi");
    redis.signal("STOP");
    bob.writes("is anybody there?");
    tokio::time::sleep(OUTAGE).await;
    redis.signal("CONT");
    program.until("Redis is back", async |program| program.ready().await.0 == 200).await;
    redis.kill();
    bob.writes("hello?");
    tokio::time::sleep(OUTAGE).await;
    redis.restart();
    goes_on(program).await;
}

/// A library that makes each write and sync of a file wait while another file exists.
fn stalling_disk(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    const SOURCE: &str = r#"
        #include <stdlib.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <time.h>
        #include <unistd.h>
        static void wait(int file) {
            struct timespec moment = {0, 20000000};
            struct stat about;
            if (file >= 0 && (fstat(file, &about) || !S_ISREG(about.st_mode))) return;
            const char *stalled = getenv("STALLED");
            while (stalled && access(stalled, F_OK) == 0) nanosleep(&moment, 0);
        }
        int fsync(int file) { wait(-1); return syscall(SYS_fsync, file); }
        int fdatasync(int file) { wait(-1); return syscall(SYS_fdatasync, file); }
        ssize_t write(int file, const void *from, size_t size) {
            wait(file);
            return syscall(SYS_write, file, from, size);
        }
        ssize_t pwrite64(int file, const void *from, size_t size, off_t at) {
            wait(file);
            return syscall(SYS_pwrite64, file, from, size, at);
        }
    "#;
    let (source, library) = (folder.join("stall.c"), folder.join("stall.so"));
    fs::write(&source, SOURCE).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    if !compiler.status().is_ok_and(|status| status.success()) {
        println!("SKIPPED: a disk that stalls needs a C compiler");
        return None;
    }
    Some((library, folder.join("stalled")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_disk_stalls_for_longer_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some((library, stalled)) = stalling_disk(folder.path()) else { return };
    let mut program = program(&[]).await;
    // As on a machine with one processor: a task that waited for the disk on the runtime's thread would stop all others.
    let with_library = |command: &mut Command| {
        command.env("LD_PRELOAD", &library).env("STALLED", &stalled);
        command.env("TOKIO_WORKER_THREADS", "1");
    };
    start(&mut program, with_library).await;
    fs::write(&stalled, "").unwrap();
    program.telegram.user(spec(1002, "Bob", "en")).writes("hi");
    tokio::time::sleep(OUTAGE).await;
    assert!(program.telegram.pending_updates() > 0, "nothing was stored meanwhile");
    fs::remove_file(&stalled).unwrap();
    goes_on(program).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_that_the_desk_serves_is_alive_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut next = || {
        let mut message = [0; 64];
        let length = systemd.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    };
    let mut program = program(&[]).await;
    program.telegram.set_unreachable(true);
    program.set_all([("NOTIFY_SOCKET", path.display().to_string())]);
    program.spawn();
    // It waits for Telegram: it is alive, and does not serve yet.
    for _ in 0..3 {
        assert_eq!(next(), "WATCHDOG=1");
    }
    program.telegram.set_unreachable(false);
    let until = |next: &mut dyn FnMut() -> String, what: &str| {
        let mut others = std::iter::from_fn(|| Some(next()).filter(|message| message != what));
        assert!(others.all(|message| message == "WATCHDOG=1"), "before {what}");
    };
    until(&mut next, "READY=1");
    assert_eq!(next(), "WATCHDOG=1");
    program.signal("STOP");
    systemd.set_nonblocking(true).unwrap();
    while systemd.recv(&mut [0; 64]).is_ok() {}
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(systemd.recv(&mut [0; 64]).is_err(), "a program that does not run is silent");
    systemd.set_nonblocking(false).unwrap();
    program.signal("CONT");
    assert_eq!(next(), "WATCHDOG=1");
    assert_eq!(program.terminate().await.code(), Some(0));
    until(&mut next, "STOPPING=1");
}
