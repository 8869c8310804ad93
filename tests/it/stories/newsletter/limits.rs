//! Newsletters under Telegram's limits: rate limits, paid broadcasts, refusals.

use std::time::Duration;

use telegram_simulator::{Bucket, Fault, Limits, Matcher, Options, Times, What, Window};

use crate::harness::{Author, Desk, copies};

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_newsletter_does_not_delay_answers() {
    let window = Window { count: 30, per: Duration::from_secs(1) };
    let bucket = Bucket { burst: 3, every: Duration::from_secs(1) };
    let limits = Limits { private: Some(bucket), overall: Some(window), ..Limits::off() };
    let paced = [("PACE_OVERALL_PER_SECOND", "30"), ("PACE_PRIVATE_PER_SECOND", "1")];
    let off = [("PACE_GROUP_PER_MINUTE", "0")];
    let settings: Vec<_> = paced.into_iter().chain(off).collect();
    let desk = Desk::start_with(Options { limits, ..Options::default() }, &settings).await;
    let people = desk.people(90).await;
    people[0].writes("hello");
    desk.settle().await;
    let owner = Author::owner(&desk.telegram);
    owner.sends_out("Sale", 91).await;
    desk.until("some recipients have it", || {
        people.iter().any(|person| copies(person, "Sale") > 0)
    })
    .await;
    let on = Matcher::methods(["copyMessage"]).in_chat(people[80].id());
    let what = What::Throttle { retry_after: 2 };
    desk.telegram.inject(Fault { on, what, times: Times::N(1) });
    for at in 0..5 {
        let (begun, text) = (std::time::Instant::now(), format!("answer {at}"));
        desk.operator.writes_in(desk.topic(), &text);
        desk.until("the answer has arrived", || copies(&people[0], &text) == 1).await;
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }
    owner.until("Finished").await;
    assert!(people.iter().all(|person| copies(person, "Sale") == 1));
    assert_eq!(desk.telegram.throttled().by_limits, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_broadcast_states_its_price_and_ignores_the_free_limit() {
    let window = Window { count: 30, per: Duration::from_secs(1) };
    let limits = Limits { overall: Some(window), ..Limits::off() };
    let settings = [
        ("PACE_OVERALL_PER_SECOND", "30"),
        ("PACE_PRIVATE_PER_SECOND", "0"),
        ("PACE_GROUP_PER_MINUTE", "0"),
    ];
    let desk = Desk::start_with(Options { limits, ..Options::default() }, &settings).await;
    let people = desk.people(120).await;
    let owner = Author::owner(&desk.telegram);
    owner.drafts("Sale").await;
    owner.until("It takes about 5 s").await;
    owner.presses("Pay to send faster").await;
    let panel = owner.until("up to 13 Stars").await;
    assert!(panel.contains("It takes about 1 s"), "{panel}");
    let calls = desk.telegram.calls();
    owner.starts(121).await;
    owner.until("Finished").await;
    drop(calls);
    assert!(people.iter().all(|person| copies(person, "Sale") == 1));
    assert_eq!(desk.telegram.throttled().by_limits, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_refused_for_everybody_pauses_automatically() {
    let paced = [("PACE_OVERALL_PER_SECOND", "24"), ("SEND_CONCURRENCY", "2")];
    let desk =
        Desk::start_with(Options { limits: Limits::off(), ..Options::default() }, &paced).await;
    let people = desk.people(80).await;
    let on = Matcher::methods(["copyMessage"]);
    let what = What::Error { code: 400, description: "Bad Request: BALANCE_TOO_LOW".to_owned() };
    let fault = desk.telegram.inject(Fault { on, what, times: Times::Always });
    let owner = Author::owner(&desk.telegram);
    owner.sends_out("Sale", 81).await;
    owner.until("Telegram has refused it for everybody so far").await;
    desk.settle().await;
    assert!(people.iter().all(|person| copies(person, "Sale") == 0));
    assert_eq!(owner.labels(), ["Resume", "Stop"]);
    drop(fault);
}
