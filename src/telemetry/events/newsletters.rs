//! Counts newsletters; as in `events`, one function per event.

use std::fmt;

use crate::telemetry::{
    catalogue::Metrics,
    registry::labels::{Label, label},
};

label! {
    /// The outcome of a newsletter for one recipient.
    Mailed = "outcome" {
        Sent = "sent",
        Blocked = "blocked",
        Failed = "failed",
        Recalled = "recalled",
        Kept = "kept",
    }
}

/// The outcome for a recipient was committed.
pub fn settled(metrics: &Metrics, outcome: Mailed) {
    metrics.newsletters.settled.of(outcome).increment(1);
}
