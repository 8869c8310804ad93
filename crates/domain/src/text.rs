//! Everything that the desk says in its own voice. The words are in the locale files.

use super::{ChatId, ContentKind, Elsewhere, Language, Millis, TopicId, UserId};

/// One thing to say, with what it is about.
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
    /// Asks which language to speak.
    ChooseLanguage,
    /// The language was chosen.
    LanguageChosen,

    // To operators, in a topic.
    /// What the welcome has said to the user, and what they answered.
    WelcomeSaid {
        /// In Telegram's HTML, with what stands for the name and the number.
        lines: Vec<String>,
    },
    /// The number of the request: a line of the card.
    RequestNumber {
        /// The number.
        number: i64,
    },
    /// What the user has answered: a line of the card.
    Answers {
        /// Question and answer.
        answers: Vec<(String, String)>,
    },
    /// The pinned card of a user, also the answer to `/information`.
    Card {
        /// The user's name.
        name: String,
        /// Their id.
        user: UserId,
        /// Their `@name`, without the `@`.
        username: Option<String>,
        /// The language they are answered in.
        language: Language,
        /// When they first wrote.
        since: Millis,
        /// Whether they are banned.
        banned: bool,
        /// Whether operators' messages stay in the topic.
        silent: bool,
        /// Whether Telegram lets us write to them.
        reachable: bool,
    },
    /// The user is banned now.
    Banned,
    /// The user is not banned any more.
    Unbanned,
    /// What operators write is not relayed now.
    SilentOn,
    /// What operators write is relayed again.
    SilentOff,
    /// The conversation was closed.
    Closed,
    /// The conversation was reopened.
    Reopened,
    /// The commands, explained.
    StaffHelp,
    /// No such command.
    UnknownCommand,
    /// The user sent something that Telegram lets no bot copy.
    NotCopied {
        /// What it was.
        kind: ContentKind,
    },
    /// What the user's next message answers in another chat.
    AnswersElsewhere(Elsewhere),
    /// An edited message, sent again because its copy cannot be edited.
    EditedAnew,
    /// The user blocked the bot, or is gone.
    UserLeft,
    /// The user is back.
    UserReturned,
    /// The user had another topic before this one.
    ContinuedFrom {
        /// The group.
        group: ChatId,
        /// That topic.
        topic: TopicId,
    },
    /// The user has another topic now.
    GoesOnIn {
        /// The group.
        group: ChatId,
        /// That topic.
        topic: TopicId,
    },
    /// What follows belongs to the user's former topic, which takes nothing.
    AboutFormer {
        /// Who wrote there, if known; they are mentioned.
        operator: Option<UserId>,
    },
    /// A send failed for good.
    SendFailed {
        /// Why.
        reason: FailureReason,
    },
    /// Some messages of a batch could not be copied, most likely because they were deleted.
    SomeMissing {
        /// How many.
        missing: u32,
    },
    /// The failed send is tried again; shown to who pressed the button.
    TryingAgain,
    /// That button does nothing (any more).
    ButtonExpired,
    /// `/delete`: done.
    Deleted,
    /// `/delete`: Telegram does not allow it any more.
    NotDeleted,
    /// A message cannot be delivered at present, and is tried again.
    Stuck,
    /// `/delete` must answer the message to delete.
    DeleteWhat,
    /// `/delete` answered a message that has no copy.
    NothingToDelete,
    /// The answer to `/id`.
    Ids {
        /// The group.
        chat: ChatId,
        /// The topic.
        topic: Option<TopicId>,
        /// Who asked.
        user: UserId,
    },
    /// The same to an administrator who remains anonymous, and so has no id to tell.
    IdsAnonymous {
        /// The group.
        chat: ChatId,
        /// The topic.
        topic: Option<TopicId>,
    },
    /// The same to somebody who writes as a channel.
    IdsAsChannel {
        /// The group.
        chat: ChatId,
        /// The topic.
        topic: Option<TopicId>,
    },
    /// Posts as a channel are not delivered.
    WrittenAsChannel,

    // To those who look after the desk, in private.
    /// What was written are no buttons.
    NewsletterLinksWrong,
    /// What was written is no time, or none that can be planned for.
    NewsletterTimeWrong,
    /// The draft was thrown away.
    NewsletterDiscarded,
    /// What a draft says is not there any more, or cannot be sent.
    NewsletterUnsendable,
    /// No buttons can stand there; shown to who pressed the button.
    NewsletterNoLinks,
    /// It is not known yet how many it is for; shown to who pressed the button.
    NewsletterCounting,
    /// It is for nobody; shown to who pressed the button.
    NewsletterNobody,
    /// Too many are under way; shown to who pressed the button.
    NewsletterTooMany,
    /// It cannot be taken back any more; shown to who pressed the button.
    NewsletterTooLate,

    // Buttons.
    /// "Try again".
    RetryButton,
    /// A language's own name.
    LanguageButton(Language),
}

/// Why a send failed for good, as operators are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureReason {
    /// The user blocked the bot.
    Blocked,
    /// The account is gone, or never talked to the bot.
    Gone,
    /// Telegram lets no bot copy this.
    NotCopyable,
    /// The message was deleted before it could be copied.
    Vanished,
    /// The copy on the other side is gone.
    CopyGone,
    /// The user's privacy settings forbid this kind (voice and video notes).
    Privacy,
    /// The topic could not be used even after it was opened anew.
    Topic,
    /// Telegram refused for another reason.
    Refused,
    /// The desk itself failed on it: a defect of ours.
    Defect,
}
