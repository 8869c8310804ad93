//! What `support-bot setup` says at the terminal: `locales/setup/*.ftl`.

use std::{borrow::Cow, fmt};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use super::sanitize;
use domain::Language;

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
    AskGroup { title: &'a str, chat: i64 },
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
}

/// All texts of the setup in one language.
pub struct SetupTexts(FluentBundle<FluentResource>);

impl SetupTexts {
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
    pub fn say(&self, text: SetupText<'_>) -> String {
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

impl fmt::Debug for SetupTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetupTexts").finish_non_exhaustive()
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
fn phrase(text: SetupText<'_>) -> (&'static str, Vec<(&'static str, String)>) {
    let clean = |raw: &str| sanitize::name(raw).unwrap_or_else(|| "?".to_owned());
    let id = match text {
        SetupText::Begins { file } => return ("begins", vec![("file", file.to_owned())]),
        SetupText::FromSettings { name } => {
            return ("from-settings", vec![("name", name.to_owned())]);
        }
        SetupText::BotFound { bot } => return ("bot-found", vec![("bot", clean(bot))]),
        SetupText::GroupLink { link } => return ("group-link", vec![("link", link.to_owned())]),
        SetupText::GroupFound { title: "", chat } => {
            return ("group-found-untitled", vec![("chat", chat.to_string())]);
        }
        SetupText::GroupFound { title, chat } => {
            return ("group-found", vec![("title", clean(title)), ("chat", chat.to_string())]);
        }
        SetupText::AskGroup { title, chat } => {
            return ("ask-group", vec![("title", clean(title)), ("chat", chat.to_string())]);
        }
        SetupText::GroupLeft { title } => return ("group-left", vec![("title", clean(title))]),
        SetupText::GroupMoved { chat } => return ("group-moved", vec![("chat", chat.to_string())]),
        SetupText::OwnerLink { link } => return ("owner-link", vec![("link", link.to_owned())]),
        SetupText::OwnerFound { name, user } => {
            return ("owner-found", vec![("name", clean(name)), ("user", user.to_string())]);
        }
        SetupText::DeafOther { why } => {
            return ("deaf-other", vec![("why", sanitize::reason(why))]);
        }
        SetupText::AskOperatorsLanguage { code } => {
            return ("ask-operators-language", vec![("code", code.to_owned())]);
        }
        SetupText::AskDefaultLanguage { code } => {
            return ("ask-default-language", vec![("code", code.to_owned())]);
        }
        SetupText::NotAChoice { choices } => {
            return ("not-a-choice", vec![("choices", choices.to_owned())]);
        }
        SetupText::AskOverwrite { file, names } => {
            return ("ask-overwrite", vec![("file", file.to_owned()), ("names", names.to_owned())]);
        }
        SetupText::Written { file } => return ("written", vec![("file", file.to_owned())]),
        SetupText::WrittenToken { file } => {
            return ("written-token", vec![("file", file.to_owned())]);
        }
        SetupText::StartWith { command } => {
            return ("start-with", vec![("command", command.to_owned())]);
        }
        SetupText::StepBot => "step-bot",
        SetupText::StepGroup => "step-group",
        SetupText::StepOwner => "step-owner",
        SetupText::StepSettings => "step-settings",
        SetupText::AskToken => "ask-token",
        SetupText::TokenMalformed => "token-malformed",
        SetupText::GroupWaiting => "group-waiting",
        SetupText::GroupNotId => "group-not-id",
        SetupText::GroupTopics => "group-topics",
        SetupText::GroupWaits => "group-waits",
        SetupText::GroupWaitsOrSkip => "group-waits-or-skip",
        SetupText::GroupReady => "group-ready",
        SetupText::OwnerWaiting => "owner-waiting",
        SetupText::OwnerNotId => "owner-not-id",
        SetupText::DeafWebhook => "deaf-webhook",
        SetupText::DeafConflict => "deaf-conflict",
        SetupText::DeafFull => "deaf-full",
        SetupText::DeafUnattended => "deaf-unattended",
        SetupText::AskUpdates => "ask-updates",
        SetupText::AskWebhookUrl => "ask-webhook-url",
        SetupText::AskStore => "ask-store",
        SetupText::AskRedisUrl => "ask-redis-url",
        SetupText::Ended => "ended",
        SetupText::TimedOut => "timed-out",
        SetupText::NeedsToken => "needs-token",
        SetupText::NeedsRedisUrl => "needs-redis-url",
        SetupText::Kept => "kept",
        SetupText::Checks => "checks",
        SetupText::NotWell => "not-well",
    };
    (id, Vec::new())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax::ast::Entry;

    use super::*;

    /// Every text, with foreign words that would take over a terminal.
    fn all() -> Vec<SetupText<'static>> {
        const NASTY: &str = "\u{1b}[2J<b>{ $x }";
        let (file, link, chat, user) = (".env", "https://t.me/desk_bot?start=1", -1, 1);
        let (title, name, why, bot) = (NASTY, NASTY, NASTY, NASTY);
        vec![
            SetupText::Begins { file },
            SetupText::StepBot,
            SetupText::StepGroup,
            SetupText::StepOwner,
            SetupText::StepSettings,
            SetupText::FromSettings { name: "BOT_TOKEN" },
            SetupText::AskToken,
            SetupText::TokenMalformed,
            SetupText::BotFound { bot },
            SetupText::GroupLink { link },
            SetupText::GroupWaiting,
            SetupText::GroupFound { title, chat },
            SetupText::GroupFound { title: "", chat },
            SetupText::AskGroup { title, chat },
            SetupText::GroupLeft { title },
            SetupText::GroupMoved { chat },
            SetupText::GroupNotId,
            SetupText::GroupTopics,
            SetupText::GroupWaits,
            SetupText::GroupWaitsOrSkip,
            SetupText::GroupReady,
            SetupText::OwnerLink { link },
            SetupText::OwnerWaiting,
            SetupText::OwnerFound { name, user },
            SetupText::OwnerNotId,
            SetupText::DeafWebhook,
            SetupText::DeafConflict,
            SetupText::DeafFull,
            SetupText::DeafUnattended,
            SetupText::DeafOther { why },
            SetupText::AskUpdates,
            SetupText::AskWebhookUrl,
            SetupText::AskStore,
            SetupText::AskRedisUrl,
            SetupText::AskOperatorsLanguage { code: "en" },
            SetupText::AskDefaultLanguage { code: "en" },
            SetupText::NotAChoice { choices: "1, 2" },
            SetupText::AskOverwrite { file, names: "BOT_TOKEN" },
            SetupText::Ended,
            SetupText::TimedOut,
            SetupText::NeedsToken,
            SetupText::NeedsRedisUrl,
            SetupText::Kept,
            SetupText::Written { file },
            SetupText::WrittenToken { file },
            SetupText::Checks,
            SetupText::StartWith { command: "support-bot" },
            SetupText::NotWell,
        ]
    }

    #[test]
    fn both_languages_have_every_text_and_no_other() {
        for language in Language::ALL {
            let texts = SetupTexts::new(language);
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
