//! Newsletters, counted: as in `events`, one function for each fact.

use std::fmt;

use crate::telemetry::{
    catalogue::Metrics,
    labels::{Label, label},
};

label! {
    /// What became of a newsletter for one recipient.
    Mailed = "outcome" {
        Sent = "sent",
        Blocked = "blocked",
        Failed = "failed",
        Recalled = "recalled",
        Kept = "kept",
    }
}

/// It is written down what became of one for a recipient.
pub fn settled(metrics: &Metrics, outcome: Mailed) {
    metrics.newsletters.settled.of(outcome).increment(1);
}
