//! The slots of the group that this process has used, by class and by user, and whether more may be taken.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use domain::{Class, Room, UserId};
use ports::GroupTerms;

/// At most `limit` slots in any `period`, given on terms.
///
/// If other processes share the limit, the store gives the slots, and the window only keeps a record.
#[derive(Debug)]
pub(in crate::engine) struct GroupWindow {
    limit: Option<usize>,
    period: Duration,
    /// Slots of calls under way.
    running: Vec<(Class, UserId, usize)>,
    /// Slots of the last period, oldest first.
    ended: VecDeque<(Instant, Class, UserId)>,
    /// When a paced call last took slots, or was due to.
    paced: Option<Instant>,
    pub(in crate::engine) frozen: Option<Instant>,
}

impl GroupWindow {
    /// Creates an unused window. A limit of zero disables it.
    pub(in crate::engine) fn new(limit: u32, period: Duration) -> Self {
        Self {
            limit: (limit > 0).then_some(limit as usize),
            period,
            running: Vec::new(),
            ended: VecDeque::new(),
            paced: None,
            frozen: None,
        }
    }

    pub(in crate::engine) fn limit(&self) -> Option<usize> {
        self.limit
    }

    /// The free slots now, or the remaining freeze. `None` if there is neither a limit nor a freeze.
    pub(in crate::engine) fn free_slots(&self, now: Instant) -> Option<Room> {
        if let Some(until) = self.frozen.filter(|until| *until > now) {
            return Some(Room::Frozen(until - now));
        }
        let limit = self.limit?;
        Some(Room::Left { left: (limit - self.used(now).min(limit)) as u64, of: limit as u64 })
    }

    /// Slots that `want` calls may take now, at least `want`. `Err` holds the time when they will be free, or `None`
    /// if that depends on running calls.
    pub(in crate::engine) fn free(
        &mut self,
        terms: &GroupTerms,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        self.check_freeze(now)?;
        let Some(limit) = self.limit else { return Ok(usize::MAX) };
        self.forget(now);
        let moment = if terms.yields { now - self.handicap() } else { now };
        let left = limit - self.used(moment).min(limit);
        let want = want.clamp(1, limit);
        let leave = terms.leave.min(limit - want);
        if left < want + leave {
            let at = self.ages(want + leave - left, moment, |_| true);
            return Err(at.map(|at| at + (now - moment)));
        }
        let mut most = left - leave;
        for (classes, cap) in terms.caps.iter().flatten() {
            let free = cap.saturating_sub(self.used_of(now, |class| classes.contains(class)));
            if free < want {
                return Err(self.ages(want - free, now, |class| classes.contains(class)));
            }
            most = most.min(free);
        }
        if left > terms.paced_below {
            // The slots above that number go at once.
            let at_once = if terms.paced_below > 0 { left - terms.paced_below } else { most };
            return Ok(most.min(at_once).max(want));
        }
        match self.paced.map(|paced| paced + self.spacing(limit, left, now)) {
            Some(at) if at > now => Err(Some(at)),
            _ => Ok(want),
        }
    }

    /// How much later an aged slot is free for calls that yield than for others, which may belong to another process.
    fn handicap(&self) -> Duration {
        self.period / 1_200
    }

    /// The pause between two paced calls: it spreads the free slots over the time until others become free.
    fn spacing(&self, limit: usize, left: usize, now: Instant) -> Duration {
        let next = self.ages(1, now, |_| true);
        let next = next.map_or(self.period, |at| at.saturating_duration_since(now));
        let evenly = |time: Duration, slots: usize| time / u32::try_from(slots).unwrap_or(u32::MAX);
        evenly(self.period, limit).max(evenly(next, left.max(1)))
    }

    /// `Err` with the end of the freeze if the window is frozen.
    pub(in crate::engine) fn check_freeze(&self, now: Instant) -> Result<(), Option<Instant>> {
        self.frozen.filter(|until| *until > now).map_or(Ok(()), |until| Err(Some(until)))
    }

    /// Takes slots for a call.
    pub(in crate::engine) fn take(
        &mut self,
        class: Class,
        user: UserId,
        slots: usize,
        paced: bool,
        now: Instant,
    ) {
        let Some(limit) = self.limit.filter(|_| slots > 0) else { return };
        if paced {
            let left = limit - self.used(now).min(limit);
            let spacing = self.spacing(limit, left, now);
            // A call that is a little late does not delay those after it.
            let due = self.paced.map(|paced| paced + spacing);
            let late = self.period / 8;
            self.paced = due.filter(|due| *due <= now && *due + late > now).or(Some(now));
        }
        self.running.push((class, user, slots));
    }

    /// A call that took these slots has ended, and has used `used` of them.
    pub(in crate::engine) fn ended(
        &mut self,
        taken: (Class, UserId, usize),
        used: usize,
        now: Instant,
    ) {
        let Some(place) = self.running.iter().position(|running| *running == taken) else { return };
        let (class, whose, _) = self.running.swap_remove(place);
        self.forget(now);
        self.ended.extend(std::iter::repeat_n((now, class, whose), used));
    }

    /// Slots of the last period by the users who wrote to their topics.
    pub(in crate::engine) fn by_user(&mut self, now: Instant) -> HashMap<UserId, usize> {
        self.forget(now);
        let mut users = HashMap::new();
        let of_a_user =
            |class: Class| matches!(class, Class::Known | Class::Opening | Class::Stranger);
        for (_, user, slots) in self.each(now).filter(|(class, ..)| of_a_user(*class)) {
            *users.entry(user).or_default() += slots;
        }
        users
    }

    /// Slots of the last period by class, in the order of [`Class::ALL`].
    pub(in crate::engine) fn by_class(&mut self, now: Instant) -> [usize; Class::ALL.len()] {
        self.forget(now);
        let mut classes = [0; Class::ALL.len()];
        for (class, _, slots) in self.each(now) {
            classes[class as usize] += slots;
        }
        classes
    }

    fn each(&self, now: Instant) -> impl Iterator<Item = (Class, UserId, usize)> {
        let recent = self.recent(now).map(|(_, class, user)| (*class, *user, 1));
        recent.chain(self.running.iter().copied())
    }

    /// The slots that have not aged at this moment.
    fn recent(&self, moment: Instant) -> impl Iterator<Item = &(Instant, Class, UserId)> {
        self.ended.iter().filter(move |(ended, ..)| *ended + self.period > moment)
    }

    fn forget(&mut self, now: Instant) {
        let moment = now - self.handicap();
        while self.ended.front().is_some_and(|(ended, ..)| *ended + self.period <= moment) {
            self.ended.pop_front();
        }
    }

    fn used(&self, moment: Instant) -> usize {
        self.used_of(moment, |_| true)
    }

    fn used_of(&self, moment: Instant, counts: impl Fn(Class) -> bool) -> usize {
        let counted = self.each(moment).filter(|(class, ..)| counts(*class));
        counted.map(|(.., slots)| slots).sum()
    }

    /// When this many slots of these classes have aged; `None` if that depends on running calls.
    fn ages(
        &self,
        slots: usize,
        moment: Instant,
        counts: impl Fn(Class) -> bool,
    ) -> Option<Instant> {
        let counted = self.recent(moment).filter(|(_, class, _)| counts(*class));
        counted.map(|(ended, ..)| *ended + self.period).nth(slots.saturating_sub(1))
    }
}
