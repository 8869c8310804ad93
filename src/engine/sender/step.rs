//! What comes next for the sends at a lane's head, and what the success of a call will mean.

use domain::{Learnt, Link, MessageId, NewsletterId, Panel, RecipientOutcome, Text};
use ports::Call;

/// The next call, or none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Make this call.
    Call(Call, Then),
    /// Remember this first.
    Learn(Learnt),
    /// Nothing is left to do.
    Nothing,
    /// Each of the run goes alone: one of them is for nobody.
    Singly,
    /// It goes back to its own lane, in which alone a topic is opened.
    GoesHome,
    /// Nothing can be done; say this in the topic instead.
    Tell(Text, Option<MessageId>),
}

/// What the success of a call means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// The topic is open; the sends come next.
    TopicOpened { title: String },
    /// The topic is open again; the sends come next.
    TopicReopened,
    /// What they answer in another chat was shown; they come next.
    Introduced,
    /// The messages arrived: pairs are learnt.
    Relayed,
    /// The copy shows the new contents.
    Edited { link: Link },
    /// The new version arrived as a message of its own.
    Resent { link: Link },
    /// The message is deleted; told in reply to this.
    Erased { told: Option<MessageId> },
    /// It was said.
    Told { pin: bool },
    /// The topic has the name.
    Renamed { title: String },
    /// The topic's card is there, and so is the topic.
    Probed,
    /// The card is there, and must be pinned.
    CardSent { hash: u32 },
    /// The card shows this.
    CardEdited { card: MessageId, hash: u32 },
    /// The newsletter is there, or taken back.
    Mailed { newsletter: NewsletterId, outcome: RecipientOutcome },
    /// The author sees what recipients get.
    Previewed,
    /// The panel is there.
    PanelSent(Panel),
    /// The panel shows how it is now.
    PanelEdited,
    /// It is done.
    Done,
}
