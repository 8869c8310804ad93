//! Effects: things to do at Telegram, stored in the outbox until they are done.

use crate::{
    AlbumId, Body, CallbackId, ChatId, ContentKind, DeadId, Elsewhere, Fingerprint, Language,
    LinkRows, MessageId, NewsletterButton, NewsletterContent, NewsletterId, Opaque, Reply, Report,
    SceneLine, Side, Text, TopicId, Track, Transfer, UserId,
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

/// A newsletter's send or recall for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsletterSend {
    /// The newsletter.
    pub newsletter: NewsletterId,
    /// The action.
    pub act: NewsletterCall,
}

/// An action on one user's copy of a newsletter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewsletterCall {
    /// Send it to the user.
    Deliver {
        /// The user whose private chat with the bot contains the original messages.
        author: UserId,
        /// The content of the newsletter.
        letter: NewsletterContent,
    },
    /// Delete its copies from the user's chat.
    Recall(Vec<MessageId>),
}

/// The subject of a control panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Panel {
    /// The newsletter that is being written.
    Draft,
    /// A newsletter that was started.
    Newsletter(NewsletterId),
}

/// A message to relay to the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// The side where the message was written.
    pub from: Side,
    /// The id on that side.
    pub message: MessageId,
    /// The kind of message.
    pub kind: ContentKind,
    /// How the message travels.
    pub transfer: Transfer,
    /// The message that it replies to, on its own side.
    pub reply: Option<Reply>,
    /// The album that it belongs to.
    pub album: Option<AlbumId>,
    /// Hashes of the content, for later edits.
    pub fingerprint: Fingerprint,
    /// Text and media, only for pieces of albums: an album with a reply is sent by file ids, not copied.
    pub body: Option<Body>,
    /// The message in another chat that it replies to: shown to operators right before it.
    pub elsewhere: Option<Elsewhere>,
    /// The buttons under it.
    pub links: LinkRows,
    /// The former topic in which it was written; `None` for the present topic.
    pub former: Option<Former>,
}

/// An edited message, whose copy must change, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The side where the message was written.
    pub from: Side,
    /// The id on that side.
    pub message: MessageId,
    /// The kind of message.
    pub kind: ContentKind,
    /// How the message travels if it must be sent again.
    pub transfer: Transfer,
    /// The new content.
    pub body: Body,
    /// Hashes of the new content.
    pub fingerprint: Fingerprint,
    /// The buttons under it.
    pub links: LinkRows,
    /// The former topic in which it was written; `None` for the present topic.
    pub former: Option<Former>,
}

/// A message of the desk itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tell {
    /// The recipients.
    pub audience: Audience,
    /// The text.
    pub text: Text,
    /// The message to reply to, in the audience's chat.
    pub reply_to: Option<MessageId>,
    /// Rows of one button each.
    pub buttons: Vec<Button>,
    /// Whether to pin the message and remember it as the conversation's notice of silent mode.
    pub pin: bool,
}

/// The origin of something that was not done in the present topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// The user's former topic.
    pub topic: TopicId,
    /// The operator, if Telegram says: mentioned if the result can only be reported elsewhere.
    pub operator: Option<UserId>,
}

impl From<TopicId> for Former {
    /// The operator is unknown.
    fn from(topic: TopicId) -> Self {
        Self { topic, operator: None }
    }
}

/// The recipients of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The user, in the private chat.
    User,
    /// The operators, in the user's topic.
    Topic,
    /// The operators, in a former topic of the user; in the present topic if the former one accepts no messages.
    Former(Former),
    /// Everybody in this chat.
    Chat {
        /// The chat.
        chat: ChatId,
        /// The topic in the chat.
        topic: Option<TopicId>,
    },
}

/// A button under a message of the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// The label.
    pub label: Text,
    /// The action of a press.
    pub action: ButtonAction,
}

/// The action of a button press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonAction {
    /// Chooses a language.
    Language(Language),
    /// Replays a failed send.
    Retry(DeadId),
    /// Answers a question of the welcome.
    Welcome {
        /// The run of the welcome that the button belongs to.
        run: u32,
        /// Index of the question's step.
        step: usize,
        /// Index of the button in the question.
        choice: usize,
    },
    /// Changes a draft or a newsletter.
    Newsletter(NewsletterButton),
}

impl ButtonAction {
    /// Encodes the callback data that Telegram returns with a press. [`crate::Press::parse`] decodes it.
    pub fn data(self) -> String {
        match self {
            Self::Language(language) => format!("lang:{}", language.code()),
            Self::Retry(dead) => format!("retry:{dead}"),
            Self::Welcome { run, step, choice } => format!("welcome:{run}:{step}:{choice}"),
            Self::Newsletter(knob) => format!("news:{}", knob.data()),
        }
    }
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
