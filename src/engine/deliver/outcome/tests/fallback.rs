//! Messages that Telegram refuses to copy go another way: bare, by their ids, or as a forward.

use domain::{Channel, ChatId, MessageId, Side};
use ports::{Call, Receipt, SendError};

use super::{
    COPY, GROUP, Situation, TOPIC, WRITTEN, copied_in_reply, copied_with_buttons, copy, edit, link,
    piece, retry, say,
};
use crate::engine::{
    deliver::{outcome::NextStep, plan::Then},
    lanes::Hints,
};

/// With a reply, or sent by its file ids, Telegram makes a new message and refuses a premium user's long caption.
#[test]
fn a_copy_refused_with_its_extras_is_sent_bare() {
    let bare = Hints { bare: true, ..Hints::default() };
    let refused = || SendError::Refused("message caption is too long".to_owned());
    for (situation, to) in
        [(Situation::from_user(), Side::Staff), (Situation::from_operator(), Side::User)]
    {
        for error in [refused(), SendError::FileGone] {
            for call in [copied_in_reply(to), copied_with_buttons(to)] {
                let outcome = situation.failed(&call, Then::Relayed, &error);
                assert_eq!(outcome, retry(bare), "{call:?}, {error:?}");
            }
        }
    }
    // A new version that is sent because the copy cannot be edited replies to that copy.
    let edited = Situation::one(Channel::Topic, edit(Side::User));
    let then = Then::Resent { link: link(Side::User) };
    assert_eq!(edited.failed(&copied_in_reply(Side::Staff), then, &refused()), retry(bare));
    // An album with a reply is sent by its file ids. If that is refused, the whole album is copied by its ids, before
    // any piece goes alone.
    let mut album = Situation::from_user();
    album.effects.push(piece(Side::User, MessageId(12)));
    let Call::Copy { to, reply, .. } = copied_in_reply(Side::Staff) else { panic!("a copy") };
    let call = Call::Album { to, pieces: vec![], reply };
    assert_eq!(album.failed(&call, Then::Relayed, &refused()), retry(bare));
    let album = album.hinted(bare);
    let many = Call::CopyMany { to, from: ChatId(5), messages: vec![WRITTEN, MessageId(12)] };
    let outcome = album.failed(&many, Then::Relayed, &refused());
    assert_eq!(outcome, retry(Hints { singly: true, ..bare }));
}

/// A forward shows its author. Operators may know the user, but a user must not learn who an operator is.
#[test]
fn only_users_messages_are_forwarded_if_they_cannot_be_copied() {
    let bare = Hints { bare: true, upload: true, ..Hints::default() };
    let forward = Hints { forward: true, ..bare };
    let refused = || SendError::Refused("no".to_owned());
    for error in [refused(), SendError::NotCopyable, SendError::FileGone] {
        let situation = Situation::from_user().hinted(bare);
        let outcome = situation.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(outcome, retry(forward), "{error:?}");
        let edited = Situation::one(Channel::Topic, edit(Side::User)).hinted(bare);
        let then = Then::Resent { link: link(Side::User) };
        assert_eq!(edited.failed(&copy(Side::Staff), then, &error), retry(forward), "{error:?}");

        let situation = Situation::from_operator().hinted(bare);
        let outcome = situation.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(outcome.next_step, NextStep::Done, "{error:?}");
        assert_eq!(outcome.dead.len(), 1, "{error:?}");
    }
    // A reply that Telegram does not complain about need not be dropped first.
    let situation = Situation::from_user();
    let outcome =
        situation.failed(&copied_in_reply(Side::Staff), Then::Relayed, &SendError::NotCopyable);
    assert_eq!(outcome, retry(Hints { forward: true, ..Hints::default() }));
    // A deleted message cannot be forwarded either.
    let outcome = situation.failed(&copy(Side::Staff), Then::Relayed, &SendError::MessageGone);
    assert_eq!(outcome.dead.len(), 1);
}

/// A batch stays together while Telegram complains only about the topic.
#[test]
fn a_refused_call_before_a_batch_does_not_split_it() {
    let mut batch = Situation::from_user();
    batch.effects.push(piece(Side::User, MessageId(12)));
    let refused = || SendError::Refused("no".to_owned());
    let title = || Then::TopicOpened { title: "Ada".to_owned() };
    let open = Call::OpenTopic { chat: GROUP, title: "Ada".to_owned(), icon: None };
    let without_icon = Hints { without_icon: true, ..Hints::default() };
    assert_eq!(batch.failed(&open, title(), &refused()), retry(without_icon));
    let batch = batch.hinted(without_icon);
    let plain = Hints { plain_title: true, ..without_icon };
    assert_eq!(batch.failed(&open, title(), &refused()), retry(plain));
    let call = Call::React { chat: GROUP, message: COPY, reaction: None };
    let probed = Hints { probed: true, ..without_icon };
    assert_eq!(batch.failed(&call, Then::Probed, &refused()), retry(probed));
}

/// The introduction serves the message, which comes next whether the introduction was sent or not.
#[test]
fn the_message_follows_its_introduction() {
    let introduced = Hints { introduced: true, ..Hints::default() };
    let call = say(GROUP, Some(TOPIC));
    let situation = Situation::from_user();
    let receipt = Receipt { messages: vec![COPY], landed: Some(Some(TOPIC)), ..Receipt::default() };
    let done = situation.outcome(|case| case.succeeded(&call, Then::Introduced, &receipt));
    assert_eq!(done, retry(introduced));
    let refused = SendError::Refused("no".to_owned());
    assert_eq!(situation.failed(&call, Then::Introduced, &refused), retry(introduced));
    // A batch stays together. A new topic has not shown the introduction yet.
    let mut album = Situation::from_user();
    album.effects.push(piece(Side::User, MessageId(12)));
    assert_eq!(album.failed(&call, Then::Introduced, &refused), retry(introduced));
    let lost = album.hinted(introduced).failed(&call, Then::Relayed, &SendError::TopicGone);
    let healed = Hints { healed: true, ..Hints::default() };
    assert_eq!(lost.next_step, NextStep::Retry(healed, None));
    let general = Receipt { landed: Some(None), ..receipt };
    let misplaced = situation.outcome(|case| case.succeeded(&call, Then::Introduced, &general));
    assert_eq!(misplaced.next_step, NextStep::Retry(healed, None));
    assert_eq!(misplaced.stray, Some(Call::Delete { chat: GROUP, message: COPY }));
}
