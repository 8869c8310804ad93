//! Checks replaced texts at start, for everything that Telegram would refuse or a reader would stumble over.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use fluent_bundle::FluentResource;
use fluent_syntax::{
    ast::{Entry as Node, Message, Pattern, Term},
    parser::ParserError,
};

use super::{
    depth::too_deep,
    expand::{Expander, Terms},
    mistake::{Problem, TextMistake},
};
use crate::i18n::{
    catalogue::{Entry, TextFormat},
    entries::{ENTRIES, entry},
    html, sanitize,
};
use crate::spelling::did_you_mean;

/// Collects the mistakes in one file.
#[derive(Debug)]
pub(super) struct Check<'a> {
    file: &'a Path,
    mistakes: Vec<TextMistake>,
}

/// Parses a file's contents. The resource has all that could be parsed, the mistakes have the rest.
pub(in crate::i18n) fn parse(file: &Path, source: String) -> (FluentResource, Vec<TextMistake>) {
    if let Some(line) = too_deep(&source) {
        let reason = "braces and calls are nested too deep".to_owned();
        let problem = Problem::Syntax { line, reason };
        let (Ok(nothing) | Err((nothing, _))) = FluentResource::try_new(String::new());
        return (nothing, vec![TextMistake { file: file.to_owned(), text: None, problem }]);
    }
    match FluentResource::try_new(source) {
        Ok(resource) => (resource, Vec::new()),
        Err((resource, errors)) => {
            let syntax = |error: &ParserError| {
                let before = resource.source().get(..error.pos.start).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                Problem::Syntax { line, reason: error.to_string() }
            };
            let mistakes = errors
                .iter()
                .map(|error| TextMistake {
                    file: file.to_owned(),
                    text: None,
                    problem: syntax(error),
                })
                .collect();
            (resource, mistakes)
        }
    }
}

/// The mistakes in the texts of `replaced`, which take precedence over those of `built_in`.
pub(in crate::i18n) fn check(
    file: &Path,
    built_in: &FluentResource,
    replaced: &FluentResource,
) -> Vec<TextMistake> {
    let mut check = Check { file, mistakes: Vec::new() };
    let mut terms = terms_of(built_in);
    terms.extend(terms_of(replaced));
    check.names(replaced);
    let texts = messages_of(replaced);
    for (id, pattern) in &texts {
        if let Some(entry) = entry(id) {
            for problem in problems(entry, pattern, &terms) {
                check.report(id, problem);
            }
        }
    }
    check.terms(built_in, replaced, &texts, &terms);
    check.mistakes
}

impl Check<'_> {
    /// Reports unknown ids, repeated ids and texts without words.
    fn names(&mut self, replaced: &FluentResource) {
        let mut seen = HashSet::new();
        for node in replaced.entries() {
            match node {
                Node::Message(message) => {
                    let id = message.id.name;
                    if !seen.insert(id.to_owned()) {
                        self.report(id, Problem::Repeated);
                    }
                    if entry(id).is_none() {
                        self.report(id, Problem::UnknownId { similar: similar(id) });
                    } else if message.value.is_none() {
                        self.report(id, Problem::Empty);
                    }
                    if let Some(attribute) = message.attributes.first() {
                        let what = format!(
                            "has the attribute .{}, which is never shown",
                            attribute.id.name
                        );
                        self.report(id, Problem::Unsupported(what));
                    }
                }
                Node::Term(term) => {
                    let id = format!("-{}", term.id.name);
                    if !seen.insert(id.clone()) {
                        self.report(&id, Problem::Repeated);
                    }
                }
                Node::Comment(_)
                | Node::GroupComment(_)
                | Node::ResourceComment(_)
                | Node::Junk { .. } => {}
            }
        }
    }

    /// Checks replaced terms in texts that were not replaced. One mistake per term is enough.
    fn terms(
        &mut self,
        built_in: &FluentResource,
        replaced: &FluentResource,
        texts: &BTreeMap<&str, &Pattern<&str>>,
        all: &Terms<'_>,
    ) {
        let inherited: Vec<_> = messages_of(built_in)
            .into_iter()
            .filter(|(id, _)| !texts.contains_key(id))
            .filter_map(|(id, pattern)| Some((entry(id)?, pattern)))
            .collect();
        let original = terms_of(built_in);
        for (name, pattern) in terms_of(replaced) {
            let mut terms = original.clone();
            // The file's own terms stay visible, because this term may use them.
            terms.extend(all.iter().filter(|(other, _)| !original.contains_key(*other)));
            terms.insert(name, pattern);
            let problem = inherited
                .iter()
                .find_map(|(entry, pattern)| problems(entry, pattern, &terms).into_iter().next());
            if let Some(problem) = problem {
                self.report(&format!("-{name}"), problem);
            }
        }
    }

    fn report(&mut self, text: &str, problem: Problem) {
        let mistake =
            TextMistake { file: self.file.to_owned(), text: Some(text.to_owned()), problem };
        self.mistakes.push(mistake);
    }
}

/// The problems of one text, in all its forms.
pub(in crate::i18n) fn problems<'a>(
    entry: &Entry,
    pattern: &'a Pattern<&'a str>,
    terms: &'a Terms<'a>,
) -> Vec<Problem> {
    let mut expander = Expander::new(terms);
    let forms = expander.forms(pattern);
    let Expander { placeholders, mut problems, .. } = expander;
    let missing = entry.shows.iter().filter(|name| !placeholders.contains(*name));
    problems.extend(missing.map(|name| Problem::MissingPlaceholder(name)));
    let unknown = placeholders.iter().filter(|name| !entry.shows.contains(name));
    problems.extend(
        unknown.map(|name| Problem::UnknownPlaceholder {
            name: (*name).to_owned(),
            known: entry.shows,
        }),
    );
    if !problems.is_empty() {
        return problems; // the forms differ from what would be sent
    }
    let mut longest = 0;
    for form in forms {
        let seen = match entry.place {
            TextFormat::Message => html::visible(&form),
            TextFormat::Answer
            | TextFormat::Button
            | TextFormat::Command
            | TextFormat::Words
            | TextFormat::Date
            | TextFormat::Moment
            | TextFormat::Finding => Ok(form),
        };
        let problem = match seen {
            Err(why) => Some(Problem::Html(why)),
            Ok(seen) if domain::is_blank(&seen) => Some(Problem::Empty),
            Ok(seen) => {
                longest = longest.max(sanitize::length(seen.trim()));
                None
            }
        };
        problems.extend(problem.filter(|problem| !problems.contains(problem)));
    }
    let limit = entry.place.limit();
    if longest > limit {
        problems.push(Problem::TooLong { length: longest, limit });
    }
    problems
}

/// The texts of a file by id. Of repeated ids the last one counts, as in Fluent.
pub(in crate::i18n) fn messages_of(resource: &FluentResource) -> BTreeMap<&str, &Pattern<&str>> {
    let mut messages = BTreeMap::new();
    for node in resource.entries() {
        if let Node::Message(Message { id, value: Some(value), .. }) = node {
            messages.insert(id.name, value);
        }
    }
    messages
}

/// The terms of a file.
pub(in crate::i18n) fn terms_of(resource: &FluentResource) -> Terms<'_> {
    let mut terms = Terms::new();
    for node in resource.entries() {
        if let Node::Term(Term { id, value, .. }) = node {
            terms.insert(id.name, value);
        }
    }
    terms
}

/// The most similar known id, if it differs by a few letters only.
fn similar(id: &str) -> Option<&'static str> {
    let within = 3.min(id.chars().count().saturating_sub(1));
    did_you_mean(id, ENTRIES.iter().map(|entry| entry.id), within)
}
