//! A group in which the bot cannot work, and calls that go to another group than was thought.

use std::time::Duration;

use domain::{Channel, ChatId, Effect, GroupChats, GroupKey, Side, TopicId};
use ports::{Address, Call, Keys, SendError};

use super::{GROUP, NOW, Situation, USER, WRITTEN, copy, known, paused, relay, say, skipped};
use crate::engine::{
    deliver::{
        outcome::{Attempt, NextStep, Outcome},
        plan::{Step, Then},
    },
    lanes::Hints,
};
use domain::{Conversation, OutboxLane};

fn second() -> GroupKey {
    GroupKey::new(1).unwrap()
}

#[test]
fn a_broken_group_pauses_itself_and_a_copy_out_of_it_waits_alone() {
    let broken = SendError::GroupBroken("kicked".to_owned());
    let later = NextStep::Retry(Hints::default(), Some(Duration::from_secs(15)));
    let alone = Outcome { next_step: later, ..Outcome::default() };
    for (name, situation, call, then, expected) in [
        ("to the topic", Situation::from_user(), copy(Side::Staff), Then::Relayed, paused()),
        ("out of it", Situation::from_operator(), copy(Side::User), Then::Relayed, alone),
        (
            "a stuck copy out of it",
            Situation::one(Channel::Stuck, relay(Side::Staff)),
            copy(Side::User),
            Then::Relayed,
            Outcome { next_step: later, ..Outcome::default() },
        ),
        (
            "a pin",
            Situation::one(Channel::Cosmetic, Effect::Pin { message: WRITTEN }),
            copy(Side::Staff),
            Then::Done,
            skipped(),
        ),
    ] {
        assert_eq!(situation.failed(&call, then, &broken), expected, "{name}");
    }
}

/// Where the slot of a call is found to be needed, if it was taken from the first group, or from none.
fn needed(
    groups: &GroupChats,
    conversation: &Conversation,
    channel: Channel,
    call: &Call,
) -> [Option<GroupKey>; 2] {
    [Some(GroupKey::FIRST), None].map(|counted| {
        let attempt = Attempt {
            lane: OutboxLane { user: USER, channel },
            batch: &[],
            hints: Hints::default(),
            conversation: Some(conversation),
            groups,
            now: NOW,
            switched_off: false,
            others_succeed: false,
        };
        let step = attempt.in_its_group(Step::Call(call.clone(), Then::Done), counted);
        if let Step::InGroup(group) = step {
            return Some(group);
        }
        assert_eq!(step, Step::Call(call.clone(), Then::Done));
        None
    })
}

#[test]
fn a_call_waits_for_a_slot_of_the_group_that_it_goes_to() {
    let there = ChatId(-7);
    let one = GroupChats::of_one(GROUP);
    let mut two = one.clone();
    two.set(second(), there);
    let mut moved = known();
    moved.topic.group = second();
    let in_topic = |chat| say(chat, Some(TopicId::in_group(second(), 5)));
    let edit =
        Call::EditSaid { chat: there, message: WRITTEN, html: String::new(), keys: Keys::new() };
    let open = Call::OpenTopic { chat: ChatId(0), title: String::new(), icon: None };
    let private = Call::Say {
        to: Address { chat: USER.chat(), topic: None },
        html: String::new(),
        reply: None,
        keys: Keys::new(),
    };
    let other = Some(second());
    for (name, groups, channel, call, expected) in [
        ("a topic of the group", &two, Channel::Topic, say(GROUP, None), [None, None]),
        ("a topic of another", &two, Channel::Topic, in_topic(there), [other, None]),
        ("an edit in another", &two, Channel::Topic, edit, [other, None]),
        ("a topic of an unknown group", &one, Channel::Topic, in_topic(ChatId(0)), [other, None]),
        ("a topic to open in one", &one, Channel::Topic, open, [other, None]),
        ("a stuck text to the user", &two, Channel::Stuck, private, [None, None]),
        ("General of the only group", &one, Channel::Desk, say(GROUP, None), [None, None]),
        (
            "General of one of two",
            &two,
            Channel::Desk,
            say(GROUP, None),
            [None, Some(GroupKey::FIRST)],
        ),
        ("a text elsewhere", &two, Channel::Desk, say(ChatId(-99), None), [None, None]),
    ] {
        assert_eq!(needed(groups, &moved, channel, &call), expected, "{name}");
    }
}
