//! What happens when an operator writes, edits or reacts in a topic.

use std::time::Duration;

use super::states::{at, banned, closed, open, silent, waiting};
use super::{check, operator, operator_wrote, relayed, text, thumb, uncopyable, when};
use crate::{
    Body, Content, ContentKind, Conversation, Edit, Effect, Fact, MessageId, Relay, ScenePlace,
    Side, StaffAct, Tell, Text, Transfer, WelcomeEnd,
};

fn copied() -> Effect {
    Effect::Relay(relayed(Side::Staff, 6))
}

fn edited() -> Content {
    let body = Body { text: "better".to_owned(), entities: None, preview: None, media: None };
    Content { body: Some(body), ..text(6) }
}

fn shown() -> Effect {
    let Content { message, kind, transfer, fingerprint, body, .. } = edited();
    let (from, body, former) = (Side::Staff, body.unwrap(), None);
    Effect::Edit(Edit { from, message, kind, transfer, body, fingerprint, former })
}

#[test]
fn an_answer_goes_to_the_user() {
    let hour = Fact::Answered { after: Duration::from_hours(1) };
    let told = Tell::topic(Text::NotCopied { kind: ContentKind::PaidMedia }, Some(MessageId(6)));
    check([
        when("an answer to someone who waits ends the waiting", waiting(), operator_wrote(text(6)))
            .stores(|c| c.waiting_since = None)
            .effects([copied()])
            .facts([hour]),
        when(
            "a message to someone who does not wait is no answer",
            open(),
            operator_wrote(text(6)),
        )
        .effects([copied()]),
        when(
            "a forward is forwarded",
            open(),
            operator_wrote(Content { transfer: Transfer::Forward, ..text(6) }),
        )
        .effects([Effect::Relay(Relay { transfer: Transfer::Forward, ..relayed(Side::Staff, 6) })]),
        when("an answer leaves a closed topic closed", closed(), operator_wrote(text(6)))
            .effects([copied()]),
        when(
            "an answer to a banned user is sent: operators decide",
            banned(),
            operator_wrote(text(6)),
        )
        .effects([copied()]),
        when(
            "what no bot can copy is told in reply, and nobody is answered by it",
            waiting(),
            operator_wrote(uncopyable(6)),
        )
        .effects([told.clone()]),
        when(
            "an answer ends the welcome",
            at(ScenePlace::Asking(1), waiting()),
            operator_wrote(text(6)),
        )
        .stores(|c| {
            c.waiting_since = None;
            *c = at(ScenePlace::Over, c.clone());
        })
        .effects([copied()])
        .facts([hour, Fact::WelcomeEnded(WelcomeEnd::Answered)]),
        when(
            "a message to someone who does not wait ends the welcome as well",
            at(ScenePlace::Waiting(3), open()),
            operator_wrote(text(6)),
        )
        .stores(|c| *c = at(ScenePlace::Over, c.clone()))
        .effects([copied()])
        .facts([Fact::WelcomeEnded(WelcomeEnd::Answered)]),
        when(
            "what no bot can copy does not end the welcome",
            at(ScenePlace::Asking(1), waiting()),
            operator_wrote(uncopyable(6)),
        )
        .effects([told]),
    ]);
}

#[test]
fn edits_and_reactions_of_operators_follow() {
    let reacts = |reaction| operator(StaffAct::Reacted { message: MessageId(6), reaction });
    let reacted = |reaction| Effect::React { from: Side::Staff, message: MessageId(6), reaction };
    check([
        when("an edit is shown on the copy", waiting(), operator(StaffAct::Edited(edited())))
            .effects([shown()]),
        when("an edit without contents is nothing", open(), operator(StaffAct::Edited(text(6))))
            .ignored(),
        when("a reaction is shown on the counterpart", waiting(), reacts(Some(thumb())))
            .effects([reacted(Some(thumb()))]),
        when("a reaction taken back is taken back there", open(), reacts(None))
            .effects([reacted(None)]),
    ]);
}

#[test]
fn nothing_leaves_a_silent_topic() {
    let silent_and_waiting = || Conversation { silent: true, ..waiting() };
    let reacts = StaffAct::Reacted { message: MessageId(6), reaction: Some(thumb()) };
    check([
        when("a message stays", silent(), operator_wrote(text(6))).ignored(),
        when("a message answers nobody", silent_and_waiting(), operator_wrote(text(6))).ignored(),
        when("what no bot can copy is not told of", silent(), operator_wrote(uncopyable(6)))
            .ignored(),
        when("an edit stays", silent(), operator(StaffAct::Edited(edited()))).ignored(),
        when("a reaction stays", silent(), operator(reacts)).ignored(),
    ]);
}

#[test]
fn notes_stay_among_operators() {
    check([
        when("a note to someone who waits", waiting(), operator(StaffAct::Noted)).ignored(),
        when("a note in a closed topic", closed(), operator(StaffAct::Noted)).ignored(),
    ]);
}
