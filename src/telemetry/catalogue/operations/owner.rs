//! Metrics of notices to the owner and of Alertmanager's watchdog.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32},
};

use metrics::{Counter, Gauge};

use crate::telemetry::{
    registry::families::{Family, Registrar},
    registry::labels::{NoticeKind, NoticeOutcome},
};

/// Metrics of notices to the owner and of the watchdog.
#[derive(Debug)]
pub struct OwnerMetrics {
    /// Notices by kind and outcome; count through `telemetry::owner`.
    pub(in crate::telemetry) notices: Family<Counter, (NoticeKind, NoticeOutcome)>,
    /// When Alertmanager's watchdog last arrived.
    pub watchdog_last_received_timestamp: Gauge,
    /// Whether the watchdog is expected.
    pub watchdog_expected: Gauge,
    /// Whether the current failure to notify the owner was logged.
    pub(in crate::telemetry) complained: AtomicBool,
    /// Number of items given up since the last notice about them.
    pub(in crate::telemetry) given_up: AtomicU32,
    /// The ids that the group has left and has now, until the owner is told.
    pub(in crate::telemetry) moved: Mutex<Option<(i64, i64)>>,
    /// Whether the last failure of the store was a refusal of the desk's password or user.
    pub(in crate::telemetry) denied: AtomicBool,
    /// Whether the store's file was found damaged since the owner was told of it last.
    pub(in crate::telemetry) damaged: AtomicBool,
}

impl OwnerMetrics {
    pub(in crate::telemetry) fn register(r: &mut Registrar<'_>) -> Self {
        Self {
            notices: r.counters(
                "supportbot_owner_notices_total",
                "Notices to the owner (BOT_DEV_ID) by kind and outcome. One of a kind is sent in an hour; the next says how many were suppressed.",
            ),
            watchdog_last_received_timestamp: r.gauge(
                "supportbot_watchdog_last_received_timestamp_seconds",
                "When Alertmanager last posted its watchdog to this process; 0 if it never did.",
            ),
            watchdog_expected: r.gauge(
                "supportbot_watchdog_expected",
                "1 if WATCHDOG_TOKEN is set: the owner is notified when the watchdog stops arriving.",
            ),
            complained: AtomicBool::new(false),
            given_up: AtomicU32::new(0),
            moved: Mutex::default(),
            denied: AtomicBool::new(false),
            damaged: AtomicBool::new(false),
        }
    }
}
