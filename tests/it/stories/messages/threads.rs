//! Topics in private chats with the bot: an answer appears in the topic of the question.

use telegram_simulator::{Limits, Options};

use crate::harness::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn answers_go_to_the_users_private_topic_until_it_is_deleted() {
    let options = Options { private_topics: true, limits: Limits::off(), ..Options::default() };
    let desk = Desk::start_with(options, &[]).await;
    let ada = desk.user(1001, "Ada");
    ada.starts();
    desk.settle().await;
    let order = ada.opens_topic("My order").unwrap();
    ada.writes_in(order, "where is it?");
    desk.settle().await;
    let topic = desk.topic();
    assert_eq!(
        desk.relayed_texts(topic),
        ["where is it?"],
        "no notice says that a topic was opened"
    );
    desk.operator.writes_in(topic, "on its way");
    desk.settle().await;
    let answer = ada.sees().pop().unwrap();
    assert_eq!((answer.text.as_deref(), answer.topic), (Some("on its way"), Some(order)));

    ada.deletes_topic(order);
    for text in ["it has arrived", "has it?"] {
        desk.operator.writes_in(topic, text);
        desk.settle().await;
        let answer = ada.sees().pop().unwrap();
        assert_eq!((answer.text.as_deref(), answer.topic), (Some(text), None));
    }
    ada.writes("thank you");
    desk.settle().await;
    assert_eq!(desk.group.topics().len(), 1, "the group's topic is unchanged");
    assert_eq!(desk.relayed_texts(topic).last().map(String::as_str), Some("thank you"));
    let refused = desk.telegram.calls();
    assert_eq!(refused.count("copyMessage"), 6, "only the refused message is sent again");
}
