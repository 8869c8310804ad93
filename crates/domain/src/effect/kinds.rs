//! The list of effects: every kind of thing that the desk does at Telegram or reports to the tracker.

use super::{Audience, Edit, Former, NewsletterSend, Panel, Relay, Tell};
use crate::{
    CallbackId, MessageId, NewsletterContent, NewsletterId, Opaque, Report, SceneLine, Side, Text,
    Track,
};

/// One thing to do. Its ids belong to the side where the original was written. The target is determined only at the
/// call, because the topic may be opened, replaced or restored until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Relay a message to the other side.
    Relay(Relay),
    /// Edit the copy of an edited message.
    Edit(Edit),
    /// Set the reaction on the counterpart of a message; `None` removes it.
    React {
        /// The side where the reaction was set.
        from: Side,
        /// The message on that side.
        message: MessageId,
        /// The reaction, as `ReactionType`.
        reaction: Option<Opaque>,
        /// Whether Telegram has throttled it: it then waits among cosmetic sends and delays no message.
        late: bool,
    },
    /// Delete the counterpart of a group message from the user's chat (`/delete`).
    Erase {
        /// The message in the group.
        message: MessageId,
        /// The message with the command, to which the outcome is a reply.
        command: MessageId,
        /// The former topic in which the command was given; `None` for the present topic.
        former: Option<Former>,
    },
    /// Delete the counterpart, if any, of a group message that has turned out to be a note.
    Withdraw {
        /// The message in the group.
        message: MessageId,
        /// The note, to which the outcome is a reply; `None` reports no outcome.
        note: Option<MessageId>,
        /// The former topic that contains the note; `None` for the present topic.
        former: Option<Former>,
    },
    /// Send a message of the desk itself.
    Tell(Tell),
    /// Send a line of the welcome to the user.
    Scene(SceneLine),
    /// Pin a message in the topic.
    Pin {
        /// The message.
        message: MessageId,
    },
    /// Unpin a message in the topic.
    Unpin {
        /// The message.
        message: MessageId,
    },
    /// Close the topic.
    CloseTopic,
    /// Reopen the closed topic.
    ReopenTopic,
    /// Update the topic's name and card to match the conversation.
    Refresh,
    /// Answer a button press.
    Answer {
        /// The press.
        callback: CallbackId,
        /// The side on which the button was pressed.
        side: Side,
        /// A short text shown to the person who pressed the button.
        text: Option<Text>,
    },
    /// Remove the buttons from a message of the bot.
    RetireButtons {
        /// The side of the message.
        side: Side,
        /// The message.
        message: MessageId,
    },
    /// Send the user, who is the owner or an administrator, a report made at the time of the call.
    Report(Report),
    /// Report to the tracker. This is not a call to Telegram.
    Track(Track),
    /// Send a newsletter to the user, or recall it.
    Newsletter(NewsletterSend),
    /// Show the user, who is writing a newsletter, exactly what recipients get.
    Preview(NewsletterContent),
    /// Show the user a control panel for a draft or a newsletter of theirs.
    Panel(Panel),
    /// Send the user, who started a newsletter, its outcome for each recipient.
    NewsletterReport(NewsletterId),
}

impl Tell {
    /// Sends a text to the user's topic, in reply to a message there if one is given.
    pub fn topic(text: Text, reply_to: Option<MessageId>) -> Effect {
        Self::operators(None, text, reply_to)
    }

    /// Sends a text to the former topic if one is given, otherwise to the present topic.
    pub fn operators(former: Option<Former>, text: Text, reply_to: Option<MessageId>) -> Effect {
        Effect::Tell(Self {
            audience: former.map_or(Audience::Topic, Audience::Former),
            text,
            reply_to,
            buttons: Vec::new(),
            pin: false,
        })
    }

    /// Sends a text to the user's topic, past what waits for it.
    pub fn aside(text: Text) -> Effect {
        Effect::Tell(Self {
            audience: Audience::Aside,
            text,
            reply_to: None,
            buttons: Vec::new(),
            pin: false,
        })
    }

    /// Sends a text to the user.
    pub fn user(text: Text) -> Effect {
        Effect::Tell(Self {
            audience: Audience::User,
            text,
            reply_to: None,
            buttons: Vec::new(),
            pin: false,
        })
    }
}
