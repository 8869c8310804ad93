//! The quota: slots of shared limits, taken from the store and used by the calls of this process.
//!
//! Invariant: every slot is taken from the store before a call uses it, and is reported to the store after the call
//! has ended.

use std::time::Duration;

use tokio::time::Instant;

use domain::Class;
use ports::{GroupTerms, SlotGrant, SlotRequest, Slots, SlotsAsked, StoreError};

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
    /// Slots taken from the store that no call uses yet, on the terms on which they were given: `None` for calls to
    /// other chats than the group.
    granted: Vec<(Option<GroupTerms>, usize)>,
    /// Requests of calls that wait, the most urgent first.
    requests: Vec<SlotRequest>,
    /// Slots of the limit over all chats that the next request must leave free for other processes.
    reserved: usize,
    /// Used and unused slots that are still to be reported to the store.
    report: SlotsAsked,
    /// When the report must be sent at the latest.
    report_at: Option<Instant>,
    /// No slots are requested on these terms before this time: too few were free.
    waits: Vec<(Option<GroupTerms>, Instant)>,
    /// No slots are requested before this time: the store did not answer.
    no_answer_until: Option<Instant>,
    /// The requests in progress.
    in_progress: Option<SlotsAsked>,
}

impl Quota {
    /// Creates a quota without slots.
    pub(in crate::engine) fn new(limits: PacingLimits) -> Self {
        Self {
            limits,
            granted: Vec::new(),
            requests: Vec::new(),
            reserved: 0,
            report: SlotsAsked::default(),
            report_at: None,
            waits: Vec::new(),
            no_answer_until: None,
            in_progress: None,
        }
    }

    /// Free slots for a call to another chat than the group that needs `want`. `Err` holds the time to ask again, or
    /// `None` if the next answer of the store decides.
    pub(in crate::engine) fn free(
        &mut self,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        self.free_on(None, want, now)
    }

    /// Free slots for a call to the group that needs `want`, as [`Quota::free`].
    pub(in crate::engine) fn free_in_group(
        &mut self,
        terms: &GroupTerms,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        self.free_on(Some(*terms).filter(|_| self.limits.group > 0), want, now)
    }

    fn free_on(
        &mut self,
        terms: Option<GroupTerms>,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        let PacingLimits { overall_per_second, group, .. } = self.limits;
        let limits = [Some(overall_per_second), terms.map(|_| group)];
        let Some(limit) = limits.into_iter().flatten().filter(|limit| *limit > 0).min() else {
            return Ok(usize::MAX);
        };
        let want = want.clamp(1, limit as usize);
        if let Some((_, slots)) =
            self.granted.iter().find(|(on, slots)| *on == terms && *slots >= want)
        {
            return Ok(*slots);
        }
        // The most urgent call has asked first.
        if !self.requests.iter().any(|request| request.group == terms) {
            let (up_to, reserved) = (want.max(REQUEST_SIZE), self.reserved);
            self.requests.push(SlotRequest { want, up_to, reserved, group: terms });
        }
        let waits = self.waits.iter().find(|(on, _)| *on == terms).map(|(_, until)| *until);
        Err(waits.max(self.no_answer_until).filter(|until| *until > now))
    }

    /// Makes requests leave this many slots over all chats for others, until it is called again, unless a more urgent
    /// call has asked already.
    pub(in crate::engine) fn reserve(&mut self, slots: usize) {
        self.reserved = slots;
    }

    /// Uses free slots.
    pub(in crate::engine) fn take(&mut self, slots: usize) {
        self.take_on(None, slots);
    }

    /// Uses free slots of the group.
    pub(in crate::engine) fn take_in_group(&mut self, terms: &GroupTerms, slots: usize) {
        self.take_on(Some(*terms).filter(|_| self.limits.group > 0), slots);
    }

    fn take_on(&mut self, terms: Option<GroupTerms>, slots: usize) {
        if let Some((_, free)) = self.granted.iter_mut().find(|(on, _)| *on == terms) {
            *free = free.saturating_sub(slots);
        }
    }

    /// A call has ended that took `slots` and used `used` of them. `class`: it went to the group.
    pub(in crate::engine) fn ended(
        &mut self,
        class: Option<Class>,
        slots: usize,
        used: usize,
        now: Instant,
    ) {
        self.report.used.add(self.counted(class, used));
        self.report.unused.add(self.counted(class, slots - used));
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

    /// The next requests to the store, after all dispatches that the free slots allow have started.
    pub(in crate::engine) fn next_request(&mut self, now: Instant) -> Option<SlotsAsked> {
        let mut requests = std::mem::take(&mut self.requests);
        if self.in_progress.is_some() {
            return None;
        }
        // No call could use them.
        self.release_slots();
        self.waits.retain(|(_, until)| *until > now);
        let answers = self.no_answer_until.is_none_or(|until| until <= now);
        requests.retain(|request| {
            answers && !self.waits.iter().any(|(terms, _)| *terms == request.group)
        });
        let due = self.report_at.is_some_and(|at| at <= now);
        if requests.is_empty() && !due {
            return None;
        }
        self.report_at = None;
        let report = std::mem::take(&mut self.report);
        let asked = SlotsAsked { limits: self.limits.shared(), requests, ..report };
        self.in_progress = Some(asked.clone());
        Some(asked)
    }

    /// The last report to the store, when nothing more is sent.
    pub(in crate::engine) fn final_report(&mut self, now: Instant) -> Option<SlotsAsked> {
        self.requests.clear();
        self.release_slots();
        // A report that was waiting to be combined with others waits no longer.
        self.report_at = Some(now);
        self.in_progress = None;
        self.next_request(now)
    }

    /// When the store must receive a report.
    pub(in crate::engine) fn due(&self) -> Option<Instant> {
        self.report_at.filter(|_| self.in_progress.is_none())
    }

    /// Handles the store's answer.
    pub(in crate::engine) fn answered(
        &mut self,
        answer: Result<Option<Vec<SlotGrant>>, StoreError>,
        now: Instant,
    ) {
        let asked = self.in_progress.take().unwrap_or_default();
        match answer {
            Ok(Some(grants)) => {
                self.no_answer_until = None;
                for (request, grant) in asked.requests.iter().zip(grants) {
                    match grant {
                        SlotGrant::Taken(slots) => self.granted.push((request.group, slots)),
                        SlotGrant::Wait(wait) => self.waits.push((request.group, now + wait)),
                    }
                }
            }
            Ok(None) => {}
            Err(_counted) => {
                // Report again. Slots of a lost answer become free again after a while.
                self.report.used.add(asked.used);
                self.report.unused.add(asked.unused);
                let later = |one: Option<Duration>, other: Option<Duration>| one.max(other);
                self.report.freeze_all = later(self.report.freeze_all, asked.freeze_all);
                self.report.freeze_group = later(self.report.freeze_group, asked.freeze_group);
                self.report_at.get_or_insert(now + NO_ANSWER_PAUSE);
                self.no_answer_until = Some(now + NO_ANSWER_PAUSE);
            }
        }
    }

    /// Whether the store has said that the limits are full.
    pub(in crate::engine) fn has_reached_limit(&self, now: Instant) -> bool {
        self.waits.iter().any(|(_, until)| *until > now)
    }

    /// Whether the store did not answer when last asked, and has not said of any limit that it is full now.
    pub(in crate::engine) fn is_unanswered(&self, now: Instant) -> bool {
        self.no_answer_until.is_some() && !self.has_reached_limit(now)
    }

    fn release_slots(&mut self) {
        for (terms, slots) in std::mem::take(&mut self.granted) {
            if slots > 0 {
                let class = terms.map(|terms| terms.class);
                self.report.unused.add(self.counted(class, slots));
                self.report_at.get_or_insert(Instant::now());
            }
        }
    }

    /// Slots of the limits that are enabled.
    fn counted(&self, class: Option<Class>, slots: usize) -> Slots {
        let mut counted = Slots::default();
        match class.filter(|_| self.limits.group > 0) {
            Some(class) => counted.group[class as usize] = slots,
            None if self.limits.overall_per_second > 0 => counted.elsewhere = slots,
            None => {}
        }
        counted
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::limits::Rank;

    fn quota() -> Quota {
        Quota::new(PacingLimits {
            overall_per_second: 30,
            private_per_second: 1,
            private_burst: 3,
            group: 20,
            group_period: Duration::from_mins(1),
        })
    }

    fn elsewhere(elsewhere: usize) -> Slots {
        Slots { elsewhere, ..Slots::default() }
    }

    fn group(class: Class, slots: usize) -> Slots {
        let mut sum = Slots::default();
        sum.group[class as usize] = slots;
        sum
    }

    fn quiet() -> GroupTerms {
        Rank::Quiet.terms(Class::Known, 20)
    }

    #[test]
    fn slots_are_requested_before_use_and_reported_afterwards() {
        let (mut quota, now) = (quota(), Instant::now());
        assert_eq!(quota.free_in_group(&quiet(), 1, now), Err(None));
        let asked = quota.next_request(now).unwrap();
        let request = SlotRequest { want: 1, up_to: 5, reserved: 0, group: Some(quiet()) };
        assert_eq!(asked.requests, [request]);
        assert_eq!(quota.free_in_group(&quiet(), 1, now), Err(None));
        assert_eq!(quota.next_request(now), None, "one request at a time");
        quota.answered(Ok(Some(vec![SlotGrant::Taken(3)])), now);
        assert_eq!(quota.free_in_group(&quiet(), 1, now), Ok(3));
        let heavy = Rank::Heavy.terms(Class::Known, 20);
        assert_eq!(
            quota.free_in_group(&heavy, 1, now),
            Err(None),
            "they were given on other terms"
        );
        quota.take_in_group(&quiet(), 2);
        quota.ended(Some(Class::Known), 2, 1, now);
        let report = quota.next_request(now + REPORT_DELAY).unwrap();
        assert_eq!(report.used, group(Class::Known, 1));
        assert_eq!(report.unused, group(Class::Known, 2), "unused slots are returned");
    }

    #[test]
    fn calls_with_different_terms_ask_side_by_side() {
        let (mut quota, now) = (quota(), Instant::now());
        let heavy = Rank::Heavy.terms(Class::Known, 20);
        assert!(quota.free_in_group(&quiet(), 1, now).is_err());
        assert!(quota.free_in_group(&heavy, 1, now).is_err());
        assert!(quota.free_in_group(&heavy, 1, now).is_err());
        assert!(quota.free(1, now).is_err());
        let asked = quota.next_request(now).unwrap();
        let terms: Vec<_> = asked.requests.iter().map(|request| request.group).collect();
        assert_eq!(terms, [Some(quiet()), Some(heavy), None]);
        let wait = SlotGrant::Wait(Duration::from_secs(1));
        quota.answered(Ok(Some(vec![SlotGrant::Taken(1), wait, wait])), now);
        assert_eq!(quota.free_in_group(&quiet(), 1, now), Ok(1));
        assert_eq!(
            quota.free_in_group(&heavy, 1, now),
            Err(Some(now + Duration::from_secs(1))),
            "a wait concerns its own terms"
        );
    }

    #[test]
    fn an_unanswered_report_is_sent_again() {
        let (mut quota, now) = (quota(), Instant::now());
        quota.ended(None, 1, 1, now);
        quota.freeze(true, Duration::from_secs(7), now);
        assert!(quota.next_request(now).is_some());
        quota.answered(Err(StoreError::Closed), now);
        assert!(!quota.has_reached_limit(now), "the cause is the store, not a limit");
        let later = now + NO_ANSWER_PAUSE;
        let report = quota.next_request(later).unwrap();
        assert_eq!(
            (report.used, report.freeze_group),
            (elsewhere(1), Some(Duration::from_secs(7)))
        );
    }

    #[test]
    fn the_final_report_includes_calls_that_have_just_ended() {
        let (mut quota, now) = (quota(), Instant::now());
        quota.ended(None, 1, 1, now);
        assert_eq!(
            quota.next_request(now),
            None,
            "other calls may end soon, to be reported together"
        );
        assert_eq!(quota.final_report(now).unwrap().used, elsewhere(1));
    }

    #[test]
    fn no_slots_are_requested_during_a_wait_or_without_a_limit() {
        let (mut quota, now) = (quota(), Instant::now());
        assert!(quota.free(1, now).is_err());
        assert!(quota.next_request(now).is_some());
        let wait = Duration::from_millis(300);
        quota.answered(Ok(Some(vec![SlotGrant::Wait(wait)])), now);
        assert_eq!(quota.free(1, now), Err(Some(now + wait)));
        assert!(quota.has_reached_limit(now) && !quota.has_reached_limit(now + wait));
        assert_eq!(quota.next_request(now), None);
        assert!(quota.free(1, now + wait).is_err());
        assert!(quota.next_request(now + wait).is_some());
        quota.answered(Ok(Some(vec![SlotGrant::Wait(Duration::ZERO)])), now);

        let reserved = |quota: &mut Quota| quota.next_request(now).unwrap().requests[0].reserved;
        quota.reserve(5);
        assert!(quota.free(1, now).is_err());
        assert_eq!(reserved(&mut quota), 5, "a newsletter leaves some slots");
        quota.answered(Ok(Some(vec![SlotGrant::Wait(Duration::ZERO)])), now);
        quota.reserve(0);
        assert!(quota.free(1, now).is_err());
        quota.reserve(5);
        assert!(quota.free(1, now).is_err());
        assert_eq!(reserved(&mut quota), 0, "nor does a more urgent call that asked first");

        quota.limits = PacingLimits { overall_per_second: 0, group: 0, ..quota.limits };
        assert_eq!(quota.free_in_group(&quiet(), 7, now), Ok(usize::MAX));
    }
}
