//! Outcomes that wait or try another way, and errors that concern the group or the bot as a whole.

use std::time::Duration;

use domain::{
    Channel, ChatId, Effect, Learnt, LinkRows, MessageId, NewsletterId, Panel, RecipientOutcome,
    Side, Tell, Text, Topic, TopicId,
};
use ports::{Address, Call, SendError};

use super::{
    COPY, GROUP, Situation, TOPIC, USER, WRITTEN, again, copy, edit, known, link, passed_over,
    piece, relay, rests, say, unavailable,
};
use crate::engine::deliver::{
    outcome::{NextStep, Outcome, OutcomeEvent},
    plan::Then,
};
use crate::engine::lanes::Hints;

/// Refusals that a different attempt may avoid.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_refusal_that_can_be_met_otherwise_is() {
    let title = || Then::TopicOpened { title: "Ada".to_owned() };
    let open = || Call::OpenTopic { chat: GROUP, title: "Ada".to_owned(), icon: None };
    let rename = || Call::RenameTopic { chat: GROUP, topic: TOPIC, title: "Ada".to_owned() };
    let refused = || SendError::Refused("no".to_owned());
    let reopen = Call::ReopenTopic { chat: GROUP, topic: TOPIC };
    let rows: Vec<(&str, Situation, Call, Then, SendError, Outcome)> = vec![
        (
            "a closed topic is reopened first",
            Situation::from_user(),
            copy(Side::Staff),
            Then::Relayed,
            SendError::TopicClosed,
            again(Hints { reopen: true, ..Hints::default() }),
        ),
        (
            "the replied-to message is gone: sent without a reply",
            Situation::from_operator(),
            copy(Side::User),
            Then::Relayed,
            SendError::ReplyGone,
            again(Hints { without_reply: true, ..Hints::default() }),
        ),
        (
            "the quote does not match: sent without it",
            Situation::from_operator(),
            copy(Side::User),
            Then::Relayed,
            SendError::QuoteInvalid,
            again(Hints { without_quote: true, ..Hints::default() }),
        ),
        (
            "Telegram does not know the picture: uploaded",
            Situation::one(Channel::User, Tell::user(Text::LanguageChosen)),
            say(ChatId(5), None),
            Then::Told { pin: false },
            SendError::FileGone,
            again(Hints { upload: true, ..Hints::default() }),
        ),
        (
            "a topic refused with its icon is opened without it",
            Situation::from_user(),
            open(),
            title(),
            refused(),
            again(Hints { without_icon: true, ..Hints::default() }),
        ),
        (
            "a topic refused without its icon gets a plain title",
            Situation::from_user().hinted(Hints { without_icon: true, ..Hints::default() }),
            open(),
            title(),
            refused(),
            again(Hints { without_icon: true, plain_title: true, ..Hints::default() }),
        ),
        (
            "a topic refused with a plain title: wait",
            Situation::from_user().hinted(Hints {
                without_icon: true,
                plain_title: true,
                ..Hints::default()
            }),
            open(),
            title(),
            refused(),
            rests(),
        ),
        (
            "a topic that cannot be reopened: wait",
            Situation::from_user().hinted(Hints { reopen: true, ..Hints::default() }),
            reopen,
            Then::TopicReopened,
            refused(),
            rests(),
        ),
        (
            "a name that Telegram rejects becomes a plain title",
            Situation::one(Channel::Cosmetic, Effect::Refresh),
            rename(),
            Then::Renamed { title: "Ada".to_owned() },
            refused(),
            again(Hints { plain_title: true, ..Hints::default() }),
        ),
        (
            "a refused plain title is not retried",
            Situation::one(Channel::Cosmetic, Effect::Refresh)
                .hinted(Hints { plain_title: true, ..Hints::default() }),
            rename(),
            Then::Renamed { title: "Ada".to_owned() },
            refused(),
            passed_over(),
        ),
        (
            "a copy that cannot be edited is resent",
            Situation::one(Channel::User, edit(Side::Staff)),
            copy(Side::User),
            Then::Edited { link: link(Side::Staff) },
            SendError::TooLate,
            again(Hints { resend: true, ..Hints::default() }),
        ),
        (
            "a panel that cannot be edited is resent",
            Situation::one(Channel::User, Effect::Panel(Panel::Draft)),
            say(ChatId(5), None),
            Then::PanelEdited,
            SendError::MessageGone,
            again(Hints { resend: true, ..Hints::default() }),
        ),
    ];
    for (name, given, call, then, error, expected) in rows {
        assert_eq!(given.failed(&call, then, &error), expected, "{name}");
    }
}

/// Two pieces in one call: Telegram does not say which one it refuses.
#[test]
fn a_batch_that_is_refused_is_tried_piece_by_piece() {
    let mut given = Situation::from_user();
    given.effects.push(piece(Side::User, MessageId(12)));
    for error in [
        SendError::Blocked,
        SendError::Gone,
        SendError::FileGone,
        SendError::MessageGone,
        SendError::NotCopyable,
        SendError::TooLate,
        SendError::Privacy,
        SendError::Refused("no".to_owned()),
    ] {
        // An upload does not help a copy, and was already tried.
        let hints = Hints { upload: true, ..Hints::default() };
        given.hints = hints;
        let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(judged, again(Hints { singly: true, ..hints }), "{error:?}");
    }
    for (error, tried) in [
        (SendError::ReplyGone, Hints { without_reply: true, ..Hints::default() }),
        (SendError::QuoteInvalid, Hints { without_quote: true, ..Hints::default() }),
    ] {
        given.hints = tried;
        let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(judged, again(Hints { singly: true, ..tried }), "{error:?}");
    }
}

#[test]
fn telegrams_pace_and_its_absence_are_waited_for() {
    let wait = Duration::from_secs(9);
    let judged = Situation::from_user().failed(
        &copy(Side::Staff),
        Then::Relayed,
        &SendError::Throttled(wait),
    );
    let counts = vec![OutcomeEvent::Flood(wait)];
    assert_eq!(
        judged,
        Outcome { next_step: NextStep::Throttled(wait), counts, ..Outcome::default() }
    );

    for (perhaps_done, counts) in [(false, vec![]), (true, vec![OutcomeEvent::PossibleRepeat])] {
        for (attempts, base) in
            [(0, 250), (1, 500), (2, 1_000), (6, 16_000), (7, 30_000), (40, 30_000)]
        {
            let given = Situation::from_user().hinted(Hints { attempts, ..Hints::default() });
            let judged =
                given.failed(&copy(Side::Staff), Then::Relayed, &unavailable(perhaps_done));
            let NextStep::Retry(hints, Some(pause)) = judged.next_step else {
                panic!("{judged:?}")
            };
            assert_eq!(hints, Hints { attempts: attempts + 1, ..Hints::default() });
            let base = Duration::from_millis(base);
            assert!(pause >= base.mul_f64(0.75), "{attempts}: {pause:?}");
            assert!(pause <= base.mul_f64(1.25), "{attempts}: {pause:?}");
            assert_eq!(
                judged,
                Outcome {
                    next_step: judged.next_step,
                    counts: counts.clone(),
                    ..Outcome::default()
                }
            );
        }
    }
}

#[test]
fn a_bot_that_may_not_work_rests_where_it_may_not() {
    let broken = || SendError::DeskBroken("kicked".to_owned());
    let all_rests =
        || Outcome { next_step: NextStep::PauseAll(Duration::from_secs(15)), ..Outcome::default() };
    let rows: Vec<(&str, Situation, Then, Outcome)> = vec![
        ("in the topic", Situation::from_user(), Then::Relayed, rests()),
        ("in a private chat", Situation::from_operator(), Then::Relayed, all_rests()),
        (
            "in a newsletter",
            Situation::one(Channel::Newsletter, Effect::Refresh),
            Then::Mailed { newsletter: NewsletterId(1), outcome: RecipientOutcome::Sent },
            all_rests(),
        ),
        ("with a card", Situation::one(Channel::Cosmetic, Effect::Refresh), Then::Done, rests()),
        (
            "with an answer to a button",
            Situation::one(Channel::Button, Effect::Refresh),
            Then::Done,
            rests(),
        ),
        ("in General", Situation::one(Channel::Desk, Effect::Refresh), Then::Done, rests()),
        (
            "a pin is skipped",
            Situation::one(Channel::Cosmetic, Effect::Pin { message: COPY }),
            Then::Done,
            passed_over(),
        ),
        (
            "an unpin is skipped",
            Situation::one(Channel::Cosmetic, Effect::Unpin { message: COPY }),
            Then::Done,
            passed_over(),
        ),
        (
            "a reaction is skipped",
            Situation::one(
                Channel::Topic,
                Effect::React { from: Side::User, message: WRITTEN, reaction: None, late: false },
            ),
            Then::Done,
            passed_over(),
        ),
        (
            "a call before a decoration is not skipped",
            Situation::one(Channel::Topic, Effect::Pin { message: COPY }),
            Then::Relayed,
            rests(),
        ),
    ];
    for (name, given, then, expected) in rows {
        let judged = given.failed(&copy(Side::Staff), then, &broken());
        assert_eq!(judged, expected, "{name}");
    }
}

#[test]
fn a_group_that_moved_is_followed() {
    let to = ChatId(-200);
    let fails = |call: &Call, to| {
        Situation::from_user().failed(call, Then::Relayed, &SendError::Migrated(to))
    };
    let moved = Outcome { group: Some(to), ..again(Hints::default()) };
    let from_there = Call::Copy {
        to: Address { chat: USER.chat(), topic: None },
        from: GROUP,
        message: COPY,
        reply: None,
        links: LinkRows::default(),
    };
    for call in [copy(Side::Staff), from_there] {
        assert_eq!(fails(&call, to), moved, "{call:?}");
        assert_eq!(fails(&call, GROUP).group, None, "the group has this id already");
    }
    // The call was under way when another lane learnt of the move, or the chat is not the desk's group.
    for chat in [ChatId(-50), USER.chat()] {
        let judged = fails(&say(chat, None), to);
        assert_eq!(judged.group, None, "{chat:?}");
        assert!(matches!(judged.next_step, NextStep::Retry(_, Some(_))), "{judged:?}");
    }
}

#[test]
fn what_is_so_already_is_done() {
    let given = Situation::one(Channel::User, edit(Side::Staff));
    let then = Then::Edited { link: link(Side::Staff) };
    let judged = given.failed(&copy(Side::User), then, &SendError::AlreadyDone);
    assert_eq!(judged, Outcome { links: vec![link(Side::Staff)], ..Outcome::default() });
}

#[test]
fn what_carries_words_goes_to_a_new_topic_once() {
    let lost = || Some(Learnt::TopicLost(TOPIC));
    let healed = Hints { healed: true, ..Hints::default() };
    let counts = || vec![OutcomeEvent::TopicDeleted];
    let gone =
        |given: &Situation| given.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicGone);
    for effect in [relay(Side::User), edit(Side::User), Tell::topic(Text::UserLeft, None)] {
        let given = Situation::one(Channel::Topic, effect)
            .hinted(Hints { reopen: true, ..Hints::default() });
        let expected = Outcome { learnt: lost(), counts: counts(), ..again(healed) };
        assert_eq!(gone(&given), expected, "{:?}", given.effects);
    }
    // Other effects have lost their object.
    for effect in [Effect::Refresh, Effect::CloseTopic, Effect::Pin { message: COPY }] {
        let given = Situation::one(Channel::Cosmetic, effect);
        let expected = Outcome { learnt: lost(), counts: counts(), ..Outcome::default() };
        assert_eq!(gone(&given), expected, "{:?}", given.effects);
    }
    let mut given = Situation::from_user();
    let mut topicless = known();
    topicless.topic.current = Topic::None;
    given.conversation = Some(topicless);
    assert_eq!(gone(&given), Outcome { counts: counts(), ..again(healed) }, "no known topic");
    given.conversation = None;
    assert_eq!(gone(&given), Outcome { counts: counts(), ..again(healed) }, "no conversation");
}

/// A probe finds the card deleted: the card is forgotten and sent anew.
#[test]
fn a_card_that_is_gone_is_forgotten_and_sent_anew() {
    let card_lost = Outcome { learnt: Some(Learnt::CardLost), ..again(Hints::default()) };
    let refresh = || Situation::one(Channel::Cosmetic, Effect::Refresh);
    let edited = || Then::CardEdited { card: COPY, hash: 1 };
    let refused = || SendError::Refused("no".to_owned());
    let call = Call::React { chat: GROUP, message: COPY, reaction: None };
    assert_eq!(refresh().failed(&call, edited(), &refused()), card_lost);
    assert_eq!(
        Situation::from_user().failed(&call, Then::Probed, &SendError::MessageGone),
        card_lost
    );
    // One probe covers the whole batch, so its pieces stay together.
    let mut batch = Situation::from_user();
    batch.effects.push(piece(Side::User, MessageId(12)));
    assert_eq!(batch.failed(&call, Then::Probed, &SendError::MessageGone), card_lost);
    // Any other answer to the probe means that the topic exists.
    let probed = again(Hints { probed: true, ..Hints::default() });
    assert_eq!(Situation::from_user().failed(&call, Then::Probed, &refused()), probed);
    let sent = Then::CardSent { hash: 1 };
    assert_eq!(Situation::from_user().failed(&call, sent, &refused()), probed);
    let sent = Then::CardSent { hash: 1 };
    assert_eq!(refresh().failed(&call, sent, &refused()), passed_over());
}

/// `/id` is answered in any group: a failure there must not harm the desk.
#[test]
fn what_fails_in_another_group_is_let_be() {
    let desk = || Situation::one(Channel::Desk, Effect::Refresh);
    let (other, own) = (say(ChatId(-7), None), say(GROUP, Some(TopicId(1))));
    let told = || Then::Told { pin: false };
    for error in [
        SendError::DeskBroken("kicked".to_owned()),
        SendError::Throttled(Duration::from_secs(1)),
        SendError::Migrated(ChatId(-8)),
        SendError::TopicGone,
        SendError::Refused("no".to_owned()),
    ] {
        assert_eq!(desk().failed(&other, told(), &error), passed_over(), "{error:?}");
        assert_ne!(
            desk().failed(&own, told(), &error),
            passed_over(),
            "{error:?} in the operators' group"
        );
    }
    let judged = desk().failed(&other, told(), &unavailable(false));
    assert!(
        matches!(judged.next_step, NextStep::Retry(_, Some(_))),
        "it is tried again: {judged:?}"
    );
}
