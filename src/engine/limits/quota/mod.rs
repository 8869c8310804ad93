//! The quota: slots of shared limits, taken from the store and used by the calls of this process.
//!
//! Invariant: every slot is taken from the store before a call uses it, and is reported to the store after the call
//! has ended.

use std::time::Duration;

use tokio::time::Instant;

use ports::{Slots, SlotsAsked, SlotsGiven, StoreError};

use super::pacing_limits::PacingLimits;

/// Slots per request if a call does not need more: other processes wait for them too.
const REQUEST_SIZE: usize = 5;

/// Longest delay until an ended call is reported.
const REPORT_DELAY: Duration = Duration::from_millis(100);

/// Delay after the store did not answer.
const NO_ANSWER_PAUSE: Duration = Duration::from_millis(500);

/// This process's slots of the shared limits.
#[derive(Debug)]
pub(in crate::engine) struct Quota {
    limits: PacingLimits,
    /// Slots taken from the store that no call uses yet.
    free: Slots,
    /// Slots that a call waits for.
    wanted: Slots,
    /// Slots of the limit over all chats that the next request must leave free for other processes.
    reserved: usize,
    /// Used and unused slots that are still to be reported to the store.
    report: SlotsAsked,
    /// When the report must be sent at the latest.
    report_at: Option<Instant>,
    /// No slots are requested before this time: too few were free, or the store did not answer.
    wait_until: Option<Instant>,
    /// Whether `wait` comes from the store.
    limit_reached: bool,
    /// The request in progress.
    request: Option<SlotsAsked>,
}

impl Quota {
    /// Creates a quota without slots.
    pub(in crate::engine) fn new(limits: PacingLimits) -> Self {
        Self {
            limits,
            free: Slots::default(),
            wanted: Slots::default(),
            reserved: 0,
            report: SlotsAsked::default(),
            report_at: None,
            wait_until: None,
            limit_reached: false,
            request: None,
        }
    }

    /// Free slots for a call that needs `want`. `Err` holds the time to ask again, or `None` if the next answer of
    /// the store decides.
    pub(in crate::engine) fn free(
        &mut self,
        group: bool,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        let need = self.limited(group, want, true);
        if need == Slots::default() {
            return Ok(usize::MAX);
        }
        let enough = self.free.overall >= need.overall && self.free.group >= need.group;
        if enough {
            let of = |need: usize, free: usize| if need > 0 { free } else { usize::MAX };
            let overall = of(need.overall, self.free.overall);
            return Ok(overall.min(of(need.group, self.free.group)));
        }
        // The most urgent call has asked first.
        if self.wanted == Slots::default() {
            self.wanted = need;
        }
        Err(self.wait_until.filter(|wait| *wait > now))
    }

    /// Makes the next request leave this many slots for others, unless a more urgent call has asked already.
    pub(in crate::engine) fn reserve(&mut self, slots: usize) {
        if self.wanted == Slots::default() {
            self.reserved = slots;
        }
    }

    /// Uses free slots.
    pub(in crate::engine) fn take(&mut self, group: bool, slots: usize) {
        let taken = self.limited(group, slots, false);
        self.free.overall = self.free.overall.saturating_sub(taken.overall);
        self.free.group = self.free.group.saturating_sub(taken.group);
    }

    /// A call has ended that took `slots` and used `used` of them.
    pub(in crate::engine) fn ended(
        &mut self,
        group: bool,
        slots: usize,
        used: usize,
        now: Instant,
    ) {
        let (used, unused) =
            (self.limited(group, used, false), self.limited(group, slots - used, false));
        add(&mut self.report.used, used);
        add(&mut self.report.unused, unused);
        self.report_at.get_or_insert(now + REPORT_DELAY);
    }

    /// Telegram throttled the group or the bot as a whole.
    pub(in crate::engine) fn freeze(&mut self, group: bool, wait: Duration, now: Instant) {
        let frozen =
            if group { &mut self.report.freeze_group } else { &mut self.report.freeze_all };
        *frozen = Some(frozen.map_or(wait, |earlier| earlier.max(wait)));
        self.report_at = Some(now);
        self.release_slots();
    }

    /// The next request to the store, after all dispatches that the free slots allow have started.
    pub(in crate::engine) fn next_request(&mut self, now: Instant) -> Option<SlotsAsked> {
        let wanted = std::mem::take(&mut self.wanted);
        let reserved = std::mem::take(&mut self.reserved);
        if self.request.is_some() {
            return None;
        }
        // No call could use them.
        self.release_slots();
        let may = self.wait_until.is_none_or(|wait| wait <= now);
        let wants = may && wanted != Slots::default();
        let due = self.report_at.is_some_and(|at| at <= now);
        if !wants && !due {
            return None;
        }
        self.report_at = None;
        let mut asked = std::mem::take(&mut self.report);
        if wants {
            (asked.want, asked.up_to) = (wanted, round_up(wanted));
        }
        asked.limits = self.limits.shared();
        if wants && asked.limits.overall > reserved {
            asked.limits.overall -= reserved;
        }
        self.request = Some(asked);
        self.request
    }

    /// The last report to the store, when nothing more is sent.
    pub(in crate::engine) fn final_report(&mut self, now: Instant) -> Option<SlotsAsked> {
        self.wanted = Slots::default();
        self.release_slots();
        // A report that was waiting to be combined with others waits no longer.
        self.report_at = Some(now);
        self.request = None;
        self.next_request(now)
    }

    /// When the store must receive a report.
    pub(in crate::engine) fn due(&self) -> Option<Instant> {
        self.report_at.filter(|_| self.request.is_none())
    }

    /// Handles the store's answer.
    pub(in crate::engine) fn answered(
        &mut self,
        answer: &Result<Option<SlotsGiven>, StoreError>,
        now: Instant,
    ) {
        let asked = self.request.take().unwrap_or_default();
        match answer {
            Ok(Some(SlotsGiven::Taken(slots))) => {
                add(&mut self.free, *slots);
                self.wait_until = None;
            }
            Ok(Some(SlotsGiven::Wait(wait))) => {
                (self.wait_until, self.limit_reached) = (Some(now + *wait), true);
            }
            Ok(None) => {}
            Err(_counted) => {
                // Report again. Slots of a lost answer become free again after a while.
                add(&mut self.report.used, asked.used);
                add(&mut self.report.unused, asked.unused);
                let later = |one: Option<Duration>, other: Option<Duration>| one.max(other);
                self.report.freeze_all = later(self.report.freeze_all, asked.freeze_all);
                self.report.freeze_group = later(self.report.freeze_group, asked.freeze_group);
                self.report_at.get_or_insert(now + NO_ANSWER_PAUSE);
                (self.wait_until, self.limit_reached) = (Some(now + NO_ANSWER_PAUSE), false);
            }
        }
    }

    /// Whether the store has said that the limits are full.
    pub(in crate::engine) fn has_reached_limit(&self, now: Instant) -> bool {
        self.limit_reached && self.wait_until.is_some_and(|wait| wait > now)
    }

    fn release_slots(&mut self) {
        let free = std::mem::take(&mut self.free);
        if free != Slots::default() {
            add(&mut self.report.unused, free);
            self.report_at.get_or_insert(Instant::now());
        }
    }

    /// Converts a number of slots to the limits that are enabled. With `whole`, caps it at each limit.
    fn limited(&self, group: bool, slots: usize, whole: bool) -> Slots {
        let of = |limit: u32| {
            let limit = limit as usize;
            match limit {
                0 => 0,
                limit if whole => slots.clamp(1, limit),
                _ => slots,
            }
        };
        Slots {
            overall: of(self.limits.overall_per_second),
            group: if group { of(self.limits.group) } else { 0 },
        }
    }
}

fn round_up(wanted: Slots) -> Slots {
    let of = |wanted: usize| if wanted == 0 { 0 } else { wanted.max(REQUEST_SIZE) };
    Slots { overall: of(wanted.overall), group: of(wanted.group) }
}

fn add(to: &mut Slots, more: Slots) {
    to.overall += more.overall;
    to.group += more.group;
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn quota() -> Quota {
        Quota::new(PacingLimits {
            overall_per_second: 30,
            private_per_second: 1,
            private_burst: 3,
            group: 20,
            group_period: Duration::from_mins(1),
        })
    }

    fn slots(overall: usize, group: usize) -> Slots {
        Slots { overall, group }
    }

    #[test]
    fn slots_are_requested_before_use_and_reported_afterwards() {
        let (mut quota, now) = (quota(), Instant::now());
        assert_eq!(quota.free(true, 1, now), Err(None));
        let asked = quota.next_request(now).unwrap();
        assert_eq!((asked.want, asked.up_to), (slots(1, 1), slots(5, 5)));
        assert_eq!(quota.free(true, 1, now), Err(None));
        assert_eq!(quota.next_request(now), None, "one request at a time");
        quota.answered(&Ok(Some(SlotsGiven::Taken(slots(5, 2)))), now);
        assert_eq!(quota.free(true, 1, now), Ok(2));
        quota.take(true, 2);
        assert_eq!(quota.free(false, 1, now), Ok(3));
        quota.ended(true, 2, 1, now);
        let report = quota.next_request(now + REPORT_DELAY).unwrap();
        assert_eq!(
            (report.used, report.unused),
            (slots(1, 1), slots(4, 1)),
            "unused slots are returned"
        );
    }

    #[test]
    fn an_unanswered_report_is_sent_again() {
        let (mut quota, now) = (quota(), Instant::now());
        quota.ended(false, 1, 1, now);
        quota.freeze(true, Duration::from_secs(7), now);
        assert!(quota.next_request(now).is_some());
        quota.answered(&Err(StoreError::Closed), now);
        assert!(!quota.has_reached_limit(now), "the cause is the store, not a limit");
        let later = now + NO_ANSWER_PAUSE;
        let report = quota.next_request(later).unwrap();
        assert_eq!((report.used, report.freeze_group), (slots(1, 0), Some(Duration::from_secs(7))));
    }

    #[test]
    fn the_final_report_includes_calls_that_have_just_ended() {
        let (mut quota, now) = (quota(), Instant::now());
        quota.ended(false, 1, 1, now);
        assert_eq!(
            quota.next_request(now),
            None,
            "other calls may end soon, to be reported together"
        );
        assert_eq!(quota.final_report(now).unwrap().used, slots(1, 0));
    }

    #[test]
    fn no_slots_are_requested_during_a_wait_or_without_a_limit() {
        let (mut quota, now) = (quota(), Instant::now());
        assert!(quota.free(false, 1, now).is_err());
        assert!(quota.next_request(now).is_some());
        let wait = Duration::from_millis(300);
        quota.answered(&Ok(Some(SlotsGiven::Wait(wait))), now);
        assert_eq!(quota.free(false, 1, now), Err(Some(now + wait)));
        assert!(quota.has_reached_limit(now) && !quota.has_reached_limit(now + wait));
        assert_eq!(quota.next_request(now), None);
        assert!(quota.free(false, 1, now + wait).is_err());
        assert!(quota.next_request(now + wait).is_some());

        let asked = |quota: &mut Quota, now| {
            assert!(quota.free(false, 1, now).is_err());
            let asked = quota.next_request(now).unwrap();
            quota.answered(&Ok(Some(SlotsGiven::Wait(Duration::ZERO))), now);
            asked.limits.overall
        };
        quota.answered(&Ok(Some(SlotsGiven::Wait(Duration::ZERO))), now);
        quota.reserve(5);
        assert_eq!(asked(&mut quota, now), 25, "a newsletter leaves some slots");
        assert_eq!(asked(&mut quota, now), 30, "the next request leaves none");
        assert!(quota.free(false, 1, now).is_err());
        quota.reserve(5);
        assert_eq!(asked(&mut quota, now), 30, "nor does a more urgent call that asked first");

        quota.limits = PacingLimits { overall_per_second: 0, group: 0, ..quota.limits };
        assert_eq!(quota.free(true, 7, now), Ok(usize::MAX));
    }
}
