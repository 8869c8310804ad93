//! Steps for messages and edits to the other side.

use super::*;

#[test]
fn a_message_goes_to_the_other_side_once_there_is_a_topic() {
    let open = |title: &str, icon: Option<&str>| {
        let icon = icon.map(str::to_owned);
        let title = title.to_owned();
        let call = Call::OpenTopic { chat: GROUP, title: title.clone(), icon };
        Step::Call(call, Then::TopicOpened { title })
    };
    let fresh = || known().with(|conversation| conversation.topic.current = Topic::None);
    let reopen =
        || Step::Call(Call::ReopenTopic { chat: GROUP, topic: TOPIC }, Then::TopicReopened);
    let probe = Call::React { chat: GROUP, message: CARD, reaction: None };
    let forward = Call::Forward { to: group(), from: PRIVATE, message: WRITTEN };
    check(vec![
        ("to the topic", known(), copied(Side::User), copy(group(), PRIVATE, None)),
        ("to the user", known(), copied(Side::Staff), copy(private(), GROUP, None)),
        (
            "to the user, without a topic",
            fresh(),
            copied(Side::Staff),
            copy(private(), GROUP, None),
        ),
        ("the topic is opened first", fresh(), copied(Side::User), open("Ada", Some("icon"))),
        (
            "without the refused icon",
            fresh().hinted(Hints { without_icon: true, ..Hints::default() }),
            copied(Side::User),
            open("Ada", None),
        ),
        (
            "with a plain title after the name was refused",
            fresh().hinted(Hints { plain_title: true, ..Hints::default() }),
            copied(Side::User),
            open("#5", Some("icon")),
        ),
        (
            "a topic found closed is reopened first",
            known().hinted(Hints { reopen: true, ..Hints::default() }),
            copied(Side::User),
            reopen(),
        ),
        (
            "a closed topic is tried as it is",
            known().with(|conversation| conversation.topic.current = Topic::Closed(TOPIC)),
            copied(Side::User),
            copy(group(), PRIVATE, None),
        ),
        ("no conversation", known().unknown(), copied(Side::User), Step::Nothing),
        (
            "a doubtful topic is probed by its card",
            known().doubtful_topic(),
            copied(Side::User),
            Step::Call(probe, Then::Probed),
        ),
        (
            "only once",
            known().doubtful_topic().hinted(Hints { probed: true, ..Hints::default() }),
            copied(Side::User),
            copy(group(), PRIVATE, None),
        ),
        (
            "not for the user's chat",
            known().doubtful_topic(),
            copied(Side::Staff),
            copy(private(), GROUP, None),
        ),
        (
            "a forward needs no probe: its answer says where it landed",
            known().doubtful_topic(),
            Effect::Relay(relay(Side::User, Transfer::Forward)),
            Step::Call(forward, Then::Relayed),
        ),
    ]);
    let without_card = known().doubtful_topic().with(|conversation| conversation.topic.card = None);
    let Step::Call(Call::Say { to, .. }, Then::CardSent { .. }) =
        without_card.step(vec![copied(Side::User)])
    else {
        panic!("a missing card is sent");
    };
    assert_eq!(to, group());
}

#[test]
fn a_reply_uses_its_link_or_is_dropped() {
    let resolved = |quote| Some(Resolved { to: COPY, quote });
    let answer = || answering(Side::User);
    check(vec![
        (
            "found",
            known().linked(Side::User),
            answer(),
            copy(group(), PRIVATE, resolved(Some(quote()))),
        ),
        ("no link", known(), answer(), copy(group(), PRIVATE, None)),
        (
            "the quote was refused",
            known().linked(Side::User).hinted(Hints { without_quote: true, ..Hints::default() }),
            answer(),
            copy(group(), PRIVATE, resolved(None)),
        ),
        (
            "the reply was refused",
            known().linked(Side::User).hinted(Hints { without_reply: true, ..Hints::default() }),
            answer(),
            copy(group(), PRIVATE, None),
        ),
        (
            "the copy was refused with it",
            known().linked(Side::User).hinted(bare()),
            answer(),
            copy(group(), PRIVATE, None),
        ),
        (
            "the copy was refused without it",
            known().linked(Side::User).hinted(Hints { forward: true, ..bare() }),
            answer(),
            Step::Call(
                Call::Forward { to: group(), from: PRIVATE, message: WRITTEN },
                Then::Relayed,
            ),
        ),
    ]);
}

#[test]
fn a_batch_is_one_call() {
    let piece = |message, reply: Option<Reply>, body: Option<Body>, transfer| {
        let message = MessageId(message);
        Effect::Relay(Relay { message, reply, body, ..relay(Side::User, transfer) })
    };
    let reply = || Some(Reply { to: MessageId(9), quote: None });
    let messages = || vec![MessageId(12), MessageId(13)];
    let many = || Call::CopyMany { to: group(), from: PRIVATE, messages: messages() };
    let album = Call::Album {
        to: group(),
        pieces: vec![body(true), body(true)],
        reply: Some(Resolved { to: COPY, quote: None }),
    };
    let forwards = Call::ForwardMany { to: group(), from: PRIVATE, messages: messages() };
    let copies = Transfer::Copy;
    for (name, batch, call) in [
        ("copies", vec![piece(12, None, None, copies), piece(13, None, None, copies)], many()),
        (
            "forwards",
            vec![
                piece(12, None, None, Transfer::Forward),
                piece(13, None, None, Transfer::Forward),
            ],
            forwards,
        ),
        (
            "an album with a reply is sent by its file ids, whichever piece has the reply",
            vec![
                piece(12, None, Some(body(true)), copies),
                piece(13, reply(), Some(body(true)), copies),
            ],
            album,
        ),
        (
            "without the reply, if a piece has no file",
            vec![
                piece(12, reply(), Some(body(false)), copies),
                piece(13, None, Some(body(true)), copies),
            ],
            many(),
        ),
    ] {
        let step = known().linked(Side::User).step(batch);
        assert_eq!(step, Step::Call(call, Then::Relayed), "{name}");
    }
    let answering = vec![
        piece(12, reply(), Some(body(true)), copies),
        piece(13, reply(), Some(body(true)), copies),
    ];
    let step = known().linked(Side::User).hinted(bare()).step(answering);
    assert_eq!(
        step,
        Step::Call(many(), Then::Relayed),
        "the file ids were refused: copied by message ids"
    );
}

#[test]
fn an_edit_changes_the_copy_or_resends_it() {
    let same = Fingerprint { text: 1, media: 2 };
    let words = Fingerprint { text: 3, media: 2 };
    let file = Fingerprint { text: 1, media: 4 };
    let edited = |call, fingerprint| {
        Step::Call(call, Then::Edited { link: Link { fingerprint, at: NOW, ..link(Side::User) } })
    };
    let resent = |call, fingerprint| {
        Step::Call(call, Then::Resent { link: Link { fingerprint, at: NOW, ..link(Side::User) } })
    };
    let of = |now, media, transfer| edit(Side::User, now, media, transfer);
    let (chat, message) = (GROUP, COPY);
    let old = || Some(Resolved { to: COPY, quote: None });
    let again = |reply| {
        let links = Vec::new();
        Call::Copy { to: group(), from: PRIVATE, message: WRITTEN, reply, links }
    };
    let links = LinkRows::new;
    let copy = Transfer::Copy;
    check(vec![
        ("no link", known(), of(words, false, copy), Step::Nothing),
        ("the bot's own copy", known().linked(Side::Staff), of(words, false, copy), Step::Nothing),
        ("nothing has changed", known().linked(Side::User), of(same, false, copy), Step::Nothing),
        (
            "the text",
            known().linked(Side::User),
            of(words, false, copy),
            edited(Call::EditText { chat, message, body: body(false), links: links() }, words),
        ),
        (
            "the caption",
            known().linked(Side::User),
            of(words, true, copy),
            edited(Call::EditCaption { chat, message, body: body(true), links: links() }, words),
        ),
        (
            "the file",
            known().linked(Side::User),
            of(file, true, copy),
            edited(Call::EditMedia { chat, message, body: body(true), links: links() }, file),
        ),
        (
            "a change that no edit can show replies to the old copy",
            known().linked(Side::User),
            of(file, false, copy),
            resent(again(old()), file),
        ),
        (
            "the copy could not be edited",
            known().linked(Side::User).hinted(Hints { resend: true, ..Hints::default() }),
            of(words, false, copy),
            resent(again(old()), words),
        ),
        (
            "without the refused reply",
            known().linked(Side::User).hinted(Hints {
                resend: true,
                without_reply: true,
                ..Hints::default()
            }),
            of(words, false, copy),
            resent(again(None), words),
        ),
        (
            "bare, after it was refused with the reply",
            known().linked(Side::User).hinted(Hints { resend: true, ..bare() }),
            of(words, false, copy),
            resent(again(None), words),
        ),
        (
            "as a forward, after it was refused bare",
            known().linked(Side::User).hinted(Hints { resend: true, forward: true, ..bare() }),
            of(words, false, copy),
            resent(Call::Forward { to: group(), from: PRIVATE, message: WRITTEN }, words),
        ),
        (
            "a forward",
            known().linked(Side::User),
            of(words, false, Transfer::Forward),
            resent(Call::Forward { to: group(), from: PRIVATE, message: WRITTEN }, words),
        ),
    ]);
}

#[test]
fn a_message_that_became_a_note_while_queued_is_skipped() {
    let piece = |message| {
        let album = Some(AlbumId("a".to_owned()));
        let message = MessageId(message);
        Relay { message, album, ..relay(Side::Staff, Transfer::Copy) }
    };
    let withheld = || known().with(|conversation| assert!(conversation.notes.withhold(WRITTEN)));
    let album = |note| {
        known().with(|conversation| {
            let content = Content {
                message: MessageId(12),
                kind: ContentKind::Photo,
                transfer: Transfer::Copy,
                album: None,
                reply: None,
                fingerprint: Fingerprint::default(),
                body: None,
                own_phone: false,
                forwarded: false,
                elsewhere: None,
                links: Vec::new(),
            };
            let album = AlbumId("a".to_owned());
            conversation.notes.take_piece(&album, &content, note, None);
        })
    };
    let batch = || vec![Effect::Relay(piece(11)), Effect::Relay(piece(12))];
    let messages = vec![MessageId(11), MessageId(12)];
    let both = Call::CopyMany { to: private(), from: GROUP, messages };
    assert_eq!(withheld().step(vec![copied(Side::Staff)]), Step::Nothing);
    assert_eq!(
        withheld().step(vec![copied(Side::User)]),
        copy(group(), PRIVATE, None),
        "a user's message may have the same id"
    );
    assert_eq!(album(false).step(batch()), Step::Call(both, Then::Relayed));
    assert_eq!(album(true).step(batch()), Step::Nothing);
}

#[test]
fn a_forward_names_its_author_only_if_the_author_is_a_stranger() {
    let forwarded = || Effect::Relay(relay(Side::Staff, Transfer::ForwardOf(UserId(8))));
    let stranger = || State { stranger: true, ..known() };
    let (to, from) = (private(), GROUP);
    let forward = Call::Forward { to, from, message: WRITTEN };
    let forwards = Call::ForwardMany { to, from, messages: vec![WRITTEN; 2] };
    let copies = Call::CopyMany { to, from, messages: vec![WRITTEN; 2] };
    assert_eq!(known().step(vec![forwarded()]), copy(to, from, None));
    assert_eq!(stranger().step(vec![forwarded()]), Step::Call(forward, Then::Relayed));
    let album = || vec![forwarded(), forwarded()];
    assert_eq!(known().step(album()), Step::Call(copies, Then::Relayed));
    assert_eq!(stranger().step(album()), Step::Call(forwards, Then::Relayed));
    let plain = vec![copied(Side::Staff)];
    assert_eq!(stranger().step(plain), copy(to, from, None), "a copy stays a copy");
}

#[test]
fn only_its_own_lane_opens_a_topic() {
    let lost = known().with(|conversation| conversation.topic.current = Topic::None);
    let planned_in = |channel, effect: Effect| {
        let batch = vec![item(1, effect)];
        lost.planned(|planner| {
            let lane = OutboxLane { channel, ..planner.lane };
            Planner { lane, ..*planner }.step(&batch, None)
        })
    };
    assert_eq!(planned_in(Channel::Stuck, copied(Side::User)), Step::ReturnToOwnLane);
    let aside = Tell::aside(Text::FloodDropped { count: 2 });
    assert_eq!(planned_in(Channel::Cosmetic, aside), Step::ReturnToOwnLane);
    assert_eq!(planned_in(Channel::Stuck, copied(Side::Staff)), copy(private(), GROUP, None));
}

#[test]
fn of_a_backlog_only_notes_are_withheld() {
    let withheld =
        || known().with(|conversation| assert!(conversation.notes.withhold(MessageId(12))));
    let answer = |message| {
        let message = MessageId(message);
        Effect::Relay(Relay { message, ..relay(Side::Staff, Transfer::Copy) })
    };
    assert_eq!(withheld().step(vec![answer(11), answer(12), answer(13)]), Step::Singly);
    assert_eq!(withheld().step(vec![answer(12)]), Step::Nothing);
    let piece = |message| {
        let (message, album) = (MessageId(message), Some(AlbumId("a".to_owned())));
        Effect::Relay(Relay { message, album, ..relay(Side::Staff, Transfer::Copy) })
    };
    let album = vec![piece(11), piece(12), piece(13)];
    assert_eq!(withheld().step(album), Step::Singly, "one piece was deleted before it was sent");
    assert_ne!(withheld().step(vec![answer(13)]), Step::Nothing);
    let words = Fingerprint { text: 3, media: 2 };
    let noted = || known().with(|conversation| assert!(conversation.notes.withhold(WRITTEN)));
    let late = edit(Side::Staff, words, false, Transfer::Copy);
    let with_hint = Hints { resend: true, ..Hints::default() };
    for state in [noted().linked(Side::Staff), noted().linked(Side::Staff).hinted(with_hint)] {
        assert_eq!(
            state.step(vec![late.clone()]),
            Step::Nothing,
            "an edit does not deliver it either"
        );
    }
}
