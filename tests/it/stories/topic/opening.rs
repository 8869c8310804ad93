//! A user's topic: when it opens, what it is called, and the card in it.

use telegram_simulator::{Person, Times, UserSpec};

use crate::harness::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn the_topic_opens_with_the_first_message_and_not_at_start() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    desk.settle().await;
    assert!(desk.group.topics().is_empty());
    assert_eq!(ada.reads().len(), 1, "the greeting");

    ada.writes("hello");
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_topic_opens_however_many_messages_arrive_at_once() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    let written: Vec<String> = (0..40).map(|n| format!("message {n}")).collect();
    for text in &written {
        ada.writes(text);
    }
    desk.settle().await;
    assert_eq!(desk.relayed_texts(desk.topic()), written);
    assert_eq!(desk.telegram.calls().count("createForumTopic"), 1);
    assert_eq!(desk.group.pinned(desk.topic()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_topic_carries_the_users_name_and_a_pinned_card() {
    let desk = Desk::start().await;
    user_with_full_name(&desk).writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    assert_eq!(desk.group.topics()[0].name, "Ada Lovelace");
    let card = desk.card(topic);
    for part in
        ["Ada Lovelace", "1001", "@ada", "English", "Known since", "/ban", "/silent", "/close"]
    {
        assert!(card.contains(part), "{part} is missing:\n{card}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_name_renames_the_topic_and_updates_the_card() {
    let desk = Desk::start().await;
    let ada = user_with_full_name(&desk);
    ada.writes("hello");
    desk.settle().await;
    ada.renames("Ada", Some("King"));
    ada.takes_username(None);
    ada.writes("married");
    desk.settle().await;
    let topic = desk.topic();
    assert_eq!(desk.group.topics()[0].name, "Ada King");
    let card = desk.card(topic);
    assert!(card.contains("Ada King") && card.contains("none"), "{card}");
    assert!(!card.contains("@ada"), "{card}");
    assert_eq!(desk.relayed_texts(topic), ["hello", "married"]);
    assert_eq!(desk.notices(topic).len(), 1, "the card is edited, not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_name_renames_nothing() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    for text in ["one", "two", "three"] {
        ada.writes(text);
        desk.settle().await;
    }
    let calls = desk.telegram.calls();
    assert_eq!(calls.count("editForumTopic") + calls.count("editMessageText"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_html_is_shown_literally() {
    let desk = Desk::start().await;
    desk.user(1001, "<b>Eve</b> & </i>").writes("hello");
    desk.settle().await;
    assert_eq!(desk.group.topics()[0].name, "<b>Eve</b> & </i>");
    assert!(desk.card(desk.topic()).contains("<b>Eve</b> & </i>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_telegram_refuses_blocks_no_message() {
    let desk = Desk::start().await;
    let words = "Bad Request: topic name must be non-empty";
    desk.refuses("createForumTopic", words, Times::N(2));
    desk.refuses("editForumTopic", words, Times::Always);
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.group.topics()[0].name, "#1001");
    assert_eq!(desk.relayed_texts(desk.topic()), ["hello"]);
    assert!(desk.card(desk.topic()).contains("1001"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invisible_names_are_replaced_and_text_direction_is_restored() {
    let desk = Desk::start().await;
    for (id, name, title) in [
        (1001, "\u{3164}", "#1001"),
        (1002, "\u{ad}\u{2800}", "#1002"),
        (1003, "\u{202e}Ada", "Ada"),
    ] {
        desk.user(id, name).writes("hello");
        desk.settle().await;
        let topics = desk.group.topics();
        assert!(topics.iter().any(|topic| topic.name == title), "{title}: {topics:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_get_the_icon_of_the_settings() {
    let options = crate::harness::program::unlimited();
    let desk = Desk::start_with(options, &[("BOT_EMOJI_ID", "5377316857231450742")]).await;
    desk.user(1001, "Ada").writes("hello");
    desk.settle().await;
    assert_eq!(desk.group.topics()[0].icon.as_deref(), Some("5377316857231450742"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_an_operator_deleted_comes_back_when_it_changes() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;
    let topic = desk.topic();
    assert!(desk.operator.deletes(desk.group.pinned(topic)[0].id));
    ada.renames("Ada", Some("King"));
    ada.writes("married");
    desk.settle().await;
    assert!(desk.card(topic).contains("Ada King"));
}

fn user_with_full_name(desk: &Desk) -> Person {
    desk.telegram.user(UserSpec {
        id: 1001,
        first_name: "Ada".to_owned(),
        last_name: Some("Lovelace".to_owned()),
        username: Some("ada".to_owned()),
        language_code: Some("en".to_owned()),
    })
}
