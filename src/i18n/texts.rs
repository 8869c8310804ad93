//! The desk's texts, loaded once and rendered from any thread.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use super::{
    catalogue::{
        ADMINISTRATOR_COMMANDS, OWNER_COMMANDS, STAFF_COMMANDS, TextFormat, USER_COMMANDS,
    },
    check::{self, Problem, TextMistake, TextMistakes},
    entries::entry,
    html,
    phrase::{Argument, Phrase},
    sanitize,
};
use crate::files;
use domain::{Language, Role, SceneLine, Text};

/// The longest file of texts, in bytes: twenty times all that there are.
const LONGEST: usize = 1 << 20;

type Bundle = FluentBundle<FluentResource>;

/// All texts in all languages.
pub struct Texts {
    english: Bundle,
    russian: Bundle,
}

impl Texts {
    /// Loads the built-in texts. A text in `<folder>/<language>.ftl` replaces the one with its id.
    ///
    /// Reports all texts that could not be shown at once.
    pub fn load(folder: Option<&Path>) -> Result<Self, TextMistakes> {
        let mut mistakes = folder.map(strangers).unwrap_or_default();
        let mut bundle = |language| {
            let (bundle, wrong) = bundle(language, folder);
            mistakes.extend(wrong);
            bundle
        };
        let texts = Self { english: bundle(Language::English), russian: bundle(Language::Russian) };
        if mistakes.is_empty() { Ok(texts) } else { Err(TextMistakes(mistakes)) }
    }

    /// Renders a text as Telegram's HTML. Never empty.
    pub fn render(&self, text: &Text, language: Language) -> String {
        let phrase = Phrase::text(text);
        match place(phrase.id) {
            TextFormat::Message => self.fill(&phrase, language, html::escape),
            TextFormat::Answer
            | TextFormat::Button
            | TextFormat::Command
            | TextFormat::Words
            | TextFormat::Date
            | TextFormat::Moment
            | TextFormat::Finding => html::escape(&self.fill(&phrase, language, str::to_owned)),
        }
    }

    /// Renders a text without formatting, for answers to presses and for labels. Never empty.
    pub fn plain(&self, text: &Text, language: Language) -> String {
        let phrase = Phrase::text(text);
        match place(phrase.id) {
            TextFormat::Message => {
                let formatted = self.fill(&phrase, language, html::escape);
                html::visible(&formatted).unwrap_or(formatted)
            }
            TextFormat::Answer
            | TextFormat::Button
            | TextFormat::Command
            | TextFormat::Words
            | TextFormat::Date
            | TextFormat::Moment
            | TextFormat::Finding => self.fill(&phrase, language, str::to_owned),
        }
    }

    /// A line of the welcome, filled with the user's name and the number of the request.
    pub fn filled(&self, line: &str, name: &str, number: Option<i64>) -> String {
        let number = number.map_or_else(String::new, |number| number.to_string());
        let filled = line.replace(SceneLine::NUMBER, &number);
        match sanitize::name(name) {
            Some(name) => filled.replace(SceneLine::NAME, &html::escape(&name)),
            None => sanitize::nameless(&filled),
        }
    }

    /// Formatted words on one line, without formatting, of bounded length.
    pub fn line(&self, html: &str) -> String {
        sanitize::line(html)
    }

    /// The commands in private for this role and their descriptions, for Telegram's menu.
    pub fn private_commands(&self, role: Role, language: Language) -> Vec<(String, String)> {
        let mut commands = self.commands("user", &USER_COMMANDS, language);
        if role >= Role::Administrator {
            let more = self.commands("administrator", &ADMINISTRATOR_COMMANDS, language);
            commands.extend(more);
        }
        if role >= Role::Owner {
            commands.extend(self.commands("owner", &OWNER_COMMANDS, language));
        }
        commands
    }

    /// The commands of operators and their descriptions, for Telegram's menu.
    pub fn staff_commands(&self, language: Language) -> Vec<(String, String)> {
        self.commands("staff", &STAFF_COMMANDS, language)
    }

    fn commands(&self, whose: &str, names: &[&str], language: Language) -> Vec<(String, String)> {
        let described = |name: &&str| {
            let id = format!("command-{whose}-{name}");
            ((*name).to_owned(), self.resolve(&id, None, language))
        };
        names.iter().map(described).collect()
    }

    /// Fills the phrase with its arguments. `made_fit` escapes them.
    pub(super) fn fill(
        &self,
        phrase: &Phrase,
        language: Language,
        made_fit: fn(&str) -> String,
    ) -> String {
        // A phrase inside another is plain: the outer one escapes it, once.
        let inner = |inner: &Phrase| {
            FluentValue::from(made_fit(&self.fill(inner, language, str::to_owned)))
        };
        let mut arguments = FluentArgs::with_capacity(phrase.arguments.len());
        for (name, argument) in &phrase.arguments {
            let value = match argument {
                Argument::Count(count) => FluentValue::from(*count),
                Argument::Age(age) => inner(&Phrase::age(*age)),
                Argument::Date(at) => inner(&Phrase::date(*at)),
                Argument::Moment(at) => inner(&Phrase::moment(*at)),
                Argument::LocalMoment(time) => inner(&Phrase::local_moment(time)),
                Argument::Zone(time) => inner(&Phrase::zone(time)),
                Argument::Foreign(words) => FluentValue::from(made_fit(words)),
                Argument::Ours(ids) => {
                    let ours: Vec<_> =
                        ids.iter().map(|id| self.resolve(id, None, language)).collect();
                    FluentValue::from(made_fit(&ours.join(", ")))
                }
            };
            arguments.set(*name, value);
        }
        self.resolve(phrase.id, Some(&arguments), language)
    }

    fn resolve(&self, id: &str, arguments: Option<&FluentArgs<'_>>, language: Language) -> String {
        let bundle = match language {
            Language::English => &self.english,
            Language::Russian => &self.russian,
        };
        let pattern = bundle.get_message(id).and_then(|message| message.value());
        let mut errors = Vec::new(); // ignored: the check at start leaves none that could show
        let shown = pattern.map(|pattern| bundle.format_pattern(pattern, arguments, &mut errors));
        match shown.as_deref().map(str::trim) {
            Some(shown) if !shown.is_empty() => shown.to_owned(),
            // Unreachable: all ids are built in and no text is empty. Otherwise an id is better than nothing.
            _ => id.to_owned(),
        }
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").finish_non_exhaustive()
    }
}

/// Parses a built-in locale file.
pub(super) fn built_in(language: Language) -> FluentResource {
    let source = match language {
        Language::English => include_str!("../../locales/en.ftl"),
        Language::Russian => include_str!("../../locales/ru.ftl"),
    };
    // Tests prove that there are no mistakes. With a mistake, the other texts are still usable.
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource)
}

fn place(id: &str) -> TextFormat {
    entry(id).map_or(TextFormat::Message, |entry| entry.place)
}

fn bundle(language: Language, folder: Option<&Path>) -> (Bundle, Vec<TextMistake>) {
    let mut bundle = Bundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
    // Isolation marks around placeholders would end up in copied ids and names.
    bundle.set_use_isolating(false);
    let mut mistakes = Vec::new();
    let ours = built_in(language);
    let replaced = folder.and_then(|folder| {
        let file = folder.join(format!("{}.ftl", language.code()));
        let (resource, wrong) = read(&file)?;
        mistakes.extend(wrong);
        mistakes.extend(resource.iter().flat_map(|resource| check::check(&file, &ours, resource)));
        resource
    });
    bundle.add_resource_overriding(ours);
    if let Some(replaced) = replaced {
        bundle.add_resource_overriding(replaced);
    }
    (bundle, mistakes)
}

/// Reads a file of replaced texts; `None` if the file does not exist.
fn read(file: &Path) -> Option<(Option<FluentResource>, Vec<TextMistake>)> {
    match files::read_text(file, LONGEST) {
        Ok(source) => {
            let source = source.trim_start_matches('\u{feff}').to_owned(); // a byte order mark
            let (resource, mistakes) = check::parse(file, source);
            Some((Some(resource), mistakes))
        }
        Err(error) if error.is_missing() => None,
        Err(error) => Some((None, vec![unreadable(file, &error)])),
    }
}

/// Mistakes for files in unknown languages, or for a folder that cannot be read.
fn strangers(folder: &Path) -> Vec<TextMistake> {
    let listed = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>());
    let mut files = match listed {
        Ok(files) => files,
        Err(error) => return vec![unreadable(folder, &error)],
    };
    files.sort();
    files.into_iter().filter(|file| is_stranger(file)).map(stranger).collect()
}

fn is_stranger(file: &Path) -> bool {
    let is_texts = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ftl"));
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    is_texts && !Language::ALL.iter().any(|language| name == format!("{}.ftl", language.code()))
}

fn stranger(file: PathBuf) -> TextMistake {
    TextMistake { file, text: None, problem: Problem::UnknownLanguage }
}

fn unreadable(file: &Path, error: &impl fmt::Display) -> TextMistake {
    let problem = Problem::Unreadable(error.to_string());
    TextMistake { file: file.to_owned(), text: None, problem }
}
