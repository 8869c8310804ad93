//! The metrics' labels of the kinds of notices.

use crate::telemetry;
use domain::{Incident, NoticeKind};

/// The metrics' label of a kind.
pub(super) fn label(kind: NoticeKind) -> telemetry::NoticeKind {
    match kind {
        NoticeKind::Crash => telemetry::NoticeKind::Crash,
        NoticeKind::Panic => telemetry::NoticeKind::Panic,
        NoticeKind::Watchdog => telemetry::NoticeKind::Watchdog,
        NoticeKind::Moved => telemetry::NoticeKind::Moved,
        NoticeKind::GivenUp => telemetry::NoticeKind::GivenUp,
        NoticeKind::Damaged => telemetry::NoticeKind::Damaged,
        NoticeKind::Incident(Incident::Store) => telemetry::NoticeKind::Store,
        NoticeKind::Incident(Incident::Group) => telemetry::NoticeKind::Group,
        NoticeKind::Incident(Incident::Token) => telemetry::NoticeKind::Token,
        NoticeKind::Incident(Incident::Webhook) => telemetry::NoticeKind::Webhook,
        NoticeKind::Incident(Incident::Backup) => telemetry::NoticeKind::Backup,
        NoticeKind::Incident(Incident::Disk) => telemetry::NoticeKind::Disk,
        NoticeKind::Incident(Incident::Tracker) => telemetry::NoticeKind::Tracker,
        NoticeKind::Incident(Incident::Stuck) => telemetry::NoticeKind::Stuck,
        NoticeKind::Incident(Incident::Limit) => telemetry::NoticeKind::Limit,
        NoticeKind::Incident(Incident::Alerts) => telemetry::NoticeKind::Alerts,
    }
}
