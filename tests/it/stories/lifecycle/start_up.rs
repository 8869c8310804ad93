//! Startup checks: a condition that prevents all work stops the start with an error that says what to do; others cause
//! a warning or a wait.

use std::time::Duration;

use telegram_simulator::{Fault, Matcher, Rights, Times, What};

use crate::harness::{Desk, program::get, stores_in_redis};

async fn assert_start_fails(desk: &mut Desk, parts: &[&str]) {
    let error = desk.start_error().await;
    for part in parts {
        assert!(error.contains(part), "{part:?} is missing:\n{error}");
    }
    let token = desk.telegram.token();
    assert!(!error.contains(&token) && !error.contains(token.split_once(':').unwrap().1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_telegram_does_not_know_stops_the_start() {
    let mut desk = Desk::closed().await;
    desk.set("BOT_TOKEN", "123456789:AAF-another-token-of-thirty-five-chr");
    assert_start_fails(&mut desk, &["does not know the token", "@BotFather", "BOT_TOKEN"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_without_topics_stops_the_start() {
    let mut desk = Desk::closed().await;
    desk.group.set_forum(false);
    assert_start_fails(&mut desk, &["has no topics", "Edit, Topics"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_the_bot_does_not_know_stops_the_start() {
    let mut desk = Desk::closed().await;
    desk.set("BOT_GROUP_ID", "-1009999999999");
    assert_start_fails(&mut desk, &["-1009999999999", "chat not found", "support-bot setup"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_is_no_administrator_stops_the_start() {
    let mut desk = Desk::closed().await;
    desk.group.demote_bot();
    assert_start_fails(&mut desk, &["not an administrator", "Administrators", "Manage topics"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_was_removed_from_the_group_stops_the_start() {
    let mut desk = Desk::closed().await;
    desk.group.kick_bot();
    assert_start_fails(&mut desk, &["does not see the group", "Add the bot"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_to_manage_topics_stops_the_start() {
    let mut desk = Desk::closed().await;
    desk.group.set_bot_rights(Rights { manage_topics: false, ..Rights::all() });
    assert_start_fails(&mut desk, &["may not open topics", "turn on Manage topics"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_minor_problem_does_not_stop_the_start() {
    let mut desk = Desk::closed().await;
    desk.set("BOT_DEV_ID", "4000000077");
    let rights = Rights { pin_messages: false, delete_messages: false, ..Rights::all() };
    desk.group.set_bot_rights(rights);
    desk.open().await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_start_is_no_unclean_shutdown() {
    let mut desk = Desk::closed().await;
    desk.group.demote_bot();
    desk.start_error().await;
    desk.group.set_bot_rights(Rights::all());
    desk.open().await;
    assert!(desk.metric("supportbot_previous_shutdown_unclean").abs() < 0.1);
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_stops_the_start() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut desk = Desk::closed().await;
    desk.set("OPS_PORT", &taken.local_addr().unwrap().port().to_string());
    assert_start_fails(&mut desk, &["OPS_PORT", "choose another port"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_desk_is_refused_in_the_same_folder_and_not_on_the_same_redis() {
    let mut desk = Desk::start().await;
    let first = desk.app.take();
    if stores_in_redis() {
        desk.try_open().await.unwrap();
        desk.close().await;
    } else {
        let error = desk.start_error().await;
        assert!(error.contains("another"), "{error}");
    }
    desk.app = first;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_webhook_is_removed_and_no_pending_update_is_dropped() {
    let mut desk = Desk::closed().await;
    let url = format!(
        "{}/bot{}/setWebhook?url=http://127.0.0.1:1/",
        desk.telegram.url(),
        desk.telegram.token()
    );
    assert_eq!(get(&url).await.0, 200);
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    assert!(desk.telegram.pending_updates() > 0);
    desk.open().await;
    desk.settle().await;
    assert!(desk.telegram.webhook().is_none());
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_desk_is_ready_long_before_its_first_poll_ends() {
    let mut desk = Desk::closed().await;
    desk.set("POLL_TIMEOUT_SECONDS", "50");
    let (url, token) = (desk.telegram.url(), desk.telegram.token());
    // Confirms all updates, so that none waits.
    get(&format!("{url}/bot{token}/getUpdates?timeout=0&offset=2000000000")).await;
    assert_eq!(desk.telegram.pending_updates(), 0);
    desk.open().await;
    desk.until_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_poller_is_reported_and_waited_for() {
    let desk = Desk::start().await;
    let url = format!("{}/bot{}/getUpdates?timeout=0", desk.telegram.url(), desk.telegram.token());
    desk.until("the desk polls", || desk.telegram.calls().count("getUpdates") > 1).await;
    get(&url).await;
    let conflicts = "supportbot_poll_conflicts_total";
    desk.until("the conflict is counted", || desk.metric(conflicts) > 0.0).await;
    let (status, body) = desk.ops("/readyz").await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("same token"), "{body}");
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    assert_eq!(desk.ops("/healthz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_waits_for_an_unreachable_telegram() {
    let port = crate::harness::free_port();
    let mut desk = Desk::closed().await;
    desk.set("OPS_PORT", &port.to_string());
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    let what = What::Status(502, "<html>bad gateway</html>".to_owned());
    let outage = desk.telegram.inject(Fault { on: Matcher::any(), what, times: Times::Always });
    let watch = async {
        let (mut alive, mut unready) = (false, false);
        while !(alive && unready && outage.count() > 0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            alive = get(&format!("http://127.0.0.1:{port}/healthz")).await.0 == 200;
            let (status, body) = get(&format!("http://127.0.0.1:{port}/readyz")).await;
            unready = status == 503 && body.contains("telegram");
        }
        outage.remove();
    };
    let (opened, ()) = tokio::join!(desk.try_open(), watch);
    opened.unwrap();
    desk.settle().await;
    assert!(outage.count() > 0);
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    assert_eq!(desk.ops("/readyz").await.0, 200);
}
