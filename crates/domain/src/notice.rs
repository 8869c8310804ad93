//! What the owner of the desk is told in words, for whoever looks at no metrics; and how often.
//!
//! Invariant: at most one notice of a kind in a `PERIOD`, whatever happens, but that the end of what was told is told
//! as well; and no user's name or words in any.

use std::time::Duration;

use super::Millis;

/// In this time one notice of a kind is told. What comes meanwhile is counted, and the last of it told at the end.
const PERIOD: Duration = Duration::from_hours(1);

/// One thing that the owner is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A panic ended the last run.
    Crashed(Panic),
    /// A task ended the last run, and left no panic to be told of.
    Ended {
        /// When that run began.
        began: Millis,
        /// The name of the task.
        task: String,
    },
    /// Nothing is known of how the last run has ended.
    Killed {
        /// When that run began.
        began: Millis,
    },
    /// A panic was caught: the desk goes on.
    Panicked(Panic),
    /// Nothing is heard of monitoring any more.
    MonitoringSilent {
        /// When it was heard of last.
        since: Millis,
    },
    /// It is heard of again.
    MonitoringBack {
        /// Since when.
        at: Millis,
    },
    /// Something goes on that does not mend itself.
    Begun {
        /// What.
        need: Need,
        /// Since when.
        since: Millis,
    },
    /// It is over.
    Over {
        /// What.
        need: Need,
        /// Since when.
        at: Millis,
    },
    /// Updates or sends were given up: `support-bot dead` shows them.
    GivenUp {
        /// How many since this was told last.
        count: u32,
    },
    /// A check has found the store's file damaged.
    Damaged,
}

/// What goes on until a person looks after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// The store cannot be written or read.
    Store,
    /// Telegram does not let the bot work in the operators' group.
    Group,
    /// Another program uses the bot's token.
    Token,
    /// Telegram cannot push updates to the webhook.
    Webhook,
    /// Backups fail, or none was made for long.
    Backup,
    /// The disk of the store is nearly full.
    Disk,
    /// The tracker takes no reports.
    Tracker,
    /// Telegram fails to do one thing for long, while it does others.
    Stuck,
}

impl Need {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Store,
        Self::Group,
        Self::Token,
        Self::Webhook,
        Self::Backup,
        Self::Disk,
        Self::Tracker,
        Self::Stuck,
    ];

    /// How long it must go on to be worth a word: what mends itself is none.
    pub fn patience(self) -> Duration {
        match self {
            Self::Group => Duration::from_secs(10),
            Self::Store | Self::Disk => Duration::from_mins(1),
            Self::Token | Self::Webhook => Duration::from_mins(2),
            Self::Stuck => Duration::from_mins(10),
            Self::Tracker => Duration::from_mins(30),
            Self::Backup => Duration::ZERO,
        }
    }
}

/// Where a panic happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// File and line of the source.
    pub line: String,
    /// What was at work.
    pub task: String,
    /// When.
    pub at: Millis,
    /// The file that tells more.
    pub file: String,
}

/// Notices of a kind are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// The program ended, and not because it was asked to.
    Crash,
    /// A panic that harmed only the work at hand.
    Panic,
    /// Whether monitoring is heard of.
    Watchdog,
    /// What goes on until a person looks after it.
    Need(Need),
    /// What was given up.
    GivenUp,
    /// A store that is damaged.
    Damaged,
}

impl NoticeKind {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [Self::Crash, Self::Panic, Self::Watchdog, Self::GivenUp, Self::Damaged];
        others.into_iter().chain(Need::ALL.map(Self::Need))
    }
}

/// Whether a notice tells of something that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It happened, and is over.
    Once,
    /// It goes on until its end is told.
    Begins,
    /// It is over.
    Ends,
}

impl Notice {
    /// The kind it belongs to.
    pub fn kind(&self) -> NoticeKind {
        match self {
            Self::Crashed(_) | Self::Ended { .. } | Self::Killed { .. } => NoticeKind::Crash,
            Self::Panicked(_) => NoticeKind::Panic,
            Self::MonitoringSilent { .. } | Self::MonitoringBack { .. } => NoticeKind::Watchdog,
            Self::Begun { need, .. } | Self::Over { need, .. } => NoticeKind::Need(*need),
            Self::GivenUp { .. } => NoticeKind::GivenUp,
            Self::Damaged => NoticeKind::Damaged,
        }
    }

    /// This notice in the place of an earlier one of its kind that was kept back.
    #[must_use]
    pub fn after(self, earlier: Option<Self>) -> Self {
        match (self, earlier) {
            (Self::GivenUp { count }, Some(Self::GivenUp { count: before })) => {
                Self::GivenUp { count: count.saturating_add(before) }
            }
            (later, _) => later,
        }
    }

    /// Whether what it tells of goes on.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Crashed(_)
            | Self::Ended { .. }
            | Self::Killed { .. }
            | Self::Panicked(_)
            | Self::GivenUp { .. }
            | Self::Damaged => Phase::Once,
            Self::MonitoringSilent { .. } | Self::Begun { .. } => Phase::Begins,
            Self::MonitoringBack { .. } | Self::Over { .. } => Phase::Ends,
        }
    }
}

/// What was told of a kind so far. Kept on disk, so that a program that crashes again and again tells of it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// When a notice of the kind was told last, ends left out.
    pub at: Option<Millis>,
    /// How many were kept back since.
    pub kept_back: u32,
    /// Something that was told to have begun has not ended yet.
    pub goes_on: bool,
}

/// Whether a notice is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Now.
    Tell,
    /// Not before the period is over.
    KeepBack,
    /// Never: it is the end of something that was not told.
    Forget,
}

impl Told {
    /// What to do with a notice at this moment.
    pub fn verdict(&self, phase: Phase, now: Millis) -> Verdict {
        match phase {
            Phase::Ends if self.goes_on => Verdict::Tell,
            Phase::Ends => Verdict::Forget,
            Phase::Once | Phase::Begins if self.is_over(now) => Verdict::Tell,
            Phase::Once | Phase::Begins => Verdict::KeepBack,
        }
    }

    /// A notice was told, and with it how many were kept back.
    pub fn told(&mut self, phase: Phase, now: Millis) {
        match phase {
            Phase::Ends => *self = Self { at: self.at, ..Self::default() },
            Phase::Once | Phase::Begins => {
                let goes_on = phase == Phase::Begins;
                *self = Self { at: Some(now), kept_back: 0, goes_on };
            }
        }
    }

    /// Whether the period is over. A clock that was set back does not make it longer.
    fn is_over(&self, now: Millis) -> bool {
        self.at.is_none_or(|at| now < at || now.since(at) >= PERIOD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_790_000_000_000);

    #[test]
    fn one_of_a_kind_is_told_in_an_hour_and_how_many_were_kept_back_is_kept() {
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
    fn an_end_is_told_at_once_if_its_beginning_was_and_never_otherwise() {
        let mut told = Told::default();
        assert_eq!(told.verdict(Phase::Ends, NOW), Verdict::Forget);
        told.told(Phase::Begins, NOW);
        assert_eq!(told.verdict(Phase::Ends, NOW), Verdict::Tell);
        told.kept_back += 1;
        told.told(Phase::Ends, NOW);
        assert_eq!(told.kept_back, 0, "it was told how many there were");
        assert_eq!(told.verdict(Phase::Ends, NOW), Verdict::Forget, "it is told once");
        assert_eq!(told.verdict(Phase::Begins, NOW), Verdict::KeepBack, "the hour goes on");
    }

    #[test]
    fn what_was_given_up_while_notices_are_kept_back_is_added_up() {
        let given_up = |count| Notice::GivenUp { count };
        assert_eq!(given_up(2).after(Some(given_up(3))), given_up(5));
        assert_eq!(given_up(2).after(None), given_up(2));
        let back = Notice::MonitoringBack { at: NOW };
        let silent = Notice::MonitoringSilent { since: NOW };
        assert_eq!(back.clone().after(Some(silent)), back);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nothing_back() {
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
        let (need, since) = (Need::Store, NOW);
        let store = NoticeKind::Need(Need::Store);
        for (notice, kind, phase) in [
            (Notice::Crashed(panic()), NoticeKind::Crash, Phase::Once),
            (Notice::Ended { began: NOW, task: String::new() }, NoticeKind::Crash, Phase::Once),
            (Notice::Killed { began: NOW }, NoticeKind::Crash, Phase::Once),
            (Notice::Panicked(panic()), NoticeKind::Panic, Phase::Once),
            (Notice::MonitoringSilent { since }, NoticeKind::Watchdog, Phase::Begins),
            (Notice::MonitoringBack { at: NOW }, NoticeKind::Watchdog, Phase::Ends),
            (Notice::Begun { need, since }, store, Phase::Begins),
            (Notice::Over { need, at: NOW }, store, Phase::Ends),
            (Notice::GivenUp { count: 1 }, NoticeKind::GivenUp, Phase::Once),
            (Notice::Damaged, NoticeKind::Damaged, Phase::Once),
        ] {
            assert_eq!((notice.kind(), notice.phase()), (kind, phase), "{notice:?}");
        }
    }

    #[test]
    fn every_kind_is_listed_once() {
        let all: Vec<NoticeKind> = NoticeKind::all().collect();
        assert_eq!(all.len(), 4 + Need::ALL.len());
        for (at, kind) in all.iter().enumerate() {
            assert!(!all[..at].contains(kind), "{kind:?}");
        }
    }
}
