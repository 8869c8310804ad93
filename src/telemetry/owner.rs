//! Notices to the owner and the watchdog of monitoring, counted and logged: as in `events`, one function for each fact.

use std::{error::Error, sync::atomic::Ordering};

use tracing::{info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    labels::{NoticeKind, NoticeOutcome},
};

/// The owner was told something.
pub fn told(metrics: &Metrics, kind: NoticeKind) {
    metrics.owner.notices.of((kind, NoticeOutcome::Sent)).increment(1);
    metrics.owner.complained.store(false, Ordering::Relaxed);
    info!(%kind, "told the owner in the private chat");
}

/// A notice is kept back, since one of its kind was told a short while ago.
pub fn kept_back(metrics: &Metrics, kind: NoticeKind) {
    metrics.owner.notices.of((kind, NoticeOutcome::Suppressed)).increment(1);
    info!(%kind, "a notice to the owner is kept back: one of its kind was told within the hour");
}

/// The owner cannot be told. Said once, until it works again.
pub fn not_told(metrics: &Metrics, kind: NoticeKind, error: &(dyn Error + 'static)) {
    metrics.owner.notices.of((kind, NoticeOutcome::Failed)).increment(1);
    if !metrics.owner.complained.swap(true, Ordering::Relaxed) {
        warn!(
            %kind,
            error,
            "the owner cannot be told: whoever BOT_DEV_ID names must press Start in the bot's chat"
        );
    }
}

/// Alertmanager's watchdog does not come any more.
pub fn monitoring_silent() {
    warn!("nothing is heard of monitoring: the watchdog that Alertmanager posts does not come");
}

/// It comes again.
pub fn monitoring_back() {
    info!("monitoring is heard of again");
}
