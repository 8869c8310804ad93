//! Outcomes for a former topic of the user.

use domain::{
    Audience, Button, ButtonAction, Channel, DeadId, Edit, Effect, FailureReason, Former, Learnt,
    Link, MessageId, Relay, Seq, Side, Tell, Text, TopicId, UserId,
};
use ports::{Call, Receipt, SendError};

use super::{
    COPY, GROUP, Situation, TOPIC, WRITTEN, copy, edit, known, link, paused, piece, relay, retry,
    say, skipped,
};
use crate::engine::deliver::{
    outcome::{Outcome, OutcomeEvent},
    plan::Then,
};
use crate::engine::lanes::Hints;

const FORMER: Former = Former { topic: TopicId(6), operator: Some(UserId(9)) };

fn call_to_former() -> Call {
    say(GROUP, Some(FORMER.topic))
}

fn text_sent() -> Then {
    Then::TextSent { pin: false }
}

/// An answer to a command that an operator gave in the former topic.
fn answer() -> Situation {
    let text = Text::StaffHelp;
    Situation::one(Channel::Topic, Tell::operators(Some(FORMER), text, Some(WRITTEN)))
}

/// The notice that the conversation goes on elsewhere.
fn pointer() -> Situation {
    let text = Text::GoesOnIn { group: GROUP, topic: TOPIC };
    Situation::one(Channel::Topic, Tell::operators(Some(FORMER), text, None))
}

fn in_present() -> Hints {
    Hints { in_present: true, ..Hints::default() }
}

/// A message or edit that an operator wrote in the former topic.
fn written(effect: Effect) -> Situation {
    let former = Some(FORMER);
    if let Effect::Relay(relay) = effect {
        return Situation::one(Channel::User, Effect::Relay(Relay { former, ..relay }));
    }
    let Effect::Edit(edit) = effect else { panic!("{effect:?}") };
    Situation::one(Channel::User, Effect::Edit(Edit { former, ..edit }))
}

#[test]
fn texts_refused_in_a_former_topic_go_to_the_present_one() {
    let refusals = [
        SendError::TopicGone,
        SendError::TopicClosed,
        SendError::MessageGone,
        SendError::Refused("no".to_owned()),
    ];
    for error in refusals {
        assert_eq!(
            answer().failed(&call_to_former(), text_sent(), &error),
            retry(in_present()),
            "{error:?}"
        );
        assert_eq!(
            pointer().failed(&call_to_former(), text_sent(), &error),
            skipped(),
            "{error:?}"
        );
    }
    // First without the reply: only the replied-to message may be gone.
    let without_reply = Hints { without_reply: true, ..Hints::default() };
    let outcome = answer().failed(&call_to_former(), text_sent(), &SendError::ReplyGone);
    assert_eq!(outcome, retry(without_reply));
    let outcome = answer().hinted(without_reply).failed(
        &call_to_former(),
        text_sent(),
        &SendError::ReplyGone,
    );
    assert_eq!(outcome, retry(Hints { without_reply: true, ..in_present() }));
    // While the group has no topics, nothing is known about this one.
    let outcome =
        answer().switched_off().failed(&call_to_former(), text_sent(), &SendError::TopicGone);
    assert_eq!(outcome, paused());
}

#[test]
fn a_text_for_a_former_topic_that_landed_in_general_is_deleted() {
    let landed = Receipt { messages: vec![MessageId(4)], landed: Some(None), ..Receipt::default() };
    let stray = || Some(Call::Delete { chat: GROUP, message: MessageId(4) });
    for (situation, expected) in [(answer(), retry(in_present())), (pointer(), skipped())] {
        let outcome =
            situation.outcome(|case| case.succeeded(&call_to_former(), text_sent(), &landed));
        assert_eq!(outcome, Outcome { stray: stray(), ..expected });
    }
}

/// A text sent to the present topic instead behaves like any other text there.
#[test]
fn a_text_redirected_to_the_present_topic_may_find_it_lost() {
    let outcome = answer().hinted(in_present()).failed(
        &say(GROUP, Some(TOPIC)),
        text_sent(),
        &SendError::TopicGone,
    );
    let expected = Outcome {
        learnt: Some(Learnt::TopicLost(TOPIC)),
        counts: vec![OutcomeEvent::TopicDeleted],
        ..retry(Hints { healed: true, ..in_present() })
    };
    assert_eq!(outcome, expected);
    let closed = answer().hinted(in_present()).failed(
        &say(GROUP, Some(TOPIC)),
        text_sent(),
        &SendError::TopicClosed,
    );
    assert_eq!(closed, retry(Hints { reopen: true, ..in_present() }));
}

#[test]
fn a_failure_notice_goes_to_the_topic_of_the_original() {
    let reason = FailureReason::Privacy;
    for (effect, then) in [
        (relay(Side::Staff), Then::Relayed),
        (edit(Side::Staff), Then::Resent { link: link(Side::Staff) }),
    ] {
        let situation = written(effect);
        let outcome = situation.failed(&copy(Side::User), then, &SendError::Privacy);
        let action = ButtonAction::Retry(DeadId::of_send(Seq(1)));
        let notice = Effect::Tell(Tell {
            audience: Audience::Former(FORMER),
            text: Text::SendFailed { reason },
            reply_to: Some(WRITTEN),
            buttons: vec![Button { label: Text::RetryButton, action }],
            pin: false,
        });
        assert_eq!(outcome.effects, [notice]);
    }
}

#[test]
fn answers_to_commands_go_to_the_topic_of_the_command() {
    let says = |text, reply_to| vec![Tell::operators(Some(FORMER), text, reply_to)];
    let (message, command, former) = (WRITTEN, COPY, Some(FORMER));
    let erase = Situation::one(Channel::User, Effect::Erase { message, command, former });
    let then = || Then::Erased { confirm: Some(command) };
    let outcome = erase.failed(&copy(Side::User), then(), &SendError::TooLate);
    assert_eq!(outcome.effects, says(Text::NotDeleted, Some(command)));
    let none = Receipt::default();
    let outcome = erase.outcome(|case| case.succeeded(&copy(Side::User), then(), &none));
    assert_eq!(outcome.effects, says(Text::Deleted, Some(command)));

    let mut two = written(relay(Side::Staff));
    two.effects.push(piece(Side::Staff, MessageId(12)));
    let outcome = two.outcome(|case| case.succeeded(&copy(Side::User), Then::Relayed, &none));
    assert_eq!(outcome.links, Vec::<Link>::new());
    assert_eq!(outcome.effects, says(Text::SomeMissing { missing: 2 }, None));
}

#[test]
fn the_former_and_the_new_topic_link_to_each_other() {
    let mut situation = Situation::from_user();
    let mut before = known();
    before.topic.former = vec![TopicId(4), FORMER.topic];
    situation.conversation = Some(before);
    let call = Call::OpenTopic { chat: GROUP, title: "Ada".to_owned(), icon: None };
    let opened = Receipt { opened: Some(TopicId(8)), ..Receipt::default() };
    let then = Then::TopicOpened { title: "Ada".to_owned() };
    let outcome = situation.outcome(|case| case.succeeded(&call, then, &opened));
    let here = Text::ContinuedFrom { group: GROUP, topic: FORMER.topic };
    let there = Text::GoesOnIn { group: GROUP, topic: TopicId(8) };
    let expected = [
        Effect::Refresh,
        Tell::topic(here, None),
        Tell::operators(Some(FORMER.topic.into()), there, None),
    ];
    assert_eq!(outcome.effects, expected);
}
