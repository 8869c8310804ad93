//! Stopping and restarting: in one process, and the real binary with signals; also its other subcommands.

use std::time::{Duration, Instant};

use telegram_simulator::{Content, Fault, Matcher, Times, What};

use crate::harness::{
    Desk, free_port,
    program::{Running, get, unlimited},
};

/// The real binary, ready to work.
async fn start_binary(desk: &Desk, port: u16) -> Running {
    let mut running = desk.spawn();
    let deadline = Instant::now() + Duration::from_secs(20);
    while get(&format!("http://127.0.0.1:{port}/readyz")).await.0 != 200 {
        assert!(Instant::now() < deadline && running.ended().is_none(), "{}", running.log());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    running
}

async fn exit_code(running: &mut Running) -> i32 {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(code) = running.ended() {
            return code;
        }
        assert!(Instant::now() < deadline, "the program does not end:\n{}", running.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn with_port(settings: &[(&str, &str)]) -> (Desk, u16) {
    let mut desk = Desk::closed_with(unlimited(), settings).await;
    let port = free_port();
    desk.set("OPS_PORT", &port.to_string());
    (desk, port)
}

fn slow_copies(desk: &Desk, by: Duration, times: Times) {
    let on = Matcher::methods(["copyMessage", "copyMessages"]);
    desk.telegram.inject(Fault { on, what: What::Slow(by), times });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_backlog_is_delivered_once_and_in_order_after_a_restart() {
    let mut desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("message 0");
    desk.settle().await;
    let on = Matcher::methods(["copyMessage", "copyMessages"]);
    let what = What::Throttle { retry_after: 3 };
    desk.telegram.inject(Fault { on, what, times: Times::N(1) });
    let written: Vec<String> = (0..30).map(|n| format!("message {n}")).collect();
    for text in &written[1..] {
        ada.writes(text);
    }
    desk.until("Telegram throttles", || desk.telegram.throttled().by_faults > 0).await;
    desk.until("all updates are stored", || desk.telegram.pending_updates() == 0).await;
    desk.close().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["message 0"]);
    assert!(desk.telegram.pending_updates() == 0, "Telegram will not send them again");

    desk.open().await;
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), written);
    assert!(desk.metric("supportbot_previous_shutdown_unclean").abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_finishes_running_calls_and_exits_cleanly() {
    let (mut desk, port) = with_port(&[]).await;
    let mut running = start_binary(&desk, port).await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.until("the topic is open", || !desk.group.topics().is_empty()).await;
    desk.until("the message is delivered", || desk.relayed_texts(desk.topic()) == ["hello"]).await;
    slow_copies(&desk, Duration::from_millis(1500), Times::N(1));
    let before = desk.telegram.calls().count("copyMessage");
    ada.writes("the last one");
    desk.until("the call is under way", || desk.telegram.calls().count("copyMessage") > before)
        .await;
    running.signal("TERM");
    let readyz = format!("http://127.0.0.1:{port}/readyz");
    let mut draining = String::new();
    let deadline = Instant::now() + Duration::from_secs(3);
    while !draining.contains("drain") && Instant::now() < deadline {
        let (status, body) = get(&readyz).await;
        if status == 503 {
            draining = body;
            assert_eq!(get(&format!("http://127.0.0.1:{port}/healthz")).await.0, 200);
        }
    }
    assert!(draining.contains("drain"), "{draining}");
    assert_eq!(exit_code(&mut running).await, 0, "{}", running.log());
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello", "the last one"]);

    desk.open().await;
    desk.settle().await;
    assert!(desk.metric("supportbot_previous_shutdown_unclean").abs() < 0.1);
    assert_eq!(
        desk.relayed_texts(desk.topic()),
        ["hello", "the last one"],
        "no message arrived twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_stops_at_once_and_nothing_is_lost() {
    let (mut desk, port) =
        with_port(&[("REQUEST_TIMEOUT_SECONDS", "30"), ("DRAIN_SECONDS", "60")]).await;
    let mut running = start_binary(&desk, port).await;
    slow_copies(&desk, Duration::from_secs(25), Times::N(1));
    desk.user(1001, "Ada").writes("hello");
    desk.until("the call is under way", || desk.telegram.calls().count("copyMessage") > 0).await;
    running.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(running.ended(), None, "the stop waits for calls under way");
    let begun = Instant::now();
    running.signal("INT");
    assert_eq!(exit_code(&mut running).await, 4, "{}", running.log());
    assert!(begun.elapsed() < Duration::from_secs(5));

    desk.open().await;
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()).first().map(String::as_str), Some("hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_delivered_while_another_call_hangs_are_not_repeated() {
    let (mut desk, port) =
        with_port(&[("REQUEST_TIMEOUT_SECONDS", "30"), ("DRAIN_SECONDS", "60")]).await;
    let mut running = start_binary(&desk, port).await;
    let (ada, ben) = (desk.user(1001, "Ada"), desk.user(1002, "Ben"));
    ada.writes("hello");
    ben.writes("good day");
    let group = desk.group.clone();
    let heard = |text: &str| {
        let everything = group.everything();
        everything.iter().filter(|seen| seen.text.as_deref() == Some(text)).count()
    };
    desk.until("both messages arrive", || heard("hello") == 1 && heard("good day") == 1).await;
    // Ada's next call hangs; Ben's ends within the drain.
    slow_copies(&desk, Duration::from_secs(25), Times::N(1));
    let before = desk.telegram.calls().count("copyMessage");
    ada.writes("hangs");
    desk.until("Ada's call is under way", || desk.telegram.calls().count("copyMessage") > before)
        .await;
    slow_copies(&desk, Duration::from_millis(700), Times::N(1));
    ben.writes("arrives");
    desk.until("Ben's too", || desk.telegram.calls().count("copyMessage") > before + 1).await;
    running.signal("TERM");
    desk.until("the message has arrived", || heard("arrives") == 1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(running.ended(), None, "Ada's still hangs");
    running.signal("INT");
    exit_code(&mut running).await;

    desk.open().await;
    desk.settle().await;
    assert_eq!((heard("hangs") > 0, heard("arrives")), (true, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_telegram_is_unreachable_ends_the_start_cleanly() {
    let (mut desk, port) = with_port(&[]).await;
    desk.telegram.set_unreachable(true);
    let mut running = desk.spawn();
    let deadline = Instant::now() + Duration::from_secs(20);
    while get(&format!("http://127.0.0.1:{port}/healthz")).await.0 != 200 {
        assert!(Instant::now() < deadline, "{}", running.log());
    }
    running.signal("TERM");
    assert_eq!(exit_code(&mut running).await, 0, "{}", running.log());
    desk.telegram.set_unreachable(false);
    desk.open().await;
    assert!(desk.metric("supportbot_previous_shutdown_unclean").abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_cannot_start_says_why_and_fails() {
    let desk = Desk::closed().await;
    desk.group.demote_bot();
    let output = desk.run(&["run"]).await;
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8(output.stderr).unwrap();
    assert!(report.contains("not an administrator"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn healthcheck_reports_liveness() {
    let (mut desk, _port) = with_port(&[]).await;
    assert!(!desk.run(&["healthcheck"]).await.status.success(), "nothing listens there");
    desk.open().await;
    let output = desk.run(&["healthcheck"]).await;
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("\"alive\":true"));
    assert_eq!(desk.ops("/healthz").await.0, 200);
    desk.until_ready().await;
    let (status, page) = desk.ops("/metrics").await;
    assert!(status == 200 && page.contains("supportbot_build_info{"));
}

#[tokio::test(flavor = "multi_thread")]
async fn healthcheck_reports_readiness() {
    let (mut desk, _port) = with_port(&[]).await;
    desk.open().await;
    desk.until_ready().await;
    let output = desk.run(&["healthcheck", "--ready"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    desk.telegram.set_unreachable(true);
    while desk.ops("/readyz").await.0 == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!desk.run(&["healthcheck", "--ready"]).await.status.success());
    assert!(desk.run(&["healthcheck"]).await.status.success(), "the program is still alive");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_reports_what_works_and_what_to_fix() {
    let desk = Desk::closed().await;
    let output = desk.run(&["doctor"]).await;
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{report}");
    assert!(report.contains("the bot is @support_bot"), "{report}");

    desk.group.demote_bot();
    let output = desk.run(&["doctor"]).await;
    let report = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert!(report.contains("FAIL  The bot is not an administrator"), "{report}");
    assert!(report.contains("-> Open the group"), "{report}");
    assert!(!report.contains(&desk.telegram.token()));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_listed_shown_replayed_and_dropped() {
    let mut desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    desk.refuses("copyMessage", "Bad Request: not today", Times::N(2));
    for text in ["one", "two"] {
        desk.operator.writes_in(topic, text);
        desk.settle().await;
    }
    let list = stdout(&desk, &["dead", "list"]).await;
    let ids: Vec<String> =
        list.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 2, "{list}");
    assert!(list.contains("conversation 1001") && list.contains("not today"), "{list}");
    let shown = stdout(&desk, &["dead", "show", &ids[0]]).await;
    for line in ["relay:", "  from: staff", "  kind: text"] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is missing:\n{shown}");
    }
    assert!(!desk.run(&["dead", "replay"]).await.status.success(), "the desk is running");

    desk.close().await;
    stdout(&desk, &["dead", "drop", &ids[0]]).await;
    assert!(!desk.run(&["dead", "drop", &ids[0]]).await.status.success(), "the process is gone");
    stdout(&desk, &["dead", "replay", &ids[1]]).await;
    desk.open().await;
    desk.settle().await;
    assert_eq!(ada.reads(), ["two"]);
    assert_eq!(stdout(&desk, &["dead", "list"]).await, "no dead letters\n");
}

async fn stdout(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.run(arguments).await;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_needs_no_settings() {
    let desk = Desk::closed().await;
    let mut command = desk.command(&["catalogue"]);
    let output = command.env_clear().output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("supportbot_updates_handled_total"));
}

/// Uses every feature of the desk once.
async fn a_full_day(desk: &Desk) {
    let ada = desk.telegram.user(telegram_simulator::UserSpec {
        id: 1001,
        first_name: "Zaphodname".to_owned(),
        last_name: Some("Surnamebeeble".to_owned()),
        username: Some("usernamebrox".to_owned()),
        language_code: Some("en".to_owned()),
    });
    ada.starts();
    ada.writes("/language");
    let first = ada.writes("secretword one");
    ada.sends(Content::photo("p").caption("secretword two"));
    ada.replies_to(first, "secretword three");
    ada.edits(first, "secretword four");
    ada.reacts(first, Some("👍"));
    ada.sends(Content::giveaway());
    desk.until("the topic is open", || !desk.group.topics().is_empty()).await;
    let topic = desk.topic();
    desk.until("all messages are relayed", || desk.relayed_texts(topic).len() == 3).await;
    desk.operator.writes_in(topic, "secretword five");
    desk.until("the answer has arrived", || ada.reads().iter().any(|text| text.contains("five")))
        .await;
    desk.refuses("copyMessage", "Bad Request: not today", Times::N(1));
    for text in ["secretword six", "/information", "/silent", "/silent", "/close", "/reopen", "/id"]
    {
        desk.operator.writes_in(topic, text);
    }
    desk.until("it is told", || {
        desk.notice_texts(topic).iter().any(|text| text.contains("Not delivered"))
    })
    .await;
    ada.renames("Zaphodname", Some("Surnameother"));
    ada.blocks();
    desk.until("it is told", || {
        desk.notice_texts(topic).iter().any(|text| text.contains("has blocked"))
    })
    .await;
    desk.telegram.push_update(serde_json::json!({ "message": "secretword seven" }));
    desk.telegram
        .push_update(serde_json::json!({ "message": { "text": 7, "secretword": "eight" } }));
    desk.operator.deletes_topic(topic);
    ada.returns();
    ada.writes("secretword nine");
    desk.until("the topic is repaired", || desk.group.topics().len() == 2).await;
    desk.until("the message is relayed", || !desk.relayed_texts(desk.topic()).is_empty()).await;
    desk.until_updates_are_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_at_any_level_holds_a_text_a_name_or_the_token() {
    for format in ["pretty", "json"] {
        let (desk, port) = with_port(&[("RUST_LOG", "trace"), ("LOG_FORMAT", format)]).await;
        let mut running = start_binary(&desk, port).await;
        a_full_day(&desk).await;
        running.signal("TERM");
        assert_eq!(exit_code(&mut running).await, 0, "{}", running.log());
        let log = running.log();
        assert!(log.contains("support_bot::engine"), "the log is too short:\n{log}");
        let token = desk.telegram.token();
        let secret = token.split_once(':').unwrap().1;
        for private in ["secretword", "Zaphodname", "Surname", "usernamebrox", secret] {
            let line = log.lines().find(|line| line.contains(private));
            assert_eq!(line, None, "{private} is in the {format} log");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_full_day_the_metrics_make_sense() {
    let desk = Desk::start().await;
    a_full_day(&desk).await;
    desk.settle().await;
    let (_, page) = desk.ops("/metrics").await;
    let value = |series: &str| -> f64 {
        let line = page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no series {series}")).parse().unwrap()
    };
    let handled = |handler: &str, outcome: &str| {
        value(&format!(
            "supportbot_updates_handled_total{{handler=\"{handler}\",outcome=\"{outcome}\"}}"
        ))
    };
    let same = |left: f64, right: f64, what: &str| {
        assert!((left - right).abs() < 0.1, "{what}: {left} is not {right}");
    };
    same(handled("user_message", "ok"), 5.0, "messages of users");
    same(handled("user_edit", "ok"), 1.0, "edits of users");
    same(handled("user_start", "ok"), 2.0, "starts, the owner's too");
    same(handled("staff_message", "ok"), 2.0, "messages of operators");
    same(handled("staff_silent", "ok"), 2.0, "silences");
    same(handled("group_id", "ok"), 1.0, "questions for ids");
    same(handled("user_blocked", "ok"), 1.0, "blocks");
    same(handled("undecodable", "dead"), 2.0, "poisoned updates");
    same(value("supportbot_topics_opened_total"), 2.0, "topics");
    same(value("supportbot_topics_healed_total{reason=\"deleted\"}"), 1.0, "topics healed");
    same(value("supportbot_first_response_seconds_count"), 1.0, "first responses");
    same(value("supportbot_conversations_opened_total"), 1.0, "conversations");
    let delivered = |direction: &str, outcome: &str| {
        value(&format!(
            "supportbot_deliveries_total{{direction=\"{direction}\",outcome=\"{outcome}\"}}"
        ))
    };
    same(delivered("user_to_operator", "delivered"), 4.0, "deliveries to operators");
    same(delivered("operator_to_user", "delivered"), 1.0, "deliveries to users");
    same(delivered("operator_to_user", "failed"), 1.0, "failed deliveries");
    same(
        value("supportbot_dead_lettered_total{queue=\"outbox\",reason=\"refused\"}"),
        1.0,
        "dead sends",
    );
}
