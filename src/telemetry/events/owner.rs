//! Counts and logs notices to the owner and the watchdog; as in `events`, one function per event.

use std::{
    error::Error,
    sync::{PoisonError, atomic::Ordering},
    time::Instant,
};

use tracing::{info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    events,
    health::{ProbeState, Readiness},
    logging::throttle::Occurrence,
    registry::{
        label::Label as _,
        labels::{HealReason, NoticeKind, NoticeOutcome, Probe, StoreOperation},
    },
};

/// When an incident began; `None` if it is over, or if this kind of notice is not about an incident.
pub fn since(
    metrics: &Metrics,
    readiness: &Readiness,
    kind: NoticeKind,
    now: Instant,
) -> Option<Instant> {
    let troubles = &metrics.troubles;
    match kind {
        NoticeKind::Store => {
            let fails = |state: &ProbeState| state.probe == Probe::Store && state.unready.is_some();
            let probed = readiness.probes().into_iter().find(fails)?.since;
            // The next probe may be 15 seconds away, and itself waits for an answer.
            let first =
                |operation: &StoreOperation| troubles.store.of(*operation).recent_episode(now);
            Some(StoreOperation::ALL.iter().filter_map(first).fold(probed, Instant::min))
        }
        NoticeKind::Group => troubles.desk.since(),
        NoticeKind::Token => {
            let all = [&troubles.conflict, &troubles.contention];
            all.into_iter().filter_map(|trouble| trouble.recent_episode(now)).min()
        }
        NoticeKind::Webhook => troubles.pushes.since(),
        NoticeKind::Backup => troubles.backups.since(),
        NoticeKind::Disk => troubles.disk.since(),
        NoticeKind::Tracker => troubles.tracker.since(),
        NoticeKind::Stuck => troubles.stuck.recent_episode(now),
        NoticeKind::Limit => troubles.limit.since(),
        NoticeKind::Alerts => troubles.alerts.recent_episode(now),
        NoticeKind::Crash
        | NoticeKind::Panic
        | NoticeKind::Watchdog
        | NoticeKind::Moved
        | NoticeKind::GivenUp
        | NoticeKind::Damaged => None,
    }
}

/// A call that is set aside because Telegram keeps failing at it has failed again.
pub fn stuck(metrics: &Metrics) {
    if metrics.troubles.stuck.failed(Instant::now()) == Occurrence::First {
        warn!("Telegram keeps failing at one call while others succeed; work goes on without it");
    }
}

/// Number of items given up since the last call of this function.
pub fn given_up(metrics: &Metrics) -> u32 {
    metrics.owner.given_up.swap(0, Ordering::Relaxed)
}

/// The group migrated: Telegram refused the old id and named the new one.
pub fn group_moved(metrics: &Metrics, from: i64, to: i64) {
    events::topic_healed(metrics, HealReason::Migrated);
    let mut moved = metrics.owner.moved.lock().unwrap_or_else(PoisonError::into_inner);
    let first = moved.map_or(from, |(first, _)| first);
    *moved = Some((first, to));
    warn!(from, to, "Telegram says that the operators' group moved to another id: followed it");
}

/// An update claims a migration that Telegram denies.
pub fn group_has_not_moved() {
    warn!(
        "an update says that the operators' group moved, and Telegram does not: perhaps forged; nothing is changed"
    );
}

/// The migration since the last call: the first old id and the last new one.
pub fn moved(metrics: &Metrics) -> Option<(i64, i64)> {
    metrics.owner.moved.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// A notice was sent to the owner.
pub fn notice_sent(metrics: &Metrics, kind: NoticeKind) {
    metrics.owner.notices.of((kind, NoticeOutcome::Sent)).increment(1);
    metrics.owner.complained.store(false, Ordering::Relaxed);
    info!(%kind, "sent a notice to the owner in the private chat");
}

/// A notice is suppressed because one of its kind was sent recently.
pub fn notice_suppressed(metrics: &Metrics, kind: NoticeKind) {
    metrics.owner.notices.of((kind, NoticeOutcome::Suppressed)).increment(1);
    info!(%kind, "a notice to the owner is suppressed: one of its kind was sent within the hour");
}

/// A notice could not be sent. Logged once, until a notice is sent again.
pub fn notice_failed(metrics: &Metrics, kind: NoticeKind, error: &(dyn Error + 'static)) {
    metrics.owner.notices.of((kind, NoticeOutcome::Failed)).increment(1);
    if !metrics.owner.complained.swap(true, Ordering::Relaxed) {
        warn!(
            %kind,
            error,
            "the owner cannot be notified: the user of BOT_DEV_ID must press Start in the bot's chat"
        );
    }
}

/// Alertmanager's watchdog has stopped arriving.
pub fn monitoring_silent() {
    warn!("monitoring is silent: Alertmanager's watchdog has stopped arriving");
}

/// Alertmanager's watchdog is arriving again.
pub fn monitoring_back() {
    info!("monitoring works again: Alertmanager's watchdog is arriving");
}

/// Alertmanager says that it cannot deliver alerts. It repeats this; after two minutes without it, nothing is known of it any more.
pub fn alerts_undelivered(metrics: &Metrics) {
    metrics.owner.delivered.store(false, Ordering::Relaxed);
    if metrics.troubles.alerts.failed(Instant::now()) == Occurrence::First {
        warn!("Alertmanager cannot deliver alerts: its log says why");
    }
}

/// Alertmanager says that it delivers alerts again. It says so as well when Prometheus is gone, so that is believed only at
/// its next sign of life.
pub fn alerts_delivered(metrics: &Metrics) {
    metrics.owner.delivered.store(true, Ordering::Relaxed);
}

/// Alertmanager has given a sign of life.
pub fn alertmanager_lives(metrics: &Metrics) {
    if metrics.owner.delivered.swap(false, Ordering::Relaxed)
        && metrics.troubles.alerts.succeeded(Instant::now()).is_some()
    {
        metrics.owner.delivers_again.store(true, Ordering::Relaxed);
        info!("Alertmanager delivers alerts again");
    }
}

/// Whether Alertmanager has said that it delivers alerts again, since the last call of this function. Otherwise nothing is
/// known of it when it says nothing more.
pub fn delivers_again(metrics: &Metrics) -> bool {
    metrics.owner.delivers_again.swap(false, Ordering::Relaxed)
}

/// Whether the last failure of the store was a refusal of the desk's password or user.
pub fn store_denies(metrics: &Metrics) -> bool {
    metrics.owner.denied.load(Ordering::Relaxed)
}
