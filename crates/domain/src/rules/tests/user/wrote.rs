//! Messages of users.

use crate::rules::tests::states::{
    EARLIER, closed, gone, known, open, scene, silent, waiting, with, without_topic,
};
use crate::rules::tests::{
    NOW, TOPIC, check, elsewhere, links, relayed, text, uncopyable, user_wrote, when,
};
use crate::{
    AlbumId, Body, Content, ContentKind, Conversation, Effect, Fact, Firsts, MessageId, Relay,
    Reply, Side, Tell, Text, Topic, Track, Transfer,
};

fn copied() -> Effect {
    Effect::Relay(relayed(Side::User, 5))
}

fn goal(name: &str) -> Effect {
    Effect::Track(Track::Goal(name.to_owned()))
}

fn phone() -> Content {
    Content { own_phone: true, kind: ContentKind::Contact, ..text(5) }
}

fn copied_phone() -> Effect {
    Effect::Relay(Relay { kind: ContentKind::Contact, ..relayed(Side::User, 5) })
}

fn body() -> Body {
    Body { text: "caption".to_owned(), entities: None, preview: None, media: None }
}

#[test]
fn a_message_goes_to_the_topic() {
    check([
        when("the first message opens a conversation", None, user_wrote(text(5)))
            .stores(|c| {
                c.waiting_since = Some(NOW);
                c.firsts.message = true;
            })
            .effects([copied()])
            .facts([Fact::Opened]),
        when("in a rush, a new user learns that it takes a while", None, user_wrote(text(5)))
            .in_a_rush()
            .stores(|c| {
                c.waiting_since = Some(NOW);
                c.firsts.message = true;
            })
            .effects([Tell::user(Text::Rush), copied()])
            .facts([Fact::Opened]),
        when("in a rush, others learn nothing", open(), user_wrote(text(5)))
            .in_a_rush()
            .stores(|c| c.waiting_since = Some(NOW))
            .effects([copied()]),
        when("the first message after Start opens a conversation", known(), user_wrote(text(5)))
            .stores(|c| {
                c.waiting_since = Some(NOW);
                c.firsts.message = true;
            })
            .effects([copied()])
            .facts([Fact::Opened]),
        when(
            "a second message before the topic is open is not another opening",
            Conversation { waiting_since: Some(EARLIER), ..known() },
            user_wrote(text(5)),
        )
        .stores(|c| c.firsts.message = true)
        .effects([copied()]),
        when("after an answer the user waits again", open(), user_wrote(text(5)))
            .stores(|c| c.waiting_since = Some(NOW))
            .effects([copied()]),
        when("the wait begins with the first unanswered message", waiting(), user_wrote(text(5)))
            .effects([copied()]),
        when(
            "that operators closed a topic makes nobody known",
            Conversation { answered: None, ..open() },
            user_wrote(text(5)),
        )
        .stores(|c| c.waiting_since = Some(NOW))
        .effects([copied()]),
        when("a message first reopens the closed topic", closed(), user_wrote(text(5)))
            .stores(|c| {
                c.topic.current = Topic::Open(TOPIC);
                c.waiting_since = Some(NOW);
            })
            .effects([Effect::ReopenTopic, copied()]),
        when(
            "a user whose topic was deleted is not a stranger",
            without_topic(),
            user_wrote(text(5)),
        )
        .stores(|c| c.waiting_since = Some(NOW))
        .effects([copied()]),
        when("silent mode does not affect the user's messages", silent(), user_wrote(text(5)))
            .stores(|c| c.waiting_since = Some(NOW))
            .effects([copied()]),
        when(
            "a message of a user who blocked the bot reports the return",
            gone(),
            user_wrote(text(5)),
        )
        .stores(|c| {
            c.reachable = true;
            c.waiting_since = Some(NOW);
        })
        .effects([Tell::topic(Text::UserReturned, None), Effect::Refresh, copied()]),
        when(
            "order: reopening, return, lines of the welcome, message",
            with(gone(), |it| {
                it.topic.current = Topic::Closed(TOPIC);
                it.welcome.unseen = vec!["Hello".to_owned()];
            }),
            user_wrote(text(5)),
        )
        .stores(|c| {
            c.topic.current = Topic::Open(TOPIC);
            c.reachable = true;
            c.welcome.unseen.clear();
            c.waiting_since = Some(NOW);
        })
        .effects([
            Effect::ReopenTopic,
            Tell::topic(Text::UserReturned, None),
            Effect::Refresh,
            Tell::topic(Text::WelcomeSaid { lines: vec!["Hello".to_owned()] }, None),
            copied(),
        ]),
    ]);
}

#[test]
fn a_message_travels_as_telegram_allows() {
    check([
        when(
            "a message that bots cannot copy is reported instead",
            Conversation { firsts: Firsts::default(), ..open() },
            user_wrote(uncopyable(5)),
        )
        .stores(|c| c.waiting_since = Some(NOW))
        .effects([Tell::topic(Text::NotCopied { kind: ContentKind::PaidMedia }, None)]),
        when(
            "a forward stays a forward, and a reply keeps its quote",
            waiting(),
            user_wrote(Content {
                transfer: Transfer::Forward,
                reply: Some(Reply { to: MessageId(3), quote: None }),
                ..text(5)
            }),
        )
        .effects([Effect::Relay(Relay {
            transfer: Transfer::Forward,
            reply: Some(Reply { to: MessageId(3), quote: None }),
            ..relayed(Side::User, 5)
        })]),
        when(
            "a piece of an album keeps its body, because an album with a reply is sent by file ids",
            waiting(),
            user_wrote(Content {
                album: Some(AlbumId("album".to_owned())),
                body: Some(body()),
                ..text(5)
            }),
        )
        .effects([Effect::Relay(Relay {
            album: Some(AlbumId("album".to_owned())),
            body: Some(body()),
            ..relayed(Side::User, 5)
        })]),
        when(
            "a reply to another chat is shown, and the buttons of an inline bot are relayed",
            waiting(),
            user_wrote(Content { elsewhere: Some(elsewhere()), links: links(), ..text(5) }),
        )
        .effects([Effect::Relay(Relay {
            elsewhere: Some(elsewhere()),
            links: links(),
            ..relayed(Side::User, 5)
        })]),
        when(
            "the reply of a forwarded message is not the user's",
            waiting(),
            user_wrote(Content {
                transfer: Transfer::Forward,
                forwarded: true,
                elsewhere: Some(elsewhere()),
                ..text(5)
            }),
        )
        .effects([Effect::Relay(Relay { transfer: Transfer::Forward, ..relayed(Side::User, 5) })]),
        when(
            "the body of a message outside albums is not stored",
            waiting(),
            user_wrote(Content { body: Some(body()), ..text(5) }),
        )
        .effects([copied()]),
    ]);
}

#[test]
fn a_message_reaches_goals_once() {
    check([
        when("the first message of a stranger reaches its goal", known(), user_wrote(text(5)))
            .with_scene(scene())
            .tracked()
            .stores(|c| {
                c.waiting_since = Some(NOW);
                c.firsts.message = true;
            })
            .effects([goal("wrote"), copied()])
            .facts([Fact::Opened]),
        when("without a tracker a goal is only recorded", known(), user_wrote(text(5)))
            .with_scene(scene())
            .stores(|c| {
                c.waiting_since = Some(NOW);
                c.firsts.message = true;
            })
            .effects([copied()])
            .facts([Fact::Opened]),
        when("the second message reaches no goal", waiting(), user_wrote(text(5)))
            .with_scene(scene())
            .tracked()
            .effects([copied()]),
        when(
            "a user with a topic wrote before firsts were recorded: no goal",
            Conversation { firsts: Firsts::default(), ..waiting() },
            user_wrote(text(5)),
        )
        .with_scene(scene())
        .tracked()
        .stores(|c| c.firsts.message = true)
        .effects([copied()]),
        when(
            "in a topic opened by the welcome the first message still counts",
            Conversation { firsts: Firsts::default(), ..waiting() },
            user_wrote(text(5)),
        )
        .with_scene(crate::rules::tests::states::opening(scene()))
        .tracked()
        .stores(|c| c.firsts.message = true)
        .effects([goal("wrote"), copied()]),
        when(
            "a message that bots cannot copy is not a first message",
            known(),
            user_wrote(uncopyable(5)),
        )
        .with_scene(scene())
        .tracked()
        .stores(|c| c.waiting_since = Some(NOW))
        .effects([Tell::topic(Text::NotCopied { kind: ContentKind::PaidMedia }, None)])
        .facts([Fact::Opened]),
        when(
            "their own phone number reaches its goal, after the message's",
            known(),
            user_wrote(phone()),
        )
        .with_scene(scene())
        .tracked()
        .stores(|c| {
            c.waiting_since = Some(NOW);
            c.firsts = Firsts { message: true, phone: true };
        })
        .effects([goal("wrote"), goal("phone"), copied_phone()])
        .facts([Fact::Opened]),
        when("a phone number shared later reaches its goal alone", waiting(), user_wrote(phone()))
            .with_scene(scene())
            .tracked()
            .stores(|c| c.firsts.phone = true)
            .effects([goal("phone"), copied_phone()]),
        when(
            "a phone number shared again reaches no goal",
            Conversation { firsts: Firsts { message: true, phone: true }, ..waiting() },
            user_wrote(phone()),
        )
        .with_scene(scene())
        .tracked()
        .effects([copied_phone()]),
        when("without a welcome there are no goals", waiting(), user_wrote(phone()))
            .tracked()
            .stores(|c| c.firsts.phone = true)
            .effects([copied_phone()]),
    ]);
}
