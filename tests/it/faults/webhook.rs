//! The webhook under load: kills, a flood of connections, and switching between webhook and polling.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Client;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::harness::{Kills, Load, Program, program::webhook_settings};

const CALLS_AT_ONCE: u64 = 8;
/// Number of simultaneous connections.
const CROWD: usize = 10_000;

/// A program with a webhook, and its address.
async fn with_webhook(secret: &str) -> (Program, String) {
    let mut program = Program::new(&[("SEND_CONCURRENCY", &CALLS_AT_ONCE.to_string())]).await;
    let settings = webhook_settings();
    let address = format!("127.0.0.1:{}", settings["WEBAPP_PORT"]);
    program.set_all(settings);
    program.set_all([("WEBHOOK_SECRET", secret.to_owned())]);
    (program, address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_killed_while_updates_are_pushed_loses_nothing_and_keeps_the_order() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let (mut program, _) = with_webhook("a-secret_of_the_tests_own").await;
    let mut load = Load::new(&program.telegram, 12, seed);
    // The webhook is set before the first kill.
    program.start().await;
    program.kill();
    let kills = Kills { seed, times: 10, lasts: 50..700 };
    kills.run(&mut program, &mut load).await;
    let account = kills.check(&program, &load, CALLS_AT_ONCE, 300).await;
    println!("{account:?}");
    let stored = program.metric("supportbot_webhook_requests_total{outcome=\"stored\"}").await;
    assert!(stored > 0.0);
    let polled = program.telegram.calls().counts.get("getUpdates").copied().unwrap_or_default();
    assert_eq!(polled, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_between_polling_and_webhook_under_load_loses_nothing() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut program = Program::new(&[]).await;
    let mut load = Load::new(&program.telegram, 12, seed);
    for round in 0..8 {
        if round % 2 == 1 {
            program.set_all(webhook_settings());
        } else {
            program.set_all([("WEBHOOK_ENABLED", "false".to_owned())]);
        }
        program.start().await;
        load.writes_for(&program.group, &program.operator, Duration::from_millis(400)).await;
        let (group, operator) = (program.group.clone(), program.operator.clone());
        // People go on writing while the program stops.
        let (status, ()) = tokio::join!(
            program.terminate(),
            load.writes_for(&group, &operator, Duration::from_millis(200)),
        );
        assert_eq!(status.code(), Some(0), "round {round}: {}", program.log());
    }
    program.start().await;

    let account = program.settled(&load).await;
    println!("{account:?}");
    assert!(account.wrong.is_empty(), "seed {seed}: {:#?}", account.wrong);
    assert_eq!((account.repeats, account.repeated_calls), (0, 0), "seed {seed}");
    assert_eq!(account.spare_topics, 0, "seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_connections_take_little_memory_and_exclude_nobody() {
    const SECRET: &str = "a-secret_of_the_tests_own";
    let (mut program, address) = with_webhook(SECRET).await;
    program.start().await;
    let mut load = Load::new(&program.telegram, 12, 7);
    load.writes_for(&program.group, &program.operator, Duration::from_millis(300)).await;
    program.wait_until_idle().await;
    let before = program.resident();

    // Each connection has sent most of a request head that never ends.
    let head = format!("POST /webhook HTTP/1.1\r\nHost: x\r\nX-Padding: {}", "x".repeat(4096));
    let connects = async || {
        let mut stream = TcpStream::connect(&address).await.ok()?;
        let _perhaps_dismissed = stream.write_all(head.as_bytes()).await;
        Some(stream)
    };
    let mut crowd = Vec::with_capacity(CROWD);
    while crowd.len() < CROWD {
        crowd.extend(join_all((0..500).map(|_| connects())).await.into_iter().flatten());
    }
    load.writes_for(&program.group, &program.operator, Duration::from_millis(500)).await;
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
    let url = format!("http://{address}/webhook");
    let stranger = client.post(&url).body("{}").send().await.unwrap();
    assert_eq!(stranger.status(), 401, "the server still answers");
    let account = program.settled(&load).await;
    let after = program.resident();
    println!("{CROWD} connections: from {before} to {after} bytes; {account:?}");
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert!(after.saturating_sub(before) < 48 << 20, "from {before} to {after} bytes");
    let dismissed = program.metric("supportbot_webhook_connections_dismissed_total").await;
    assert!(dismissed >= (CROWD - 600) as f64, "{dismissed}");
    let open = program.metric("process_open_fds").await;
    assert!(open < 700.0, "{open} descriptors");
    drop(crowd);
}
