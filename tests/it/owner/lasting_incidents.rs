//! Incidents that last for minutes before the owner receives a notice, each caused for real: `just incidents`.

use std::{
    fs,
    time::{Duration, Instant},
};

use domain::Incident;

use super::received_notices;
use crate::{
    faults::SmallDisk,
    harness::{Program, Tracker, TrackerFault, program::webhook_settings, spec},
    redis::Server,
};

/// Waits for the next notice to the owner; it must arrive within a minute after the incident's delay.
#[expect(clippy::print_stdout, reason = "the time and the notice, for a manual run")]
async fn until_notice_after(
    program: &Program,
    incident: Incident,
    notices_before: usize,
) -> String {
    let begun = Instant::now();
    while received_notices(program).len() <= notices_before {
        assert!(
            begun.elapsed() < incident.patience() + Duration::from_mins(1),
            "{}",
            program.log()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut received = received_notices(program);
    assert_eq!(received.len(), notices_before + 1, "{received:#?}");
    println!("notice after {:.1?}: {}", begun.elapsed(), received[notices_before]);
    received.remove(notices_before)
}

/// Waits for the notice of the incident's end, which has no delay.
async fn until_over(program: &Program, notices_before: usize) -> String {
    program
        .until("the notice of the end arrives", async |program| {
            received_notices(program).len() > notices_before
        })
        .await;
    received_notices(program).remove(notices_before)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute, the delay of the notice: `just incidents`"]
async fn a_redis_that_hangs_is_reported_until_it_answers() {
    let server = Server::start();
    let mut program = Program::new(&[("REDIS_URL", &*server.url())]).await;
    program.start().await;
    server.signal("STOP");
    let text = until_notice_after(&program, Incident::Store, 0).await;
    assert!(text.starts_with("◆ The store has been failing since "), "{text}");
    server.signal("CONT");
    let text = until_over(&program, 1).await;
    assert!(text.starts_with("◆ The store has been working again since "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes, the delay of the notice: `just incidents`"]
async fn another_program_with_the_same_token_is_reported() {
    let mut program = Program::new(&[]).await;
    program.start().await;
    let url = format!("{}/bot{}/getUpdates", program.telegram.url(), program.telegram.token());
    let other = async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        loop {
            let _either_is_ended = client.post(&url).form(&[("timeout", "5")]).send().await;
        }
    };
    let text = tokio::select! {
        text = until_notice_after(&program, Incident::Token, 0) => text,
        () = other => unreachable!(),
    };
    assert!(text.starts_with("◆ Somebody else has been using this bot’s token since "), "{text}");
    assert!(!text.contains(&program.telegram.token()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two minutes, the delay of the notice: `just incidents`"]
async fn a_webhook_that_telegram_cannot_reach_is_reported() {
    let mut program = Program::new(&[]).await;
    program.set_all(webhook_settings());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    program.set("WEBHOOK_URL", &format!("http://{nobody}"));
    program.start().await;
    program.telegram.user(spec(701_501, "Ada", "en")).writes("hello");
    let text = until_notice_after(&program, Incident::Webhook, 0).await;
    assert!(text.starts_with("◆ Telegram has been unable to reach the webhook since "), "{text}");
    assert!(!text.contains("Ada") && !text.contains("hello"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "half an hour, the delay of the notice: `just incidents`"]
async fn a_tracker_outage_and_its_end_are_reported() {
    let tracker = Tracker::start().await;
    tracker.fail_all(Some(TrackerFault::Responds(503, &[], "")));
    let mut program = Program::new(&[]).await;
    program.set_all(tracker.settings());
    program.start().await;
    program.telegram.user(spec(701_601, "Ada", "en")).starts();
    let text = until_notice_after(&program, Incident::Tracker, 0).await;
    assert!(text.starts_with("◆ TGTrack has accepted no reports since "), "{text}");
    tracker.fail_all(None);
    // The next attempt may be minutes away.
    let begun = Instant::now();
    while received_notices(&program).len() < 2 {
        assert!(begun.elapsed() < Duration::from_mins(10), "{}", program.log());
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let text = until_over(&program, 1).await;
    assert!(text.starts_with("◆ TGTrack has been accepting reports again since "), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute, the delay of the notice: `just incidents`"]
async fn a_full_disk_and_its_end_are_reported() {
    let Some(disk) = SmallDisk::of("24m") else { return };
    let data = disk.path().join("data").display().to_string();
    let mut program = Program::new(&[("DATA_DIR", &data)]).await;
    program.start().await;
    // The disk is nearly full, but the store itself still works.
    fs::write(disk.path().join("ballast"), vec![0; 22 << 20]).unwrap();
    let text = until_notice_after(&program, Incident::Disk, 0).await;
    assert!(text.starts_with("◆ The store’s disk is nearly full (noticed "), "{text}");
    disk.make_room();
    let text = until_over(&program, 1).await;
    assert!(text.starts_with("◆ The store’s disk has had free space again since "), "{text}");
}
