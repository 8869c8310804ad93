//! What `support-bot setup` says at the terminal: `locales/setup/*.ftl`.

use std::{borrow::Cow, fmt};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use super::sanitize;
use domain::Language;

/// A text of the setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each stands under its own name in the locale files")]
pub enum TerminalText<'a> {
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
    DoctorFileOpen { file: &'a str },
    DoctorStoreOk { place: &'a str },
    DoctorStoreInUse,
    DoctorStoreClosed { why: &'a str },
    DoctorFolderFails { why: &'a str },
    DoctorRedisFails { why: &'a str },
    DoctorStoreRisks { why: &'a str },
    DoctorImportFirst,
    DoctorTextsOk,
    DoctorTextsFail { why: &'a str },
    DoctorWelcomeOk,
    DoctorWelcomeFail { why: &'a str },
    DoctorTrackerOk,
    DoctorTrackerFail { why: &'a str },
    DoctorOk,
    DoctorWarn,
    DoctorFail,
}

/// All texts of the setup in one language.
pub struct TerminalTexts(FluentBundle<FluentResource>);

impl TerminalTexts {
    /// Loads the texts of a language.
    pub fn new(language: Language) -> Self {
        let mut bundle =
            FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
        // Isolation marks around placeholders would end up in copied links.
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(built_in(language));
        Self(bundle)
    }

    /// Renders a text; it may have several lines.
    pub fn say(&self, text: TerminalText<'_>) -> String {
        let (id, arguments) = phrase(text);
        let mut filled = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            filled.set(name, value);
        }
        let pattern = self.0.get_message(id).and_then(|message| message.value());
        let mut errors = Vec::new(); // ignored: a test proves that there are none
        let said =
            pattern.map(|pattern| self.0.format_pattern(pattern, Some(&filled), &mut errors));
        said.map_or_else(|| id.to_owned(), Cow::into_owned)
    }
}

impl fmt::Debug for TerminalTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalTexts").finish_non_exhaustive()
    }
}

fn built_in(language: Language) -> FluentResource {
    let source = match language {
        Language::English => include_str!("../../locales/setup/en.ftl"),
        Language::Russian => include_str!("../../locales/setup/ru.ftl"),
    };
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource)
}

/// The id of a text and its arguments. Names and titles are cleaned: an escape sequence in them could take over the
/// terminal.
fn phrase(text: TerminalText<'_>) -> (&'static str, Vec<(&'static str, String)>) {
    let clean = |raw: &str| sanitize::name(raw).unwrap_or_else(|| "?".to_owned());
    let id = match text {
        TerminalText::Begins { file } => return ("begins", vec![("file", file.to_owned())]),
        TerminalText::FromSettings { name } => {
            return ("from-settings", vec![("name", name.to_owned())]);
        }
        TerminalText::BotFound { bot } => return ("bot-found", vec![("bot", clean(bot))]),
        TerminalText::GroupLink { link } => return ("group-link", vec![("link", link.to_owned())]),
        TerminalText::GroupFound { title: "", chat } => {
            return ("group-found-untitled", vec![("chat", chat.to_string())]);
        }
        TerminalText::GroupFound { title, chat } => {
            return ("group-found", vec![("title", clean(title)), ("chat", chat.to_string())]);
        }
        TerminalText::GroupListed { number, title, chat } => {
            let arguments = [
                ("number", number.to_string()),
                ("title", clean(title)),
                ("chat", chat.to_string()),
            ];
            return ("group-listed", arguments.into());
        }
        TerminalText::TokenFileTaken { file } => {
            return ("token-file-taken", vec![("file", file.to_owned())]);
        }
        TerminalText::EnvironmentWins { name } => {
            return ("environment-wins", vec![("name", name.to_owned())]);
        }
        TerminalText::GroupLeft { title } => return ("group-left", vec![("title", clean(title))]),
        TerminalText::GroupMoved { chat } => {
            return ("group-moved", vec![("chat", chat.to_string())]);
        }
        TerminalText::OwnerLink { link } => return ("owner-link", vec![("link", link.to_owned())]),
        TerminalText::OwnerFound { name, user } => {
            return ("owner-found", vec![("name", clean(name)), ("user", user.to_string())]);
        }
        TerminalText::DeafOther { why } => {
            return ("deaf-other", vec![("why", sanitize::reason(why))]);
        }
        TerminalText::AskOperatorsLanguage { code } => {
            return ("ask-operators-language", vec![("code", code.to_owned())]);
        }
        TerminalText::AskDefaultLanguage { code } => {
            return ("ask-default-language", vec![("code", code.to_owned())]);
        }
        TerminalText::NotAChoice { choices } => {
            return ("not-a-choice", vec![("choices", choices.to_owned())]);
        }
        TerminalText::AskOverwrite { file, names } => {
            return ("ask-overwrite", vec![("file", file.to_owned()), ("names", names.to_owned())]);
        }
        TerminalText::Written { file } => return ("written", vec![("file", file.to_owned())]),
        TerminalText::WrittenToken { file } => {
            return ("written-token", vec![("file", file.to_owned())]);
        }
        TerminalText::StartWith { command } => {
            return ("start-with", vec![("command", command.to_owned())]);
        }
        TerminalText::StepBot => "step-bot",
        TerminalText::StepGroup => "step-group",
        TerminalText::StepOwner => "step-owner",
        TerminalText::StepSettings => "step-settings",
        TerminalText::AskToken => "ask-token",
        TerminalText::TokenMalformed => "token-malformed",
        TerminalText::GroupWaiting => "group-waiting",
        TerminalText::GroupNotId => "group-not-id",
        TerminalText::GroupTopics => "group-topics",
        TerminalText::GroupsFound => "groups-found",
        TerminalText::GroupsWhich => "groups-which",
        TerminalText::OwnerWaits => "owner-waits",
        TerminalText::YesOrNo => "yes-or-no",
        TerminalText::GroupWaits => "group-waits",
        TerminalText::GroupWaitsOrSkip => "group-waits-or-skip",
        TerminalText::GroupReady => "group-ready",
        TerminalText::OwnerWaiting => "owner-waiting",
        TerminalText::OwnerNotId => "owner-not-id",
        TerminalText::DeafWebhook => "deaf-webhook",
        TerminalText::DeafConflict => "deaf-conflict",
        TerminalText::DeafFull => "deaf-full",
        TerminalText::DeafUnattended => "deaf-unattended",
        TerminalText::AskUpdates => "ask-updates",
        TerminalText::AskWebhookUrl => "ask-webhook-url",
        TerminalText::AskStore => "ask-store",
        TerminalText::AskRedisUrl => "ask-redis-url",
        TerminalText::Ended => "ended",
        TerminalText::TimedOut => "timed-out",
        TerminalText::NeedsToken => "needs-token",
        TerminalText::NeedsRedisUrl => "needs-redis-url",
        TerminalText::Kept => "kept",
        TerminalText::Checks => "checks",
        TerminalText::NotWell => "not-well",
        TerminalText::DoctorFileOpen { file } => {
            return ("doctor-file-open", vec![("file", file.to_owned())]);
        }
        TerminalText::DoctorStoreOk { place } => {
            return ("doctor-store-ok", vec![("place", place.to_owned())]);
        }
        TerminalText::DoctorStoreClosed { why } => return because("doctor-store-closed", why),
        TerminalText::DoctorFolderFails { why } => return because("doctor-folder-fails", why),
        TerminalText::DoctorRedisFails { why } => return because("doctor-redis-fails", why),
        TerminalText::DoctorStoreRisks { why } => return because("doctor-store-risks", why),
        TerminalText::DoctorTextsFail { why } => return because("doctor-texts-fail", why),
        TerminalText::DoctorWelcomeFail { why } => return because("doctor-welcome-fail", why),
        TerminalText::DoctorTrackerFail { why } => return because("doctor-tracker-fail", why),
        TerminalText::DoctorStoreInUse => "doctor-store-in-use",
        TerminalText::DoctorImportFirst => "doctor-import-first",
        TerminalText::DoctorTextsOk => "doctor-texts-ok",
        TerminalText::DoctorWelcomeOk => "doctor-welcome-ok",
        TerminalText::DoctorTrackerOk => "doctor-tracker-ok",
        TerminalText::DoctorOk => "doctor-ok",
        TerminalText::DoctorWarn => "doctor-warn",
        TerminalText::DoctorFail => "doctor-fail",
    };
    (id, Vec::new())
}

/// A text with a reason in our own words, which may have several lines.
fn because(id: &'static str, why: &str) -> (&'static str, Vec<(&'static str, String)>) {
    let is_seen = |c: &char| !c.is_control() || *c == '\n';
    (id, vec![("why", why.chars().filter(is_seen).collect())])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax::ast::Entry;

    use super::*;

    /// Every text, with foreign words that would take over a terminal.
    fn all() -> Vec<TerminalText<'static>> {
        const NASTY: &str = "\u{1b}[2J<b>{ $x }";
        let (file, link, chat, user) = (".env", "https://t.me/desk_bot?start=1", -1, 1);
        let (title, name, why, bot) = (NASTY, NASTY, NASTY, NASTY);
        vec![
            TerminalText::Begins { file },
            TerminalText::StepBot,
            TerminalText::StepGroup,
            TerminalText::StepOwner,
            TerminalText::StepSettings,
            TerminalText::FromSettings { name: "BOT_TOKEN" },
            TerminalText::AskToken,
            TerminalText::TokenMalformed,
            TerminalText::BotFound { bot },
            TerminalText::GroupLink { link },
            TerminalText::GroupWaiting,
            TerminalText::GroupFound { title, chat },
            TerminalText::GroupFound { title: "", chat },
            TerminalText::GroupsFound,
            TerminalText::GroupListed { number: 1, title, chat },
            TerminalText::GroupsWhich,
            TerminalText::OwnerWaits,
            TerminalText::YesOrNo,
            TerminalText::TokenFileTaken { file },
            TerminalText::EnvironmentWins { name: "BOT_TOKEN" },
            TerminalText::GroupLeft { title },
            TerminalText::GroupMoved { chat },
            TerminalText::GroupNotId,
            TerminalText::GroupTopics,
            TerminalText::GroupWaits,
            TerminalText::GroupWaitsOrSkip,
            TerminalText::GroupReady,
            TerminalText::OwnerLink { link },
            TerminalText::OwnerWaiting,
            TerminalText::OwnerFound { name, user },
            TerminalText::OwnerNotId,
            TerminalText::DeafWebhook,
            TerminalText::DeafConflict,
            TerminalText::DeafFull,
            TerminalText::DeafUnattended,
            TerminalText::DeafOther { why },
            TerminalText::AskUpdates,
            TerminalText::AskWebhookUrl,
            TerminalText::AskStore,
            TerminalText::AskRedisUrl,
            TerminalText::AskOperatorsLanguage { code: "en" },
            TerminalText::AskDefaultLanguage { code: "en" },
            TerminalText::NotAChoice { choices: "1, 2" },
            TerminalText::AskOverwrite { file, names: "BOT_TOKEN" },
            TerminalText::Ended,
            TerminalText::TimedOut,
            TerminalText::NeedsToken,
            TerminalText::NeedsRedisUrl,
            TerminalText::Kept,
            TerminalText::Written { file },
            TerminalText::WrittenToken { file },
            TerminalText::Checks,
            TerminalText::StartWith { command: "support-bot" },
            TerminalText::NotWell,
            TerminalText::DoctorFileOpen { file },
            TerminalText::DoctorStoreOk { place: file },
            TerminalText::DoctorStoreInUse,
            TerminalText::DoctorStoreClosed { why },
            TerminalText::DoctorFolderFails { why },
            TerminalText::DoctorRedisFails { why },
            TerminalText::DoctorStoreRisks { why },
            TerminalText::DoctorImportFirst,
            TerminalText::DoctorTextsOk,
            TerminalText::DoctorTextsFail { why },
            TerminalText::DoctorWelcomeOk,
            TerminalText::DoctorWelcomeFail { why },
            TerminalText::DoctorTrackerOk,
            TerminalText::DoctorTrackerFail { why },
            TerminalText::DoctorOk,
            TerminalText::DoctorWarn,
            TerminalText::DoctorFail,
        ]
    }

    #[test]
    fn both_languages_have_every_text_and_no_other() {
        for language in Language::ALL {
            let texts = TerminalTexts::new(language);
            let mut reached = BTreeSet::new();
            for text in all() {
                let (id, arguments) = phrase(text);
                reached.insert(id.to_owned());
                let said = texts.say(text);
                assert_ne!(said, id, "{language:?} lacks {id}");
                assert!(!said.contains('\u{1b}') && !said.contains("{ $file"), "{id}: {said}");
                for (name, value) in arguments {
                    assert!(
                        said.contains(&value),
                        "{language:?} {id} does not show {name}: {said}"
                    );
                }
            }
            let resource = built_in(language);
            let messages = resource.entries().filter_map(|entry| match entry {
                Entry::Message(message) => Some(message.id.name.to_owned()),
                Entry::Term(_) | Entry::Comment(_) | Entry::GroupComment(_) => None,
                Entry::ResourceComment(_) | Entry::Junk { .. } => None,
            });
            assert_eq!(messages.collect::<BTreeSet<_>>(), reached, "{language:?}");
        }
    }
}
