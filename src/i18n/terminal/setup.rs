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
    BotFound { bot: &'a str },
    GroupLink { link: &'a str },
    GroupWaiting,
    GroupFound { title: &'a str, chat: i64 },
    GroupsFound,
    GroupListed { number: u8, title: &'a str, chat: i64 },
    GroupsWhich,
    GroupLeft { title: &'a str },
    GroupMoved { chat: i64 },
    GroupNotId,
    GroupTopics,
    GroupWaits,
    GroupWaitsOrSkip,
    GroupReady,
    OwnerLink { link: &'a str },
    OwnerWaiting,
    OwnerFound { name: &'a str, user: i64 },
    OwnerNotId,
    OwnerWaits,
    YesOrNo,
    TokenFileTaken { file: &'a str },
    EnvironmentWins { name: &'a str },
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
    NotWell,
    BotWaits,
    SettingWrong { wrong: &'a str, remedy: &'a str },
}

impl Said for SetupText<'_> {
    /// Names and titles are cleaned: an escape sequence in them could take over the terminal.
    fn phrase(self) -> super::Phrase {
        let clean = |raw: &str| sanitize::name(raw).unwrap_or_else(|| "?".to_owned());
        let id = match self {
            Self::Begins { file } => return with("begins", [("file", file.to_owned())]),
            Self::FromSettings { name } => {
                return with("from-settings", [("name", name.to_owned())]);
            }
            Self::BotFound { bot } => return with("bot-found", [("bot", clean(bot))]),
            Self::GroupLink { link } => return with("group-link", [("link", link.to_owned())]),
            Self::GroupFound { title: "", chat } => {
                return with("group-found-untitled", [("chat", chat.to_string())]);
            }
            Self::GroupFound { title, chat } => {
                return with("group-found", [("title", clean(title)), ("chat", chat.to_string())]);
            }
            Self::GroupListed { number, title, chat } => {
                return with(
                    "group-listed",
                    [
                        ("number", number.to_string()),
                        ("title", clean(title)),
                        ("chat", chat.to_string()),
                    ],
                );
            }
            Self::TokenFileTaken { file } => {
                return with("token-file-taken", [("file", file.to_owned())]);
            }
            Self::EnvironmentWins { name } => {
                return with("environment-wins", [("name", name.to_owned())]);
            }
            Self::GroupLeft { title } => return with("group-left", [("title", clean(title))]),
            Self::GroupMoved { chat } => return with("group-moved", [("chat", chat.to_string())]),
            Self::OwnerLink { link } => return with("owner-link", [("link", link.to_owned())]),
            Self::OwnerFound { name, user } => {
                return with("owner-found", [("name", clean(name)), ("user", user.to_string())]);
            }
            Self::DeafOther { why } => return with("deaf-other", [("why", sanitize::reason(why))]),
            Self::AskOperatorsLanguage { code } => {
                return with("ask-operators-language", [("code", code.to_owned())]);
            }
            Self::AskDefaultLanguage { code } => {
                return with("ask-default-language", [("code", code.to_owned())]);
            }
            Self::NotAChoice { choices } => {
                return with("not-a-choice", [("choices", choices.to_owned())]);
            }
            Self::AskOverwrite { file, names } => {
                return with(
                    "ask-overwrite",
                    [("file", file.to_owned()), ("names", names.to_owned())],
                );
            }
            Self::Written { file } => return with("written", [("file", file.to_owned())]),
            Self::WrittenToken { file } => {
                return with("written-token", [("file", file.to_owned())]);
            }
            Self::StartWith { command } => {
                return with("start-with", [("command", command.to_owned())]);
            }
            Self::SettingWrong { wrong, remedy } => return setting_wrong(wrong, remedy),
            Self::StepBot => "step-bot",
            Self::StepGroup => "step-group",
            Self::StepOwner => "step-owner",
            Self::StepSettings => "step-settings",
            Self::AskToken => "ask-token",
            Self::TokenMalformed => "token-malformed",
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
            Self::NotWell => "not-well",
            Self::BotWaits => "bot-waits",
        };
        with(id, [])
    }
}
