//! Edits and reactions of users.

use crate::rules::tests::states::{closed, gone, known, open};
use crate::rules::tests::{check, links, text, thumb, user, when};
use crate::{Body, Content, Edit, Effect, MessageId, Side, UserAct};

fn body() -> Body {
    Body { text: "better".to_owned(), entities: None, preview: None, media: None }
}

fn edited() -> Content {
    Content { body: Some(body()), ..text(5) }
}

fn shown() -> Effect {
    let Content { message, kind, transfer, fingerprint, .. } = text(5);
    let (from, body, links, former) = (Side::User, body(), Vec::new(), None);
    Effect::Edit(Edit { from, message, kind, transfer, body, fingerprint, links, former })
}

fn linked() -> Effect {
    let Effect::Edit(edit) = shown() else { panic!("an edit") };
    Effect::Edit(Edit { links: links(), ..edit })
}

#[test]
fn the_copy_follows() {
    let reacted =
        |reaction| Effect::React { from: Side::User, message: MessageId(5), reaction, late: false };
    let reacts = |reaction| user(UserAct::Reacted { message: MessageId(5), reaction });
    check([
        when("an edit is shown on the copy", open(), user(UserAct::Edited(edited())))
            .effects([shown()]),
        when(
            "an edit keeps the buttons of an inline bot",
            open(),
            user(UserAct::Edited(Content { links: links(), ..edited() })),
        )
        .effects([linked()]),
        when("an edit does not reopen a closed topic", closed(), user(UserAct::Edited(edited())))
            .effects([shown()]),
        when("an edit does not report a return", gone(), user(UserAct::Edited(edited())))
            .effects([shown()]),
        when("an edit by an unknown user stores the user", None, user(UserAct::Edited(edited())))
            .stores_the_new()
            .effects([shown()]),
        when("an edit without content has no effect", open(), user(UserAct::Edited(text(5))))
            .ignored(),
        when(
            "an edit without content stores an unknown user",
            None,
            user(UserAct::Edited(text(5))),
        )
        .stores_the_new()
        .ignored(),
        when("a reaction is shown on the counterpart", open(), reacts(Some(thumb())))
            .effects([reacted(Some(thumb()))]),
        when("a removed reaction is removed there", open(), reacts(None)).effects([reacted(None)]),
        when("a reaction before any message is relayed, too", known(), reacts(Some(thumb())))
            .effects([reacted(Some(thumb()))]),
        when("a reaction by an unknown user stores the user", None, reacts(Some(thumb())))
            .stores_the_new()
            .effects([reacted(Some(thumb()))]),
    ]);
}
