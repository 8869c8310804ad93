//! A topic that seems to be gone: in the group, or in the user's private chat.

use domain::{Channel, ChatId, Effect, Learnt, Side, Tell, Text};
use ports::{Address, Call, Receipt, SendError};

use super::*;

/// A topic of the private chat is not a topic of the group, even if it has the same id.
#[test]
fn losing_a_private_topic_keeps_the_topic_of_the_group() {
    let private = |topic| {
        let to = Address { chat: ChatId(5), topic };
        Call::Copy { to, from: GROUP, message: WRITTEN, reply: None, links: Vec::new() }
    };
    let without = Hints { without_thread: true, ..Hints::default() };
    for error in [SendError::TopicGone, SendError::TopicClosed] {
        for effect in [relay(Side::Staff), edit(Side::Staff), Tell::user(Text::LanguageChosen)] {
            let situation = Situation::one(Channel::User, effect);
            let outcome = situation.failed(&private(Some(TOPIC)), Then::Relayed, &error);
            let learnt = Some(Learnt::ThreadLost(TOPIC));
            assert_eq!(outcome, Outcome { learnt, ..retry(without) }, "{:?}", situation.effects);
            let outcome = situation.failed(&private(None), Then::Relayed, &error);
            assert_eq!(outcome, retry(without), "the topic was forgotten meanwhile");
        }
        let situation = Situation::from_operator().hinted(without);
        let outcome = situation.failed(&private(None), Then::Relayed, &error);
        assert_eq!((outcome.next_step, outcome.learnt), (NextStep::Done, None), "given up");
        assert_eq!(outcome.dead.len(), 1);
    }
}

/// While topics are switched off in the group, Telegram says "not found" for each. They may come back later.
#[test]
fn sends_wait_while_topics_are_switched_off() {
    for (channel, effect) in [
        (Channel::Topic, relay(Side::User)),
        (Channel::Topic, Tell::topic(Text::UserLeft, None)),
        (Channel::Cosmetic, Effect::Refresh),
        (Channel::Cosmetic, Effect::Pin { message: COPY }),
    ] {
        for healed in [false, true] {
            let hints = Hints { healed, ..Hints::default() };
            let situation = Situation::one(channel, effect.clone()).hinted(hints).switched_off();
            let outcome = situation.failed(&copy(Side::Staff), Then::Done, &SendError::TopicGone);
            assert_eq!(outcome, paused(), "{effect:?}");
        }
    }
}

#[test]
fn a_topic_seems_lost_if_it_is_not_found_or_a_message_lands_elsewhere() {
    let landed = |at| Ok(Receipt { landed: at, ..Receipt::default() });
    let (topic, desk) = (Situation::from_user(), Situation::one(Channel::Desk, Effect::Refresh));
    let (own, other) = (say(GROUP, Some(TOPIC)), say(ChatId(-7), Some(TOPIC)));
    for (situation, call, answer, expected) in [
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
        situation.outcome(|case| {
            seems = case.seems_lost(call, &answer);
            skipped()
        });
        assert_eq!(seems, expected, "{call:?}: {answer:?}");
    }
}
