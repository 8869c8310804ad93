//! Counts newsletters; as in `events`, one function per event.

use crate::telemetry::{catalogue::Metrics, registry::labels::Mailed};

/// The outcome for a recipient was committed.
pub fn settled(metrics: &Metrics, outcome: Mailed) {
    metrics.newsletters.settled.of(outcome).increment(1);
}
