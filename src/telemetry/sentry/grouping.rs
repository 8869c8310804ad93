//! Groups reports to Sentry: one issue per place and class, not one per stack or sentence.
//!
//! Invariant: it works on scrubbed events and adds only source locations and closed words.

use std::borrow::Cow;

use ::sentry::protocol::{Context, Event, Stacktrace, Value};

use crate::telemetry::crashes::{
    current,
    frames::{reports_panics, source_path},
};

/// The context with the fields of log records.
pub(in crate::telemetry) const FIELDS_CONTEXT: &str = "Rust Tracing Fields";

/// Fields that classify a failure. They become tags, which are searchable.
const CLASSES: [&str; 6] = ["kind", "reason", "operation", "queue", "task", "probe"];

/// Groups an event by its place and its class. Events that are not `ours` keep Sentry's own grouping.
pub(in crate::telemetry) fn group(event: &mut Event<'static>, ours: bool) {
    if event.exception.iter().any(|exception| exception.ty == "panic") {
        group_panic(event);
    } else if ours {
        group_record(event);
    }
}

/// Groups a panic by our innermost function on its stack. The title shows the place instead of the panic's message.
fn group_panic(event: &mut Event<'static>) {
    event.tags.insert("task".to_owned(), current::current_task().to_string());
    let stack = event.exception.iter().find_map(|exception| exception.stacktrace.as_ref());
    let Some((file, line, function)) = stack.and_then(innermost) else { return };
    let place = format!("{file}:{line}");
    event.fingerprint = Cow::Owned(vec!["panic".into(), file.into(), function.into()]);
    for exception in event.exception.iter_mut().filter(|exception| exception.ty == "panic") {
        exception.value = Some(format!("at {place}"));
    }
    event.tags.insert("place".to_owned(), place);
}

/// The innermost of our own functions: file, line, name.
fn innermost(stack: &Stacktrace) -> Option<(String, u64, String)> {
    stack.frames.iter().rev().find_map(|frame| {
        let path = frame.abs_path.as_deref().or(frame.filename.as_deref())?;
        let file = source_path(path).filter(|file| !reports_panics(file))?.to_owned();
        Some((file, frame.lineno.unwrap_or_default(), frame.function.clone().unwrap_or_default()))
    })
}

/// Groups a log record by its place, its sentence, the types of its errors, and its class.
fn group_record(event: &mut Event<'static>) {
    let mut parts = vec![event.logger.clone().unwrap_or_default()];
    parts.extend(event.message.clone());
    for exception in &event.exception {
        // The sentence of a record with an error is stored in an exception. Of other exceptions only the type counts.
        let sentence = exception.ty.starts_with("tracing::").then(|| exception.value.clone());
        parts.push(sentence.flatten().unwrap_or_else(|| exception.ty.clone()));
    }
    if let Some(Context::Other(fields)) = event.contexts.get(FIELDS_CONTEXT) {
        for class in CLASSES {
            let Some(Value::String(word)) = fields.get(class) else { continue };
            parts.push(word.clone());
            event.tags.insert(class.to_owned(), word.clone());
        }
    }
    event.fingerprint = Cow::Owned(parts.into_iter().map(Cow::Owned).collect());
}
