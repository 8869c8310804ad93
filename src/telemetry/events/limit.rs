//! Counts and logs how much of the group's limit is used; as in `events`, one function per event.

use std::time::Instant;

use tracing::{info, warn};

use crate::telemetry::{catalogue::Metrics, logging::throttle::Recovery};

/// What the use of the last hour says about the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fullness {
    /// It was full for an hour.
    Full,
    /// Neither: what was the case before goes on.
    Between,
    /// Much of it was free.
    Roomy,
}

/// The share of the group's limit that was used in the last hour.
pub fn used(metrics: &Metrics, share: f64, fullness: Fullness) {
    metrics.budget.hour_ratio.set(share);
    let (trouble, now) = (&metrics.troubles.limit, Instant::now());
    match fullness {
        // What counts as an episode does not end while the limit is neither full nor roomy.
        Fullness::Full if trouble.since().is_none() => {
            trouble.failed(now);
            warn!("the group's limit has been full for an hour: messages wait for it");
        }
        Fullness::Full | Fullness::Between => {}
        Fullness::Roomy => {
            if let Some(Recovery { lasted, .. }) = trouble.succeeded(now) {
                info!(for_seconds = lasted.as_secs(), "the group's limit has room again");
            }
        }
    }
}
