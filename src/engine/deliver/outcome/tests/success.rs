//! Outcomes of successful calls.

use domain::{
    Channel, ChatId, Effect, Fingerprint, Learnt, Link, MessageId, NewsletterId, Panel,
    RecipientOutcome, Side, Tell, Text, TopicId,
};
use ports::{Call, Receipt};

use super::{
    COPY, GROUP, NOW, Situation, TOPIC, USER, WRITTEN, copy, edit, known, link, paused, piece,
    retry, say, skipped,
};
use crate::engine::deliver::{
    outcome::{NextStep, Outcome, OutcomeEvent},
    plan::Then,
};
use crate::engine::lanes::Hints;

fn receipt(messages: &[i64]) -> Receipt {
    Receipt { messages: messages.iter().copied().map(MessageId).collect(), ..Receipt::default() }
}

fn succeeded(situation: &Situation, call: &Call, then: Then, receipt: &Receipt) -> Outcome {
    situation.outcome(|case| case.succeeded(call, then, receipt))
}

/// A link between a message of the user's chat and one of the group.
fn pair(user_message: i64, staff_message: i64, origin: Side) -> Link {
    let (user_message, staff_message) = (MessageId(user_message), MessageId(staff_message));
    let fingerprint = Fingerprint { text: 1, media: 2 };
    Link { user: USER, user_message, staff_message, origin, fingerprint, at: NOW }
}

#[test]
fn a_delivered_copy_is_linked_to_its_original() {
    let mut both = Situation::from_user();
    both.effects.push(piece(Side::User, MessageId(12)));
    let rows = [
        ("from a user", Situation::from_user(), vec![21], vec![pair(11, 21, Side::User)]),
        ("from an operator", Situation::from_operator(), vec![21], vec![pair(21, 11, Side::Staff)]),
        (
            "a batch, in order",
            both,
            vec![21, 22],
            vec![pair(11, 21, Side::User), pair(12, 22, Side::User)],
        ),
    ];
    let put_off =
        ("deferred by Telegram, without an id yet", Situation::from_user(), vec![0], vec![]);
    for (name, situation, messages, links) in rows.into_iter().chain([put_off]) {
        let counts = vec![OutcomeEvent::Delivered; messages.len()];
        let outcome = succeeded(&situation, &copy(Side::Staff), Then::Relayed, &receipt(&messages));
        assert_eq!(outcome, Outcome { links, counts, ..Outcome::default() }, "{name}");
    }
}

#[test]
fn an_incomplete_batch_gets_no_links() {
    let mut situation = Situation::from_user();
    situation.effects.extend([12, 13].map(|message| piece(Side::User, MessageId(message))));
    let outcome = succeeded(&situation, &copy(Side::Staff), Then::Relayed, &receipt(&[21]));
    let effects = vec![Tell::topic(Text::SomeMissing { missing: 2 }, None)];
    let counts = vec![OutcomeEvent::Delivered];
    assert_eq!(outcome, Outcome { effects, counts, ..Outcome::default() });
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn the_table_of_successes() {
    let refresh = || Situation::one(Channel::Cosmetic, Effect::Refresh);
    let hints = Hints { reopen: true, attempts: 2, ..Hints::default() };
    let mut silent = Situation::one(Channel::Topic, Tell::topic(Text::UserLeft, None));
    let mut conversation = known();
    conversation.moderation.silent_notice = Some(MessageId(9));
    silent.conversation = Some(conversation);
    let mut opened = receipt(&[]);
    opened.opened = Some(TopicId(8));
    let newsletter = NewsletterId(3);
    let learnt = |learnt| Outcome { learnt: Some(learnt), ..Outcome::default() };
    let newsletter_settled = |outcome, copies: Vec<i64>| {
        let copies = Some(copies.into_iter().map(MessageId).collect());
        learnt(Learnt::Mailed { newsletter, outcome, copies, at: NOW })
    };
    let rows: Vec<(&str, Situation, Then, Receipt, Outcome)> = vec![
        (
            "an opened topic gets its card, and the sends go on",
            Situation::from_user(),
            Then::TopicOpened { title: "Ada".to_owned() },
            opened,
            Outcome {
                learnt: Some(Learnt::TopicOpened { topic: TopicId(8), title: "Ada".to_owned() }),
                effects: vec![Effect::Refresh],
                counts: vec![OutcomeEvent::TopicOpened],
                ..retry(Hints::default())
            },
        ),
        (
            "a reopened topic is not reopened again",
            Situation::from_user().hinted(hints),
            Then::TopicReopened,
            receipt(&[]),
            Outcome {
                counts: vec![OutcomeEvent::TopicClosed],
                ..retry(Hints { reopen: false, reopened: true, ..hints })
            },
        ),
        (
            "an edit updates the link",
            Situation::one(Channel::User, edit(Side::Staff)),
            Then::Edited { link: link(Side::Staff) },
            receipt(&[]),
            Outcome { links: vec![link(Side::Staff)], ..Outcome::default() },
        ),
        (
            "a deletion is confirmed",
            refresh(),
            Then::Erased { confirm: Some(COPY) },
            receipt(&[]),
            Outcome { effects: vec![Tell::topic(Text::Deleted, Some(COPY))], ..Outcome::default() },
        ),
        ("a text is sent", refresh(), Then::TextSent { pin: false }, receipt(&[4]), skipped()),
        (
            "a message to be pinned must exist",
            refresh(),
            Then::TextSent { pin: true },
            receipt(&[]),
            skipped(),
        ),
        (
            "a pinned notice replaces the previous one",
            silent,
            Then::TextSent { pin: true },
            receipt(&[4]),
            Outcome {
                effects: vec![
                    Effect::Unpin { message: MessageId(9) },
                    Effect::Pin { message: MessageId(4) },
                ],
                ..learnt(Learnt::SilentNotice(MessageId(4)))
            },
        ),
        (
            "the first pinned notice replaces none",
            refresh(),
            Then::TextSent { pin: true },
            receipt(&[4]),
            Outcome {
                effects: vec![Effect::Pin { message: MessageId(4) }],
                ..learnt(Learnt::SilentNotice(MessageId(4)))
            },
        ),
        (
            "the card comes after the name",
            refresh(),
            Then::Renamed { title: "Ada".to_owned() },
            receipt(&[]),
            Outcome {
                learnt: Some(Learnt::TitleShown("Ada".to_owned())),
                ..retry(Hints::default())
            },
        ),
        (
            "the messages come after the probe of the topic",
            Situation::from_user(),
            Then::Probed,
            receipt(&[]),
            retry(Hints { probed: true, ..Hints::default() }),
        ),
        (
            "a card is pinned",
            refresh(),
            Then::CardSent { hash: 6 },
            receipt(&[4]),
            Outcome {
                effects: vec![Effect::Pin { message: MessageId(4) }],
                ..learnt(Learnt::CardShown { card: MessageId(4), hash: 6 })
            },
        ),
        (
            "a card sent as a probe is pinned, and the sends go on",
            Situation::from_user(),
            Then::CardSent { hash: 6 },
            receipt(&[4]),
            Outcome {
                learnt: Some(Learnt::CardShown { card: MessageId(4), hash: 6 }),
                effects: vec![Effect::Pin { message: MessageId(4) }],
                ..retry(Hints { probed: true, ..Hints::default() })
            },
        ),
        (
            "an edited card shows its new text",
            refresh(),
            Then::CardEdited { card: COPY, hash: 6 },
            receipt(&[]),
            learnt(Learnt::CardShown { card: COPY, hash: 6 }),
        ),
        (
            "a newsletter keeps its copies for a recall",
            refresh(),
            Then::NewsletterSettled { newsletter, outcome: RecipientOutcome::Sent },
            receipt(&[4, 5]),
            newsletter_settled(RecipientOutcome::Sent, vec![4, 5]),
        ),
        (
            "a recalled newsletter has no copies",
            refresh(),
            Then::NewsletterSettled { newsletter, outcome: RecipientOutcome::Recalled },
            receipt(&[4]),
            newsletter_settled(RecipientOutcome::Recalled, vec![]),
        ),
        (
            "a panel is remembered",
            refresh(),
            Then::PanelSent(Panel::Draft),
            receipt(&[4]),
            learnt(Learnt::Panel { panel: Panel::Draft, message: MessageId(4) }),
        ),
        ("a preview teaches nothing", refresh(), Then::Previewed, receipt(&[4]), skipped()),
        ("nor does a panel's edit", refresh(), Then::PanelEdited, receipt(&[4]), skipped()),
        ("nor does any other success", refresh(), Then::Done, receipt(&[4]), skipped()),
    ];
    for (name, situation, then, receipt, expected) in rows {
        let outcome = succeeded(&situation, &copy(Side::Staff), then, &receipt);
        assert_eq!(outcome, expected, "{name}");
        assert_eq!(outcome.settles(), outcome.next_step == NextStep::Done, "{name}");
    }
}

/// An edit that arrived as a separate message: the link names the newest copy.
#[test]
fn a_resent_version_replaces_the_linked_copy() {
    let forward = |to: ChatId| Call::Forward {
        to: ports::Address { chat: to, topic: None },
        from: GROUP,
        message: WRITTEN,
    };
    let outdated = || vec![Tell::topic(Text::EditedAnew, Some(COPY))];
    let rows = [
        (
            "copied to the user",
            Side::Staff,
            copy(Side::User),
            vec![pair(31, 11, Side::Staff)],
            vec![],
        ),
        (
            "copied to the group",
            Side::User,
            copy(Side::Staff),
            vec![pair(11, 31, Side::User)],
            vec![],
        ),
        // A forward cannot be a reply. A separate notice, to operators only, names the outdated copy.
        (
            "forwarded to the group",
            Side::User,
            forward(GROUP),
            vec![pair(11, 31, Side::User)],
            outdated(),
        ),
        (
            "forwarded to the user",
            Side::Staff,
            forward(ChatId(5)),
            vec![pair(31, 11, Side::Staff)],
            vec![],
        ),
    ];
    for (name, origin, call, links, effects) in rows {
        let situation = Situation::one(Channel::Topic, edit(origin));
        let outcome =
            succeeded(&situation, &call, Then::Resent { link: link(origin) }, &receipt(&[31]));
        assert_eq!(outcome, Outcome { links, effects, ..Outcome::default() }, "{name}");
    }
}

/// Telegram says where a message landed. If it is in General instead of its topic, the topic is gone.
#[test]
fn a_message_that_landed_in_general_is_deleted_and_sent_to_a_new_topic() {
    let landed = |at| Receipt { landed: Some(at), ..receipt(&[4]) };
    let call = say(GROUP, Some(TOPIC));
    let text_sent = || Then::TextSent { pin: false };
    let situation = Situation::one(Channel::Topic, Tell::topic(Text::UserLeft, None));
    let expected = Outcome {
        learnt: Some(Learnt::TopicLost(TOPIC)),
        stray: Some(Call::Delete { chat: GROUP, message: MessageId(4) }),
        counts: vec![OutcomeEvent::LandedInGeneral],
        ..retry(Hints { healed: true, ..Hints::default() })
    };
    assert_eq!(succeeded(&situation, &call, text_sent(), &landed(None)), expected);
    // In a private chat, the user reads the message outside of the topic too.
    let user = Situation::one(Channel::User, Tell::user(Text::LanguageChosen));
    let call = say(ChatId(USER.0), Some(TOPIC));
    assert_eq!(succeeded(&user, &call, text_sent(), &landed(None)), skipped());
    let call = say(GROUP, Some(TOPIC));
    // The message is where it should be, or its place is unknown; it was meant for no topic; or it belongs to no
    // conversation.
    assert_eq!(succeeded(&situation, &call, text_sent(), &landed(Some(TOPIC))), skipped());
    assert_eq!(succeeded(&situation, &call, text_sent(), &receipt(&[4])), skipped());
    assert_eq!(succeeded(&situation, &say(GROUP, None), text_sent(), &landed(None)), skipped());
    let desk = Situation::one(Channel::Desk, Effect::Refresh);
    assert_eq!(succeeded(&desk, &call, text_sent(), &landed(None)), skipped());
    // While the group has no topics, the message is deleted and waits. The topic is not forgotten.
    let situation = situation.switched_off();
    let stray = Some(Call::Delete { chat: GROUP, message: MessageId(4) });
    let expected = Outcome { stray, ..paused() };
    assert_eq!(succeeded(&situation, &call, text_sent(), &landed(None)), expected);
    assert_eq!(succeeded(&situation, &call, text_sent(), &landed(Some(TOPIC))), skipped());
}
