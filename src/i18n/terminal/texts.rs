//! Renders what is said at the terminal: `locales/terminal/*.ftl`.

use std::{borrow::Cow, fmt};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use domain::Language;

/// The id of a text and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    pub(super) id: &'static str,
    pub(super) arguments: Vec<(&'static str, String)>,
}

/// Something that can be said.
pub trait Said {
    /// Its id, and its arguments made fit for a terminal.
    fn phrase(self) -> Phrase;
}

impl Said for Phrase {
    fn phrase(self) -> Phrase {
        self
    }
}

/// A phrase with arguments.
pub(super) fn with<const N: usize>(
    id: &'static str,
    arguments: [(&'static str, String); N],
) -> Phrase {
    Phrase { id, arguments: arguments.into() }
}

/// What is wrong with a setting, in technical English, within a frame in the reader's language.
pub(super) fn setting_wrong(wrong: &str, remedy: &str) -> Phrase {
    let seen = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
    with("setting-wrong", [("wrong", seen(wrong)), ("remedy", seen(remedy))])
}

/// All texts for the terminal in one language.
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
    pub fn say(&self, text: impl Said) -> String {
        let Phrase { id, arguments } = text.phrase();
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
        Language::English => include_str!("../../../locales/terminal/en.ftl"),
        Language::Russian => include_str!("../../../locales/terminal/ru.ftl"),
    };
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax::ast::Entry;

    use super::*;
    use crate::i18n::terminal::{DoctorText, SetupText};

    /// Every text, with foreign words that would take over a terminal.
    fn all() -> Vec<Phrase> {
        const NASTY: &str = "\u{1b}[2J<b>{ $x }";
        let (file, link, chat, user) = (".env", "https://t.me/desk_bot?start=1", -1, 1);
        let (title, name, why, bot) = (NASTY, NASTY, NASTY, NASTY);
        let setup = [
            SetupText::Begins { file },
            SetupText::StepBot,
            SetupText::StepGroup,
            SetupText::StepOwner,
            SetupText::StepSettings,
            SetupText::FromSettings { name: "BOT_TOKEN" },
            SetupText::AskToken,
            SetupText::TokenMalformed,
            SetupText::TokenUnknown,
            SetupText::BotFound { bot },
            SetupText::GroupLink { link },
            SetupText::GroupWaiting,
            SetupText::GroupFound { title, chat },
            SetupText::GroupNamed { title, chat },
            SetupText::GroupsFound,
            SetupText::GroupListed { number: 1, title, chat },
            SetupText::GroupsWhich,
            SetupText::OwnerWaits,
            SetupText::YesOrNo,
            SetupText::TokenFileTaken { file },
            SetupText::EnvironmentWins { name: "BOT_TOKEN" },
            SetupText::OnlyInEnvironment { names: "HTTPS_PROXY", file },
            SetupText::GroupLeft { title },
            SetupText::GroupMoved { chat },
            SetupText::GroupNotId,
            SetupText::GroupUnseen { chat, why, bot },
            SetupText::GroupOtherKind { chat },
            SetupText::GroupTopics,
            SetupText::GroupWaits,
            SetupText::GroupWaitsOrSkip,
            SetupText::GroupReady,
            SetupText::OwnerLink { link },
            SetupText::OwnerWaiting,
            SetupText::OwnerFound { name, user },
            SetupText::OwnerUnreached { user, bot },
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
            SetupText::NotWell { command: "support-bot" },
            SetupText::BotWaits,
            SetupText::SettingWrong { wrong: why, remedy: why },
        ];
        let doctor = [
            DoctorText::NoSettings { folder: file },
            DoctorText::FileOpen { file },
            DoctorText::StoreOk { place: file },
            DoctorText::StoreInUse,
            DoctorText::StoreClosed { why },
            DoctorText::FolderFails { why },
            DoctorText::RedisFails { why },
            DoctorText::StoreRisks { why },
            DoctorText::ImportFirst,
            DoctorText::TextsOk,
            DoctorText::TextsFail { why },
            DoctorText::WelcomeOk,
            DoctorText::WelcomeFail { why },
            DoctorText::TrackerOk,
            DoctorText::TrackerFail { why },
            DoctorText::SettingWrong { wrong: why, remedy: why },
            DoctorText::Ok,
            DoctorText::Warn,
            DoctorText::Fail,
        ];
        setup.map(Said::phrase).into_iter().chain(doctor.map(Said::phrase)).collect()
    }

    #[test]
    fn both_languages_have_every_text_and_no_other() {
        for language in Language::ALL {
            let texts = TerminalTexts::new(language);
            let mut reached = BTreeSet::new();
            for phrase in all() {
                let (id, arguments) = (phrase.id, phrase.arguments.clone());
                reached.insert(id.to_owned());
                let said = texts.say(phrase);
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
