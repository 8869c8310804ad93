//! Steps for newsletters and banned users, and the lookups before planning.

use super::*;

#[test]
fn a_newsletter_is_sent_only_to_recipients_it_was_queued_for() {
    let newsletter = NewsletterId(3);
    let received = |outcome| {
        move |conversation: &mut Conversation| {
            let copies = Vec::new();
            conversation.received = vec![Received { newsletter, outcome, copies, at: Millis(0) }];
        }
    };
    let queued = || known().with(received(RecipientOutcome::Queued));
    let recalling = || known().with(received(RecipientOutcome::Recalling));
    let content = || NewsletterContent { messages: vec![WRITTEN], ..NewsletterContent::default() };
    let mail = |act| Effect::Newsletter(NewsletterSend { newsletter, act });
    let deliver = || mail(NewsletterCall::Deliver { author: UserId(9), letter: content() });
    let recall = |copies: &[i64]| {
        mail(NewsletterCall::Recall(copies.iter().copied().map(MessageId).collect()))
    };
    let learn =
        |outcome| Step::Learn(Learnt::Mailed { newsletter, outcome, copies: None, at: NOW });
    let then = |outcome| Then::NewsletterSettled { newsletter, outcome };
    let (to, from, links) = (private(), ChatId(9), LinkRows::new());
    let delivery = Call::Copy { to, from, message: WRITTEN, reply: None, links };
    let messages = vec![MessageId(4), MessageId(5)];
    check(vec![
        ("no conversation", queued().unknown(), deliver(), Step::Nothing),
        ("it is queued", queued(), deliver(), Step::Call(delivery, then(RecipientOutcome::Sent))),
        ("it was sent", known().with(received(RecipientOutcome::Sent)), deliver(), Step::Nothing),
        ("it was never queued", known(), deliver(), Step::Nothing),
        (
            "the user was banned meanwhile",
            queued().with(|conversation| conversation.moderation.banned = true),
            deliver(),
            learn(RecipientOutcome::Failed),
        ),
        (
            "the user has left meanwhile",
            queued().with(|conversation| conversation.reachable = false),
            deliver(),
            learn(RecipientOutcome::Blocked),
        ),
        ("no recall was requested", queued(), recall(&[4]), Step::Nothing),
        ("there is nothing to recall", recalling(), recall(&[]), learn(RecipientOutcome::Kept)),
        (
            "one message is recalled",
            recalling(),
            recall(&[4]),
            Step::Call(
                Call::Delete { chat: PRIVATE, message: MessageId(4) },
                then(RecipientOutcome::Recalled),
            ),
        ),
        (
            "several messages are recalled",
            recalling(),
            recall(&[4, 5]),
            Step::Call(
                Call::DeleteMany { chat: PRIVATE, messages },
                then(RecipientOutcome::Recalled),
            ),
        ),
    ]);
}

#[test]
fn a_newsletter_is_delivered_as_it_was_written() {
    let (to, from) = (private(), ChatId(9));
    let both = || vec![MessageId(4), MessageId(5)];
    let content = |messages: Vec<MessageId>, forward, paid| NewsletterContent {
        messages,
        forward,
        paid,
        ..NewsletterContent::default()
    };
    let one = || vec![WRITTEN];
    for (newsletter, call) in [
        (
            content(one(), false, false),
            Call::Copy { to, from, message: WRITTEN, reply: None, links: LinkRows::new() },
        ),
        (content(one(), true, false), Call::Forward { to, from, message: WRITTEN }),
        (content(both(), true, false), Call::ForwardMany { to, from, messages: both() }),
        (content(both(), false, false), Call::CopyMany { to, from, messages: both() }),
        (
            content(one(), false, true),
            Call::Broadcast { to, from, message: WRITTEN, links: Vec::new(), paid: true },
        ),
    ] {
        assert_eq!(newsletter::newsletter_call(&newsletter, UserId(9), to), call, "{newsletter:?}");
    }
}

#[test]
fn messages_of_a_banned_user_are_dropped_and_those_of_operators_are_not() {
    let banned =
        known().with(|conversation| conversation.moderation.banned = true).conversation.unwrap();
    let free = known().conversation.unwrap();
    for (effect, expected) in [
        (copied(Side::User), true),
        (edit(Side::User, Fingerprint { text: 3, media: 2 }, false, Transfer::Copy), true),
        (copied(Side::Staff), false),
        (Effect::Refresh, false),
    ] {
        assert_eq!(is_from_the_banned(&banned, &effect), expected, "{effect:?}");
        assert!(!is_from_the_banned(&free, &effect), "{effect:?}");
    }
}

#[test]
fn links_are_loaded_only_for_effects_that_need_them() {
    let of = |effect, hints| link_needed(&[item(1, effect)], hints);
    let words = Fingerprint { text: 3, media: 2 };
    for (effect, hints, expected) in [
        (copied(Side::User), Hints::default(), None),
        (answering(Side::User), Hints::default(), Some((Side::User, MessageId(9)))),
        (answering(Side::User), Hints { without_reply: true, ..Hints::default() }, None),
        (
            edit(Side::Staff, words, false, Transfer::Copy),
            Hints::default(),
            Some((Side::Staff, WRITTEN)),
        ),
        (
            Effect::React { from: Side::User, message: WRITTEN, reaction: None, late: false },
            Hints::default(),
            Some((Side::User, WRITTEN)),
        ),
        (
            Effect::Erase { message: WRITTEN, command: COPY, former: None },
            Hints::default(),
            Some((Side::Staff, WRITTEN)),
        ),
        (Effect::Refresh, Hints::default(), None),
    ] {
        assert_eq!(of(effect.clone(), hints), expected, "{effect:?}");
    }
    assert_eq!(link_needed(&[], Hints::default()), None);
}
