//! Steps for what follows a message, and for texts and cards of the desk itself.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn follow_up_effects_apply_to_the_counterpart() {
    let react =
        || Effect::React { from: Side::Staff, message: WRITTEN, reaction: None, late: false };
    let (message, command, former) = (WRITTEN, MessageId(30), None);
    let erase = || Effect::Erase { message, command, former };
    let done = |call| Step::Call(call, Then::Done);
    let deleted = Then::Erased { confirm: Some(MessageId(30)) };
    let withdraw = |note| Effect::Withdraw { message: WRITTEN, note, former: None };
    let taken_back = |confirm| {
        Step::Call(Call::Delete { chat: PRIVATE, message: COPY }, Then::Erased { confirm })
    };
    check(vec![
        ("a note that reached nobody", known(), withdraw(Some(WRITTEN)), Step::Nothing),
        (
            "a note that was sent",
            known().linked(Side::Staff),
            withdraw(Some(WRITTEN)),
            taken_back(Some(WRITTEN)),
        ),
        ("another piece of it", known().linked(Side::Staff), withdraw(None), taken_back(None)),
        (
            "a reaction",
            known().linked(Side::Staff),
            react(),
            done(Call::React { chat: PRIVATE, message: COPY, reaction: None }),
        ),
        ("a reaction without a link", known(), react(), Step::Nothing),
        (
            "a deletion",
            known().linked(Side::Staff),
            erase(),
            Step::Call(Call::Delete { chat: PRIVATE, message: COPY }, deleted),
        ),
        (
            "a deletion without a link",
            known(),
            erase(),
            Step::Tell(Text::NothingToDelete, Some(MessageId(30))),
        ),
        (
            "a pin of the card",
            known(),
            Effect::Pin { message: CARD },
            done(Call::Pin { chat: GROUP, message: CARD }),
        ),
        ("a pin of a replaced message", known(), Effect::Pin { message: COPY }, Step::Nothing),
        (
            "an unpin",
            known(),
            Effect::Unpin { message: COPY },
            done(Call::Unpin { chat: GROUP, message: COPY }),
        ),
        (
            "closing a topic",
            known(),
            Effect::CloseTopic,
            done(Call::CloseTopic { chat: GROUP, topic: TOPIC }),
        ),
        (
            "reopening a topic",
            known(),
            Effect::ReopenTopic,
            done(Call::ReopenTopic { chat: GROUP, topic: TOPIC }),
        ),
        (
            "no topic",
            known().with(|conversation| conversation.topic.current = Topic::None),
            Effect::CloseTopic,
            Step::Nothing,
        ),
        (
            "buttons in the group",
            known(),
            Effect::RetireButtons { side: Side::Staff, message: COPY },
            done(Call::RemoveKeys { chat: GROUP, message: COPY }),
        ),
        (
            "buttons in the private chat",
            known(),
            Effect::RetireButtons { side: Side::User, message: COPY },
            done(Call::RemoveKeys { chat: PRIVATE, message: COPY }),
        ),
        (
            "an answer to a button",
            known(),
            Effect::Answer { callback: CallbackId("c".to_owned()), side: Side::User, text: None },
            done(Call::Answer { callback: CallbackId("c".to_owned()), text: None }),
        ),
        (
            "a line of the welcome",
            known(),
            Effect::Scene(SceneLine {
                words: "Hello {name}".to_owned(),
                picture: None,
                buttons: Vec::new(),
            }),
            Step::Call(
                Call::Say {
                    to: private(),
                    html: "Hello Ada".to_owned(),
                    reply: None,
                    keys: Keys::new(),
                },
                Then::TextSent { pin: false },
            ),
        ),
        (
            "a removed picture without words",
            known(),
            Effect::Scene(SceneLine {
                words: String::new(),
                picture: Some("a.png".to_owned()),
                buttons: Vec::new(),
            }),
            Step::Nothing,
        ),
    ]);
}

#[test]
fn a_refresh_updates_the_name_and_then_the_card() {
    let refresh = || vec![Effect::Refresh];
    let (html, hash) = known().planned(|planner| planner.card(planner.conversation.unwrap()));
    let shown = || known().with(|conversation| conversation.topic.card_hash = hash);
    let keys = Keys::new;
    let rename = Call::RenameTopic { chat: GROUP, topic: TOPIC, title: "Ada".to_owned() };
    let old = || shown().with(|conversation| conversation.topic.title = None);
    for (name, state, expected) in [
        ("everything is up to date", shown(), Step::Nothing),
        ("no conversation", shown().unknown(), Step::Nothing),
        (
            "no topic",
            old().with(|conversation| conversation.topic.current = Topic::None),
            Step::Nothing,
        ),
        ("the name", old(), Step::Call(rename, Then::Renamed { title: "Ada".to_owned() })),
        (
            "a name that was refused",
            old().hinted(Hints { plain_title: true, ..Hints::default() }),
            Step::Nothing,
        ),
        (
            "the card",
            known(),
            Step::Call(
                Call::EditSaid { chat: GROUP, message: CARD, html: html.clone(), keys: keys() },
                Then::CardEdited { card: CARD, hash },
            ),
        ),
        (
            "no card yet",
            known().with(|conversation| conversation.topic.card = None),
            Step::Call(
                Call::Say { to: group(), html, reply: None, keys: keys() },
                Then::CardSent { hash },
            ),
        ),
    ] {
        assert_eq!(state.step(refresh()), expected, "{name}");
    }
}

#[test]
fn texts_of_the_desk_go_to_their_audience() {
    let text_call = |state: &State, tell: Tell, elsewhere: Option<Address>| {
        let batch = [item(1, Effect::Tell(tell))];
        match state.planned(|planner| planner.step(&batch, elsewhere)) {
            Step::Call(Call::Say { to, reply, .. }, Then::TextSent { pin }) => {
                Some((to, reply, pin))
            }
            Step::Nothing => None,
            other @ (Step::Call(..)
            | Step::ReturnToOwnLane
            | Step::InGroup(_)
            | Step::Singly
            | Step::Learn(_)
            | Step::Tell(..)) => {
                panic!("{other:?}")
            }
        }
    };
    let tell = |effect| {
        let Effect::Tell(tell) = effect else { panic!("{effect:?}") };
        tell
    };
    let topic = || tell(Tell::topic(Text::UserLeft, Some(COPY)));
    let reply = Some(Resolved { to: COPY, quote: None });
    assert_eq!(text_call(&known(), topic(), None), Some((group(), reply, false)));
    let aside = || tell(Tell::aside(Text::FloodDropped { count: 2 }));
    assert_eq!(text_call(&known(), aside(), None), Some((group(), None, false)));
    let without = known().hinted(Hints { without_reply: true, ..Hints::default() });
    assert_eq!(text_call(&without, topic(), None), Some((group(), None, false)));
    let there = Address { chat: GROUP, topic: Some(TopicId(6)) };
    let former = || tell(Tell::operators(Some(TopicId(6).into()), Text::StaffHelp, Some(COPY)));
    let reply = Some(Resolved { to: COPY, quote: None });
    assert_eq!(text_call(&known(), former(), None), Some((there, reply, false)));
    let reopening = known().hinted(Hints { reopen: true, ..Hints::default() });
    assert!(text_call(&reopening, former(), None).is_some(), "the present topic does not matter");
    let in_present = known().hinted(Hints { in_present: true, ..Hints::default() });
    assert_eq!(text_call(&in_present, former(), None), Some((group(), None, false)));
    for (operator, mention) in [(Some(UserId(9)), "tg://user?id=9"), (None, "old topic")] {
        let there = Former { topic: TopicId(6), operator };
        let elsewhere = vec![Tell::operators(Some(there), Text::StaffHelp, Some(COPY))];
        let Step::Call(Call::Say { html, .. }, _) = in_present.step(elsewhere) else {
            panic!("expected a text")
        };
        assert!(html.lines().next().unwrap().contains(mention), "{html}");
    }
    let user = tell(Tell::user(Text::LanguageChosen));
    assert_eq!(text_call(&known(), user, None), Some((private(), None, false)));
    let general = Address { chat: GROUP, topic: None };
    let audience = Audience::Chat { chat: GROUP, topic: None };
    let pinned = Tell { audience, pin: true, reply_to: None, ..topic() };
    assert_eq!(text_call(&known(), pinned.clone(), Some(general)), Some((general, None, true)));
    assert_eq!(text_call(&known(), pinned, None), None, "no address");
    let (html, _) = known().planned(|planner| planner.card(planner.conversation.unwrap()));
    let text = known().conversation.unwrap().card_text(Language::Russian);
    let card = vec![Tell::topic(text, None)];
    let Step::Call(Call::Say { html: shown, .. }, _) = known().step(card) else { panic!("a card") };
    assert_eq!(shown, html, "a card has the same text as the pinned one");
}

#[test]
fn a_card_shows_the_name_and_the_known_number_and_answers() {
    let card = |state: State| {
        let (html, hash) = state.planned(|planner| planner.card(planner.conversation.unwrap()));
        assert_eq!(hash, Fingerprint::hash([html.as_str()]));
        html
    };
    let bare = card(known());
    assert!(bare.starts_with("<b><a href=\"tg://user?id=5\">Ada</a></b>"), "{bare}");
    let welcomed = |conversation: &mut Conversation| {
        conversation.request = Some(Request { nth: 1, number: Some(417), closed: false });
        conversation.welcome.answers.insert("topic".to_owned(), "a parcel".to_owned());
    };
    let full = card(known().with(welcomed));
    let below: Vec<_> = full.strip_prefix(&bare).unwrap().split("\n\n").collect();
    assert_eq!(below.len(), 3, "{full}");
    assert!(below[1].contains("417") && below[2].contains("a parcel"), "{full}");
}
