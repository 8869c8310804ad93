//! What a check of the desk's surroundings finds. Closed words, the bot's name and words of servers: nothing of users.

use std::time::Duration;

use super::{ChatId, Grade};

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Telegram answers.
    Connection,
    /// It knows the token.
    Token,
    /// What the bot is set up for.
    Bot,
    /// Its clock and ours agree.
    Clock,
    /// No webhook keeps updates from polling; or that of the desk works.
    Webhook,
    /// The kinds of updates last asked for.
    AllowedUpdates,
    /// The operators' group is there, and a forum.
    Group,
    /// The bot has the rights that it needs there, and no more.
    Rights,
    /// The bot sees what operators write.
    Privacy,
    /// The bot can write to its owner.
    Owner,
    /// The store takes what is written.
    Store,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Telegram answers.
    Answering,
    /// Telegram cannot be asked.
    Unreachable {
        /// In words of the network.
        why: String,
    },
    /// Telegram answers, but not all questions in time.
    Slow,
    /// Telegram knows the token.
    TokenKnown {
        /// The bot's username.
        bot: String,
    },
    /// Telegram does not know the token.
    TokenUnknown,
    /// Users' private chats with the bot have topics.
    PrivateTopics,
    /// Business accounts may be connected to the bot, which serves none.
    BusinessUnserved,
    /// Telegram did not tell the time.
    ClockUntold,
    /// The clocks agree.
    ClockRight,
    /// The clocks do not agree.
    ClockOff {
        /// By so much.
        by: Duration,
    },
    /// How updates come.
    Updates {
        /// What is so.
        way: Way,
        /// So many updates wait at Telegram.
        waiting: u64,
    },
    /// All kinds of updates are asked for.
    AllKinds,
    /// Who polled last did not ask for these kinds.
    KindsLacking(Vec<&'static str>),
    /// The group is there and has topics.
    GroupWell,
    /// Anybody can read it.
    GroupPublic,
    /// Nothing can be copied from it.
    GroupProtected,
    /// It has no topics.
    GroupWithoutTopics,
    /// The id is of something else.
    NoGroup {
        /// The type of the chat, in Telegram's word.
        kind: String,
    },
    /// It has another id now.
    GroupMoved {
        /// This one.
        to: ChatId,
    },
    /// The bot does not see it.
    GroupUnseen {
        /// The group.
        group: ChatId,
        /// In Telegram's words.
        why: String,
    },
    /// The bot has the rights that it needs, and no more.
    RightsWell,
    /// It is no administrator.
    NoAdministrator,
    /// It may not open topics.
    NoTopics,
    /// It lacks these rights, without which the desk works.
    RightsLacking(Vec<Right>),
    /// It has these rights, which it does not need.
    RightsNeedless(Vec<Right>),
    /// The bot sees what operators write.
    OperatorsSeen,
    /// It sees only commands.
    OnlyCommands,
    /// The bot can write to its owner.
    OwnerReached,
    /// It cannot.
    OwnerUnreached,
    /// Telegram could not be asked this time.
    Unchecked {
        /// About this.
        check: Check,
        /// In words of the network or of Telegram.
        why: String,
    },
    /// The store can be written.
    StoreWell,
    /// It cannot.
    StoreFails {
        /// In its own words.
        why: String,
    },
    /// It does not answer.
    StoreSilent,
}

/// How updates come to the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// No webhook is set, and none is wanted.
    Polled,
    /// A webhook is set, so that nobody can poll.
    Blocked,
    /// The desk's webhook is not set.
    NotSet,
    /// The webhook is somebody else's.
    Foreign,
    /// The last push failed.
    Failing {
        /// So long ago.
        ago: Duration,
        /// Why.
        trouble: PushTrouble,
    },
    /// Telegram's own servers have trouble.
    Unsynchronized,
    /// More wait than a desk leaves that keeps up.
    Behind,
    /// The webhook is the desk's, and works.
    Pushed,
}

/// Why Telegram could not push. Its own words are not kept: they may hold what a server in between has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushTrouble {
    /// No connection can be made.
    Unreachable,
    /// The host has no address.
    Name,
    /// The certificate is not accepted, or there is no encryption.
    Certificate,
    /// No answer came in time.
    Timeout,
    /// It was answered with this status.
    Answered(u16),
    /// Anything else.
    Other,
}

/// A right of an administrator in the operators' group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as Telegram's apps name it")]
pub enum Right {
    DeleteMessages,
    PinMessages,
    AddAdmins,
    BanUsers,
    ChangeInfo,
    InviteUsers,
    ManageVideoChats,
    PostStories,
    EditStories,
    DeleteStories,
    RemainAnonymous,
}

impl Finding {
    /// What was checked.
    pub fn check(&self) -> Check {
        match self {
            Self::Answering | Self::Unreachable { .. } | Self::Slow => Check::Connection,
            Self::TokenKnown { .. } | Self::TokenUnknown => Check::Token,
            Self::PrivateTopics | Self::BusinessUnserved => Check::Bot,
            Self::ClockUntold | Self::ClockRight | Self::ClockOff { .. } => Check::Clock,
            Self::Updates { .. } => Check::Webhook,
            Self::AllKinds | Self::KindsLacking(_) => Check::AllowedUpdates,
            Self::GroupWell
            | Self::GroupPublic
            | Self::GroupProtected
            | Self::GroupWithoutTopics
            | Self::NoGroup { .. }
            | Self::GroupMoved { .. }
            | Self::GroupUnseen { .. } => Check::Group,
            Self::RightsWell
            | Self::NoAdministrator
            | Self::NoTopics
            | Self::RightsLacking(_)
            | Self::RightsNeedless(_) => Check::Rights,
            Self::OperatorsSeen | Self::OnlyCommands => Check::Privacy,
            Self::OwnerReached | Self::OwnerUnreached => Check::Owner,
            Self::Unchecked { check, .. } => *check,
            Self::StoreWell | Self::StoreFails { .. } | Self::StoreSilent => Check::Store,
        }
    }

    /// How bad it is.
    pub fn grade(&self) -> Grade {
        match self {
            Self::Answering
            | Self::TokenKnown { .. }
            | Self::PrivateTopics
            | Self::ClockUntold
            | Self::ClockRight
            | Self::Updates { way: Way::Polled | Way::Pushed, .. }
            | Self::AllKinds
            | Self::GroupWell
            | Self::RightsWell
            | Self::OperatorsSeen
            | Self::OwnerReached
            | Self::StoreWell => Grade::Ok,
            // A start of the desk need not fail for what could not be asked this time.
            Self::Slow
            | Self::Unchecked { .. }
            | Self::ClockOff { .. }
            | Self::Updates { .. }
            | Self::KindsLacking(_)
            | Self::BusinessUnserved
            | Self::GroupPublic
            | Self::GroupProtected
            | Self::RightsLacking(_)
            | Self::RightsNeedless(_)
            | Self::OnlyCommands
            | Self::OwnerUnreached => Grade::Warn,
            Self::Unreachable { .. }
            | Self::TokenUnknown
            | Self::GroupWithoutTopics
            | Self::NoGroup { .. }
            | Self::GroupMoved { .. }
            | Self::GroupUnseen { .. }
            | Self::NoAdministrator
            | Self::NoTopics
            | Self::StoreFails { .. }
            | Self::StoreSilent => Grade::Fail,
        }
    }
}
