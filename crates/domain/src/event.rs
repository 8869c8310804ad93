//! What happened, in the desk's own words. Adapters decode Telegram's updates into these.

use super::{
    CallbackId, ChatId, Content, ContentKind, DeadId, Knob, Language, MessageId, Millis, Opaque,
    Profile, Report, Role, TopicId, UpdateId, UserId,
};

/// One update, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Telegram's number of it.
    pub update: UpdateId,
    /// When Telegram says it happened, to the second; `None` if it does not say.
    pub happened: Option<Millis>,
    /// What happened.
    pub event: Event,
}

/// What happened, and on which side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// In a user's private chat with the bot.
    User(UserEvent),
    /// In the operators' group.
    Staff(StaffEvent),
    /// Someone asked for ids, in any group.
    AskedForIds {
        /// The group.
        chat: ChatId,
        /// The topic, if the group is a forum.
        topic: Option<TopicId>,
        /// Who asked, as Telegram numbers them.
        user: UserId,
        /// As whom.
        asker: Asker,
        /// The question.
        message: MessageId,
    },
    /// An update says that the operators' group has another id. It is a hint: Telegram is asked.
    GroupMigrated,
    /// A conversation's timer has run out.
    Due(UserId),
    /// Nothing that concerns the desk.
    Ignored,
}

/// As whom somebody asks for ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// As oneself: the number is theirs.
    Person,
    /// As the group: an administrator who remains anonymous. The number is that of an account of Telegram's.
    Anonymous,
    /// As a channel, with such a number as well.
    Channel,
}

/// A user did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserEvent {
    /// Who.
    pub user: UserId,
    /// What they are to the desk.
    pub role: Role,
    /// How they call themselves now.
    pub profile: Profile,
    /// The topic of the private chat that it was in, if it was written or pressed there.
    pub thread: Option<TopicId>,
    /// What they did.
    pub act: UserAct,
}

/// What a user can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAct {
    /// Wrote a message that is no command of ours.
    Wrote(Content),
    /// Wrote nothing: Telegram tells of something in the chat that is worth an operator's knowing.
    Happened(ContentKind),
    /// Edited one.
    Edited(Content),
    /// Changed their reaction to a message; `None` took it back.
    Reacted {
        /// The message in the private chat.
        message: MessageId,
        /// The reaction it now has.
        reaction: Option<Opaque>,
    },
    /// `/start`
    Started,
    /// `/help`
    AskedForHelp,
    /// `/language`
    AskedForLanguages,
    /// Gave a command that their role has. From anybody else the same is a message like all others.
    Commanded(DeskCommand),
    /// Pressed a button under one of our messages.
    Pressed {
        /// Answers the press.
        callback: CallbackId,
        /// The message with the button, if Telegram still has it.
        message: Option<MessageId>,
        /// Which button.
        press: Press,
    },
    /// Blocked the bot or deleted the account.
    Left,
    /// Unblocked the bot.
    Returned,
}

/// Commands of those who look after the desk, given in private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeskCommand {
    /// Tell how the desk is.
    Report(Report),
    /// Write a newsletter.
    Newsletter,
}

impl DeskCommand {
    /// The least that one must be to give it.
    pub fn role(self) -> Role {
        match self {
            Self::Report(Report::Status) | Self::Newsletter => Role::Administrator,
            Self::Report(Report::Doctor) => Role::Owner,
        }
    }
}

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// A language.
    Language(Language),
    /// "Try again" under the notice of a failed send.
    Retry(DeadId),
    /// An answer to a question of the welcome.
    Welcome {
        /// In this run.
        run: u32,
        /// The place of the question.
        step: usize,
        /// Which of its buttons.
        choice: usize,
    },
    /// One under a newsletter, or its draft.
    Newsletter(Knob),
    /// One that we do not know (any more).
    Unknown,
}

/// An operator, or Telegram, did something in the operators' group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffEvent {
    /// The topic; `None` in General, or where Telegram does not say (reactions).
    pub topic: Option<TopicId>,
    /// Who did it; `None` for an anonymous administrator, a channel, and where Telegram does not say.
    pub operator: Option<UserId>,
    /// What was done.
    pub act: StaffAct,
}

/// What can happen in the operators' group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffAct {
    /// A message for the user.
    Wrote(Content),
    /// A message among operators: it starts with `//`.
    Noted {
        /// The message.
        content: Content,
        /// It has become one by an edit.
        edited: bool,
    },
    /// Something to the user, or a command, in the name of a channel: nobody knows who it was.
    WroteAsChannel {
        /// The message.
        message: MessageId,
        /// The channel.
        channel: ChatId,
    },
    /// Edited one.
    Edited(Content),
    /// Changed a reaction; `None` took it back.
    Reacted {
        /// The message in the group.
        message: MessageId,
        /// The reaction it now has.
        reaction: Option<Opaque>,
    },
    /// Gave the bot a command.
    Commanded {
        /// Which.
        command: StaffCommand,
        /// The message with the command.
        message: MessageId,
        /// The message that the command answers.
        reply_to: Option<MessageId>,
    },
    /// Pressed a button under one of our notices.
    Pressed {
        /// Answers the press.
        callback: CallbackId,
        /// The message with the button.
        message: Option<MessageId>,
        /// Which button.
        press: Press,
    },
    /// Closed the topic in the client.
    ClosedTopic,
    /// Opened it again.
    ReopenedTopic,
}

/// The operators' commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the command of that name")]
pub enum StaffCommand {
    Ban,
    Silent,
    Information,
    Delete,
    Close,
    Reopen,
    Help,
    /// One that does not exist; it is not relayed, because it was meant for the bot.
    Unknown,
}

/// What an event is about: how its conversation is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The conversation of this user, new or known.
    User(UserId),
    /// The conversation whose topic this is.
    Topic(TopicId),
    /// The conversation that this message of the group belongs to.
    StaffMessage(MessageId),
    /// None.
    Nobody,
}

impl Press {
    /// Reads what [`super::ButtonAction::data`] wrote.
    pub fn parse(data: &str) -> Self {
        let parsed = match data.split_once(':') {
            Some(("lang", code)) => Language::parse(code).map(Self::Language),
            Some(("welcome", places)) => welcome(places),
            Some(("news", knob)) => Knob::parse(knob).map(Self::Newsletter),
            Some(("retry", dead)) => dead.parse().ok().map(|dead| Self::Retry(DeadId(dead))),
            Some(_) | None => None,
        };
        parsed.unwrap_or(Self::Unknown)
    }
}

impl Event {
    /// How the event's conversation is found.
    pub fn subject(&self) -> Subject {
        match self {
            Self::User(event) => Subject::User(event.user),
            Self::Due(user) => Subject::User(*user),
            Self::Staff(StaffEvent { topic: Some(topic), .. }) => Subject::Topic(*topic),
            Self::Staff(StaffEvent { topic: None, act, .. }) => match act {
                StaffAct::Reacted { message, .. } => Subject::StaffMessage(*message),
                StaffAct::Edited(content) => Subject::StaffMessage(content.message),
                StaffAct::Wrote(content) => content
                    .reply
                    .as_ref()
                    .map_or(Subject::Nobody, |reply| Subject::StaffMessage(reply.to)),
                StaffAct::Noted { .. }
                | StaffAct::WroteAsChannel { .. }
                | StaffAct::Commanded { .. }
                | StaffAct::Pressed { .. }
                | StaffAct::ClosedTopic
                | StaffAct::ReopenedTopic => Subject::Nobody,
            },
            Self::AskedForIds { .. } | Self::GroupMigrated | Self::Ignored => Subject::Nobody,
        }
    }
}

fn welcome(places: &str) -> Option<Press> {
    let (run, rest) = places.split_once(':')?;
    let (step, choice) = rest.split_once(':')?;
    let (run, step, choice) = (run.parse().ok()?, step.parse().ok()?, choice.parse().ok()?);
    Some(Press::Welcome { run, step, choice })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ButtonAction;

    #[test]
    fn a_press_is_what_its_button_does() {
        for language in Language::ALL {
            let data = ButtonAction::Language(language).data();
            assert_eq!(Press::parse(&data), Press::Language(language));
        }
        assert_eq!(Press::parse(&ButtonAction::Retry(DeadId(7)).data()), Press::Retry(DeadId(7)));
        let data = ButtonAction::Welcome { run: u32::MAX, step: 199, choice: 11 }.data();
        assert!(data.len() <= 64, "Telegram takes no more");
        assert_eq!(Press::parse(&data), Press::Welcome { run: u32::MAX, step: 199, choice: 11 });
        for data in [
            "welcome:1",
            "welcome:1:2",
            "welcome:1:2:x",
            "",
            "lang",
            "lang:tlh",
            "retry:x",
            "other:1",
        ] {
            assert_eq!(Press::parse(data), Press::Unknown, "{data}");
        }
    }
}
