//! Telegram asks to wait: the chat that it names waits, and nothing else.

use telegram_simulator::{Content, Fault, Matcher, What};

use crate::harness::Desk;

const THROTTLED: What = What::Throttle { retry_after: 2 };

fn topic_of(desk: &Desk, name: &str) -> i64 {
    let topics = desk.group.topics();
    topics.iter().find(|topic| topic.name.contains(name)).unwrap().id
}

fn captions(desk: &Desk, topic: i64) -> Vec<String> {
    desk.relayed(topic).into_iter().filter_map(|message| message.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_user_waits_alone() {
    let desk = Desk::start().await;
    let (ada, bob) = (desk.user(1001, "Ada"), desk.user(1002, "Bob"));
    ada.writes("hello");
    bob.writes("hello");
    desk.settle().await;
    let on = Matcher::method("copyMessage").in_chat(ada.id());
    let fault = desk.telegram.inject(Fault::once(on, THROTTLED));
    desk.operator.writes_in(topic_of(&desk, "Ada"), "hi Ada");
    desk.until("Ada's chat is throttled", || fault.count() == 1).await;
    for number in 0..20 {
        desk.operator.writes_in(topic_of(&desk, "Bob"), &format!("hi Bob {number}"));
    }
    desk.until("Bob receives all messages", || bob.reads().len() == 20).await;
    ada.writes("anybody there?");
    let topic = topic_of(&desk, "Ada");
    desk.until("Ada's message arrives", || captions(&desk, topic).len() == 2).await;
    assert_eq!(ada.reads().len(), 0, "Ada's chat was throttled");
    desk.settle().await;
    assert_eq!(ada.reads(), ["hi Ada"]);
    assert_eq!(desk.telegram.throttled().while_waiting, 0);
    assert_eq!(desk.telegram.throttled().by_faults, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_group_is_throttled_answers_reach_users() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    let on = Matcher::any().in_chat(desk.group.id());
    let fault = desk.telegram.inject(Fault::once(on, THROTTLED));
    ada.writes("one more thing");
    desk.until("the group is throttled", || fault.count() == 1).await;
    for number in 0..20 {
        desk.operator.writes_in(topic, &format!("answer {number}"));
    }
    desk.until("Ada receives all messages", || ada.reads().len() == 20).await;
    assert_eq!(captions(&desk, topic), ["hello"], "the group was throttled");
    desk.settle().await;
    assert_eq!(captions(&desk, topic), ["hello", "one more thing"]);
    assert_eq!(desk.telegram.throttled().while_waiting, 0);
}

/// An album of three pieces that replies to an earlier message, and so travels by `sendMediaGroup`.
async fn album_with_fault(what: What) -> (Desk, Vec<telegram_simulator::SeenMessage>) {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    desk.operator.writes_in(topic, "send me photos");
    desk.settle().await;
    let on = Matcher::methods(["sendMediaGroup", "copyMessages"]);
    let fault = desk.telegram.inject(Fault::once(on, what));
    ada.sends_album((0..3).map(|n| Content::photo("p").caption(&format!("photo {n}"))).collect());
    ada.writes("these");
    desk.until("the album has failed", || fault.count() == 1).await;
    desk.settle().await;
    let mut seen = desk.relayed(topic);
    seen.remove(0);
    (desk, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_album_arrives_whole_later() {
    let (desk, seen) = album_with_fault(THROTTLED).await;
    let texts = seen.iter().map(|message| message.text.clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(texts, ["photo 0", "photo 1", "photo 2", "these"]);
    assert!(seen[0].media_group_id.is_some());
    assert!(seen[..3].iter().all(|piece| piece.media_group_id == seen[0].media_group_id));
    assert_eq!(desk.telegram.throttled().while_waiting, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_throttled_half_way_arrives_whole_later() {
    let description = "Bad Request: failed to send message #2 with the error message \
                       \"Too Many Requests: retry after 1\"";
    let what = What::Error { code: 400, description: description.to_owned() };
    let (_, seen) = album_with_fault(what).await;
    let texts = seen.iter().map(|message| message.text.clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(texts, ["photo 0", "photo 1", "photo 2", "these"]);
    assert!(seen[..3].iter().all(|piece| piece.media_group_id == seen[0].media_group_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_with_one_refused_piece_arrives_piece_by_piece() {
    let description =
        "Bad Request: failed to send message #2 with the error message \"WEBPAGE_CURL_FAILED\"";
    let what = What::Error { code: 400, description: description.to_owned() };
    let (_, seen) = album_with_fault(what).await;
    let texts = seen.iter().map(|message| message.text.clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(texts, ["photo 0", "photo 1", "photo 2", "these"]);
}
