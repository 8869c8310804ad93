//! Notifies the owner of incidents, of dead letters, and of a migration of the group.
//!
//! Invariant: this calls no dependency; it reads what other components have recorded. With several processes, each
//! tells of what it has seen itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::telemetry::{Metrics, Readiness, owner, store_check};
use domain::{ChatId, Incident, Notice, NoticeKind};
use ports::Clock;

use super::{label::label, notifier::Notices};

/// Interval between two checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// Period after the start in which no incident counts as over: this run may not have seen it yet.
const GRACE: Duration = Duration::from_mins(3);

/// The task that checks for incidents.
#[derive(Debug)]
pub(in crate::app) struct IncidentMonitor {
    metrics: Metrics,
    readiness: Readiness,
    clock: Arc<dyn Clock>,
    begun: Instant,
    /// What the owner knows of each incident, in the order of [`Incident::ALL`].
    known: [Known; Incident::ALL.len()],
}

/// What the owner knows of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Unknown: an earlier run may have told that it has begun.
    Unknown,
    /// The incident is not active.
    Inactive,
    /// The owner was told that it has begun.
    Reported,
}

impl IncidentMonitor {
    /// Creates the task. It has seen no incident yet.
    pub(in crate::app) fn new(
        metrics: &Metrics,
        readiness: &Readiness,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (metrics, readiness) = (metrics.clone(), readiness.clone());
        let known = [Known::Unknown; Incident::ALL.len()];
        Self { metrics, readiness, clock, begun: Instant::now(), known }
    }

    /// Notifies the owner until `intake` is cancelled.
    pub(in crate::app) async fn run(mut self, notices: Notices, intake: CancellationToken) {
        let mut tick = tokio::time::interval(CHECK_INTERVAL);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = tick.tick() => {}
            }
            let count = owner::given_up(&self.metrics);
            if count > 0 {
                notices.send(Notice::GivenUp { count });
            }
            if let Some((from, to)) = owner::moved(&self.metrics) {
                notices.send(Notice::GroupMoved { from: ChatId(from), to: ChatId(to) });
            }
            if store_check::to_be_told(&self.metrics) {
                notices.send(Notice::Damaged);
            }
            for notice in self.check(Instant::now()) {
                notices.send(notice);
            }
        }
    }

    /// The notices that are due: incidents that have begun since the last check, and those that are over.
    fn check(&mut self, now: Instant) -> Vec<Notice> {
        let wall = self.clock.now();
        let settled = now - self.begun >= GRACE;
        let mut notices = Vec::new();
        for (incident, known) in Incident::ALL.into_iter().zip(&mut self.known) {
            let kind = label(NoticeKind::Incident(incident));
            let since = owner::since(&self.metrics, &self.readiness, kind, now);
            let was_reported = match *known {
                Known::Reported => true,
                Known::Unknown => settled,
                Known::Inactive => false,
            };
            let age = since.map(|since| now.saturating_duration_since(since));
            if let Some(age) =
                age.filter(|age| *age >= incident.patience() && *known != Known::Reported)
            {
                *known = Known::Reported;
                let since = wall.before(age);
                notices.push(
                    if incident == Incident::Store && owner::store_denies(&self.metrics) {
                        Notice::StoreDenies { since }
                    } else {
                        Notice::Begun { need: incident, since }
                    },
                );
            } else if since.is_none() && was_reported {
                *known = Known::Inactive;
                notices.push(Notice::Over { need: incident, at: wall });
            }
        }
        notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Probe, Reported, events, limit, limit::Fullness, tracker};
    use ports::SystemClock;

    /// A desk without incidents.
    fn monitor() -> IncidentMonitor {
        let metrics = Metrics::nowhere();
        let readiness = Readiness::new(&metrics);
        readiness.ready(Probe::Store);
        IncidentMonitor::new(&metrics, &readiness, Arc::new(SystemClock))
    }

    /// The same after the grace period, and the current time.
    fn settled() -> (IncidentMonitor, Instant) {
        let mut monitor = monitor();
        let later = monitor.begun + GRACE;
        monitor.check(later);
        (monitor, later)
    }

    #[test]
    fn after_the_grace_period_every_inactive_incident_is_over_once() {
        let mut monitor = monitor();
        assert_eq!(monitor.check(monitor.begun + GRACE / 2), []);
        let over = monitor.check(monitor.begun + GRACE);
        assert_eq!(over.len(), Incident::ALL.len());
        assert!(over.iter().all(|notice| matches!(notice, Notice::Over { .. })), "{over:?}");
        assert_eq!(monitor.check(monitor.begun + GRACE), []);
    }

    #[test]
    fn an_incident_is_reported_once_after_its_time() {
        let error = std::io::Error::other("why");
        // These two are over by themselves within this time unless they occur again.
        let is_lasting =
            |incident: &Incident| !matches!(incident, Incident::Token | Incident::Stuck);
        for incident in Incident::ALL.into_iter().filter(is_lasting) {
            let (mut monitor, _) = settled();
            let (metrics, readiness) = (&monitor.metrics, &monitor.readiness);
            match incident {
                Incident::Store => readiness.unready(Probe::Store, "why"),
                Incident::Group => events::desk_broken(metrics, readiness, &error),
                Incident::Webhook => events::webhook_unreached(metrics, "timeout", 0, 1),
                Incident::Backup => events::backups_seen(metrics, false, true),
                Incident::Disk => events::disk_seen(metrics, true),
                Incident::Token | Incident::Stuck => {}
                Incident::Limit => limit::used(metrics, 1.0, Fullness::Full),
                Incident::Alerts => owner::alerts_undelivered(metrics),
                Incident::Tracker => {
                    tracker::postponed(metrics, Reported::Network, Duration::ZERO, &error);
                }
            }
            let mut count = |at| {
                let notices = monitor.check(at);
                let ours = |notice: &Notice| notice.kind() == NoticeKind::Incident(incident);
                assert!(notices.iter().all(ours), "{notices:?}");
                notices.len()
            };
            let now = Instant::now();
            if !incident.patience().is_zero() {
                assert_eq!(count(now + incident.patience() / 2), 0, "{incident:?}");
            }
            let long = now + incident.patience();
            assert_eq!((count(long), count(long)), (1, 0), "{incident:?}");
        }
    }

    #[test]
    fn a_single_conflict_with_another_program_is_not_reported() {
        for conflict in [events::poll_conflict, events::webhook_contended] {
            let (mut monitor, _) = settled();
            conflict(&monitor.metrics);
            let (now, kind) = (Instant::now(), label(NoticeKind::Incident(Incident::Token)));
            assert!(owner::since(&monitor.metrics, &monitor.readiness, kind, now).is_some());
            assert_eq!(monitor.check(now), []);
            assert_eq!(monitor.check(now + Incident::Token.patience()), []);
        }
    }

    #[test]
    fn a_full_limit_is_reported_once_and_is_over_only_when_there_is_room() {
        let (mut monitor, later) = settled();
        let metrics = monitor.metrics.clone();
        let mut counts = |fullness| {
            limit::used(&metrics, 0.9, fullness);
            let notices = monitor.check(later);
            let begun =
                |notice: &Notice| matches!(notice, Notice::Begun { need: Incident::Limit, .. });
            let over =
                |notice: &Notice| matches!(notice, Notice::Over { need: Incident::Limit, .. });
            let count =
                |is: fn(&Notice) -> bool| notices.iter().filter(|notice| is(notice)).count();
            (count(begun), count(over), notices.len())
        };
        assert_eq!(counts(Fullness::Between), (0, 0, 0));
        assert_eq!(counts(Fullness::Full), (1, 0, 1));
        for fullness in [Fullness::Full, Fullness::Between, Fullness::Full, Fullness::Between] {
            assert_eq!(counts(fullness), (0, 0, 0), "it goes on");
        }
        assert_eq!(counts(Fullness::Roomy), (0, 1, 1));
        assert_eq!(counts(Fullness::Roomy), (0, 0, 0));
    }

    #[test]
    fn the_end_of_a_reported_incident_is_reported_once() {
        let (mut monitor, later) = settled();
        events::disk_seen(&monitor.metrics, true);
        let long = later + Incident::Disk.patience();
        assert_eq!(monitor.check(long).len(), 1);
        events::disk_seen(&monitor.metrics, false);
        let over = monitor.check(long);
        assert!(matches!(over[..], [Notice::Over { need: Incident::Disk, .. }]), "{over:?}");
        assert_eq!(monitor.check(long), []);
    }
}
