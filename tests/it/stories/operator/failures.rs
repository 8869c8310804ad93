//! A refused call is tried in another way. A final failure is shown in the topic with its reason, and with a retry
//! button if a retry may help.

use telegram_simulator::{Content, Person, SeenMessage, Times};

use crate::harness::Desk;

/// A refusal that a later attempt may not meet.
const GONE: &str = "Bad Request: message to copy not found";

async fn desk_with_topic() -> (Desk, Person, i64) {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    (desk, ada, topic)
}

fn button(notice: &SeenMessage) -> String {
    let buttons: Vec<_> = notice.all_buttons().collect();
    assert_eq!(buttons.len(), 1, "one button is expected");
    assert_eq!(buttons[0].text, "Try again");
    buttons[0].data.clone().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_answer_is_reported_in_reply_to_it_with_the_reason() {
    for (refusal, reason) in [
        ("Bad Request: VOICE_MESSAGES_FORBIDDEN", "privacy settings forbid"),
        ("Bad Request: message can't be copied", "does not let bots copy"),
        ("Bad Request: message to copy not found", "was deleted before it could be copied"),
        ("Forbidden: bot was blocked by the user", "has blocked the bot. Try again"),
        ("Forbidden: user is deactivated", "the account was deleted"),
    ] {
        let (desk, ada, topic) = desk_with_topic().await;
        desk.refuses("copyMessage", refusal, Times::N(1));
        let answer = desk.operator.writes_in(topic, "hi Ada");
        desk.settle().await;
        let notice = desk.notice(topic, reason);
        assert_eq!(notice.reply_to, Some(answer), "{refusal}");
        assert!(ada.reads().is_empty(), "{refusal}");
        button(&notice);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retry_button_delivers_and_disappears() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", GONE, Times::N(1));
    desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    let notice = desk.notice(topic, "Not delivered");
    let query = desk.operator.presses(notice.id, &button(&notice)).unwrap();
    desk.settle().await;
    assert_eq!(ada.reads(), ["hi Ada"]);
    assert!(desk.notice(topic, "Not delivered").buttons.is_empty());
    let answers = desk.telegram.answers();
    let (_, answer) = answers.iter().find(|(id, _)| *id == query).unwrap();
    assert_eq!(answer["text"], "Trying again…");
    let left = desk.run(&["dead", "list"]).await.stdout;
    assert_eq!(String::from_utf8(left).unwrap(), "no dead letters\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn pressing_retry_twice_delivers_once() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", GONE, Times::N(1));
    desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    let notice = desk.notice(topic, "Not delivered");
    let data = button(&notice);
    for _ in 0..3 {
        assert!(desk.operator.presses(notice.id, &data).is_some());
    }
    desk.settle().await;
    assert_eq!(ada.reads(), ["hi Ada"]);
    assert_eq!(desk.telegram.answers().len(), 3, "each press is answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_fails_is_reported_again() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", GONE, Times::N(2));
    desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    let first = desk.notice(topic, "Not delivered");
    desk.operator.presses(first.id, &button(&first)).unwrap();
    desk.settle().await;
    let last = desk.notices(topic).pop().unwrap();
    assert_ne!(last.id, first.id);
    desk.operator.presses(last.id, &button(&last)).unwrap();
    desk.settle().await;
    assert_eq!(ada.reads(), ["hi Ada"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_user_message_is_reported_in_the_topic_and_can_be_retried() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", GONE, Times::N(1));
    ada.writes("did you get this?");
    desk.settle().await;
    let notice = desk.notice(topic, "was deleted before");
    desk.operator.presses(notice.id, &button(&notice)).unwrap();
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello", "did you get this?"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_button_says_so() {
    let (desk, _ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", GONE, Times::N(1));
    desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    let notice = desk.notice(topic, "Not delivered");
    let press = serde_json::json!({ "callback_query": {
        "id": "77", "from": { "id": desk.operator.id(), "is_bot": false, "first_name": "Olga" },
        "message": { "message_id": notice.id, "date": 1_700_000_000, "message_thread_id": topic,
            "chat": { "id": desk.group.id(), "type": "supergroup", "title": "Support", "is_forum": true } },
        "chat_instance": "1", "data": "something:else",
    } });
    desk.telegram.push_update(press);
    desk.settle().await;
    let expired = desk.telegram.calls();
    let expired = expired.of("answerCallbackQuery");
    assert_eq!(expired[0].parameters["text"], "This button no longer works.");
}

const REFUSED: &str = "Bad Request: message caption is too long";

/// A premium user's caption may exceed a bot's limit: a call that creates a new message is refused, but a plain copy
/// succeeds.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_copied_is_sent_another_way_before_giving_up() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    let heard = ada.sees().pop().unwrap().id;
    let caption = "a long caption";

    desk.refuses("copyMessage", REFUSED, Times::N(1));
    ada.replies_to(heard, Content::photo("p1").caption(caption));
    desk.settle().await;
    let bare = desk.relayed(topic).pop().unwrap();
    assert_eq!((bare.text.as_deref(), bare.reply_to), (Some(caption), None));
    assert_eq!(bare.forward_origin, None);

    desk.refuses("copyMessage", REFUSED, Times::N(2));
    ada.replies_to(heard, Content::photo("p2").caption(caption));
    desk.settle().await;
    let forwarded = desk.relayed(topic).pop().unwrap();
    assert_eq!(forwarded.text.as_deref(), Some(caption));
    assert!(forwarded.forward_origin.is_some());

    desk.refuses("sendMediaGroup", REFUSED, Times::N(1));
    ada.replies_with_album(
        heard,
        vec![Content::photo("p3").caption(caption), Content::photo("p4")],
    );
    desk.settle().await;
    let pieces = desk.relayed(topic).split_off(3);
    assert_eq!(pieces.len(), 2, "{pieces:#?}");
    assert!(
        pieces[0].media_group_id.is_some() && pieces[0].media_group_id == pieces[1].media_group_id
    );
    assert_eq!(
        desk.notice_texts(topic).iter().filter(|text| text.contains("Not delivered")).count(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_refused_in_every_way_is_reported_without_a_button() {
    let (desk, ada, topic) = desk_with_topic().await;
    desk.refuses("copyMessage", REFUSED, Times::N(1));
    let answer = desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    assert!(ada.reads().is_empty());
    assert_eq!(
        desk.telegram.calls().of("forwardMessage").len(),
        0,
        "a forward would show the operator's name"
    );
    let notice = desk.notice(topic, "Telegram refused it");
    assert_eq!(notice.reply_to, Some(answer));
    assert!(notice.buttons.is_empty(), "{notice:?}");
}
