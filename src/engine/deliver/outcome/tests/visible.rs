//! Sends that are given up: kept as dead letters, counted, and announced where people see it. Sends that nobody
//! misses are skipped.

use domain::{
    ButtonAction, Channel, ChatId, ContentKind, Effect, FailureReason, Learnt, MessageId,
    NewsletterCall, NewsletterContent, NewsletterId, NewsletterSend, Panel, RecipientOutcome, Side,
    Tell, Text,
};
use ports::SendError;

use super::{
    COPY, GROUP, NOW, Situation, TOPIC, WRITTEN, copy, edit, forward, known, link, notice,
    passed_over, piece, say,
};
use crate::engine::deliver::{
    outcome::{Outcome, OutcomeEvent},
    plan::Then,
};
use crate::engine::lanes::Hints;

/// The outcome of giving up the whole batch, with the notice below the original message.
fn given_up(
    given: &Situation,
    why: &str,
    reason: FailureReason,
    reply_to: Option<MessageId>,
) -> Outcome {
    Outcome {
        dead: given.letters(why),
        effects: vec![notice(1, reason, reply_to)],
        counts: vec![OutcomeEvent::Failed(reason)],
        ..Outcome::default()
    }
}

#[test]
fn each_refusal_of_an_operators_message_is_told_in_its_words() {
    for (error, reason) in [
        (SendError::NotCopyable, FailureReason::NotCopyable),
        (SendError::MessageGone, FailureReason::Vanished),
        (SendError::TooLate, FailureReason::CopyGone),
        (SendError::Privacy, FailureReason::Privacy),
        (SendError::Refused("no".to_owned()), FailureReason::Refused),
    ] {
        let given = Situation::from_operator();
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        let expected = given_up(&given, &error.to_string(), reason, Some(WRITTEN));
        assert_eq!(judged, expected, "{error:?}");
    }
    // An attempt that was already made is not repeated.
    for (error, tried) in [
        (SendError::ReplyGone, Hints { without_reply: true, ..Hints::default() }),
        (SendError::QuoteInvalid, Hints { without_quote: true, ..Hints::default() }),
        (SendError::FileGone, Hints { upload: true, ..Hints::default() }),
    ] {
        let given = Situation::from_operator().hinted(tried);
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        let reason = FailureReason::Refused;
        assert_eq!(
            judged,
            given_up(&given, &error.to_string(), reason, Some(WRITTEN)),
            "{error:?}"
        );
    }
}

#[test]
fn what_telegram_refuses_to_forward_as_well_is_told_without_a_button() {
    let given = Situation::from_user().hinted(Hints { forward: true, ..Hints::default() });
    let error = SendError::Refused("no".to_owned());
    let judged = given.failed(&forward(Side::Staff), Then::Relayed, &error);
    let expected = given_up(&given, "telegram refused: no", FailureReason::Refused, None);
    assert_eq!(judged, expected);
    let [Effect::Tell(tell)] = judged.effects.as_slice() else { panic!("one notice: {judged:?}") };
    assert_eq!(tell.buttons, vec![], "every way was tried");
}

#[test]
fn a_users_message_that_is_given_up_is_told_without_a_reply() {
    let given = Situation::from_user();
    let error = SendError::MessageGone;
    let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
    assert_eq!(judged, given_up(&given, "the message is not there", FailureReason::Vanished, None));
}

#[test]
fn what_can_be_neither_copied_nor_forwarded_from_a_user_is_told_instead() {
    let given = Situation::from_user().hinted(Hints { forward: true, ..Hints::default() });
    let judged = given.failed(&forward(Side::Staff), Then::Relayed, &SendError::NotCopyable);
    let told = Tell::topic(Text::NotCopied { kind: ContentKind::Text }, None);
    let counts = vec![OutcomeEvent::Delivered];
    assert_eq!(judged, Outcome { effects: vec![told], counts, ..Outcome::default() });
}

#[test]
fn a_user_who_cannot_be_reached_is_told_of_once() {
    for (error, reason) in
        [(SendError::Blocked, FailureReason::Blocked), (SendError::Gone, FailureReason::Gone)]
    {
        let mut given = Situation::from_operator();
        let told = notice(1, reason, Some(WRITTEN));
        let expected = |given: &Situation, effects| Outcome {
            learnt: Some(Learnt::Unreachable),
            dead: given.letters(&error.to_string()),
            effects,
            counts: vec![OutcomeEvent::Failed(reason)],
            ..Outcome::default()
        };
        let first = vec![Tell::topic(Text::UserLeft, None), Effect::Refresh, told.clone()];
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(judged, expected(&given, first), "{error:?}");

        let mut known_as_gone = known();
        known_as_gone.reachable = false;
        given.conversation = Some(known_as_gone);
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(judged, expected(&given, vec![told.clone()]), "{error:?}, known already");

        let mut topicless = known();
        topicless.topic.current = domain::Topic::None;
        given.conversation = Some(topicless);
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(judged, expected(&given, vec![told]), "{error:?}, without a topic");

        // In the group, the same error says nothing about the user.
        let given = Situation::from_user();
        let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(judged, given_up(&given, &error.to_string(), reason, None), "{error:?}");
    }
}

#[test]
fn a_topic_that_cannot_be_used_is_told_of_in_general() {
    let given = Situation::from_operator();
    let reason = FailureReason::Topic;
    for hints in
        [Hints { reopened: true, ..Hints::default() }, Hints { reopen: true, ..Hints::default() }]
    {
        let closed = Situation::from_user().hinted(hints);
        let judged = closed.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicClosed);
        assert_eq!(judged, given_up(&closed, "the topic stays closed", reason, None));
    }
    let healed = given.hinted(Hints { healed: true, ..Hints::default() });
    let judged = healed.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicGone);
    let why = "the topic is gone, and so is the one opened for it";
    let learnt = Some(Learnt::TopicLost(TOPIC));
    assert_eq!(judged, Outcome { learnt, ..given_up(&healed, why, reason, None) });
}

#[test]
fn an_edit_that_cannot_follow_is_given_up_visibly() {
    let why = "too late to change this message";
    let hints = Hints { resend: true, ..Hints::default() };
    let reason = FailureReason::CopyGone;
    for then in [Then::Edited { link: link(Side::Staff) }, Then::Resent { link: link(Side::Staff) }]
    {
        let given = Situation::one(Channel::User, edit(Side::Staff)).hinted(hints);
        let name = format!("{then:?}");
        let judged = given.failed(&copy(Side::User), then, &SendError::TooLate);
        assert_eq!(judged, given_up(&given, why, reason, Some(WRITTEN)), "{name}");
    }
}

#[test]
fn a_panic_gives_each_send_of_its_batch_up() {
    let mut given = Situation::from_user();
    given.effects.push(piece(Side::User, MessageId(12)));
    let expected = Outcome {
        dead: given.letters("repeated panics"),
        effects: vec![
            notice(1, FailureReason::Defect, None),
            notice(2, FailureReason::Defect, None),
        ],
        counts: vec![OutcomeEvent::Failed(FailureReason::Defect); 2],
        ..Outcome::default()
    };
    assert_eq!(given.panicked(), expected);
}

#[test]
fn a_notice_that_is_refused_is_kept_and_told_by_no_other() {
    let given = Situation::one(Channel::Topic, Tell::topic(Text::UserLeft, None));
    let error = SendError::Refused("no".to_owned());
    let then = Then::Told { pin: false };
    let judged = given.failed(&say(GROUP, Some(TOPIC)), then, &error);
    let dead = given.letters("telegram refused: no");
    assert_eq!(judged, Outcome { dead, ..Outcome::default() });
}

#[test]
fn what_only_looks_is_passed_over_and_what_was_asked_for_is_answered() {
    let refused = || SendError::Refused("no".to_owned());
    let told = |text, reply_to| Outcome {
        effects: vec![Tell::topic(text, reply_to)],
        ..Outcome::default()
    };
    let unsendable =
        Outcome { effects: vec![Tell::user(Text::NewsletterUnsendable)], ..Outcome::default() };
    let resent = Hints { resend: true, ..Hints::default() };
    let rows: Vec<(&str, Situation, Then, Outcome)> = vec![
        ("a pin", Situation::one(Channel::Cosmetic, Effect::Refresh), Then::Done, passed_over()),
        (
            "a panel",
            Situation::one(Channel::User, Effect::Panel(Panel::Draft)),
            Then::PanelSent(Panel::Draft),
            passed_over(),
        ),
        (
            "a panel that was resent",
            Situation::one(Channel::User, Effect::Panel(Panel::Draft)).hinted(resent),
            Then::PanelEdited,
            passed_over(),
        ),
        (
            "a deletion",
            Situation::one(
                Channel::User,
                Effect::Erase { message: WRITTEN, command: COPY, former: None },
            ),
            Then::Erased { told: Some(COPY) },
            told(Text::NotDeleted, Some(COPY)),
        ),
        (
            "a preview",
            Situation::one(Channel::User, Effect::Preview(NewsletterContent::default())),
            Then::Previewed,
            unsendable,
        ),
    ];
    for (name, given, then, expected) in rows {
        assert_eq!(given.failed(&copy(Side::User), then, &refused()), expected, "{name}");
    }
}

/// The author of a newsletter sees how many recipients did not get it. None of them is a dead letter.
#[test]
fn a_newsletter_that_does_not_arrive_is_counted_and_no_dead_letter() {
    let newsletter = NewsletterId(3);
    let mail = |act| Effect::Newsletter(NewsletterSend { newsletter, act });
    let learnt = |outcome, copies| Outcome {
        learnt: Some(Learnt::Mailed { newsletter, outcome, copies, at: NOW }),
        ..Outcome::default()
    };
    let send = || Situation::one(Channel::Newsletter, mail(NewsletterCall::Recall(vec![COPY])));
    for (meant, error, expected) in [
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
        let then = Then::Mailed { newsletter, outcome: meant };
        let judged = send().failed(&say(ChatId(5), None), then, &error);
        assert_eq!(judged, expected, "{meant:?}, {error:?}");
    }
    let panicked = send().panicked();
    assert_eq!(panicked, learnt(RecipientOutcome::Kept, None));
}

#[test]
fn the_button_under_a_notice_names_its_dead_letter() {
    let Effect::Tell(tell) = notice(1, FailureReason::Privacy, None) else { panic!("a notice") };
    let letter = &Situation::from_user().letters("no")[0];
    assert_eq!(tell.buttons[0].action, ButtonAction::Retry(letter.id()));
}
