//! A topic that seems to be gone: in the group, or in the user's private chat.

use domain::{Channel, ChatId, Effect, Learnt, Side, Tell, Text};
use ports::{Address, Call, Receipt, SendError};

use super::*;

/// A topic of the private chat is not a topic of the group, even if it has the same id.
#[test]
fn a_topic_of_the_private_chat_that_is_gone_is_left_out_and_the_groups_stays() {
    let private = |topic| {
        let to = Address { chat: ChatId(5), topic };
        Call::Copy { to, from: GROUP, message: WRITTEN, reply: None, links: Vec::new() }
    };
    let without = Hints { without_thread: true, ..Hints::default() };
    for error in [SendError::TopicGone, SendError::TopicClosed] {
        for effect in [relay(Side::Staff), edit(Side::Staff), Tell::user(Text::LanguageChosen)] {
            let given = Situation::one(Channel::User, effect);
            let judged = given.failed(&private(Some(TOPIC)), Then::Relayed, &error);
            let learnt = Some(Learnt::ThreadLost(TOPIC));
            assert_eq!(judged, Outcome { learnt, ..again(without) }, "{:?}", given.effects);
            let judged = given.failed(&private(None), Then::Relayed, &error);
            assert_eq!(judged, again(without), "the topic was forgotten meanwhile");
        }
        let given = Situation::from_operator().hinted(without);
        let judged = given.failed(&private(None), Then::Relayed, &error);
        assert_eq!((judged.next_step, judged.learnt), (NextStep::Done, None), "given up");
        assert_eq!(judged.dead.len(), 1);
    }
}

/// While topics are switched off in the group, Telegram says "not found" for each. They may come back later.
#[test]
fn what_finds_no_topic_waits_while_the_group_has_none() {
    for (channel, effect) in [
        (Channel::Topic, relay(Side::User)),
        (Channel::Topic, Tell::topic(Text::UserLeft, None)),
        (Channel::Cosmetic, Effect::Refresh),
        (Channel::Cosmetic, Effect::Pin { message: COPY }),
    ] {
        for healed in [false, true] {
            let hints = Hints { healed, ..Hints::default() };
            let given = Situation::one(channel, effect.clone()).hinted(hints).switched_off();
            let judged = given.failed(&copy(Side::Staff), Then::Done, &SendError::TopicGone);
            assert_eq!(judged, rests(), "{effect:?}");
        }
    }
}

#[test]
fn a_topic_seems_lost_when_it_is_not_found_or_a_message_lands_elsewhere() {
    let landed = |at| Ok(Receipt { landed: at, ..Receipt::default() });
    let (topic, desk) = (Situation::from_user(), Situation::one(Channel::Desk, Effect::Refresh));
    let (own, other) = (say(GROUP, Some(TOPIC)), say(ChatId(-7), Some(TOPIC)));
    for (given, call, answer, expected) in [
        (&topic, &own, Err(SendError::TopicGone), true),
        (&topic, &own, Err(SendError::TopicClosed), false),
        (&topic, &own, landed(Some(None)), true),
        (&topic, &own, landed(Some(Some(TOPIC))), false),
        (&topic, &own, landed(None), false),
        (&desk, &own, Err(SendError::TopicGone), true),
        (&desk, &other, Err(SendError::TopicGone), false),
        (&desk, &own, landed(Some(None)), false),
    ] {
        let mut seems = false;
        given.judged(|case| {
            seems = case.seems_lost(call, &answer);
            passed_over()
        });
        assert_eq!(seems, expected, "{call:?}: {answer:?}");
    }
}
