//! Several operators' groups at one Telegram: each numbers its messages from 1.

use domain::{ChatId, Event, GroupChats, GroupKey, StaffAct, StaffEvent};
use ports::Decoder as _;
use telegram_simulator::{Group, Operator, Record};

use crate::harness::{Desk, decoder, program::texts, relayed_in, spec, topic_in};

/// Lets an operator write in General until the next message of the group gets this number.
fn number_up_to(group: &Group, operator: &Operator, number: i64) {
    while group.everything().last().map_or(1, |last| last.id) + 1 < number {
        operator.writes_in_general("-");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_message_numbers_of_two_groups_are_told_apart() {
    let desk = Desk::start_with_groups(2).await;
    let [first, second] = &*desk.groups else { panic!("two groups are expected") };
    let ada = desk.user(1001, "Ada");
    ada.writes("hello");
    let arrived = || first.topics().iter().any(|topic| !relayed_in(first, topic.id).is_empty());
    desk.until("the message arrives", arrived).await;
    desk.settle().await;
    let topic = topic_in(first);
    assert_eq!(texts(relayed_in(first, topic)), ["hello"]);
    assert!(second.topics().is_empty());

    let others = second.operator(spec(4_000_000_003, "Oleg", "en"));
    number_up_to(second, &others, topic);
    assert_eq!(others.opens_topic("Another"), topic_in(second));
    assert_eq!(topic_in(second), topic);
    let records = desk.telegram.records();
    let number = desk.operator.writes_in(topic, "from the first");
    number_up_to(second, &others, number);
    assert_eq!(others.writes_in(topic, "from the second"), number);
    let arrived = || ada.reads().iter().any(|text| text == "from the first");
    desk.until("the answer arrives", arrived).await;
    desk.settle().await;
    assert_eq!(ada.reads().iter().filter(|text| text.starts_with("from the")).count(), 1);

    let mut chats = GroupChats::of_one(ChatId(first.id()));
    let key = GroupKey::new(1).unwrap();
    chats.set(key, ChatId(second.id()));
    let read = |record| {
        let Record::Queued { content, .. } = record else { return None };
        let Event::Staff(event) = decoder().decode(&content, &chats).unwrap().event else {
            return None;
        };
        content.contains("from the").then_some(event)
    };
    let events: Vec<StaffEvent> = records.try_iter().filter_map(read).collect();
    assert_eq!(events.iter().map(|event| event.group).collect::<Vec<_>>(), [GroupKey::FIRST, key]);
    let places = events.iter().map(|event| {
        let StaffAct::Wrote(content) = &event.act else { panic!("{event:?}") };
        (event.topic.unwrap(), content.message)
    });
    let places: Vec<_> = places.collect();
    for (at, (of, message)) in places.iter().enumerate() {
        assert_eq!((of.number(), message.number()), (topic, number));
        assert_eq!((of.group(), message.group()), (events[at].group, events[at].group));
    }
    assert_ne!(places[0], places[1]);
}
