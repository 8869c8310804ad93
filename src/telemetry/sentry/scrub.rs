//! Removes everything from reports to Sentry that may be private.
//!
//! Invariant: an allow-list. A field passes if its name is known *and* its value is a number, a
//! boolean or a closed word. Of our own sentences, plain words pass. Of an error, only its type
//! passes. Everything else is removed, whether or not it could be private.

use std::collections::BTreeMap;

use ::sentry::protocol::{Breadcrumb, Context, Event, Exception, Stacktrace, Value};

use crate::telemetry::{
    crashes::frames::source_path,
    sentry::grouping::{FIELDS_CONTEXT, group},
};

/// Replaces removed text.
const REDACTED: &str = "[left out]";
/// The target of our own log records. Only they keep their sentences.
const OURS: &str = "support_bot";
/// Fields of our log records that cannot be private.
const FIELDS: [&str; 28] = [
    "attempt",
    "count",
    "direction",
    "failures",
    "file",
    "for_seconds",
    "grace_seconds",
    "handler",
    "kind",
    "level",
    "limit",
    "line",
    "method",
    "module_path",
    "operation",
    "outcome",
    "probe",
    "queue",
    "reason",
    "retry_in_ms",
    "revision",
    "scope",
    "state",
    "status",
    "task",
    "took_ms",
    "version",
    "wait_ms",
];
/// Contexts that describe the machine and the place in the code.
const CONTEXTS: [&str; 5] = ["os", "rust", "runtime", "trace", "Rust Tracing Location"];

/// Scrubs an event.
pub(in crate::telemetry) fn event(mut event: Event<'static>) -> Event<'static> {
    let ours = event.logger.as_deref().is_some_and(is_ours);
    event.message = event.message.map(|message| sentence(&message, ours));
    for exception in &mut event.exception.values {
        scrub_exception(exception, ours);
    }
    for stacktrace in [event.stacktrace.as_mut()].into_iter().flatten() {
        scrub_stacktrace(stacktrace);
    }
    for thread in &mut event.threads.values {
        [&mut thread.stacktrace, &mut thread.raw_stacktrace]
            .into_iter()
            .flatten()
            .for_each(scrub_stacktrace);
    }
    event.breadcrumbs.values = event.breadcrumbs.values.into_iter().map(breadcrumb).collect();
    event.contexts = event.contexts.into_iter().filter_map(context).collect();
    event.extra = fields(event.extra);
    event.tags.retain(|name, value| is_known(name) && is_closed_word(value));
    event.logentry = None;
    event.user = None;
    event.request = None;
    event.server_name = None;
    event.culprit = None;
    event.transaction = None;
    event.template = None;
    group(&mut event, ours);
    event
}

/// Scrubs a breadcrumb.
pub(in crate::telemetry) fn breadcrumb(mut breadcrumb: Breadcrumb) -> Breadcrumb {
    let ours = breadcrumb.category.as_deref().is_some_and(is_ours);
    breadcrumb.message = breadcrumb.message.map(|message| sentence(&message, ours));
    breadcrumb.data = fields(breadcrumb.data);
    breadcrumb
}

/// Whether a log record is one of our own.
pub(in crate::telemetry) fn is_ours(target: &str) -> bool {
    target == OURS || target.starts_with("support_bot::")
}

fn scrub_exception(exception: &mut Exception, ours: bool) {
    // If an error is attached, the sentence of a log record is stored in an exception of this type.
    let sentence_of_a_record = exception.ty.starts_with("tracing::");
    exception.value = match exception.value.take() {
        Some(value) if sentence_of_a_record => Some(sentence(&value, ours)),
        Some(_said_by_an_error_or_a_panic) => Some(REDACTED.to_owned()),
        None => None,
    };
    if !sentence_of_a_record && exception.ty != "panic" && !is_type_name(&exception.ty) {
        "Error".clone_into(&mut exception.ty);
    }
    if let Some(mechanism) = &mut exception.mechanism {
        mechanism.description = None;
        mechanism.data.clear();
    }
    [&mut exception.stacktrace, &mut exception.raw_stacktrace]
        .into_iter()
        .flatten()
        .for_each(scrub_stacktrace);
}

/// Maximum length of a function's name. Names contain type parameters and can be kilobytes long.
const LONGEST_NAME: usize = 200;

fn scrub_stacktrace(stacktrace: &mut Stacktrace) {
    for frame in &mut stacktrace.frames {
        frame.vars.clear();
        if let Some(name) = &mut frame.function {
            name.truncate(name.floor_char_boundary(LONGEST_NAME));
        }
        // The build folder is removed. For functions of libraries, the name is enough.
        let ours = frame.abs_path.as_deref().and_then(source_path).map(str::to_owned);
        frame.in_app = Some(ours.is_some());
        frame.abs_path = ours;
    }
}

fn context((name, context): (String, Context)) -> Option<(String, Context)> {
    if CONTEXTS.contains(&name.as_str()) {
        return Some((name, context));
    }
    if name != FIELDS_CONTEXT {
        return None;
    }
    let Context::Other(values) = context else { return None };
    Some((name, Context::Other(fields(values))))
}

/// Keeps the known fields with closed values.
pub(in crate::telemetry) fn fields(values: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    values.into_iter().filter(|(name, value)| is_known(name) && is_closed_value(value)).collect()
}

fn is_known(name: &str) -> bool {
    // A span's field is named `span:field`.
    let field = name.rsplit(':').next().unwrap_or(name);
    FIELDS.contains(&field)
}

fn is_closed_value(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => is_closed_word(text),
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// A closed word: a label's value, a version or a path in our source; lower case, short, without spaces.
fn is_closed_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-./:".contains(c);
    text.len() <= 64 && text.chars().all(plain) && longest_number(text) < 5
}

/// The name of a type, as at the start of its `Debug` output. It needs two capitals, so that no ordinary word passes.
fn is_type_name(text: &str) -> bool {
    let humps = text.chars().filter(char::is_ascii_uppercase).count();
    text.len() <= 48
        && humps >= 2
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ':')
        && longest_number(text) < 5
}

/// One of our own sentences, without everything that is not a plain word. Other sentences are removed completely.
pub(in crate::telemetry) fn sentence(text: &str, ours: bool) -> String {
    if !ours {
        return REDACTED.to_owned();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "'’,.;:()-`".contains(c);
    let keep = |word: &str| {
        word.len() <= 24 && word.chars().all(plain) && longest_number(word) < 3 && !is_token(word)
    };
    let words = text.split_whitespace().map(|word| if keep(word) { word } else { "[…]" });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is a bot's token, complete or cut: digits, a colon, letters.
fn is_token(word: &str) -> bool {
    word.split_once(':').is_some_and(|(number, key)| {
        !key.is_empty() && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
    })
}

fn longest_number(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_sentences_keep_their_words_and_lose_what_is_not_one() {
        let check = |text: &str, expected: &str| assert_eq!(sentence(text, true), expected);
        check("the store failed; trying again", "the store failed; trying again");
        check("gave up; `support-bot dead` shows it", "gave up; `support-bot dead` shows it");
        check("call +79161234567 now", "call […] now");
        check("token 1:AAE leaked", "token […] leaked");
        check("written by @ada и Ада", "written by […] […] […]");
        check("see https://t.me/x", "see […]");
    }

    #[test]
    fn sentences_of_libraries_are_left_out_whole() {
        assert_eq!(sentence("hello", false), REDACTED);
    }

    #[test]
    fn a_known_field_passes_only_with_a_closed_value() {
        let values = BTreeMap::from([
            ("queue".to_owned(), Value::from("inbox")),
            ("worker:attempt".to_owned(), Value::from(3)),
            ("reason".to_owned(), Value::from("Ada said no")),
            ("text".to_owned(), Value::from("hello")),
            ("kind".to_owned(), Value::from("79161234567")),
        ]);
        let kept = fields(values).into_keys().collect::<Vec<_>>();
        assert_eq!(kept, ["queue", "worker:attempt"]);
    }

    #[test]
    fn an_error_keeps_its_type_only_if_it_is_one() {
        assert!(is_type_name("SqliteFailure"));
        for word in ["hello", "Ada", "\"secret", "ПриветМир", "Token123456789X"] {
            assert!(!is_type_name(word), "{word}");
        }
    }
}
