//! Findings of the startup checks. They contain fixed words, the bot's name and error texts of servers, but nothing
//! about users.

use std::time::Duration;

use crate::{ChatId, Grade, LimitUse};

/// The startup checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// Telegram answers.
    Connection,
    /// Telegram accepts the token.
    Token,
    /// The bot's own settings at Telegram.
    Bot,
    /// The clocks of Telegram and this host agree.
    Clock,
    /// No webhook prevents polling; or the desk's webhook works.
    Webhook,
    /// The kinds of updates that were last requested from Telegram.
    AllowedUpdates,
    /// The operators' group exists and is a forum.
    Group,
    /// The bot has exactly the rights that it needs in the group.
    Rights,
    /// The bot receives the messages of operators.
    Privacy,
    /// The bot can write to its owner.
    Owner,
    /// The store accepts writes.
    Store,
}

/// The outcome of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Telegram answers.
    Answering,
    /// Telegram cannot be reached.
    Unreachable {
        /// The network error.
        why: String,
    },
    /// The proxy lets nothing through to Telegram.
    ProxyFails {
        /// The setting that names the proxy.
        setting: &'static str,
        /// What it does instead.
        trouble: ProxyTrouble,
    },
    /// No trusted authority signed the server's certificate.
    AuthorityUnknown,
    /// Telegram answers, but not every call in time.
    Slow,
    /// Telegram accepts the token.
    TokenKnown {
        /// The bot's username.
        bot: String,
    },
    /// Telegram does not accept the token.
    TokenUnknown,
    /// Users' private chats with the bot have topics.
    PrivateTopics,
    /// Business accounts may be connected to the bot, which does not support them.
    BusinessUnserved,
    /// Telegram's answer had no date.
    ClockUntold,
    /// The clocks agree.
    ClockRight,
    /// The clocks differ.
    ClockOff {
        /// The difference.
        by: Duration,
    },
    /// How updates reach the desk.
    Updates {
        /// The state of polling or of the webhook.
        way: Way,
        /// Number of updates that wait at Telegram.
        waiting: u64,
    },
    /// All kinds of updates are requested.
    AllKinds,
    /// The last process that polled did not request these kinds.
    KindsLacking(Vec<&'static str>),
    /// The group exists and has topics.
    GroupWell,
    /// The group is public: anybody can read it.
    GroupPublic,
    /// The group has protected content: nothing can be copied from it.
    GroupProtected,
    /// The group has no topics.
    GroupWithoutTopics,
    /// The id belongs to a chat that is not a group.
    NoGroup {
        /// The type of the chat, as Telegram names it.
        kind: String,
    },
    /// The group has migrated to another id.
    GroupMoved {
        /// The new id.
        to: ChatId,
    },
    /// The bot cannot see the group.
    GroupUnseen {
        /// The group.
        group: ChatId,
        /// Telegram's error text.
        why: String,
    },
    /// The bot has exactly the rights that it needs.
    RightsWell,
    /// The bot is not an administrator.
    NoAdministrator,
    /// The bot lacks the right to manage topics.
    NoTopics,
    /// The bot lacks these rights. The desk works without them, with limits.
    RightsLacking(Vec<Right>),
    /// The bot has these rights, which it does not need.
    RightsNeedless(Vec<Right>),
    /// The bot receives the messages of operators.
    OperatorsSeen,
    /// The bot receives only commands.
    OnlyCommands,
    /// The bot can write to its owner.
    OwnerReached,
    /// The bot cannot write to its owner.
    OwnerUnreached,
    /// The check could not be completed this time.
    Unchecked {
        /// The check.
        check: Check,
        /// The error text of the network or of Telegram.
        why: String,
    },
    /// How much of the group's limit was used.
    LimitUsed(LimitUse),
    /// The store accepts writes.
    StoreWell,
    /// The store rejects writes.
    StoreFails {
        /// The store's error text.
        why: String,
    },
    /// The store does not answer.
    StoreSilent,
}

/// How updates reach the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By polling: no webhook is set, and none is configured.
    Polled,
    /// Not at all: a webhook is set, which prevents polling.
    Blocked,
    /// Not at all: the desk's webhook is not set.
    NotSet,
    /// Not at all: the webhook has another address.
    Foreign,
    /// By the webhook, but the last push failed.
    Failing {
        /// Time since the failed push.
        ago: Duration,
        /// The cause of the failure.
        trouble: PushTrouble,
    },
    /// By the webhook, but Telegram reports problems of its own servers.
    Unsynchronized,
    /// By the webhook, but more updates wait at Telegram than is normal for a desk that keeps up.
    Behind,
    /// By the webhook, which works.
    Pushed,
}

/// What a proxy does instead of connecting to Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyTrouble {
    /// It cannot be reached.
    Unreachable,
    /// It asks for a user name and a password, or accepts none of those it was sent.
    Password,
    /// It refuses.
    Refused,
}

/// Why Telegram could not push an update. Telegram's own text is not kept: it may quote a server in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushTrouble {
    /// No connection can be made.
    Unreachable,
    /// The host name does not resolve.
    Name,
    /// The certificate is not accepted, or there is no encryption.
    Certificate,
    /// No answer arrived in time.
    Timeout,
    /// The server answered with this HTTP status.
    Answered(u16),
    /// Any other cause.
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
    /// Returns the check that the finding belongs to.
    pub fn check(&self) -> Check {
        match self {
            Self::Answering
            | Self::Unreachable { .. }
            | Self::ProxyFails { .. }
            | Self::AuthorityUnknown
            | Self::Slow => Check::Connection,
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
            | Self::GroupUnseen { .. }
            | Self::LimitUsed(_) => Check::Group,
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

    /// Returns the severity of the finding.
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
            Self::LimitUsed(used) if !used.is_full() => Grade::Ok,
            // A check that could not be completed must not prevent the start of the desk.
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
            | Self::OwnerUnreached
            | Self::LimitUsed(_) => Grade::Warn,
            Self::Unreachable { .. }
            | Self::ProxyFails { .. }
            | Self::AuthorityUnknown
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
