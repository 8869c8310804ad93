//! Keeps the last warnings and errors of this process for the crash file.
//!
//! Invariant: as for Sentry, only our own sentences, and fields that are known and closed.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt::Debug,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde::Serialize;
use serde_json::Value;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::telemetry::{crashes::current, sentry::scrub};

/// Number of records to keep.
const CAPACITY: usize = 20;

static RECENT: Mutex<VecDeque<(Instant, Record)>> = Mutex::new(VecDeque::new());

/// A log record, without what may be private.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::telemetry) struct Record {
    /// Seconds between the record and the crash.
    seconds_before: u64,
    level: &'static str,
    target: String,
    message: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, Value>,
}

/// A layer that keeps warnings and errors.
pub(in crate::telemetry) struct RingLayer;

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for RingLayer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        // The crash file already describes the panic itself.
        if !scrub::is_ours(metadata.target()) || metadata.target() == current::LOG_TARGET {
            return;
        }
        let mut seen = RecordVisitor::default();
        event.record(&mut seen);
        let record = Record {
            seconds_before: 0,
            level: metadata.level().as_str(),
            target: metadata.target().to_owned(),
            message: scrub::sentence(&seen.message, true),
            fields: scrub::fields(seen.fields),
        };
        let mut recent = RECENT.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == CAPACITY {
            recent.pop_front();
        }
        recent.push_back((Instant::now(), record));
    }
}

/// The kept records, oldest first. Empty if the lock is held at this moment: a panic must not wait.
pub(in crate::telemetry) fn records() -> Vec<Record> {
    let Ok(recent) = RECENT.try_lock() else { return Vec::new() };
    let aged = |(at, record): &(Instant, Record)| Record {
        seconds_before: at.elapsed().as_secs(),
        ..record.clone()
    };
    recent.iter().map(aged).collect()
}

/// Collects the sentence and the fields of a record.
#[derive(Default)]
struct RecordVisitor {
    message: String,
    fields: BTreeMap<String, Value>,
}

impl RecordVisitor {
    fn insert(&mut self, field: &Field, value: Value) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for RecordVisitor {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.insert(field, text.into());
        }
    }
}
