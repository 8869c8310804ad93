//! When Telegram shows setup no updates: it says why and how to go on by hand, and removes nothing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde_json::json;
use telegram_simulator::Simulator;

use super::newcomer::Newcomer;
use crate::harness::spec;

const OWNER: i64 = 4_000_000_001;

/// Begins a setup whose group and owner exist.
async fn prepared() -> (Newcomer, i64) {
    let newcomer = Newcomer::new().await;
    newcomer.telegram.user(spec(OWNER, "Otto", "en")).starts();
    let group = newcomer.telegram.forum_with("Our desk", super::newcomer::ENOUGH).id();
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
