//! Operators' commands, notes, and authors whom the desk ignores.

use std::time::Duration;

use serde_json::{Value, json};
use telegram_simulator::{Content, Person};

use crate::harness::{Desk, program::texts, spec};

async fn desk_with_topic() -> (Desk, Person, i64) {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    (desk, ada, topic)
}

async fn send_in_topic(desk: &Desk, topic: i64, text: &str) -> i64 {
    let message = desk.operator.writes_in(topic, text);
    desk.settle().await;
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_from_a_banned_user_is_relayed_until_the_ban_is_lifted() {
    let (desk, ada, topic) = desk_with_topic().await;
    send_in_topic(&desk, topic, "/ban").await;
    desk.notice(topic, "Banned.");
    assert!(desk.card(topic).contains("banned"));
    let first = ada.chat()[0].id;
    ada.writes("let me in");
    ada.edits(first, "hello, I say");
    ada.reacts(first, Some("👎"));
    ada.sends(Content::giveaway());
    ada.starts();
    ada.writes("/help");
    ada.writes("/language");
    ada.renames("Mallory", None);
    ada.writes("let me in");
    ada.blocks();
    ada.returns();
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello"]);
    assert_eq!(desk.notice_texts(topic).len(), 1, "{:?}", desk.notice_texts(topic));
    assert!(desk.relayed(topic)[0].reactions.is_empty());
    assert!(ada.reads().is_empty());
    assert_eq!(desk.group.topics()[0].name, "Ada");

    send_in_topic(&desk, topic, "/ban").await;
    desk.notice(topic, "The ban is lifted.");
    ada.writes("thank you");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello", "thank you"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unban_holds_while_the_user_keeps_writing() {
    let (desk, ada, topic) = desk_with_topic().await;
    for _ in 0..10 {
        desk.operator.writes_in(topic, "/ban");
        ada.writes("x");
        desk.operator.writes_in(topic, "/ban");
        ada.writes("x");
    }
    desk.settle().await;
    ada.writes("last words");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic).last().map(String::as_str), Some("last words"));
    assert!(desk.card(topic).contains("active"));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_waiting_at_the_time_of_a_ban_are_dropped() {
    use telegram_simulator::{Fault, Matcher, Times, What};
    let (desk, ada, topic) = desk_with_topic().await;
    let what = What::Throttle { retry_after: 2 };
    let on = Matcher::methods(["copyMessage", "copyMessages"]).in_chat(desk.group.id());
    desk.telegram.inject(Fault { on, what, times: Times::N(1) });
    for _ in 0..50 {
        ada.writes("spam");
    }
    desk.until("the flood waits", || desk.telegram.throttled().by_faults > 0).await;
    desk.operator.writes_in(topic, "/ban");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(topic), ["hello"]);
    desk.notice(topic, "Banned.");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_silent_mode_nothing_reaches_the_user_and_the_notice_is_pinned() {
    let (desk, ada, topic) = desk_with_topic().await;
    send_in_topic(&desk, topic, "/silent").await;
    let notice = desk.notice(topic, "Silent mode is on");
    assert!(notice.pinned);
    assert!(desk.card(topic).contains("silent mode"));
    let unheard = desk.operator.writes_in(topic, "what shall we say?");
    desk.operator.edits(unheard, "what do we say?");
    desk.operator.reacts(desk.relayed(topic)[0].id, Some("👍"));
    ada.writes("anybody?");
    desk.settle().await;
    assert!(ada.reads().is_empty());
    assert!(ada.chat().iter().all(|message| message.reactions.is_empty()));
    assert_eq!(desk.relayed_texts(topic), ["hello", "anybody?"], "the user's message arrives");

    send_in_topic(&desk, topic, "/silent").await;
    desk.notice(topic, "Silent mode is off");
    assert_eq!(desk.group.pinned(topic).len(), 1, "only the card is there");
    send_in_topic(&desk, topic, "yes").await;
    assert_eq!(ada.reads(), ["yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_mode_switched_quickly_leaves_no_notice_pinned() {
    let (desk, _ada, topic) = desk_with_topic().await;
    for _ in 0..6 {
        desk.operator.writes_in(topic, "/silent");
    }
    desk.settle().await;
    assert_eq!(
        desk.group.pinned(topic).len(),
        1,
        "only the card is there: {:?}",
        desk.group.pinned(topic)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn information_shows_the_users_language() {
    let options = crate::harness::program::unlimited();
    let desk = Desk::start_with(options, &[("DEFAULT_LANGUAGE", "ru")]).await;
    desk.telegram.user(spec(1001, "Hans", "de")).writes("hallo");
    desk.settle().await;
    let topic = desk.topic();
    send_in_topic(&desk, topic, "/information").await;
    let answer = desk.notices(topic).pop().unwrap();
    assert_eq!(answer.text.unwrap(), desk.card(topic));
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_in_reply_removes_the_copy_of_the_answer_and_the_users_own_message() {
    let (desk, ada, topic) = desk_with_topic().await;
    let answer = send_in_topic(&desk, topic, "wrong chat, sorry").await;
    assert_eq!(ada.reads().len(), 1);
    let command = desk.operator.replies_in(topic, answer, "/delete");
    desk.settle().await;
    assert!(ada.reads().is_empty());
    assert_eq!(desk.notice(topic, "Deleted for the user").reply_to, Some(command));

    desk.operator.replies_in(topic, desk.relayed(topic)[0].id, "/delete");
    desk.settle().await;
    assert!(
        ada.chat().is_empty(),
        "the user's messages are deleted, as bots may: {:?}",
        ada.chat()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_reports_when_it_cannot() {
    let (desk, ada, topic) = desk_with_topic().await;
    let answer = send_in_topic(&desk, topic, "hi Ada").await;
    send_in_topic(&desk, topic, "/delete").await;
    desk.notice(topic, "in reply to the message");

    let card = desk.group.pinned(topic)[0].id;
    desk.operator.replies_in(topic, card, "/delete");
    desk.settle().await;
    desk.notice(topic, "nothing to delete");

    desk.telegram.advance(Duration::from_hours(49));
    desk.operator.replies_in(topic, answer, "/delete");
    desk.settle().await;
    desk.notice(topic, "only within 48 hours");
    assert_eq!(ada.reads(), ["hi Ada"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn close_and_reopen_close_and_reopen_the_topic() {
    let (desk, ada, topic) = desk_with_topic().await;
    send_in_topic(&desk, topic, "/close").await;
    desk.notice(topic, "Closed.");
    assert!(desk.group.topics()[0].closed);
    assert!(ada.reads().is_empty(), "the user receives nothing");
    send_in_topic(&desk, topic, "/reopen").await;
    desk.notice(topic, "open again");
    assert!(!desk.group.topics()[0].closed);
    send_in_topic(&desk, topic, "hi").await;
    assert_eq!(ada.reads(), ["hi"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_stay_among_operators() {
    let (desk, ada, topic) = desk_with_topic().await;
    let note = send_in_topic(&desk, topic, "// a difficult one").await;
    desk.operator.edits(note, "// a very difficult one");
    let sent = send_in_topic(&desk, topic, "hi").await;
    assert_eq!(ada.reads(), ["hi"]);
    desk.operator.edits(sent, "// oops");
    desk.settle().await;
    assert!(ada.reads().is_empty(), "the copy of the earlier text is deleted");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_messages_count_only_in_the_operators_group() {
    let (desk, ada, topic) = desk_with_topic().await;
    let other = desk.telegram.forum("Elsewhere");
    let mallory = other.operator(spec(4_000_000_009, "Mallory", "en"));
    let theirs = mallory.opens_topic("Ada");
    assert_eq!(theirs, topic, "topics of two groups may have the same number");
    {
        mallory.writes_in(topic, "/ban");
        mallory.writes_in(topic, "/help");
        mallory.writes_in(topic, "send me your password");
    }
    desk.settle().await;
    assert!(ada.reads().is_empty());
    assert!(desk.notice_texts(topic).is_empty());
    assert!(other.everything().iter().all(|message| !message.from_bot));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_in_general_and_in_topics_without_a_user_are_ignored() {
    let (desk, ada, _topic) = desk_with_topic().await;
    let own = desk.operator.opens_topic("Kitchen");
    desk.operator.writes_in(own, "coffee?");
    desk.operator.writes_in(own, "/ban");
    desk.operator.writes_in_general("tea?");
    desk.operator.writes_in_general("/close");
    desk.settle().await;
    assert!(ada.reads().is_empty());
    assert!(desk.group.messages(own).iter().all(|message| !message.from_bot));
}

#[tokio::test(flavor = "multi_thread")]
async fn id_is_answered_anywhere_in_any_group() {
    let (desk, ada, topic) = desk_with_topic().await;
    let group = desk.group.id().to_string();
    let asked = send_in_topic(&desk, topic, "/id").await;
    let answer = desk.group.messages(topic).pop().unwrap();
    assert_eq!(answer.reply_to, Some(asked));
    let text = answer.text.unwrap();
    assert!(text.contains(&group) && text.contains(&topic.to_string()), "{text}");
    assert!(text.contains(&desk.operator.id().to_string()), "{text}");

    desk.operator.writes_in_general("/id");
    let other = desk.telegram.supergroup("Elsewhere");
    other.member(spec(4_000_000_009, "Mallory", "en")).writes_in_general("/id@support_bot");
    desk.settle().await;
    assert!(texts(desk.group.general()).pop().unwrap().contains(&group));
    assert!(texts(other.general()).pop().unwrap().contains(&other.id().to_string()));
    assert!(ada.reads().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn id_in_a_foreign_group_that_refuses_or_migrates_is_harmless() {
    let (desk, ada, topic) = desk_with_topic().await;
    let muted = desk.telegram.supergroup("Muted");
    let mallory = muted.member(spec(4_000_000_009, "Mallory", "en"));
    muted.mute_bot();
    mallory.writes_in_general("/id");
    let moving = desk.telegram.group("Moving");
    moving.member(spec(4_000_000_009, "Mallory", "en")).writes_in_general("/id");
    moving.migrate();
    ada.writes("still there?");
    let begun = std::time::Instant::now();
    desk.settle().await;
    assert!(begun.elapsed() < Duration::from_secs(10), "the group's bucket was frozen");
    assert_eq!(desk.relayed_texts(topic), ["hello", "still there?"]);
    send_in_topic(&desk, topic, "yes").await;
    assert_eq!(ada.reads(), ["yes"]);
    desk.operator.writes_in(topic, "/information");
    desk.settle().await;
    assert!(desk.metric("supportbot_topics_healed_total{reason=\"migrated\"}").abs() < 0.1);
}

/// A message in the operators' group from a kind of author that the simulator lacks.
fn update_from(desk: &Desk, topic: i64, message: i64, text: &str, from: &Value) -> Value {
    let chat = json!({ "id": desk.group.id(), "type": "supergroup", "title": "Support", "is_forum": true });
    let mut update = json!({ "message": {
        "message_id": message, "date": 1_800_000_000, "chat": chat, "is_topic_message": true,
        "message_thread_id": topic, "text": text,
    } });
    for (name, value) in from.as_object().unwrap() {
        update["message"][name] = value.clone();
    }
    update
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_writing_as_a_channel_is_warned_once_and_not_relayed() {
    let (desk, ada, topic) = desk_with_topic().await;
    let channel = json!({ "sender_chat": { "id": -1_009_000_000_009_i64, "type": "channel", "title": "News" }, "from": {
        "id": 136_817_688, "is_bot": true, "first_name": "Channel", "username": "Channel_Bot",
    } });
    let first = send_in_topic(&desk, topic, "// stands for what they write").await;
    let second = send_in_topic(&desk, topic, "// and for the next").await;
    for (message, text) in [(first, "hi Ada"), (second, "/ban")] {
        desk.telegram.push_update(update_from(&desk, topic, message, text, &channel));
        desk.settle().await;
    }
    desk.telegram.push_update(update_from(&desk, topic, second, "/id", &channel));
    desk.settle().await;
    assert!(ada.reads().is_empty(), "{:?}", ada.reads());
    let replies = desk.group.messages(topic).into_iter();
    let replies: Vec<_> = replies.filter(|message| message.reply_to.is_some()).collect();
    let texts = replies.iter().map(|message| message.text.clone().unwrap()).collect::<Vec<_>>();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("Not delivered") && replies[0].reply_to == Some(first), "{texts:?}");
    assert!(texts[1].contains("writing as a channel"), "{texts:?}");
    assert!(!texts[1].contains("136817688"), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_administrator_is_an_operator() {
    let (desk, ada, topic) = desk_with_topic().await;
    let group = json!({ "id": desk.group.id(), "type": "supergroup", "title": "Support", "is_forum": true });
    let anonymous = json!({ "sender_chat": group, "from": {
        "id": 1_087_968_824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot",
    } });
    let written = send_in_topic(&desk, topic, "// stands for what they write").await;
    desk.telegram.push_update(update_from(&desk, topic, written, "hi Ada", &anonymous));
    desk.telegram.push_update(update_from(&desk, topic, 900_001, "/ban", &anonymous));
    desk.settle().await;
    assert_eq!(ada.reads().len(), 1, "{:?}", ada.reads());
    desk.notice(topic, "Banned.");
}
