//! Steps for what accompanies a message: the introduction of a reply to another chat, and the buttons of an inline
//! bot.

use super::*;

fn elsewhere() -> Elsewhere {
    let names = vec!["A <b>channel</b>".to_owned()];
    let link = Some("https://t.me/news/5".to_owned());
    Elsewhere { names, link, quote: Some("in stock & cheap".to_owned()) }
}

#[test]
fn a_reply_to_another_chat_is_introduced_before_the_message() {
    let introduction = Call::Say {
        to: group(),
        html:
            "<i>◆ The message below replies to one in another chat: A &lt;b&gt;channel&lt;/b&gt; · \
               https://t.me/news/5</i>\n<blockquote>in stock &amp; cheap</blockquote>"
                .to_owned(),
        reply: None,
        keys: Keys::new(),
    };
    let introduction = || Step::Call(introduction.clone(), Then::Introduced);
    let introduced = || Hints { introduced: true, ..Hints::default() };
    let relay = |transfer| Relay { elsewhere: Some(elsewhere()), ..relay(Side::User, transfer) };
    let copied = || Effect::Relay(relay(Transfer::Copy));
    check(vec![
        ("before a copy", known(), copied(), introduction()),
        ("before a forward", known(), Effect::Relay(relay(Transfer::Forward)), introduction()),
        (
            "the introduction itself probes a doubtful topic",
            known().doubtful_topic(),
            copied(),
            introduction(),
        ),
        ("once", known().hinted(introduced()), copied(), copy(group(), PRIVATE, None)),
    ]);
    let fresh = known().with(|conversation| conversation.topic.current = Topic::None);
    assert!(matches!(
        fresh.step(vec![copied()]),
        Step::Call(Call::OpenTopic { .. }, Then::TopicOpened { .. })
    ));
    // One piece of an album may carry the reply, or each of them.
    let piece = |message, elsewhere| {
        let message = MessageId(message);
        Effect::Relay(Relay { message, elsewhere, ..super::relay(Side::User, Transfer::Copy) })
    };
    for (first, second) in [(Some(elsewhere()), Some(elsewhere())), (None, Some(elsewhere()))] {
        let album = || vec![piece(12, first.clone()), piece(13, second.clone())];
        assert_eq!(known().step(album()), introduction());
        let messages = vec![MessageId(12), MessageId(13)];
        let many = Call::CopyMany { to: group(), from: PRIVATE, messages };
        let step = known().hinted(introduced()).step(album());
        assert_eq!(step, Step::Call(many, Then::Relayed));
    }
}

#[test]
fn a_copy_keeps_the_buttons_of_an_inline_bot() {
    let linked = |from| Effect::Relay(Relay { links: buttons(), ..relay(from, Transfer::Copy) });
    let copy_with = |to, from, links| {
        let call = Call::Copy { to, from, message: WRITTEN, reply: None, links };
        Step::Call(call, Then::Relayed)
    };
    check(vec![
        ("to the topic", known(), linked(Side::User), copy_with(group(), PRIVATE, buttons())),
        ("to the user", known(), linked(Side::Staff), copy_with(private(), GROUP, buttons())),
        (
            "not after the copy was refused with them",
            known().hinted(bare()),
            linked(Side::User),
            copy_with(group(), PRIVATE, vec![]),
        ),
    ]);
}

#[test]
fn an_edit_keeps_the_buttons_of_an_inline_bot() {
    let words = Fingerprint { text: 3, media: 2 };
    let Effect::Edit(edited) = edit(Side::User, words, false, Transfer::Copy) else {
        panic!("an edit")
    };
    let linked = || Effect::Edit(Edit { links: buttons(), ..edited.clone() });
    let link = || Link { fingerprint: words, at: NOW, ..link(Side::User) };
    let shown = Call::EditText { chat: GROUP, message: COPY, body: body(false), links: buttons() };
    let anew =
        |reply, links| Call::Copy { to: group(), from: PRIVATE, message: WRITTEN, reply, links };
    let answer = Some(Resolved { to: COPY, quote: None });
    let resend = Hints { resend: true, ..Hints::default() };
    check(vec![
        (
            "on the copy",
            known().linked(Side::User),
            linked(),
            Step::Call(shown, Then::Edited { link: link() }),
        ),
        (
            "resent",
            known().linked(Side::User).hinted(resend),
            linked(),
            Step::Call(anew(answer, buttons()), Then::Resent { link: link() }),
        ),
        (
            "but not after they were refused",
            known().linked(Side::User).hinted(Hints { resend: true, ..bare() }),
            linked(),
            Step::Call(anew(None, vec![]), Then::Resent { link: link() }),
        ),
    ]);
}
