//! What Telegram refuses to copy goes otherwise: bare, by its ids, as a forward.

use domain::{Channel, ChatId, MessageId, Side};
use ports::{Call, Receipt, SendError};

use super::{
    COPY, GROUP, Situation, TOPIC, WRITTEN, again, copied_in_reply, copied_with_buttons, copy,
    edit, link, piece, say,
};
use crate::engine::sender::{hints::Hints, outcome::NextStep, step::Then};

/// With a reply, or by its files, Telegram makes a new message of it: it refuses a premium user's long caption then.
#[test]
fn what_is_refused_with_more_than_itself_goes_bare() {
    let bare = Hints { bare: true, ..Hints::default() };
    let refused = || SendError::Refused("message caption is too long".to_owned());
    for (given, to) in
        [(Situation::from_user(), Side::Staff), (Situation::from_operator(), Side::User)]
    {
        for error in [refused(), SendError::FileGone] {
            for call in [copied_in_reply(to), copied_with_buttons(to)] {
                let judged = given.failed(&call, Then::Relayed, &error);
                assert_eq!(judged, again(bare), "{call:?}, {error:?}");
            }
        }
    }
    // What is sent anew because its copy cannot be edited answers that one.
    let edited = Situation::one(Channel::Topic, edit(Side::User));
    let then = Then::Resent { link: link(Side::User) };
    assert_eq!(edited.failed(&copied_in_reply(Side::Staff), then, &refused()), again(bare));
    // An album that answers is sent by its files; all of it is then copied by its ids, before any piece alone.
    let mut album = Situation::from_user();
    album.effects.push(piece(Side::User, MessageId(12)));
    let Call::Copy { to, reply, .. } = copied_in_reply(Side::Staff) else { panic!("a copy") };
    let call = Call::Album { to, pieces: vec![], reply };
    assert_eq!(album.failed(&call, Then::Relayed, &refused()), again(bare));
    let album = album.hinted(bare);
    let many = Call::CopyMany { to, from: ChatId(5), messages: vec![WRITTEN, MessageId(12)] };
    let judged = album.failed(&many, Then::Relayed, &refused());
    assert_eq!(judged, again(Hints { singly: true, ..bare }));
}

/// A forward shows who has written: the operators may know the user, and never the other way about.
#[test]
fn a_users_message_that_cannot_be_copied_is_forwarded_and_an_operators_never() {
    let bare = Hints { bare: true, upload: true, ..Hints::default() };
    let forward = Hints { forward: true, ..bare };
    let refused = || SendError::Refused("no".to_owned());
    for error in [refused(), SendError::NotCopyable, SendError::FileGone] {
        let given = Situation::from_user().hinted(bare);
        let judged = given.failed(&copy(Side::Staff), Then::Relayed, &error);
        assert_eq!(judged, again(forward), "{error:?}");
        let edited = Situation::one(Channel::Topic, edit(Side::User)).hinted(bare);
        let then = Then::Resent { link: link(Side::User) };
        assert_eq!(edited.failed(&copy(Side::Staff), then, &error), again(forward), "{error:?}");

        let given = Situation::from_operator().hinted(bare);
        let judged = given.failed(&copy(Side::User), Then::Relayed, &error);
        assert_eq!(judged.next_step, NextStep::Done, "{error:?}");
        assert_eq!(judged.dead.len(), 1, "{error:?}");
    }
    // A reply that Telegram says nothing against need not be left out first.
    let given = Situation::from_user();
    let judged =
        given.failed(&copied_in_reply(Side::Staff), Then::Relayed, &SendError::NotCopyable);
    assert_eq!(judged, again(Hints { forward: true, ..Hints::default() }));
    // What was deleted is gone for a forward, too.
    let judged = given.failed(&copy(Side::Staff), Then::Relayed, &SendError::MessageGone);
    assert_eq!(judged.dead.len(), 1);
}

/// A batch stays together while it is the topic that Telegram finds fault with.
#[test]
fn what_is_refused_before_a_batch_does_not_break_it_up() {
    let mut batch = Situation::from_user();
    batch.effects.push(piece(Side::User, MessageId(12)));
    let refused = || SendError::Refused("no".to_owned());
    let title = || Then::TopicOpened { title: "Ada".to_owned() };
    let open = Call::OpenTopic { chat: GROUP, title: "Ada".to_owned(), icon: None };
    let without_icon = Hints { without_icon: true, ..Hints::default() };
    assert_eq!(batch.failed(&open, title(), &refused()), again(without_icon));
    let batch = batch.hinted(without_icon);
    let plain = Hints { plain_title: true, ..without_icon };
    assert_eq!(batch.failed(&open, title(), &refused()), again(plain));
    let call = Call::React { chat: GROUP, message: COPY, reaction: None };
    let probed = Hints { probed: true, ..without_icon };
    assert_eq!(batch.failed(&call, Then::Probed, &refused()), again(probed));
}

/// What it answers in another chat is shown for the message's sake, which comes next, whether it was shown or not.
#[test]
fn what_was_introduced_comes_next() {
    let introduced = Hints { introduced: true, ..Hints::default() };
    let call = say(GROUP, Some(TOPIC));
    let given = Situation::from_user();
    let receipt = Receipt { messages: vec![COPY], landed: Some(Some(TOPIC)), ..Receipt::default() };
    let done = given.judged(|case| case.succeeded(&call, Then::Introduced, &receipt));
    assert_eq!(done, again(introduced));
    let refused = SendError::Refused("no".to_owned());
    assert_eq!(given.failed(&call, Then::Introduced, &refused), again(introduced));
    // A batch keeps together, and a new topic has not seen it.
    let mut album = Situation::from_user();
    album.effects.push(piece(Side::User, MessageId(12)));
    assert_eq!(album.failed(&call, Then::Introduced, &refused), again(introduced));
    let lost = album.hinted(introduced).failed(&call, Then::Relayed, &SendError::TopicGone);
    let healed = Hints { healed: true, ..Hints::default() };
    assert_eq!(lost.next_step, NextStep::Retry(healed, None));
    let general = Receipt { landed: Some(None), ..receipt };
    let strayed = given.judged(|case| case.succeeded(&call, Then::Introduced, &general));
    assert_eq!(strayed.next_step, NextStep::Retry(healed, None));
    assert_eq!(strayed.stray, Some(Call::Delete { chat: GROUP, message: COPY }));
}
