//! After a crash, a kill or a caught panic, the owner receives exactly one notice.

use std::{
    fs,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use futures_util::FutureExt as _;
use ports::SystemClock;
use support_bot::{
    app::{App, Signals},
    config::{Environment, Settings},
    telemetry::{Telemetry, logging, panics},
};
use telegram_simulator::{Fault, Matcher, What};

use super::{notices, received_notices, until_notices, until_sent};
use crate::harness::{OWNER, Program};

/// The text of the panics in these tests: it must not appear anywhere.
const PRIVATE: &str = "my parcel is lost, says Ada Lovelace, +79161234567";

/// The crash files of a program: those that the owner knows of, and the others.
fn files(program: &Program) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let found = fs::read_dir(program.data().join("crashes")).unwrap();
    let found = found.map(|entry| entry.unwrap().path());
    let found = found.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    found.partition(|path| path.to_string_lossy().ends_with(".told.json"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_is_reported_once_and_a_stop_is_not() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.kill();
    program.start().await;
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.contains("left no crash file: it was killed, ran out of memory"), "{text}");
    until_sent(&program, "crash", 1.0).await;
    assert_eq!(program.terminate().await.code(), Some(0));

    program.start().await;
    program.wait_until_idle().await;
    assert!(program.metric("supportbot_previous_shutdown_unclean").await == 0.0);
    assert_eq!(received_notices(&program).len(), 1);
    // Only the marker of this run is left: no notice is repeated.
    let left = fs::read_dir(program.data().join("crashes")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.len() == 1 && left[0].to_string_lossy().starts_with("run-"), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_kills_are_reported_once_an_hour() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.kill();
    program.start().await;
    until_notices(&program, 1).await;
    for _ in 0..2 {
        program.kill();
        program.start().await;
        program
            .until("the notice is kept back", async |program| {
                notices(program, "crash", "suppressed").await > 0.0
            })
            .await;
    }
    assert_eq!(received_notices(&program).len(), 1);

    // Simulates an hour's wait by changing the stored time of the notice.
    let memory = program.data().join("notices.json");
    let mut known: serde_json::Value = serde_json::from_slice(&fs::read(&memory).unwrap()).unwrap();
    assert_eq!(known["crash"]["kept_back"], 2, "{known}");
    let at = known["crash"]["at"].as_i64().unwrap();
    known["crash"]["at"] = (at - 3_600_000).into();
    fs::write(&memory, known.to_string()).unwrap();
    // The last notice kept back arrives now, with the number of the others.
    let text = until_notices(&program, 2).await.remove(1);
    assert!(text.contains("killed") && text.contains("1 more notice of this kind"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_telegram_refuses_is_logged_once() {
    let mut program = Program::new(&[("BOT_DEV_ID", "4000000077")]).await;
    program.start().await;
    program.kill();
    program.start().await;
    program
        .until("the notice fails", async |program| notices(program, "crash", "failed").await > 0.0)
        .await;
    assert_eq!(
        program.log().matches("the owner cannot be notified").count(),
        1,
        "{}",
        program.log()
    );
    program.telegram.user(crate::harness::spec(1001, "Ada", "en")).writes("hello");
    program
        .until("Ada's message arrives", async |program| {
            let texts = program.group.everything().into_iter().filter_map(|message| message.text);
            texts.into_iter().any(|text| text == "hello")
        })
        .await;
    assert_eq!(program.terminate().await.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_retried_while_telegram_is_unavailable() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    program.kill();
    let once = |what| {
        let to_owner = Matcher::method("sendMessage").in_chat(OWNER);
        program.telegram.inject(Fault::once(to_owner, what));
    };
    once(What::Throttle { retry_after: 1 });
    once(What::Error { code: 502, description: "Bad Gateway".to_owned() });
    program.start().await;
    until_notices(&program, 1).await;
    until_sent(&program, "crash", 1.0).await;
    let flooded = program.metric("supportbot_log_events_total{level=\"error\"}").await;
    assert!(flooded == 0.0, "{}", program.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_that_ends_the_program_is_reported_at_the_next_start_with_its_place() {
    let mut program = Program::new(&[("SENTRY_ENVIRONMENT", "test")]).await;
    let mut child = child(&program, "a_program_that_a_panic_ends");
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert_eq!(ended.code(), Some(7));
    let (told_already, new) = files(&program);
    assert!(told_already.is_empty() && new.len() == 1, "{new:?}");
    let page = fs::read_to_string(&new[0]).unwrap();
    assert!(!page.contains("parcel") && !page.contains("Ada"), "{page}");
    let crash: serde_json::Value = serde_json::from_str(&page).unwrap();
    let place = crash["place"].as_str().unwrap();
    assert!(place.starts_with("tests/it/owner/crashes.rs:"), "{page}");
    assert_eq!(
        (&crash["task"], &crash["version"]),
        (&"sweeper".into(), &env!("CARGO_PKG_VERSION").into())
    );
    let frames = crash["frames"].as_array().unwrap();
    let spawned = |frame: &serde_json::Value| {
        frame["place"].as_str().unwrap().starts_with("src/app/lifecycle.rs:")
    };
    assert!(frames.iter().any(spawned), "{page}");
    // The last log line before the panic: a constant sentence and its closed field, and nothing else.
    let last = crash["log"].as_array().unwrap().last().unwrap();
    assert_eq!(last["message"], "something was odd");
    assert_eq!(last["fields"], serde_json::json!({ "attempt": 3 }));

    program.start().await;
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.contains("The desk crashed") && text.contains(place), "{text}");
    assert!(program.metric("supportbot_previous_shutdown_unclean").await > 0.0);
    let (told_already, new) = files(&program);
    assert!(told_already.len() == 1 && new.is_empty(), "{new:?}");
    let name = told_already[0].file_name().unwrap().to_str().unwrap();
    assert!(text.contains(name), "{text}");
    assert!(!program.log().contains("parcel"));
    assert_eq!(program.terminate().await.code(), Some(0));
    program.start().await;
    program.wait_until_idle().await;
    assert_eq!(received_notices(&program).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_that_the_program_survives_is_reported_by_the_same_run() {
    let mut program = Program::new(&[]).await;
    let mut child = child(&program, "a_program_that_survives_a_panic");
    let text = until_notices(&program, 1).await.remove(0);
    assert!(text.contains("A bug was caught, and the desk keeps running"), "{text}");
    assert!(text.contains("tests/it/owner/crashes.rs:") && text.contains("worker"), "{text}");
    let asked = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert_eq!(ended.code(), Some(0));
    let (told_already, new) = files(&program);
    assert!(told_already.len() == 1 && new.is_empty(), "{new:?}");

    program.start().await;
    program.wait_until_idle().await;
    assert_eq!(received_notices(&program).len(), 1);
}

/// Starts one of the two programs below with this program's settings.
fn child(program: &Program, name: &str) -> Child {
    let mut command = program.with_settings(Command::new(std::env::current_exe().unwrap()));
    command.args(["--exact", "--ignored", "--nocapture", &format!("owner::crashes::{name}")]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Runs the program as `support-bot run` does, with an extra task.
async fn run(task: impl AsyncFnOnce(&App)) -> i32 {
    let settings = Settings::load(&Environment::read(Path::new(".env")).unwrap()).unwrap();
    let telemetry = Telemetry::install().unwrap();
    panics::install(telemetry.metrics());
    logging::install(logging::Format::Json, "info", telemetry.metrics()).unwrap();
    let mut signals = Signals::listen().unwrap();
    let app = App::start(&settings, &telemetry, Arc::new(SystemClock)).await.unwrap();
    task(&app).await;
    let asked = app.lifecycle().until_asked(signals.next()).await;
    app.stop(std::future::pending()).await;
    if asked.is_ok() { 0 } else { 7 }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run only as the child process of another test"]
async fn a_program_that_a_panic_ends() {
    let code = run(async |app| {
        tracing::warn!(target: "support_bot::tests", attempt = 3, who = "Ada", "something was odd");
        app.lifecycle().spawn("sweeper", async { panic!("{PRIVATE}") });
    });
    std::process::exit(code.await);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run only as the child process of another test"]
async fn a_program_that_survives_a_panic() {
    let code = run(async |app| {
        let stop = app.lifecycle().intake().clone();
        app.lifecycle().spawn("worker", async move {
            // The worker catches the panic of a handler in the same way.
            let handled = AssertUnwindSafe(async { panic!("{PRIVATE}") }).catch_unwind().await;
            assert!(handled.is_err());
            stop.cancelled().await;
        });
    });
    std::process::exit(code.await);
}
