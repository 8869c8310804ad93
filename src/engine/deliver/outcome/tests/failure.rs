//! Outcomes that wait or try another way, and errors that concern the group or the bot as a whole.

use std::time::Duration;

use domain::{
    Channel, ChatId, Effect, GroupKey, Learnt, LinkRows, MessageId, NewsletterId, Panel,
    RecipientOutcome, Side, Tell, Text, Topic, TopicId,
};
use ports::{Address, Call, SendError};

use super::{
    COPY, GROUP, Situation, TOPIC, USER, WRITTEN, copy, edit, known, link, paused, piece, relay,
    retry, say, skipped, unavailable,
};
use crate::engine::deliver::{
    outcome::{NextStep, Outcome, OutcomeEvent},
    plan::Then,
};
use crate::engine::lanes::Hints;

/// Refusals that a different attempt may avoid.
#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_refused_call_is_tried_another_way() {
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
            retry(Hints { reopen: true, ..Hints::default() }),
        ),
        (
            "the replied-to message is gone: sent without a reply",
            Situation::from_operator(),
            copy(Side::User),
            Then::Relayed,
            SendError::ReplyGone,
            retry(Hints { without_reply: true, ..Hints::default() }),
        ),
        (
            "the quote does not match: sent without it",
            Situation::from_operator(),
            copy(Side::User),
            Then::Relayed,
            SendError::QuoteInvalid,
            retry(Hints { without_quote: true, ..Hints::default() }),
        ),
        (
            "Telegram does not know the picture: uploaded",
            Situation::one(Channel::User, Tell::user(Text::LanguageChosen)),
            say(ChatId(5), None),
            Then::TextSent { pin: false },
            SendError::FileGone,
            retry(Hints { upload: true, ..Hints::default() }),
        ),
        (
            "a topic refused with its icon is opened without it",
            Situation::from_user(),
            open(),
            title(),
            refused(),
            retry(Hints { without_icon: true, ..Hints::default() }),
        ),
        (
            "a topic refused without its icon gets a plain title",
            Situation::from_user().hinted(Hints { without_icon: true, ..Hints::default() }),
            open(),
            title(),
            refused(),
            retry(Hints { without_icon: true, plain_title: true, ..Hints::default() }),
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
            paused(),
        ),
        (
            "a topic that cannot be reopened: wait",
            Situation::from_user().hinted(Hints { reopen: true, ..Hints::default() }),
            reopen,
            Then::TopicReopened,
            refused(),
            paused(),
        ),
        (
            "a name that Telegram rejects becomes a plain title",
            Situation::one(Channel::Cosmetic, Effect::Refresh),
            rename(),
            Then::Renamed { title: "Ada".to_owned() },
            refused(),
            retry(Hints { plain_title: true, ..Hints::default() }),
        ),
        (
            "a refused plain title is not retried",
            Situation::one(Channel::Cosmetic, Effect::Refresh)
                .hinted(Hints { plain_title: true, ..Hints::default() }),
            rename(),
            Then::Renamed { title: "Ada".to_owned() },
            refused(),
            skipped(),
        ),
        (
            "a copy that cannot be edited is resent",
            Situation::one(Channel::User, edit(Side::Staff)),
            copy(Side::User),
            Then::Edited { link: link(Side::Staff) },
            SendError::TooLate,
            retry(Hints { resend: true, ..Hints::default() }),
        ),
        (
            "a panel that cannot be edited is resent",
            Situation::one(Channel::User, Effect::Panel(Panel::Draft)),
            say(ChatId(5), None),
            Then::PanelEdited,
            SendError::MessageGone,
            retry(Hints { resend: true, ..Hints::default() }),
        ),
    ];
    for (name, situation, call, then, error, expected) in rows {
        assert_eq!(situation.failed(&call, then, &error), expected, "{name}");
    }
}

/// Two pieces in one call: Telegram does not say which one it refuses.
#[test]
fn a_refused_batch_is_retried_message_by_message() {
    let mut situation = Situation::from_user();
    situation.effects.push(piece(Side::User, MessageId(12)));
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
        situation.hints = hints;
        let outcome = situation.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(outcome, retry(Hints { singly: true, ..hints }), "{error:?}");
    }
    for (error, tried) in [
        (SendError::ReplyGone, Hints { without_reply: true, ..Hints::default() }),
        (SendError::QuoteInvalid, Hints { without_quote: true, ..Hints::default() }),
    ] {
        situation.hints = tried;
        let outcome = situation.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(outcome, retry(Hints { singly: true, ..tried }), "{error:?}");
    }
}

#[test]
fn throttling_and_outages_are_waited_out() {
    let wait = Duration::from_secs(9);
    let outcome = Situation::from_user().failed(
        &copy(Side::Staff),
        Then::Relayed,
        &SendError::Throttled(wait),
    );
    let counts = vec![OutcomeEvent::Flood(wait)];
    assert_eq!(
        outcome,
        Outcome { next_step: NextStep::Throttled(wait), counts, ..Outcome::default() }
    );

    for (perhaps_done, counts) in [(false, vec![]), (true, vec![OutcomeEvent::PossibleRepeat])] {
        for (attempts, base) in
            [(0, 250), (1, 500), (2, 1_000), (6, 16_000), (7, 30_000), (40, 30_000)]
        {
            let situation = Situation::from_user().hinted(Hints { attempts, ..Hints::default() });
            let outcome =
                situation.failed(&copy(Side::Staff), Then::Relayed, &unavailable(perhaps_done));
            let NextStep::Retry(hints, Some(pause)) = outcome.next_step else {
                panic!("{outcome:?}")
            };
            assert_eq!(hints, Hints { attempts: attempts + 1, ..Hints::default() });
            let base = Duration::from_millis(base);
            assert!(pause >= base.mul_f64(0.75), "{attempts}: {pause:?}");
            assert!(pause <= base.mul_f64(1.25), "{attempts}: {pause:?}");
            assert_eq!(
                outcome,
                Outcome {
                    next_step: outcome.next_step,
                    counts: counts.clone(),
                    ..Outcome::default()
                }
            );
        }
    }
}

#[test]
fn a_bot_without_rights_pauses_the_bucket_concerned() {
    let broken = || SendError::DeskBroken("kicked".to_owned());
    let all_paused =
        || Outcome { next_step: NextStep::PauseAll(Duration::from_secs(15)), ..Outcome::default() };
    let rows: Vec<(&str, Situation, Then, Outcome)> = vec![
        ("in the topic", Situation::from_user(), Then::Relayed, paused()),
        ("in a private chat", Situation::from_operator(), Then::Relayed, all_paused()),
        (
            "in a newsletter",
            Situation::one(Channel::Newsletter, Effect::Refresh),
            Then::NewsletterSettled {
                newsletter: NewsletterId(1),
                outcome: RecipientOutcome::Sent,
            },
            all_paused(),
        ),
        ("with a card", Situation::one(Channel::Cosmetic, Effect::Refresh), Then::Done, paused()),
        (
            "with an answer to a button",
            Situation::one(Channel::Button, Effect::Refresh),
            Then::Done,
            paused(),
        ),
        ("in General", Situation::one(Channel::Desk, Effect::Refresh), Then::Done, paused()),
        (
            "a pin is skipped",
            Situation::one(Channel::Cosmetic, Effect::Pin { message: COPY }),
            Then::Done,
            skipped(),
        ),
        (
            "an unpin is skipped",
            Situation::one(Channel::Cosmetic, Effect::Unpin { message: COPY }),
            Then::Done,
            skipped(),
        ),
        (
            "a reaction is skipped",
            Situation::one(
                Channel::Topic,
                Effect::React { from: Side::User, message: WRITTEN, reaction: None, late: false },
            ),
            Then::Done,
            skipped(),
        ),
        (
            "a call before a decoration is not skipped",
            Situation::one(Channel::Topic, Effect::Pin { message: COPY }),
            Then::Relayed,
            paused(),
        ),
    ];
    for (name, situation, then, expected) in rows {
        let outcome = situation.failed(&copy(Side::Staff), then, &broken());
        assert_eq!(outcome, expected, "{name}");
    }
}

#[test]
fn a_migrated_group_is_followed() {
    let to = ChatId(-200);
    let fails = |call: &Call, to| {
        Situation::from_user().failed(call, Then::Relayed, &SendError::Migrated(to))
    };
    let moved = Outcome { group: Some((GroupKey::FIRST, to)), ..retry(Hints::default()) };
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
        let outcome = fails(&say(chat, None), to);
        assert_eq!(outcome.group, None, "{chat:?}");
        assert!(matches!(outcome.next_step, NextStep::Retry(_, Some(_))), "{outcome:?}");
    }
}

#[test]
fn an_effect_that_already_holds_is_done() {
    let situation = Situation::one(Channel::User, edit(Side::Staff));
    let then = Then::Edited { link: link(Side::Staff) };
    let outcome = situation.failed(&copy(Side::User), then, &SendError::AlreadyDone);
    assert_eq!(outcome, Outcome { links: vec![link(Side::Staff)], ..Outcome::default() });
}

#[test]
fn messages_of_a_lost_topic_go_to_a_new_one_once() {
    let lost = || Some(Learnt::TopicLost(TOPIC));
    let healed = Hints { healed: true, ..Hints::default() };
    let counts = || vec![OutcomeEvent::TopicDeleted];
    let gone = |situation: &Situation| {
        situation.failed(&copy(Side::Staff), Then::Relayed, &SendError::TopicGone)
    };
    for effect in [relay(Side::User), edit(Side::User), Tell::topic(Text::UserLeft, None)] {
        let situation = Situation::one(Channel::Topic, effect)
            .hinted(Hints { reopen: true, ..Hints::default() });
        let expected = Outcome { learnt: lost(), counts: counts(), ..retry(healed) };
        assert_eq!(gone(&situation), expected, "{:?}", situation.effects);
    }
    // Other effects have lost their object.
    for effect in [Effect::Refresh, Effect::CloseTopic, Effect::Pin { message: COPY }] {
        let situation = Situation::one(Channel::Cosmetic, effect);
        let expected = Outcome { learnt: lost(), counts: counts(), ..Outcome::default() };
        assert_eq!(gone(&situation), expected, "{:?}", situation.effects);
    }
    let mut situation = Situation::from_user();
    let mut topicless = known();
    topicless.topic.current = Topic::None;
    situation.conversation = Some(topicless);
    assert_eq!(gone(&situation), Outcome { counts: counts(), ..retry(healed) }, "no known topic");
    situation.conversation = None;
    assert_eq!(gone(&situation), Outcome { counts: counts(), ..retry(healed) }, "no conversation");
}

/// A probe finds the card deleted: the card is forgotten and sent anew.
#[test]
fn a_deleted_card_is_forgotten_and_sent_again() {
    let card_lost = Outcome { learnt: Some(Learnt::CardLost), ..retry(Hints::default()) };
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
    let probed = retry(Hints { probed: true, ..Hints::default() });
    assert_eq!(Situation::from_user().failed(&call, Then::Probed, &refused()), probed);
    let sent = Then::CardSent { hash: 1 };
    assert_eq!(Situation::from_user().failed(&call, sent, &refused()), probed);
    let sent = Then::CardSent { hash: 1 };
    assert_eq!(refresh().failed(&call, sent, &refused()), skipped());
}

/// `/id` is answered in any group: a failure there must not harm the desk.
#[test]
fn a_failure_in_another_group_is_ignored() {
    let desk = || Situation::one(Channel::Desk, Effect::Refresh);
    let (other, own) = (say(ChatId(-7), None), say(GROUP, Some(TopicId(1))));
    let text_sent = || Then::TextSent { pin: false };
    for error in [
        SendError::DeskBroken("kicked".to_owned()),
        SendError::Throttled(Duration::from_secs(1)),
        SendError::Migrated(ChatId(-8)),
        SendError::TopicGone,
        SendError::Refused("no".to_owned()),
    ] {
        assert_eq!(desk().failed(&other, text_sent(), &error), skipped(), "{error:?}");
        assert_ne!(
            desk().failed(&own, text_sent(), &error),
            skipped(),
            "{error:?} in the operators' group"
        );
    }
    let outcome = desk().failed(&other, text_sent(), &unavailable(false));
    assert!(
        matches!(outcome.next_step, NextStep::Retry(_, Some(_))),
        "it is tried again: {outcome:?}"
    );
}
