//! What is given up: kept as a dead letter, counted, and told where people see it. What nobody misses is passed over.

use domain::{
    ButtonAction, Channel, ChatId, ContentKind, Effect, FailureReason, Learnt, Letter, Mail,
    MailAct, MessageId, NewsletterId, Outcome, Panel, Side, Tell, Text,
};
use ports::SendError;

use super::{
    COPY, GROUP, Given, NOW, TOPIC, WRITTEN, copy, edit, forward, known, link, notice, passed_over,
    piece, say,
};
use crate::engine::sender::{
    hints::Hints,
    judge::{Count, Judgement},
    step::Then,
};

/// Given up as a whole: what was sent, with the notice under what was written on that side.
fn given_up(
    given: &Given,
    why: &str,
    reason: FailureReason,
    reply_to: Option<MessageId>,
) -> Judgement {
    Judgement {
        dead: given.letters(why),
        effects: vec![notice(1, reason, reply_to)],
        counts: vec![Count::Failed(reason)],
        ..Judgement::default()
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
        let given = Given::from_operator();
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        let expected = given_up(&given, &error.to_string(), reason, Some(WRITTEN));
        assert_eq!(judged, expected, "{error:?}");
    }
    // What was tried already does not help again.
    for (error, tried) in [
        (SendError::ReplyGone, Hints { without_reply: true, ..Hints::default() }),
        (SendError::QuoteInvalid, Hints { without_quote: true, ..Hints::default() }),
        (SendError::FileGone, Hints { upload: true, ..Hints::default() }),
    ] {
        let given = Given::from_operator().hinted(tried);
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
    let given = Given::from_user().hinted(Hints { forward: true, ..Hints::default() });
    let error = SendError::Refused("no".to_owned());
    let judged = given.failed(&forward(Side::Staff), Then::Relayed, &error);
    let expected = given_up(&given, "telegram refused: no", FailureReason::Refused, None);
    assert_eq!(judged, expected);
    let [Effect::Tell(tell)] = judged.effects.as_slice() else { panic!("one notice: {judged:?}") };
    assert_eq!(tell.buttons, vec![], "everything was tried");
}

#[test]
fn a_users_message_that_is_given_up_is_told_without_a_reply() {
    let given = Given::from_user();
    let error = SendError::MessageGone;
    let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
    assert_eq!(judged, given_up(&given, "the message is not there", FailureReason::Vanished, None));
}

#[test]
fn what_can_be_neither_copied_nor_forwarded_from_a_user_is_told_instead() {
    let given = Given::from_user().hinted(Hints { forward: true, ..Hints::default() });
    let judged = given.failed(&forward(Side::Staff), Then::Relayed, &SendError::NotCopyable);
    let told = Tell::topic(Text::NotCopied { kind: ContentKind::Text }, None);
    let counts = vec![Count::Delivered];
    assert_eq!(judged, Judgement { effects: vec![told], counts, ..Judgement::default() });
}

#[test]
fn a_user_who_cannot_be_reached_is_told_of_once() {
    for (error, reason) in
        [(SendError::Blocked, FailureReason::Blocked), (SendError::Gone, FailureReason::Gone)]
    {
        let mut given = Given::from_operator();
        let told = notice(1, reason, Some(WRITTEN));
        let expected = |given: &Given, effects| Judgement {
            learnt: Some(Learnt::Unreachable),
            dead: given.letters(&error.to_string()),
            effects,
            counts: vec![Count::Failed(reason)],
            ..Judgement::default()
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
        topicless.topic = domain::Topic::None;
        given.conversation = Some(topicless);
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(judged, expected(&given, vec![told]), "{error:?}, without a topic");

        // In the group, the same words say nothing of the user.
        let given = Given::from_user();
        let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(judged, given_up(&given, &error.to_string(), reason, None), "{error:?}");
    }
}

#[test]
fn a_topic_that_cannot_be_used_is_told_of_in_general() {
    let given = Given::from_operator();
    let reason = FailureReason::Topic;
    for hints in
        [Hints { reopened: true, ..Hints::default() }, Hints { reopen: true, ..Hints::default() }]
    {
        let closed = Given::from_user().hinted(hints);
        let judged = closed.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicClosed);
        assert_eq!(judged, given_up(&closed, "the topic stays closed", reason, None));
    }
    let healed = given.hinted(Hints { healed: true, ..Hints::default() });
    let judged = healed.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicGone);
    let why = "the topic is gone, and so is the one opened for it";
    let learnt = Some(Learnt::TopicLost(TOPIC));
    assert_eq!(judged, Judgement { learnt, ..given_up(&healed, why, reason, None) });
}

#[test]
fn an_edit_that_cannot_follow_is_given_up_visibly() {
    let why = "too late to change this message";
    let hints = Hints { resend: true, ..Hints::default() };
    let reason = FailureReason::CopyGone;
    for then in [Then::Edited { link: link(Side::Staff) }, Then::Resent { link: link(Side::Staff) }]
    {
        let given = Given::one(Channel::User, edit(Side::Staff)).hinted(hints);
        let name = format!("{then:?}");
        let judged = given.failed(&copy(Side::User), then, &SendError::TooLate);
        assert_eq!(judged, given_up(&given, why, reason, Some(WRITTEN)), "{name}");
    }
}

#[test]
fn a_panic_gives_each_send_of_its_batch_up() {
    let mut given = Given::from_user();
    given.effects.push(piece(Side::User, MessageId(12)));
    let expected = Judgement {
        dead: given.letters("a panic, several times"),
        effects: vec![
            notice(1, FailureReason::Defect, None),
            notice(2, FailureReason::Defect, None),
        ],
        counts: vec![Count::Failed(FailureReason::Defect); 2],
        ..Judgement::default()
    };
    assert_eq!(given.panicked(), expected);
}

#[test]
fn a_notice_that_is_refused_is_kept_and_told_by_no_other() {
    let given = Given::one(Channel::Topic, Tell::topic(Text::UserLeft, None));
    let error = SendError::Refused("no".to_owned());
    let then = Then::Told { pin: false };
    let judged = given.failed(&say(GROUP, Some(TOPIC)), then, &error);
    let dead = given.letters("telegram refused: no");
    assert_eq!(judged, Judgement { dead, ..Judgement::default() });
}

#[test]
fn what_only_looks_is_passed_over_and_what_was_asked_for_is_answered() {
    let refused = || SendError::Refused("no".to_owned());
    let told = |text, reply_to| Judgement {
        effects: vec![Tell::topic(text, reply_to)],
        ..Judgement::default()
    };
    let unsendable =
        Judgement { effects: vec![Tell::user(Text::NewsletterUnsendable)], ..Judgement::default() };
    let resent = Hints { resend: true, ..Hints::default() };
    let rows: Vec<(&str, Given, Then, Judgement)> = vec![
        ("a pin", Given::one(Channel::Cosmetic, Effect::Refresh), Then::Done, passed_over()),
        (
            "a panel",
            Given::one(Channel::User, Effect::Panel(Panel::Draft)),
            Then::PanelSent(Panel::Draft),
            passed_over(),
        ),
        (
            "a panel that was sent anew",
            Given::one(Channel::User, Effect::Panel(Panel::Draft)).hinted(resent),
            Then::PanelEdited,
            passed_over(),
        ),
        (
            "a deletion",
            Given::one(
                Channel::User,
                Effect::Erase { message: WRITTEN, command: COPY, former: None },
            ),
            Then::Erased { told: Some(COPY) },
            told(Text::NotDeleted, Some(COPY)),
        ),
        (
            "a preview",
            Given::one(Channel::User, Effect::Preview(Letter::default())),
            Then::Previewed,
            unsendable,
        ),
    ];
    for (name, given, then, expected) in rows {
        assert_eq!(given.failed(&copy(Side::User), then, &refused()), expected, "{name}");
    }
}

/// Who started a newsletter is told how many did not get it: none of it is a dead letter.
#[test]
fn a_newsletter_that_does_not_arrive_is_counted_and_no_dead_letter() {
    let newsletter = NewsletterId(3);
    let mail = |act| Effect::Mail(Mail { newsletter, act });
    let learnt = |outcome, copies| Judgement {
        learnt: Some(Learnt::Mailed { newsletter, outcome, copies, at: NOW }),
        ..Judgement::default()
    };
    let send = || Given::one(Channel::Newsletter, mail(MailAct::Recall(vec![COPY])));
    for (meant, error, expected) in [
        (Outcome::Sent, SendError::Blocked, learnt(Outcome::Blocked, None)),
        (Outcome::Sent, SendError::Gone, learnt(Outcome::Blocked, None)),
        (Outcome::Sent, SendError::MessageGone, learnt(Outcome::Vanished, None)),
        (Outcome::Sent, SendError::Refused("no".to_owned()), learnt(Outcome::Failed, None)),
        (Outcome::Sent, SendError::Privacy, learnt(Outcome::Failed, None)),
        (Outcome::Recalled, SendError::TooLate, learnt(Outcome::Kept, None)),
        (Outcome::Recalled, SendError::Blocked, learnt(Outcome::Kept, None)),
        // It is gone already, which is what was wanted.
        (Outcome::Recalled, SendError::MessageGone, learnt(Outcome::Recalled, Some(vec![]))),
    ] {
        let then = Then::Mailed { newsletter, outcome: meant };
        let judged = send().failed(&say(ChatId(5), None), then, &error);
        assert_eq!(judged, expected, "{meant:?}, {error:?}");
    }
    let panicked = send().panicked();
    assert_eq!(panicked, learnt(Outcome::Kept, None));
}

#[test]
fn the_button_under_a_notice_names_its_dead_letter() {
    let Effect::Tell(tell) = notice(1, FailureReason::Privacy, None) else { panic!("a notice") };
    let letter = &Given::from_user().letters("no")[0];
    assert_eq!(tell.buttons[0].action, ButtonAction::Retry(letter.id()));
}
