//! What must now be done at Telegram: values, stored in the outbox until a sender has done them.

use super::{
    AlbumId, Body, CallbackId, ChatId, ContentKind, DeadId, Elsewhere, Fingerprint, Knob, Language,
    Letter, LinkRows, MessageId, NewsletterId, Opaque, Reply, Report, SceneLine, Side, Text,
    TopicId, Track, Transfer, UserId,
};

/// One thing to do. Ids are those of the side where the original was written; where it goes is
/// found when it is sent, because a topic may open, move or heal until then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Bring a message to the other side.
    Relay(Relay),
    /// Show an edit on the copy.
    Edit(Edit),
    /// Show a reaction on the counterpart; `None` takes it back.
    React {
        /// The side where the reaction was given.
        from: Side,
        /// The message there.
        message: MessageId,
        /// The reaction, as `ReactionType`.
        reaction: Option<Opaque>,
        /// Telegram has asked to wait with it: it waits among looks, and holds up no words.
        late: bool,
    },
    /// Delete the counterpart of a message of the group from the user's chat.
    Erase {
        /// The message in the group.
        message: MessageId,
        /// The command, which the outcome is told in reply to.
        command: MessageId,
        /// The former topic that it was given in, if it was not the present one.
        former: Option<Former>,
    },
    /// Delete the counterpart of a message of the group that has turned out to be a note, if there is one.
    Withdraw {
        /// The message in the group.
        message: MessageId,
        /// The note; the outcome is told in reply to it. `None`: nothing is told.
        note: Option<MessageId>,
        /// The former topic that it stands in, if it was not the present one.
        former: Option<Former>,
    },
    /// Say something.
    Tell(Tell),
    /// Play a line of the welcome to the user.
    Scene(SceneLine),
    /// Pin a message in the topic.
    Pin {
        /// The message.
        message: MessageId,
    },
    /// Unpin it.
    Unpin {
        /// The message.
        message: MessageId,
    },
    /// Close the topic.
    CloseTopic,
    /// Open the closed topic.
    ReopenTopic,
    /// Bring the topic's name and card up to date with the conversation.
    Refresh,
    /// Answer the press of a button.
    Answer {
        /// The press.
        callback: CallbackId,
        /// The side it was pressed on.
        side: Side,
        /// A short word shown to who pressed.
        text: Option<Text>,
    },
    /// Take the buttons off a message of ours.
    RetireButtons {
        /// The side it is on.
        side: Side,
        /// The message.
        message: MessageId,
    },
    /// Tell the user, who looks after the desk, how it is when this is sent.
    Report(Report),
    /// Report to the tracker, which is no call of Telegram's.
    Track(Track),
    /// Bring a newsletter to the user, or take it back.
    Mail(Mail),
    /// Show the user, who writes a newsletter, what recipients get.
    Preview(Letter),
    /// Show the user, who looks after the desk, how a newsletter of theirs is.
    Panel(Panel),
    /// Send the user, who has started a newsletter, what became of it for whom.
    MailReport(NewsletterId),
}

/// A newsletter, for one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Which.
    pub newsletter: NewsletterId,
    /// What is done.
    pub act: MailAct,
}

/// What is done with a newsletter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailAct {
    /// It is brought.
    Deliver {
        /// In whose chat with the bot its messages are.
        author: UserId,
        /// What it says.
        letter: Letter,
    },
    /// Its copies, in the user's chat, are deleted.
    Recall(Vec<MessageId>),
}

/// What a panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Panel {
    /// The newsletter that is being written.
    Draft,
    /// One that was started.
    Mailing(NewsletterId),
}

/// A message to bring to the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// The side it was written on.
    pub from: Side,
    /// Its id there.
    pub message: MessageId,
    /// What it is.
    pub kind: ContentKind,
    /// How it travels.
    pub transfer: Transfer,
    /// What it answers, on its own side.
    pub reply: Option<Reply>,
    /// The album it belongs to.
    pub album: Option<AlbumId>,
    /// Its contents, for later edits.
    pub fingerprint: Fingerprint,
    /// Kept for pieces of albums: an album with a reply is sent anew by its files.
    pub body: Option<Body>,
    /// What it answers in another chat: shown to operators right before it.
    pub elsewhere: Option<Elsewhere>,
    /// The buttons under it.
    pub links: LinkRows,
    /// The former topic that it was written in, if it was not the present one.
    pub former: Option<Former>,
}

/// An edited message, whose copy must follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The side it was written on.
    pub from: Side,
    /// Its id there.
    pub message: MessageId,
    /// What it is.
    pub kind: ContentKind,
    /// How it travels if it must be sent again.
    pub transfer: Transfer,
    /// The new contents.
    pub body: Body,
    /// Their fingerprint.
    pub fingerprint: Fingerprint,
    /// The buttons under it.
    pub links: LinkRows,
    /// The former topic that it was written in, if it was not the present one.
    pub former: Option<Former>,
}

/// Something that the desk says in its own voice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tell {
    /// To whom.
    pub audience: Audience,
    /// What.
    pub text: Text,
    /// The message it answers, in the audience's chat.
    pub reply_to: Option<MessageId>,
    /// Rows of one button each.
    pub buttons: Vec<Button>,
    /// Whether it is pinned, and remembered as the conversation's silent notice.
    pub pin: bool,
}

/// Where something came from that was not done in the present topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Former {
    /// A topic that was the user's before.
    pub topic: TopicId,
    /// Who did it there, if Telegram says: mentioned where it can only be told elsewhere.
    pub operator: Option<UserId>,
}

impl From<TopicId> for Former {
    /// By somebody who is not known.
    fn from(topic: TopicId) -> Self {
        Self { topic, operator: None }
    }
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The user, in the private chat.
    User,
    /// The operators, in the user's topic.
    Topic,
    /// The operators, in a topic that was the user's before; in the present one, if that takes nothing.
    Former(Former),
    /// Whoever is in this chat.
    Chat {
        /// The chat.
        chat: ChatId,
        /// The topic in it.
        topic: Option<TopicId>,
    },
}

/// A button under a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its label.
    pub label: Text,
    /// What a press means.
    pub action: ButtonAction,
}

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonAction {
    /// Chooses a language.
    Language(Language),
    /// Tries a failed send again.
    Retry(DeadId),
    /// Answers a question of the welcome.
    Welcome {
        /// In this run.
        run: u32,
        /// The place of the question.
        step: usize,
        /// Which of its buttons.
        choice: usize,
    },
    /// Does something with a newsletter.
    Newsletter(Knob),
}

impl ButtonAction {
    /// What Telegram keeps with the button and hands back; [`super::Press::parse`] reads it.
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
    /// Says something in the user's topic, in reply to a message there.
    pub fn topic(text: Text, reply_to: Option<MessageId>) -> Effect {
        Self::operators(None, text, reply_to)
    }

    /// The same, in the former topic that was asked in, if it was not the present one.
    pub fn operators(former: Option<Former>, text: Text, reply_to: Option<MessageId>) -> Effect {
        Effect::Tell(Self {
            audience: former.map_or(Audience::Topic, Audience::Former),
            text,
            reply_to,
            buttons: Vec::new(),
            pin: false,
        })
    }

    /// Says something to the user.
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
