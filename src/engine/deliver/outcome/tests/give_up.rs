//! Sends that are given up: kept as dead letters, counted, and announced where people see it. Sends that nobody
//! misses are skipped.

use domain::{
    ButtonAction, Channel, ChatId, ContentKind, Effect, FailureReason, Learnt, MessageId,
    NewsletterCall, NewsletterContent, NewsletterId, NewsletterSend, Panel, RecipientOutcome, Side,
    Tell, Text,
};
use ports::SendError;

use super::{
    COPY, GROUP, NOW, Situation, TOPIC, WRITTEN, copy, edit, forward, known, link, notice, piece,
    say, skipped,
};
use crate::engine::deliver::{
    outcome::{Outcome, OutcomeEvent},
    plan::Then,
};
use crate::engine::lanes::Hints;

/// The outcome of giving up the whole batch, with the notice below the original message.
fn give_up_outcome(
    situation: &Situation,
    why: &str,
    reason: FailureReason,
    reply_to: Option<MessageId>,
) -> Outcome {
    Outcome {
        dead: situation.dead_letters(why),
        effects: vec![notice(1, reason, reply_to)],
        counts: vec![OutcomeEvent::Failed(reason)],
        ..Outcome::default()
    }
}

#[test]
fn each_refusal_of_an_operators_message_gets_its_own_notice() {
    for (error, reason) in [
        (SendError::NotCopyable, FailureReason::NotCopyable),
        (SendError::MessageGone, FailureReason::Vanished),
        (SendError::TooLate, FailureReason::CopyGone),
        (SendError::Privacy, FailureReason::Privacy),
        (SendError::Refused("no".to_owned()), FailureReason::Refused),
    ] {
        let situation = Situation::from_operator();
        let outcome = situation.failed(&copy(Side::User), Then::Relayed, &error);
        let expected = give_up_outcome(&situation, &error.to_string(), reason, Some(WRITTEN));
        assert_eq!(outcome, expected, "{error:?}");
    }
    // An attempt that was already made is not repeated.
    for (error, tried) in [
        (SendError::ReplyGone, Hints { without_reply: true, ..Hints::default() }),
        (SendError::QuoteInvalid, Hints { without_quote: true, ..Hints::default() }),
        (SendError::FileGone, Hints { upload: true, ..Hints::default() }),
    ] {
        let situation = Situation::from_operator().hinted(tried);
        let outcome = situation.failed(&copy(Side::User), Then::Relayed, &error);
        let reason = FailureReason::Refused;
        assert_eq!(
            outcome,
            give_up_outcome(&situation, &error.to_string(), reason, Some(WRITTEN)),
            "{error:?}"
        );
    }
}

#[test]
fn a_message_refused_even_as_a_forward_gets_a_notice_without_a_button() {
    let situation = Situation::from_user().hinted(Hints { forward: true, ..Hints::default() });
    let error = SendError::Refused("no".to_owned());
    let outcome = situation.failed(&forward(Side::Staff), Then::Relayed, &error);
    let expected =
        give_up_outcome(&situation, "telegram refused: no", FailureReason::Refused, None);
    assert_eq!(outcome, expected);
    let [Effect::Tell(tell)] = outcome.effects.as_slice() else {
        panic!("one notice: {outcome:?}")
    };
    assert_eq!(tell.buttons, vec![], "every way was tried");
}

#[test]
fn the_notice_about_a_users_message_is_not_a_reply() {
    let situation = Situation::from_user();
    let error = SendError::MessageGone;
    let outcome = situation.failed(&copy(Side::Staff), Then::Relayed, &error);
    assert_eq!(
        outcome,
        give_up_outcome(&situation, "the message is not there", FailureReason::Vanished, None)
    );
}

#[test]
fn a_users_message_that_cannot_be_copied_or_forwarded_becomes_a_notice() {
    let situation = Situation::from_user().hinted(Hints { forward: true, ..Hints::default() });
    let outcome = situation.failed(&forward(Side::Staff), Then::Relayed, &SendError::NotCopyable);
    let notified = Tell::topic(Text::NotCopied { kind: ContentKind::Text }, None);
    let counts = vec![OutcomeEvent::Delivered];
    assert_eq!(outcome, Outcome { effects: vec![notified], counts, ..Outcome::default() });
}

#[test]
fn an_unreachable_user_is_reported_once() {
    for (error, reason) in
        [(SendError::Blocked, FailureReason::Blocked), (SendError::Gone, FailureReason::Gone)]
    {
        let mut situation = Situation::from_operator();
        let notified = notice(1, reason, Some(WRITTEN));
        let expected = |situation: &Situation, effects| Outcome {
            learnt: Some(Learnt::Unreachable),
            dead: situation.dead_letters(&error.to_string()),
            effects,
            counts: vec![OutcomeEvent::Failed(reason)],
            ..Outcome::default()
        };
        let first = vec![Tell::topic(Text::UserLeft, None), Effect::Refresh, notified.clone()];
        let outcome = situation.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(outcome, expected(&situation, first), "{error:?}");

        let mut known_as_gone = known();
        known_as_gone.reachable = false;
        situation.conversation = Some(known_as_gone);
        let outcome = situation.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(
            outcome,
            expected(&situation, vec![notified.clone()]),
            "{error:?}, known already"
        );

        let mut topicless = known();
        topicless.topic.current = domain::Topic::None;
        situation.conversation = Some(topicless);
        let outcome = situation.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(outcome, expected(&situation, vec![notified]), "{error:?}, without a topic");

        // In the group, the same error says nothing about the user.
        let situation = Situation::from_user();
        let outcome = situation.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(
            outcome,
            give_up_outcome(&situation, &error.to_string(), reason, None),
            "{error:?}"
        );
    }
}

#[test]
fn an_unusable_topic_is_reported_in_general() {
    let situation = Situation::from_operator();
    let reason = FailureReason::Topic;
    for hints in
        [Hints { reopened: true, ..Hints::default() }, Hints { reopen: true, ..Hints::default() }]
    {
        let closed = Situation::from_user().hinted(hints);
        let outcome = closed.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicClosed);
        assert_eq!(outcome, give_up_outcome(&closed, "the topic stays closed", reason, None));
    }
    let healed = situation.hinted(Hints { healed: true, ..Hints::default() });
    let outcome = healed.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicGone);
    let why = "the topic is gone, and so is the one opened for it";
    let learnt = Some(Learnt::TopicLost(TOPIC));
    assert_eq!(outcome, Outcome { learnt, ..give_up_outcome(&healed, why, reason, None) });
}

#[test]
fn an_edit_that_cannot_be_applied_gets_a_notice() {
    let why = "too late to change this message";
    let hints = Hints { resend: true, ..Hints::default() };
    let reason = FailureReason::CopyGone;
    for then in [Then::Edited { link: link(Side::Staff) }, Then::Resent { link: link(Side::Staff) }]
    {
        let situation = Situation::one(Channel::User, edit(Side::Staff)).hinted(hints);
        let name = format!("{then:?}");
        let outcome = situation.failed(&copy(Side::User), then, &SendError::TooLate);
        assert_eq!(outcome, give_up_outcome(&situation, why, reason, Some(WRITTEN)), "{name}");
    }
}

#[test]
fn repeated_panics_give_up_each_send_of_the_batch() {
    let mut situation = Situation::from_user();
    situation.effects.push(piece(Side::User, MessageId(12)));
    let expected = Outcome {
        dead: situation.dead_letters("repeated panics"),
        effects: vec![
            notice(1, FailureReason::Defect, None),
            notice(2, FailureReason::Defect, None),
        ],
        counts: vec![OutcomeEvent::Failed(FailureReason::Defect); 2],
        ..Outcome::default()
    };
    assert_eq!(situation.panicked(), expected);
}

#[test]
fn a_refused_notice_becomes_a_dead_letter_without_another_notice() {
    let situation = Situation::one(Channel::Topic, Tell::topic(Text::UserLeft, None));
    let error = SendError::Refused("no".to_owned());
    let then = Then::TextSent { pin: false };
    let outcome = situation.failed(&say(GROUP, Some(TOPIC)), then, &error);
    let dead = situation.dead_letters("telegram refused: no");
    assert_eq!(outcome, Outcome { dead, ..Outcome::default() });
}

#[test]
fn refused_cosmetic_calls_are_skipped_and_refused_commands_are_answered() {
    let refused = || SendError::Refused("no".to_owned());
    let notified = |text, reply_to| Outcome {
        effects: vec![Tell::topic(text, reply_to)],
        ..Outcome::default()
    };
    let unsendable =
        Outcome { effects: vec![Tell::user(Text::NewsletterUnsendable)], ..Outcome::default() };
    let resent = Hints { resend: true, ..Hints::default() };
    let rows: Vec<(&str, Situation, Then, Outcome)> = vec![
        ("a pin", Situation::one(Channel::Cosmetic, Effect::Refresh), Then::Done, skipped()),
        (
            "a panel",
            Situation::one(Channel::User, Effect::Panel(Panel::Draft)),
            Then::PanelSent(Panel::Draft),
            skipped(),
        ),
        (
            "a panel that was resent",
            Situation::one(Channel::User, Effect::Panel(Panel::Draft)).hinted(resent),
            Then::PanelEdited,
            skipped(),
        ),
        (
            "a deletion",
            Situation::one(
                Channel::User,
                Effect::Erase { message: WRITTEN, command: COPY, former: None },
            ),
            Then::Erased { confirm: Some(COPY) },
            notified(Text::NotDeleted, Some(COPY)),
        ),
        (
            "a preview",
            Situation::one(Channel::User, Effect::Preview(NewsletterContent::default())),
            Then::Previewed,
            unsendable,
        ),
    ];
    for (name, situation, then, expected) in rows {
        assert_eq!(situation.failed(&copy(Side::User), then, &refused()), expected, "{name}");
    }
}

/// The author of a newsletter sees how many recipients did not get it. None of them is a dead letter.
#[test]
fn an_undelivered_newsletter_is_counted_and_makes_no_dead_letter() {
    let newsletter = NewsletterId(3);
    let effect = |act| Effect::Newsletter(NewsletterSend { newsletter, act });
    let learnt = |outcome, copies| Outcome {
        learnt: Some(Learnt::Mailed { newsletter, outcome, copies, at: NOW }),
        ..Outcome::default()
    };
    let send = || Situation::one(Channel::Newsletter, effect(NewsletterCall::Recall(vec![COPY])));
    for (intended, error, expected) in [
        (RecipientOutcome::Sent, SendError::Blocked, learnt(RecipientOutcome::Blocked, None)),
        (RecipientOutcome::Sent, SendError::Gone, learnt(RecipientOutcome::Blocked, None)),
        (RecipientOutcome::Sent, SendError::MessageGone, learnt(RecipientOutcome::Vanished, None)),
        (
            RecipientOutcome::Sent,
            SendError::Refused("no".to_owned()),
            learnt(RecipientOutcome::Failed, None),
        ),
        (RecipientOutcome::Sent, SendError::Privacy, learnt(RecipientOutcome::Failed, None)),
        (RecipientOutcome::Recalled, SendError::TooLate, learnt(RecipientOutcome::Kept, None)),
        (RecipientOutcome::Recalled, SendError::Blocked, learnt(RecipientOutcome::Kept, None)),
        // The message is already gone, which is the aim.
        (
            RecipientOutcome::Recalled,
            SendError::MessageGone,
            learnt(RecipientOutcome::Recalled, Some(vec![])),
        ),
    ] {
        let then = Then::NewsletterSettled { newsletter, outcome: intended };
        let outcome = send().failed(&say(ChatId(5), None), then, &error);
        assert_eq!(outcome, expected, "{intended:?}, {error:?}");
    }
    let panicked = send().panicked();
    assert_eq!(panicked, learnt(RecipientOutcome::Kept, None));
}

#[test]
fn the_button_under_a_notice_names_its_dead_letter() {
    let Effect::Tell(tell) = notice(1, FailureReason::Privacy, None) else { panic!("a notice") };
    let letter = &Situation::from_user().dead_letters("no")[0];
    assert_eq!(tell.buttons[0].action, ButtonAction::Retry(letter.id()));
}
