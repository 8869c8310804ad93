//! The main purpose: a message reaches the operators, and the answer comes back.

use crate::harness::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_opens_a_topic_and_the_answer_comes_back() {
    let desk = Desk::start().await;
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    desk.settle().await;

    let topic = desk.topic();
    let texts: Vec<_> =
        desk.relayed(topic).into_iter().filter_map(|message| message.text).collect();
    assert_eq!(texts, ["hello"]);

    desk.operator.writes_in(topic, "hi Ada");
    desk.settle().await;
    assert_eq!(ada.reads(), ["hi Ada"]);
}
