//! Notices to the owner and the watchdog of monitoring, counted and logged: as in `events`, one function for each fact.

use std::{error::Error, fmt, sync::atomic::Ordering, time::Instant};

use tracing::{info, warn};

use crate::telemetry::{
    catalogue::Metrics,
    health::{ProbeState, Readiness},
    labels::{Label, Probe, label},
    trouble::Say,
};

label! {
    /// What a notice to the owner is about.
    NoticeKind = "kind" {
        Crash = "crash",
        Panic = "panic",
        Watchdog = "watchdog",
        Store = "store",
        Group = "group",
        Token = "token",
        Webhook = "webhook",
        Backup = "backup",
        Disk = "disk",
        Tracker = "tracker",
        Stuck = "stuck",
        GivenUp = "given_up",
        Damaged = "damaged",
    }
}

label! {
    /// What became of a notice to the owner.
    NoticeOutcome = "outcome" { Sent = "sent", Suppressed = "suppressed", Failed = "failed", }
}

/// Since when something goes on that the owner is told of; `None` if it does not, or cannot go on.
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
            readiness.probes().into_iter().find(fails).map(|state| state.since)
        }
        NoticeKind::Group => troubles.desk.since(),
        NoticeKind::Token => {
            let all = [&troubles.conflict, &troubles.contention];
            all.into_iter().filter_map(|trouble| trouble.lately(now)).min()
        }
        NoticeKind::Webhook => troubles.pushes.since(),
        NoticeKind::Backup => troubles.backups.since(),
        NoticeKind::Disk => troubles.disk.since(),
        NoticeKind::Tracker => troubles.tracker.since(),
        NoticeKind::Stuck => troubles.stuck.lately(now),
        NoticeKind::Crash
        | NoticeKind::Panic
        | NoticeKind::Watchdog
        | NoticeKind::GivenUp
        | NoticeKind::Damaged => None,
    }
}

/// Telegram failed again to do what is set aside because of that.
pub fn stuck(metrics: &Metrics) {
    if metrics.troubles.stuck.failed(Instant::now()) == Say::First {
        warn!(
            "Telegram fails to do one thing while it does others; what it is for goes on without"
        );
    }
}

/// How much was given up since this was asked last.
pub fn given_up(metrics: &Metrics) -> u32 {
    metrics.owner.given_up.swap(0, Ordering::Relaxed)
}

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
