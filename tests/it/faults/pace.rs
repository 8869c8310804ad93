//! Many users write at once: the desk obeys Telegram's limits, and uses them fully.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{ChatId, UserId};
use ports::{Address, Call, Keys};
use support_bot::{
    adapters::telegram::{Client, Endpoint, TelegramMessenger, TimeLimits, Unobserved},
    engine::PacingLimits,
    network::Network,
};
use telegram_simulator::{Limits, Options, Simulator, Throttled, Window};

use crate::harness::{Engine, Load, Recorder, UNLIMITED, decoder};

const USERS: usize = 40;
const ROUNDS: usize = 5;
const GROUP_LIMIT: u32 = 20;

/// Slots of the group's limit that the bot's calls take.
fn slots_used(telegram: &Simulator, group: i64) -> usize {
    let counted = |method: &str| {
        ["send", "copy", "forward", "editMessage", "pin", "unpin"]
            .iter()
            .any(|name| method.starts_with(name))
            || method.ends_with("ForumTopic")
    };
    let calls = telegram.calls().recent.into_iter();
    let own = calls.filter(|call| {
        counted(call.method) && call.parameters.get("chat_id").is_some_and(|id| *id == group)
    });
    own.map(|call| {
        let parameters = &call.parameters;
        let batch = parameters.get("message_ids").or_else(|| parameters.get("media"));
        batch.and_then(|batch| batch.as_array()).map_or(1, Vec::len)
    })
    .sum()
}

/// Sends 200 messages of 40 users at once, under limits that are structured like Telegram's, with windows of this
/// length.
async fn a_rush(period: Duration) {
    let group_window = Window { count: GROUP_LIMIT as usize, per: period };
    let limits = Limits { group: Some(group_window), ..Limits::telegram() };
    let options = Options { limits, call_log: 1_000_000, ..Options::default() };
    let telegram = Simulator::start(options).await.unwrap();
    let group = telegram.forum("Support");
    let endpoint =
        Endpoint { base: telegram.url().parse().unwrap(), token: telegram.token().into() };
    let limits = TimeLimits { connect: Duration::from_secs(5), call: Duration::from_secs(20) };
    let client =
        Client::new(&endpoint, limits, Arc::new(Unobserved), Network::direct().unwrap()).unwrap();
    let pacing = PacingLimits {
        overall_per_second: 30,
        private_per_second: 1,
        private_burst: 3,
        group: GROUP_LIMIT,
        group_period: period,
    };
    let messenger = TelegramMessenger::new(client.clone());
    let engine = Engine::start(messenger, Arc::new(decoder()), pacing, ChatId(group.id())).await;
    let mut load = Load::new(&telegram, USERS, 1);
    for _ in 0..ROUNDS {
        load.round();
    }
    let begun = Instant::now();
    engine.polls(client);
    while !load.arrived(&group) {
        assert!(begun.elapsed() < period * 60, "{} messages are missing", load.missing(&group));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = begun.elapsed();
    let cost = slots_used(&telegram, group.id());
    // Pins, which may wait, use half of the limit.
    while !engine.is_idle().await {
        assert!(begun.elapsed() < period * 60, "the desk does not come to rest");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let account = load.account(&telegram, &group);
    // The limit as a rate: the budget spreads the first window's slots as well.
    let least = period.mul_f64(cost as f64 / f64::from(GROUP_LIMIT));
    let share = least.as_secs_f64() / took.as_secs_f64();
    println!("{account:?}; {cost} slots in {took:?}, by the limit {least:?}: {share:.4}");
    assert_eq!(account.written, (USERS * ROUNDS) as u64);
    assert!(account.wrong.is_empty(), "{:#?}", account.wrong);
    assert_eq!((account.repeats, account.spare_topics), (0, 0));
    assert_eq!(telegram.throttled(), Throttled::default(), "Telegram had to answer 429");
    assert!(share >= 0.95, "only {share:.4} of the rate that the limits allow");
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rush_is_delivered_at_the_rate_that_the_limits_allow() {
    a_rush(Duration::from_secs(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "15 minutes under Telegram's real limits: `just pace`"]
async fn a_rush_at_telegrams_own_pace() {
    a_rush(Duration::from_mins(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn direct_calls_wait_for_the_limits_as_sends_do() {
    let pacing = PacingLimits { private_per_second: 5, private_burst: 1, ..UNLIMITED };
    let (recorder, decoder) = (Recorder::default(), Arc::new(decoder()));
    let engine = Engine::start(recorder, decoder, pacing, ChatId(-1_001_000_000_500)).await;
    let owner = UserId(7);
    let to = Address { chat: owner.chat(), topic: None };
    let call = Call::Say { to, html: "hello".to_owned(), reply: None, keys: Keys::new() };
    let begun = Instant::now();
    for _ in 0..4 {
        assert!(engine.direct_calls.call(owner, call.clone()).await.unwrap().is_ok());
    }
    assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
    let direct_calls = engine.direct_calls.clone();
    engine.stop().await;
    assert!(direct_calls.call(owner, call).await.is_none(), "no more calls are made");
}
