//! When Telegram shows setup no updates: it says why and how to go on by hand, and removes nothing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;
use telegram_simulator::Simulator;

use super::newcomer::Newcomer;
use crate::harness::{OWNER, spec};

/// A newcomer whose group and owner exist, with the token in a file; and the group.
async fn prepared() -> (Newcomer, i64) {
    let (newcomer, group) = Newcomer::with_group().await;
    newcomer.writes_file("token", &newcomer.telegram.token());
    (newcomer, group)
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_webhook_the_ids_are_typed_and_the_webhook_stays() {
    let (newcomer, group) = prepared().await;
    let telegram = &newcomer.telegram;
    call(telegram, "setWebhook", json!({ "url": "http://127.0.0.1:1/hook" })).await;
    let mut setup = AtTerminalWithToken::start(&newcomer, &["setup", "--operators-language", "en"]);
    setup.sees("A webhook is set for this bot").await;
    setup.types("7");
    setup.sees("That is neither a group’s id").await;
    setup.types(&group.to_string());
    setup.sees("The group is ready.").await;
    setup.sees("user id, you can type it").await;
    setup.sees("A webhook is set for this bot").await;
    setup.types("@otto");
    setup.sees("That is not a user’s id").await;
    setup.types("5001001");
    setup.sees("warn  The bot cannot write to 5001001.").await;
    setup.sees("or type another id").await;
    setup.types(&OWNER.to_string());
    setup.sees("The bot can write to its owner.").await;
    for question in ["Choice [1]: ", "Choice [1]: ", "Language for users"] {
        setup.sees(question).await;
        setup.types("");
    }
    setup.sees("A webhook is set, so nobody can poll").await;
    setup.sees("Start the desk with").await;
    assert!(setup.ends().await.success());
    assert!(telegram.webhook().is_some());
    let written = newcomer.private_file(".env").unwrap();
    assert!(written.contains(&format!("BOT_GROUP_ID={group}\n")), "{written}");
    assert!(written.contains("BOT_TOKEN_FILE=token\n"), "{written}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_poller_is_named_and_left_alone() {
    let (newcomer, _) = prepared().await;
    let stop = Arc::new(AtomicBool::new(false));
    let (url, token, done) =
        (newcomer.telegram.url(), newcomer.telegram.token(), Arc::clone(&stop));
    let mut others = tokio::task::JoinSet::new();
    others.spawn(async move {
        let http = reqwest::Client::new();
        while !done.load(Ordering::Relaxed) {
            let poll = http.get(format!("{url}/bot{token}/getUpdates?timeout=1&offset=900000000"));
            let _refused = poll.send().await;
        }
    });
    let mut setup = AtTerminalWithToken::start(&newcomer, &["setup"]);
    setup.sees("Another program polls with this token").await;
    stop.store(true, Ordering::Relaxed);
    others.join_all().await;
    setup.types("");
    let group = newcomer.group_without_bot("Found later", Simulator::forum);
    group.set_bot_rights(super::newcomer::ENOUGH);
    setup.sees("  1  Found later (").await;
    setup.types("1");
    setup.sees("The group is ready.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_waiting_updates_than_telegram_shows_are_said() {
    let (newcomer, group) = prepared().await;
    let ada = newcomer.telegram.user(spec(1001, "Ada", "en"));
    ada.starts();
    for number in 0..120 {
        ada.writes(&format!("message {number}"));
    }
    let waiting = newcomer.telegram.pending_updates();
    let mut setup = AtTerminalWithToken::start(&newcomer, &["setup"]);
    setup.sees("At least 100 updates are waiting for this bot.").await;
    setup.types(&group.to_string());
    setup.sees("The group is ready.").await;
    setup.types(&OWNER.to_string());
    setup.sees("The bot can write to its owner.").await;
    assert_eq!(newcomer.telegram.pending_updates(), waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fills_up_during_the_wait_is_said_in_each_step_and_ids_lead_to_the_end() {
    let (newcomer, group) = prepared().await;
    let ada = newcomer.telegram.user(spec(1001, "Ada", "en"));
    let mut setup = AtTerminalWithToken::start(&newcomer, &["setup"]);
    setup.sees("Waiting for the bot to be added.").await;
    ada.starts();
    for number in 0..150 {
        ada.writes(&format!("message {number}"));
    }
    let waiting = newcomer.telegram.pending_updates();
    setup.sees("At least 100 updates are waiting for this bot.").await;
    setup.sees("Type the id").await;
    // Nothing new can be seen, but the question is asked again.
    setup.types("");
    setup.sees("At least 100 updates are waiting for this bot.").await;
    setup.types(&group.to_string());
    setup.sees("The group is ready.").await;
    setup.sees("Waiting for Start.").await;
    setup.sees("At least 100 updates are waiting for this bot.").await;
    setup.types(&OWNER.to_string());
    setup.sees("The bot can write to its owner.").await;
    reaches_the_end(&newcomer, &mut setup, group).await;
    assert_eq!(newcomer.telegram.pending_updates(), waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fills_up_before_start_is_pressed_is_said_and_the_owners_id_leads_to_the_end() {
    let (newcomer, group) = prepared().await;
    let telegram = &newcomer.telegram;
    let ada = telegram.user(spec(1001, "Ada", "en"));
    let mut setup =
        AtTerminalWithToken::start(&newcomer, &["setup", "--group", &group.to_string()]);
    let code = setup.sees_after("?start=").await;
    setup.sees("Waiting for Start.").await;
    ada.starts();
    for number in 0..150 {
        ada.writes(&format!("message {number}"));
    }
    setup.sees("At least 100 updates are waiting for this bot.").await;
    telegram.user(spec(OWNER, "Otto", "en")).writes(&format!("/start {code}"));
    let waiting = telegram.pending_updates();
    setup.types(&OWNER.to_string());
    setup.sees("The bot can write to its owner.").await;
    reaches_the_end(&newcomer, &mut setup, group).await;
    assert_eq!(newcomer.telegram.pending_updates(), waiting);
}

/// Takes the default of each question that is left.
async fn reaches_the_end(newcomer: &Newcomer, setup: &mut super::pty::AtTerminal, group: i64) {
    for question in ["Choice [1]: ", "Choice [1]: ", "[en]", "[en]"] {
        setup.sees(question).await;
        setup.types("");
    }
    setup.sees("/support-bot run").await;
    assert!(setup.ends().await.success(), "{}", setup.shown());
    let written = newcomer.private_file(".env").unwrap();
    for line in [format!("BOT_GROUP_ID={group}\n"), format!("BOT_DEV_ID={OWNER}\n")] {
        assert!(written.contains(&line), "{written}");
    }
}

struct AtTerminalWithToken;

impl AtTerminalWithToken {
    fn start(newcomer: &Newcomer, arguments: &[&str]) -> super::pty::AtTerminal {
        super::pty::AtTerminal::start(newcomer.command(arguments).env("BOT_TOKEN_FILE", "token"))
    }
}

async fn call(telegram: &Simulator, method: &str, parameters: serde_json::Value) {
    let url = format!("{}/bot{}/{method}", telegram.url(), telegram.token());
    let answer = reqwest::Client::new().post(url).body(parameters.to_string());
    let answer = answer.header("content-type", "application/json").send().await.unwrap();
    assert!(answer.status().is_success());
}
