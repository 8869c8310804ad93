//! What may be told to Sentry.
//!
//! Invariant: an allow-list. A field passes if its name is known *and* its value is a number, a
//! truth value or a closed word; a sentence passes if it is one of ours, word by plain word; of an
//! error, its type. Whatever is not named here does not pass, with or without a reason to worry.

use std::collections::BTreeMap;

use ::sentry::protocol::{Breadcrumb, Context, Event, Exception, Stacktrace, Value};

use crate::telemetry::{frames::of_source, grouping};

/// What stands where something was left out.
const LEFT_OUT: &str = "[left out]";
/// Targets of our own log records; only they keep their sentences.
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
/// Contexts about the machine and the place in the code.
const CONTEXTS: [&str; 5] = ["os", "rust", "runtime", "trace", "Rust Tracing Location"];
/// Where fields of log records are.
pub(in crate::telemetry) const FIELDS_CONTEXT: &str = "Rust Tracing Fields";

/// An event, without what may be private.
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
    grouping::group(&mut event, ours);
    event
}

/// A breadcrumb, without what may be private.
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
    // With an error attached, the sentence of a log record is found in an exception of this type.
    let sentence_of_a_record = exception.ty.starts_with("tracing::");
    exception.value = match exception.value.take() {
        Some(value) if sentence_of_a_record => Some(sentence(&value, ours)),
        Some(_said_by_an_error_or_a_panic) => Some(LEFT_OUT.to_owned()),
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

/// Names of functions tell all the types that they are made of, some of them kilobytes long.
const LONGEST_NAME: usize = 200;

fn scrub_stacktrace(stacktrace: &mut Stacktrace) {
    for frame in &mut stacktrace.frames {
        frame.vars.clear();
        if let Some(name) = &mut frame.function {
            name.truncate(name.floor_char_boundary(LONGEST_NAME));
        }
        // Where the program was built is nobody's concern, and of others' functions the name says enough.
        let ours = frame.abs_path.as_deref().and_then(of_source).map(str::to_owned);
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

/// The fields that are known and closed.
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

/// A label's value, a version or a path of our source: lower case, no spaces, not long.
fn is_closed_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-./:".contains(c);
    text.len() <= 64 && text.chars().all(plain) && longest_number(text) < 5
}

/// The name of a type as its `Debug` begins: at least two humps, so that no one's word passes.
fn is_type_name(text: &str) -> bool {
    let humps = text.chars().filter(char::is_ascii_uppercase).count();
    text.len() <= 48
        && humps >= 2
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == ':')
        && longest_number(text) < 5
}

/// A sentence of ours, in which what is not a plain word is left out; nothing of anybody else's.
pub(in crate::telemetry) fn sentence(text: &str, ours: bool) -> String {
    if !ours {
        return LEFT_OUT.to_owned();
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "'’,.;:()-`".contains(c);
    let keep = |word: &str| {
        word.len() <= 24 && word.chars().all(plain) && longest_number(word) < 3 && !is_token(word)
    };
    let words = text.split_whitespace().map(|word| if keep(word) { word } else { "[…]" });
    words.collect::<Vec<_>>().join(" ")
}

/// Digits, a colon, letters: a bot's token, whole or cut.
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
        assert_eq!(sentence("hello", false), LEFT_OUT);
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
