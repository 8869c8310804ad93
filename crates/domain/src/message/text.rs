//! The list of the desk's own texts. The words of each are in the locale files.

use crate::{ChatId, ContentKind, Elsewhere, Language, Millis, TopicId, UserId};

/// One text, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    // To users.
    /// The answer to `/start`.
    Greeting {
        /// The user's name.
        name: String,
    },
    /// The answer to `/help`.
    Help,
    /// Asks which language the user prefers.
    ChooseLanguage,
    /// Confirms the chosen language.
    LanguageChosen,
    /// What the user writes is held, because it is a lot.
    FloodHeld,
    /// Many new users write at the same time: an answer will take longer than usual.
    Rush,

    // To operators, in a topic.
    /// The lines of the welcome sent to the user, with the user's answers.
    WelcomeSaid {
        /// Telegram's HTML, with placeholders for the name and the number.
        lines: Vec<String>,
    },
    /// A line of the card: the number of the request.
    RequestNumber {
        /// The number.
        number: i64,
    },
    /// A line of the card: the user's answers in the welcome.
    Answers {
        /// Pairs of question and answer.
        answers: Vec<(String, String)>,
    },
    /// The pinned card of a user, also the answer to `/information`.
    Card {
        /// The user's name.
        name: String,
        /// The user's id.
        user: UserId,
        /// The user's `@name`, without the `@`.
        username: Option<String>,
        /// The language of the bot's messages to the user.
        language: Language,
        /// When the user was first seen.
        since: Millis,
        /// Whether the user is banned.
        banned: bool,
        /// Whether silent mode is on.
        silent: bool,
        /// Whether Telegram lets the bot write to the user.
        reachable: bool,
    },
    /// The user is banned now.
    Banned,
    /// The user is no longer banned.
    Unbanned,
    /// Silent mode is on: operators' messages are not relayed.
    SilentOn,
    /// Silent mode is off: operators' messages are relayed again.
    SilentOff,
    /// The conversation was closed.
    Closed,
    /// The conversation was reopened.
    Reopened,
    /// The explanation of the commands.
    StaffHelp,
    /// The command does not exist.
    UnknownCommand,
    /// The user sent a message that Telegram does not let bots copy.
    NotCopied {
        /// The kind of message.
        kind: ContentKind,
    },
    /// The message in another chat to which the user's next message replies.
    AnswersElsewhere(Elsewhere),
    /// The edited message, sent again because its copy cannot be edited.
    EditedAnew,
    /// The user blocked the bot, or deleted the account.
    UserLeft,
    /// The user has returned.
    UserReturned,
    /// Many messages of a user are held; asks what to do.
    FloodAsks {
        /// Number of messages that may be held before operators are asked.
        limit: u32,
    },
    /// What was held goes to the topic now; shown to the person who pressed the button.
    FloodShown,
    /// What waited was dropped.
    FloodDropped {
        /// Number of messages, edits and reactions.
        count: u32,
    },
    /// The user had another topic before this one.
    ContinuedFrom {
        /// The group.
        group: ChatId,
        /// The former topic.
        topic: TopicId,
    },
    /// The user has another topic now.
    GoesOnIn {
        /// The group.
        group: ChatId,
        /// The present topic.
        topic: TopicId,
    },
    /// The next message belongs to the user's former topic, which accepts no messages.
    AboutFormer {
        /// The operator who wrote in the former topic, if known; to be mentioned.
        operator: Option<UserId>,
    },
    /// A send failed permanently.
    SendFailed {
        /// The cause of the failure.
        reason: FailureReason,
    },
    /// Some messages of a batch could not be copied, most likely because they were deleted.
    SomeMissing {
        /// Number of missing messages.
        missing: u32,
    },
    /// The failed send is replayed; shown to the person who pressed the button.
    TryingAgain,
    /// The button has no effect, or no longer has one.
    ButtonExpired,
    /// `/delete`: the copy was deleted.
    Deleted,
    /// `/delete`: Telegram no longer allows the deletion.
    NotDeleted,
    /// A message cannot be delivered at present; the desk keeps trying.
    Stuck,
    /// `/delete` must reply to the message to delete.
    DeleteWhat,
    /// `/delete` replied to a message that has no copy.
    NothingToDelete,
    /// The answer to `/id`.
    Ids {
        /// The group.
        chat: ChatId,
        /// The topic.
        topic: Option<TopicId>,
        /// The person who asked.
        user: UserId,
    },
    /// The answer to `/id` for an anonymous administrator, whose id is unknown.
    IdsAnonymous {
        /// The group.
        chat: ChatId,
        /// The topic.
        topic: Option<TopicId>,
    },
    /// The answer to `/id` for somebody who writes as a channel.
    IdsAsChannel {
        /// The group.
        chat: ChatId,
        /// The topic.
        topic: Option<TopicId>,
    },
    /// Posts as a channel are not relayed.
    WrittenAsChannel,

    // To the owner and administrators, in private.
    /// The message does not describe valid buttons.
    NewsletterLinksWrong,
    /// The message is not a time, or not one that can be planned.
    NewsletterTimeWrong,
    /// The draft was discarded.
    NewsletterDiscarded,
    /// The messages of the draft were deleted, or cannot be sent.
    NewsletterUnsendable,
    /// This newsletter cannot have buttons; shown to the person who pressed the button.
    NewsletterNoLinks,
    /// The recipients have not been counted yet; shown to the person who pressed the button.
    NewsletterCounting,
    /// The newsletter has no recipients; shown to the person who pressed the button.
    NewsletterNobody,
    /// Too many newsletters are in progress; shown to the person who pressed the button.
    NewsletterTooMany,
    /// The newsletter can no longer be recalled; shown to the person who pressed the button.
    NewsletterTooLate,

    // Buttons.
    /// "Try again".
    RetryButton,
    /// "Show", under the line about a flood.
    FloodShowButton,
    /// "Drop", under the line about a flood.
    FloodDropButton,
    /// "Ban", under the line about a flood.
    FloodBanButton,
    /// A language's own name.
    LanguageButton(Language),
}

impl Text {
    /// Whether an operator waits for the text: it answers a command.
    pub fn answers_an_operator(&self) -> bool {
        matches!(
            self,
            Self::Card { .. }
                | Self::Banned
                | Self::Unbanned
                | Self::SilentOn
                | Self::SilentOff
                | Self::Closed
                | Self::Reopened
                | Self::StaffHelp
                | Self::UnknownCommand
                | Self::Deleted
                | Self::NotDeleted
                | Self::DeleteWhat
                | Self::NothingToDelete
                | Self::Ids { .. }
                | Self::IdsAnonymous { .. }
                | Self::IdsAsChannel { .. }
        )
    }
}

/// Why a send failed permanently, as the notice to operators says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureReason {
    /// The user blocked the bot.
    Blocked,
    /// The user deleted the account, or never wrote to the bot.
    Gone,
    /// Telegram does not let bots copy this message.
    NotCopyable,
    /// The message was deleted before it could be copied.
    Vanished,
    /// The copy on the other side was deleted.
    CopyGone,
    /// The user's privacy settings forbid this kind (voice and video notes).
    Privacy,
    /// The topic could not be used even after a new one was opened.
    Topic,
    /// Telegram refused for another reason.
    Refused,
    /// A defect of the desk itself.
    Defect,
}
