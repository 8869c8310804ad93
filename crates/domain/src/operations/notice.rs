//! Notices: messages that tell the owner of incidents, and the limit on their frequency. They are for owners who do
//! not watch the metrics.
//!
//! Invariant: at most one notice of a kind per `PERIOD`, in addition to the notice that a reported incident is over; no
//! notice contains a user's name or words.

use std::time::Duration;

use crate::{ChatId, Millis};

/// Minimum interval between two notices of one kind. Notices held back meanwhile are counted, and the last of them is
/// sent at the end.
const PERIOD: Duration = Duration::from_hours(1);

/// A notice to the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A panic ended the last run.
    Crashed(Panic),
    /// A task ended the last run without leaving a panic report.
    Ended {
        /// When that run began.
        began: Millis,
        /// The name of the task.
        task: String,
    },
    /// The last run has ended itself, because a loop stood still.
    StoodStill {
        /// The name of the loop.
        task: String,
        /// When the run ended.
        at: Millis,
        /// Name of its crash file.
        file: String,
    },
    /// The last run ended without a trace.
    Killed {
        /// When that run began.
        began: Millis,
    },
    /// A panic was caught; the desk continues.
    Panicked(Panic),
    /// The watchdog alert of the monitoring does not arrive any more.
    MonitoringSilent {
        /// When it last arrived.
        since: Millis,
    },
    /// The watchdog alert arrives again.
    MonitoringBack {
        /// When it arrived again.
        at: Millis,
    },
    /// An incident began: a condition that does not end by itself.
    Begun {
        /// The incident.
        need: Incident,
        /// When it began.
        since: Millis,
    },
    /// The incident of the store began: it refuses the desk's password or user.
    StoreDenies {
        /// When it began.
        since: Millis,
    },
    /// An incident is over.
    Over {
        /// The incident.
        need: Incident,
        /// When it ended.
        at: Millis,
    },
    /// Updates or sends were given up: `support-bot dead` lists them.
    GivenUp {
        /// How many, since the last notice of them.
        count: u32,
    },
    /// The operators' group has another id: Telegram refused the one it had, and named the new one.
    GroupMoved {
        /// The id it had.
        from: ChatId,
        /// The id it has.
        to: ChatId,
    },
    /// A check has found the store's file damaged.
    Damaged,
}

/// An incident: a condition that needs a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Incident {
    /// The store cannot be written or read.
    Store,
    /// Telegram does not let the bot work in the operators' group.
    Group,
    /// Another program uses the bot's token.
    Token,
    /// Telegram cannot push updates to the webhook.
    Webhook,
    /// Backups fail, or the last one is too old.
    Backup,
    /// The disk of the store is nearly full.
    Disk,
    /// The tracker accepts no reports.
    Tracker,
    /// One kind of call has failed for long while other calls succeed.
    Stuck,
    /// The group's limit was full for an hour.
    Limit,
    /// Alertmanager cannot deliver alerts.
    Alerts,
}

impl Incident {
    /// All incidents.
    pub const ALL: [Self; 10] = [
        Self::Store,
        Self::Group,
        Self::Token,
        Self::Webhook,
        Self::Backup,
        Self::Disk,
        Self::Tracker,
        Self::Stuck,
        Self::Limit,
        Self::Alerts,
    ];

    /// How long the condition must last before the owner gets a notice: many end by themselves.
    pub fn patience(self) -> Duration {
        match self {
            Self::Group => Duration::from_secs(10),
            Self::Store | Self::Disk => Duration::from_mins(1),
            Self::Token | Self::Webhook => Duration::from_mins(2),
            Self::Stuck => Duration::from_mins(10),
            Self::Tracker => Duration::from_mins(30),
            // The condition itself covers an hour, or ten minutes of failed attempts.
            Self::Backup | Self::Limit | Self::Alerts => Duration::ZERO,
        }
    }
}

/// A panic and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// File and line of the source code.
    pub line: String,
    /// The name of the task that panicked.
    pub task: String,
    /// When it happened.
    pub at: Millis,
    /// The crash report file.
    pub file: String,
}

/// The kinds of notices. `PERIOD` applies to each kind separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// The program ended without being asked to.
    Crash,
    /// A panic that affected only the work in progress.
    Panic,
    /// The watchdog alert of the monitoring.
    Watchdog,
    /// An incident.
    Incident(Incident),
    /// Updates and sends that were given up.
    GivenUp,
    /// The operators' group has another id.
    Moved,
    /// A store that is damaged.
    Damaged,
}

impl NoticeKind {
    /// All kinds, once each.
    pub fn all() -> impl Iterator<Item = Self> {
        let others =
            [Self::Crash, Self::Panic, Self::Watchdog, Self::GivenUp, Self::Moved, Self::Damaged];
        others.into_iter().chain(Incident::ALL.map(Self::Incident))
    }
}

/// The position of a notice in an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It is about a single event.
    Once,
    /// An incident begins; another notice reports its end.
    Begins,
    /// The incident is over.
    Ends,
}

impl Notice {
    /// Returns the notice's kind.
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::Crashed(_)
            | Self::Ended { .. }
            | Self::StoodStill { .. }
            | Self::Killed { .. } => NoticeKind::Crash,
            Self::Panicked(_) => NoticeKind::Panic,
            Self::MonitoringSilent { .. } | Self::MonitoringBack { .. } => NoticeKind::Watchdog,
            Self::Begun { need, .. } | Self::Over { need, .. } => NoticeKind::Incident(*need),
            Self::StoreDenies { .. } => NoticeKind::Incident(Incident::Store),
            Self::GivenUp { .. } => NoticeKind::GivenUp,
            Self::GroupMoved { .. } => NoticeKind::Moved,
            Self::Damaged => NoticeKind::Damaged,
        }
    }

    /// Merges this notice with an earlier one of its kind that was held back, and replaces it.
    #[must_use]
    pub fn after(self, earlier: Option<Self>) -> Self {
        match (self, earlier) {
            (Self::GivenUp { count }, Some(Self::GivenUp { count: before })) => {
                Self::GivenUp { count: count.saturating_add(before) }
            }
            (Self::GroupMoved { to, .. }, Some(Self::GroupMoved { from, .. })) => {
                Self::GroupMoved { from, to }
            }
            (later, _) => later,
        }
    }

    /// Returns the notice's position in an incident.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Crashed(_)
            | Self::Ended { .. }
            | Self::StoodStill { .. }
            | Self::Killed { .. }
            | Self::Panicked(_)
            | Self::GivenUp { .. }
            | Self::GroupMoved { .. }
            | Self::Damaged => Phase::Once,
            Self::MonitoringSilent { .. } | Self::Begun { .. } | Self::StoreDenies { .. } => {
                Phase::Begins
            }
            Self::MonitoringBack { .. } | Self::Over { .. } => Phase::Ends,
        }
    }
}

/// The history of one kind of notice. Kept on disk, so that a program that crashes repeatedly reports it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// When a notice of the kind was last sent; notices about an end do not count.
    pub at: Option<Millis>,
    /// Number of notices held back since then.
    pub kept_back: u32,
    /// Whether the beginning of an incident was reported and its end was not.
    pub goes_on: bool,
}

/// The decision about a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send it now.
    Tell,
    /// Hold it back until the period is over.
    KeepBack,
    /// Drop it: it reports the end of something whose beginning was not reported.
    Forget,
}

impl Told {
    /// Decides what to do with a notice at this moment.
    pub fn verdict(&self, phase: Phase, now: Millis) -> Verdict {
        match phase {
            Phase::Ends if self.goes_on => Verdict::Tell,
            Phase::Ends => Verdict::Forget,
            Phase::Once | Phase::Begins if self.is_over(now) => Verdict::Tell,
            Phase::Once | Phase::Begins => Verdict::KeepBack,
        }
    }

    /// Records that a notice was sent, together with the number of notices held back.
    pub fn told(&mut self, phase: Phase, now: Millis) {
        match phase {
            Phase::Ends => *self = Self { at: self.at, ..Self::default() },
            Phase::Once | Phase::Begins => {
                let goes_on = phase == Phase::Begins;
                *self = Self { at: Some(now), kept_back: 0, goes_on };
            }
        }
    }

    /// Whether the period has ended. A clock that was set back does not extend it.
    fn is_over(&self, now: Millis) -> bool {
        self.at.is_none_or(|at| now < at || now.since(at) >= PERIOD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn one_notice_of_a_kind_is_sent_per_hour_and_the_others_are_counted() {
        let mut told = Told::default();
        assert_eq!(told.verdict(Phase::Once, NOW), Verdict::Tell);
        told.told(Phase::Once, NOW);
        let soon = NOW.plus(PERIOD / 2);
        assert_eq!(told.verdict(Phase::Once, soon), Verdict::KeepBack);
        told.kept_back += 1;
        let later = NOW.plus(PERIOD);
        assert_eq!(told.verdict(Phase::Once, later), Verdict::Tell);
        told.told(Phase::Once, later);
        assert_eq!(told, Told { at: Some(later), kept_back: 0, goes_on: false });
    }

    #[test]
    fn an_end_is_reported_at_once_if_its_beginning_was_and_never_otherwise() {
        let mut told = Told::default();
        assert_eq!(told.verdict(Phase::Ends, NOW), Verdict::Forget);
        told.told(Phase::Begins, NOW);
        assert_eq!(told.verdict(Phase::Ends, NOW), Verdict::Tell);
        told.kept_back += 1;
        told.told(Phase::Ends, NOW);
        assert_eq!(told.kept_back, 0, "the number was reported");
        assert_eq!(told.verdict(Phase::Ends, NOW), Verdict::Forget, "an end is reported once");
        assert_eq!(told.verdict(Phase::Begins, NOW), Verdict::KeepBack, "the period is not over");
    }

    #[test]
    fn what_was_given_up_while_notices_are_held_back_adds_up() {
        let given_up = |count| Notice::GivenUp { count };
        assert_eq!(given_up(2).after(Some(given_up(3))), given_up(5));
        assert_eq!(given_up(2).after(None), given_up(2));
        let back = Notice::MonitoringBack { at: NOW };
        let silent = Notice::MonitoringSilent { since: NOW };
        assert_eq!(back.clone().after(Some(silent)), back);
    }

    #[test]
    fn a_clock_that_is_set_back_holds_nothing_back() {
        let told = Told { at: Some(NOW.plus(PERIOD * 24)), ..Told::default() };
        assert_eq!(told.verdict(Phase::Once, NOW), Verdict::Tell);
    }

    #[test]
    fn each_notice_has_its_kind_and_its_phase() {
        let panic = || Panic {
            line: "a.rs:1".to_owned(),
            task: "sender".to_owned(),
            at: NOW,
            file: "crash.txt".to_owned(),
        };
        let stood_still = || Notice::StoodStill {
            task: "worker".to_owned(),
            at: NOW,
            file: "crash.txt".to_owned(),
        };
        let (need, since) = (Incident::Store, NOW);
        let (from, to) = (ChatId(-1), ChatId(-2));
        let store = NoticeKind::Incident(Incident::Store);
        for (notice, kind, phase) in [
            (Notice::Crashed(panic()), NoticeKind::Crash, Phase::Once),
            (Notice::Ended { began: NOW, task: String::new() }, NoticeKind::Crash, Phase::Once),
            (stood_still(), NoticeKind::Crash, Phase::Once),
            (Notice::Killed { began: NOW }, NoticeKind::Crash, Phase::Once),
            (Notice::Panicked(panic()), NoticeKind::Panic, Phase::Once),
            (Notice::MonitoringSilent { since }, NoticeKind::Watchdog, Phase::Begins),
            (Notice::MonitoringBack { at: NOW }, NoticeKind::Watchdog, Phase::Ends),
            (Notice::Begun { need, since }, store, Phase::Begins),
            (Notice::StoreDenies { since }, store, Phase::Begins),
            (Notice::Over { need, at: NOW }, store, Phase::Ends),
            (Notice::GivenUp { count: 1 }, NoticeKind::GivenUp, Phase::Once),
            (Notice::GroupMoved { from, to }, NoticeKind::Moved, Phase::Once),
            (Notice::Damaged, NoticeKind::Damaged, Phase::Once),
        ] {
            assert_eq!((notice.kind(), notice.phase()), (kind, phase), "{notice:?}");
        }
    }

    #[test]
    fn every_kind_is_listed_once() {
        let all: Vec<NoticeKind> = NoticeKind::all().collect();
        assert_eq!(all.len(), 6 + Incident::ALL.len());
        for (at, kind) in all.iter().enumerate() {
            assert!(!all[..at].contains(kind), "{kind:?}");
        }
    }
}
