//! Telegram fails now and then, or completely.

use std::time::Duration;

use telegram_simulator::{Fault, FaultHandle, Limits, Matcher, Options, Times, What};

use crate::harness::{Desk, Load, Program};

const SEED: u64 = 20_261_123;

#[tokio::test(flavor = "multi_thread")]
async fn occasional_failures_lose_nothing_and_repeats_are_counted() {
    let limits = Limits::off();
    let options = Options { limits, call_log: 1_000_000, ..Options::default() };
    let desk = Desk::start_with(options, &[]).await;
    let page = "<html>Internal Server Error</html>".to_owned();
    let whats = [What::Status(500, page), What::CutBefore, What::CutAfter];
    let fails = |(what, seed)| {
        let times = Times::Share(0.05, seed);
        desk.telegram.inject(Fault { on: Matcher::any(), what, times })
    };
    let faults = whats.into_iter().zip(SEED..).map(fails).collect::<Vec<_>>();
    let mut load = Load::new(&desk.telegram, 20, SEED);
    load.writes_for(&desk.group, &desk.operator, Duration::from_secs(3)).await;
    // On a busy machine that is few calls.
    for _more in 0..30 {
        if faults.iter().all(|fault| fault.count() > 10) {
            break;
        }
        load.writes_for(&desk.group, &desk.operator, Duration::from_secs(1)).await;
    }
    desk.until("each message arrives", || load.arrived(&desk.group)).await;
    desk.settle().await;

    let account = load.account(&desk.telegram, &desk.group);
    let counts = faults.iter().map(FaultHandle::count).collect::<Vec<_>>();
    let counted = desk.metric("supportbot_telegram_possible_repeats_total");
    println!("{account:?}; 500, cut before, cut after: {counts:?}; possible repeats: {counted}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(counts.iter().all(|count| *count > 10), "too little failed: {counts:?}");
    let doubled = account.repeated_batches + account.spare_topics as u64;
    assert!(doubled > 0 && doubled <= counts[2], "{doubled} repeats of {} lost answers", counts[2]);
    assert!(doubled as f64 <= counted, "{doubled} repeats, {counted} counted");
    assert_eq!(desk.metric("supportbot_dead_letters{queue=\"outbox\"}"), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_logged_once_and_work_resumes_by_itself() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 12, SEED);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(500)).await;
    program.telegram.set_unreachable(true);
    load.writes_for(&program.group, &program.operator, Duration::from_secs(2)).await;
    let (status, body) = program.ready().await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains(r#""probe":"telegram","ready":false,"reason":""#), "{body}");
    tokio::time::sleep(Duration::from_secs(1)).await;
    program.telegram.set_unreachable(false);

    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!(program.ready().await.0, 200);
    let log = program.log();
    assert_eq!(log.matches("Telegram does not answer").count(), 1, "{log}");
    assert!(log.contains("Telegram answers again"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_connections_under_load_lose_nothing() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 12, SEED);
    for _ in 0..10 {
        load.writes_for(&program.group, &program.operator, Duration::from_millis(150)).await;
        program.telegram.drop_connections();
    }
    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    let counted = program.metric("supportbot_telegram_possible_repeats_total").await;
    assert!(account.repeated_batches as f64 <= counted, "{account:?}, {counted} counted");
}
