//! The next step for the sends at a lane's head, and the meaning of a call's success.

use domain::{GroupKey, Learnt, Link, MessageId, NewsletterId, Panel, RecipientOutcome, Text};
use ports::Call;

/// The next step.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine::deliver) enum Step {
    /// Make this call.
    Call(Call, Then),
    /// Store this first.
    Learn(Learnt),
    /// Nothing is left to do.
    Nothing,
    /// Send each message of the batch alone: one of them is a note, which goes to nobody.
    Singly,
    /// Move the send back to its own lane: only that lane may open a topic.
    ReturnToOwnLane,
    /// The call goes to another group than the one whose slot was taken for it: wait for a slot there.
    InGroup(GroupKey),
    /// Nothing can be done. Say this in the topic instead.
    Tell(Text, Option<MessageId>),
}

/// The meaning of a call's success.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::engine::deliver) enum Then {
    /// The topic is open; the sends come next.
    TopicOpened { title: String },
    /// The topic is open again; the sends come next.
    TopicReopened,
    /// The introduction was sent; the messages come next.
    Introduced,
    /// The messages arrived: store links.
    Relayed,
    /// The copy shows the new contents.
    Edited { link: Link },
    /// The new version arrived as a separate message.
    Resent { link: Link },
    /// The message was deleted. `confirm`: the message to which the confirmation replies.
    Erased { confirm: Option<MessageId> },
    /// The text was sent.
    TextSent { pin: bool },
    /// The topic has this name.
    Renamed { title: String },
    /// The topic's card exists, and so does the topic.
    Probed,
    /// The card was sent and must be pinned.
    CardSent { hash: u32 },
    /// The card shows this text.
    CardEdited { card: MessageId, hash: u32 },
    /// The newsletter was delivered or recalled.
    NewsletterSettled { newsletter: NewsletterId, outcome: RecipientOutcome },
    /// The author sees the message as recipients get it.
    Previewed,
    /// The panel was sent.
    PanelSent(Panel),
    /// The panel shows the present state.
    PanelEdited,
    /// Nothing follows.
    Done,
}
