//! What `support-bot setup` says.

use super::{Said, setting_wrong, with};
use crate::i18n::sanitize;

/// A text of the setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each stands under its own name in the locale files")]
pub enum SetupText<'a> {
    Begins { file: &'a str },
    StepBot,
    StepGroup,
    StepOwner,
    StepSettings,
    FromSettings { name: &'a str },
    AskToken,
    TokenMalformed,
    TokenUnknown,
    BotFound { bot: &'a str },
    GroupLink { link: &'a str },
    GroupWaiting,
    GroupFound { title: &'a str, chat: i64 },
    GroupNamed { title: &'a str, chat: i64 },
    GroupsFound,
    GroupListed { number: u8, title: &'a str, chat: i64 },
    GroupsWhich,
    GroupLeft { title: &'a str },
    GroupMoved { chat: i64 },
    GroupNotId,
    GroupUnseen { chat: i64, why: &'a str, bot: &'a str },
    GroupOtherKind { chat: i64 },
    GroupTopics,
    GroupWaits,
    GroupWaitsOrSkip,
    GroupReady,
    OwnerLink { link: &'a str },
    OwnerWaiting,
    OwnerFound { name: &'a str, user: i64 },
    OwnerUnreached { user: i64, bot: &'a str },
    OwnerNotId,
    OwnerWaits,
    YesOrNo,
    TokenFileTaken { file: &'a str },
    EnvironmentWins { name: &'a str },
    OnlyInEnvironment { names: &'a str, file: &'a str },
    DeafWebhook,
    DeafConflict,
    DeafFull,
    DeafUnattended,
    DeafOther { why: &'a str },
    AskUpdates,
    AskWebhookUrl,
    AskStore,
    AskRedisUrl,
    AskOperatorsLanguage { code: &'a str },
    AskDefaultLanguage { code: &'a str },
    NotAChoice { choices: &'a str },
    AskOverwrite { file: &'a str, names: &'a str },
    Ended,
    TimedOut,
    NeedsToken,
    NeedsRedisUrl,
    Kept,
    Written { file: &'a str },
    WrittenToken { file: &'a str },
    Checks,
    StartWith { command: &'a str },
    NotWell { command: &'a str },
    BotWaits,
    SettingWrong { wrong: &'a str, remedy: &'a str },
}

impl Said for SetupText<'_> {
    /// Names and titles are cleaned: an escape sequence in them could take over the terminal.
    fn phrase(self) -> super::Phrase {
        let clean = |raw: &str| sanitize::name(raw).unwrap_or_else(|| "?".to_owned());
        let one = |id, name, value: &str| with(id, [(name, value.to_owned())]);
        let group = |id, title: &str, chat: i64| {
            with(id, [("title", clean(title)), ("chat", chat.to_string())])
        };
        let id = match self {
            Self::Begins { file } => return one("begins", "file", file),
            Self::FromSettings { name } => return one("from-settings", "name", name),
            Self::BotFound { bot } => return one("bot-found", "bot", &clean(bot)),
            Self::GroupLink { link } => return one("group-link", "link", link),
            Self::GroupFound { title, chat } => return group("group-found", title, chat),
            Self::GroupNamed { title, chat } => return group("group-named", title, chat),
            Self::GroupListed { number, title, chat } => {
                let mut listed = group("group-listed", title, chat);
                listed.arguments.push(("number", number.to_string()));
                return listed;
            }
            Self::GroupUnseen { chat, why, bot } => {
                let chat = ("chat", chat.to_string());
                let arguments = [chat, ("why", sanitize::reason(why)), ("bot", clean(bot))];
                return with("group-unseen", arguments);
            }
            Self::GroupOtherKind { chat } => {
                return one("group-other-kind", "chat", &chat.to_string());
            }
            Self::GroupLeft { title } => return one("group-left", "title", &clean(title)),
            Self::GroupMoved { chat } => return one("group-moved", "chat", &chat.to_string()),
            Self::OwnerLink { link } => return one("owner-link", "link", link),
            Self::OwnerFound { name, user } => {
                return with("owner-found", [("name", clean(name)), ("user", user.to_string())]);
            }
            Self::OwnerUnreached { user, bot } => {
                return with("owner-unreached", [("user", user.to_string()), ("bot", clean(bot))]);
            }
            Self::TokenFileTaken { file } => return one("token-file-taken", "file", file),
            Self::EnvironmentWins { name } => return one("environment-wins", "name", name),
            Self::OnlyInEnvironment { names, file } => {
                let file = ("file", file.to_owned());
                return with("only-in-environment", [file, ("names", names.to_owned())]);
            }
            Self::DeafOther { why } => return one("deaf-other", "why", &sanitize::reason(why)),
            Self::AskOperatorsLanguage { code } => {
                return one("ask-operators-language", "code", code);
            }
            Self::AskDefaultLanguage { code } => return one("ask-default-language", "code", code),
            Self::NotAChoice { choices } => return one("not-a-choice", "choices", choices),
            Self::AskOverwrite { file, names } => {
                let file = ("file", file.to_owned());
                return with("ask-overwrite", [file, ("names", names.to_owned())]);
            }
            Self::Written { file } => return one("written", "file", file),
            Self::WrittenToken { file } => return one("written-token", "file", file),
            Self::StartWith { command } => return one("start-with", "command", command),
            Self::NotWell { command } => return one("not-well", "command", command),
            Self::SettingWrong { wrong, remedy } => return setting_wrong(wrong, remedy),
            Self::StepBot => "step-bot",
            Self::StepGroup => "step-group",
            Self::StepOwner => "step-owner",
            Self::StepSettings => "step-settings",
            Self::AskToken => "ask-token",
            Self::TokenMalformed => "token-malformed",
            Self::TokenUnknown => "token-unknown",
            Self::GroupWaiting => "group-waiting",
            Self::GroupNotId => "group-not-id",
            Self::GroupTopics => "group-topics",
            Self::GroupsFound => "groups-found",
            Self::GroupsWhich => "groups-which",
            Self::OwnerWaits => "owner-waits",
            Self::YesOrNo => "yes-or-no",
            Self::GroupWaits => "group-waits",
            Self::GroupWaitsOrSkip => "group-waits-or-skip",
            Self::GroupReady => "group-ready",
            Self::OwnerWaiting => "owner-waiting",
            Self::OwnerNotId => "owner-not-id",
            Self::DeafWebhook => "deaf-webhook",
            Self::DeafConflict => "deaf-conflict",
            Self::DeafFull => "deaf-full",
            Self::DeafUnattended => "deaf-unattended",
            Self::AskUpdates => "ask-updates",
            Self::AskWebhookUrl => "ask-webhook-url",
            Self::AskStore => "ask-store",
            Self::AskRedisUrl => "ask-redis-url",
            Self::Ended => "ended",
            Self::TimedOut => "timed-out",
            Self::NeedsToken => "needs-token",
            Self::NeedsRedisUrl => "needs-redis-url",
            Self::Kept => "kept",
            Self::Checks => "checks",
            Self::BotWaits => "bot-waits",
        };
        with(id, [])
    }
}
