//! Tells the owner of incidents, of dead letters, and of a move of the group.
//!
//! Invariant: this calls no dependency; it reads what other components have recorded. With several processes, each
//! tells of what it has met itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use crate::telemetry::{Metrics, Readiness, owner, soundness};
use domain::{ChatId, Incident, Notice, NoticeKind};
use ports::Clock;

use super::notifier::{ToOwner, label};

/// Interval between two checks.
const LOOK: Duration = Duration::from_secs(2);

/// Period after the start in which no incident counts as over: this run may not have met it yet.
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
    Unclear,
    /// The incident is not active.
    Quiet,
    /// The owner was told that it has begun.
    Told,
}

impl IncidentMonitor {
    /// Creates the task. It has seen no incident yet.
    pub(in crate::app) fn new(
        metrics: &Metrics,
        readiness: &Readiness,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (metrics, readiness) = (metrics.clone(), readiness.clone());
        let known = [Known::Unclear; Incident::ALL.len()];
        Self { metrics, readiness, clock, begun: Instant::now(), known }
    }

    /// Tells the owner until `intake` is cancelled.
    pub(in crate::app) async fn watch(mut self, to_owner: ToOwner, intake: CancellationToken) {
        let mut tick = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                _ = tick.tick() => {}
            }
            let count = owner::given_up(&self.metrics);
            if count > 0 {
                to_owner.tell(Notice::GivenUp { count });
            }
            if let Some((from, to)) = owner::moved(&self.metrics) {
                to_owner.tell(Notice::GroupMoved { from: ChatId(from), to: ChatId(to) });
            }
            if soundness::to_be_told(&self.metrics) {
                to_owner.tell(Notice::Damaged);
            }
            for notice in self.look(Instant::now()) {
                to_owner.tell(notice);
            }
        }
    }

    /// The notices that are due: incidents that have begun since the last check, and those that are over.
    fn look(&mut self, now: Instant) -> Vec<Notice> {
        let wall = self.clock.now();
        let settled = now - self.begun >= GRACE;
        let mut notices = Vec::new();
        for (need, known) in Incident::ALL.into_iter().zip(&mut self.known) {
            let kind = label(NoticeKind::Incident(need));
            let since = owner::since(&self.metrics, &self.readiness, kind, now);
            let was_told = match *known {
                Known::Told => true,
                Known::Unclear => settled,
                Known::Quiet => false,
            };
            let age = since.map(|since| now.saturating_duration_since(since));
            if let Some(age) = age.filter(|age| *age >= need.patience() && *known != Known::Told) {
                *known = Known::Told;
                notices.push(Notice::Begun { need, since: wall.before(age) });
            } else if since.is_none() && was_told {
                *known = Known::Quiet;
                notices.push(Notice::Over { need, at: wall });
            }
        }
        notices
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Probe, Reported, events, tracker};
    use ports::SystemClock;

    /// A desk without incidents.
    fn begun() -> IncidentMonitor {
        let metrics = Metrics::nowhere();
        let readiness = Readiness::new(&metrics);
        readiness.ready(Probe::Store);
        IncidentMonitor::new(&metrics, &readiness, Arc::new(SystemClock))
    }

    /// The same after the grace period, and the current time.
    fn settled() -> (IncidentMonitor, Instant) {
        let mut needs = begun();
        let later = needs.begun + GRACE;
        needs.look(later);
        (needs, later)
    }

    #[test]
    fn what_an_earlier_run_may_have_told_is_over_after_the_grace_and_once() {
        let mut needs = begun();
        assert_eq!(needs.look(needs.begun + GRACE / 2), []);
        let over = needs.look(needs.begun + GRACE);
        assert_eq!(over.len(), Incident::ALL.len());
        assert!(over.iter().all(|notice| matches!(notice, Notice::Over { .. })), "{over:?}");
        assert_eq!(needs.look(needs.begun + GRACE), []);
    }

    #[test]
    fn each_is_told_when_it_has_gone_on_for_long_enough_and_once() {
        let error = std::io::Error::other("why");
        // These two are over by themselves within this time unless they occur again.
        let lasting = |need: &Incident| !matches!(need, Incident::Token | Incident::Stuck);
        for need in Incident::ALL.into_iter().filter(lasting) {
            let (mut needs, _) = settled();
            let (metrics, readiness) = (&needs.metrics, &needs.readiness);
            match need {
                Incident::Store => readiness.unready(Probe::Store, "why"),
                Incident::Group => events::desk_broken(metrics, readiness, &error),
                Incident::Webhook => events::webhook_unreached(metrics, "timeout", 0, 1),
                Incident::Backup => events::backups_seen(metrics, false, true),
                Incident::Disk => events::disk_seen(metrics, true),
                Incident::Token | Incident::Stuck => {}
                Incident::Tracker => {
                    tracker::postponed(metrics, Reported::Network, Duration::ZERO, &error);
                }
            }
            let mut told = |at| {
                let notices = needs.look(at);
                let ours = |notice: &Notice| notice.kind() == NoticeKind::Incident(need);
                assert!(notices.iter().all(ours), "{notices:?}");
                notices.len()
            };
            let now = Instant::now();
            if !need.patience().is_zero() {
                assert_eq!(told(now + need.patience() / 2), 0, "{need:?}");
            }
            let long = now + need.patience();
            assert_eq!((told(long), told(long)), (1, 0), "{need:?}");
        }
    }

    #[test]
    fn another_program_that_was_met_once_is_not_worth_a_word() {
        for meet in [events::poll_conflict, events::webhook_contended] {
            let (mut needs, _) = settled();
            meet(&needs.metrics);
            let (now, kind) = (Instant::now(), label(NoticeKind::Incident(Incident::Token)));
            assert!(owner::since(&needs.metrics, &needs.readiness, kind, now).is_some());
            assert_eq!(needs.look(now), []);
            assert_eq!(needs.look(now + Incident::Token.patience()), []);
        }
    }

    #[test]
    fn the_end_of_what_was_told_is_told_once() {
        let (mut needs, later) = settled();
        events::disk_seen(&needs.metrics, true);
        let long = later + Incident::Disk.patience();
        assert_eq!(needs.look(long).len(), 1);
        events::disk_seen(&needs.metrics, false);
        let over = needs.look(long);
        assert!(matches!(over[..], [Notice::Over { need: Incident::Disk, .. }]), "{over:?}");
        assert_eq!(needs.look(long), []);
    }
}
