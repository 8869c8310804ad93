//! A user writes faster than the rate: it goes together after a pause, and operators may decide before.

use std::time::Duration;

use telegram_simulator::{Person, SeenMessage, Times};

use crate::harness::{Desk, program::unlimited};

/// Messages a minute in these stories.
const RATE: usize = 5;
/// How long these stories hold at the longest, if they hold no longer than needed.
const LONGEST: Duration = Duration::from_secs(8);

/// A desk that obeys the rate. `pause` ends a hold; `None`: a minute, which none of these stories waits for.
async fn desk(pause: Option<Duration>) -> Desk {
    let mut desk = Desk::closed_with(unlimited(), &[("FLOOD", &RATE.to_string())]).await;
    desk.hold_times = pause.map(|pause| (pause, LONGEST));
    desk.open().await;
    desk.settle().await;
    desk
}

fn writes(ada: &Person, numbers: std::ops::Range<usize>) -> Vec<String> {
    let texts: Vec<String> = numbers.map(|number| format!("message {number}")).collect();
    for text in &texts {
        ada.writes(text);
    }
    texts
}

/// Ada's messages up to the rate, which arrive at once.
async fn allowed(desk: &Desk, ada: &Person) -> (i64, Vec<String>) {
    let texts = writes(ada, 0..RATE);
    desk.settle().await;
    let topic = desk.topic();
    assert_eq!(desk.relayed_texts(topic), texts);
    (topic, texts)
}

async fn until_held(desk: &Desk, count: usize) {
    let held = || desk.metric("supportbot_flood_held_sends").to_string();
    desk.until("they are held", || held() == count.to_string()).await;
}

fn told(ada: &Person) -> Vec<String> {
    let told = ada.sees().into_iter().filter_map(|message| message.text);
    told.filter(|text| text.contains("Nothing is lost")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_held_and_goes_together_when_the_user_pauses() {
    let desk = desk(Some(Duration::from_secs(3))).await;
    let ada = desk.user(1001, "Ada");
    let (topic, mut texts) = allowed(&desk, &ada).await;
    let first = ada.writes("one too many");
    texts.push("one too many, edited".to_owned());
    texts.extend(writes(&ada, 0..4));
    assert!(ada.edits(first, "one too many, edited"));
    until_held(&desk, 6).await;
    assert!(desk.metric("supportbot_flood_held_lanes") > 0.5);
    let oldest = "supportbot_queue_oldest_enqueued_timestamp_seconds{queue=\"outbox\"}";
    assert!(desk.metric(oldest) < 0.5, "held sends are not late");
    // Operators are not held, nor is another user.
    desk.operator.writes_in(topic, "hi Ada");
    desk.operator.writes_in(topic, "/information");
    let bob = desk.user(1002, "Bob");
    bob.writes("hello");
    desk.until("operators and others pass", || {
        let topics = desk.group.topics();
        let bob = topics.iter().find(|topic| topic.name == "Bob");
        ada.reads().contains(&"hi Ada".to_owned())
            && desk.notices(topic).len() == 2
            && bob.is_some_and(|bob| desk.relayed_texts(bob.id) == ["hello"])
    })
    .await;
    assert_eq!(desk.relayed_texts(topic).len(), RATE, "Ada is held");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), texts);
    assert_eq!(told(&ada).len(), 1, "Ada was told once");
    until_held(&desk, 0).await;
    // The pause was Ada's own time.
    let waited = desk.metric("supportbot_queue_wait_seconds_sum{queue=\"outbox\"}");
    assert!(waited < 6.0, "{waited} seconds for six messages that were held for three");
    assert!(desk.metric("supportbot_dead_letters{queue=\"outbox\"}") < 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_never_pauses_is_held_for_so_long_and_no_longer() {
    let desk = desk(Some(Duration::from_secs(4))).await;
    let ada = desk.user(1001, "Ada");
    let (topic, mut texts) = allowed(&desk, &ada).await;
    let begun = std::time::Instant::now();
    let mut number = RATE;
    while desk.relayed_texts(topic).len() == RATE {
        assert!(begun.elapsed() < LONGEST * 2, "it is held for too long");
        texts.extend(writes(&ada, number..number + 1));
        number += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(begun.elapsed() + Duration::from_millis(200) >= LONGEST, "{:?}", begun.elapsed());
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), texts);
    assert_eq!(told(&ada).len(), 1, "Ada was told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_shown_past_what_is_held() {
    let desk = desk(None).await;
    let ada = desk.user(1001, "Ada");
    let (topic, texts) = allowed(&desk, &ada).await;
    ada.writes("one too many");
    until_held(&desk, 1).await;
    desk.refuses("copyMessage", "Bad Request: VOICE_MESSAGES_FORBIDDEN", Times::N(1));
    desk.operator.writes_in(topic, "hi Ada");
    desk.until("the notice comes", || desk.notice_texts(topic).len() == 1).await;
    desk.notice(topic, "privacy settings forbid");
    assert_eq!(desk.relayed_texts(topic), texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_survives_a_restart() {
    let mut desk = desk(Some(Duration::from_secs(3))).await;
    let ada = desk.user(1001, "Ada");
    let (topic, mut texts) = allowed(&desk, &ada).await;
    texts.extend(writes(&ada, RATE..2 * RATE));
    until_held(&desk, RATE).await;
    desk.reopen().await;
    texts.extend(writes(&ada, 2 * RATE..2 * RATE + 1));
    until_held(&desk, RATE + 1).await;
    assert_eq!(desk.relayed_texts(topic).len(), RATE);
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), texts);
    assert_eq!(told(&ada).len(), 1, "Ada was told once");
}

/// A desk at which Ada has written so much that operators are asked; what they are asked.
async fn asked() -> (Desk, Person, i64, Vec<String>, SeenMessage) {
    let desk = desk(None).await;
    let ada = desk.user(1001, "Ada");
    let (topic, mut texts) = allowed(&desk, &ada).await;
    texts.extend(writes(&ada, RATE..RATE + 205));
    until_held(&desk, 205).await;
    desk.until("operators are asked", || desk.notice_texts(topic).len() == 1).await;
    let question = desk.notice(topic, "more than 200 messages are waiting");
    assert_eq!(desk.relayed_texts(topic).len(), RATE);
    (desk, ada, topic, texts, question)
}

fn press(desk: &Desk, question: &SeenMessage, label: &str) {
    let button = question.all_buttons().find(|button| button.text == label).unwrap();
    desk.operator.presses(question.id, button.data.as_ref().unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_lets_a_large_flood_through() {
    let (desk, ada, topic, texts, question) = asked().await;
    press(&desk, &question, "Show");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), texts);
    assert!(desk.notice(topic, "more than 200").buttons.is_empty());
    // What follows is held again.
    ada.writes("and one more");
    until_held(&desk, 1).await;
    assert_eq!(desk.relayed_texts(topic), texts);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_drops_a_large_flood() {
    let (desk, ada, topic, texts, question) = asked().await;
    press(&desk, &question, "Drop");
    desk.settle().await;
    desk.notice(topic, "Dropped: 205 messages");
    assert_eq!(desk.relayed_texts(topic), texts[..RATE]);
    assert_eq!(told(&ada).len(), ada.sees().len(), "Ada does not learn of it");
    desk.operator.writes_in(topic, "please write less");
    ada.writes("sorry");
    until_held(&desk, 1).await;
    assert_eq!(ada.reads().last().unwrap(), "please write less");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_bans_the_author_of_a_large_flood() {
    let (desk, ada, topic, texts, question) = asked().await;
    press(&desk, &question, "Ban");
    ada.writes("and one more");
    desk.settle().await;
    desk.notice(topic, "Dropped: 205 messages");
    assert!(desk.card(topic).contains("banned"), "{}", desk.card(topic));
    // Nothing of it comes back with the user.
    desk.operator.writes_in(topic, "/ban");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), texts[..RATE]);
}
