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
/// If other processes share the limit, the store gives the slots, and the window only keeps the record.
#[derive(Debug)]
pub(in crate::engine) struct GroupWindow {
    limit: Option<usize>,
    period: Duration,
    /// Slots of calls under way.
    running: Vec<(Class, UserId, usize)>,
    /// Slots of the last period, oldest first.
    ended: VecDeque<(Instant, Class, UserId)>,
    /// When a paced call last took slots.
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
        let left = limit - self.used(now).min(limit);
        let want = want.clamp(1, limit);
        let leave = terms.leave.min(limit - want);
        if left < want + leave {
            return Err(self.ages(want + leave - left - 1, |_| true));
        }
        let mut most = left - leave;
        for (classes, cap) in terms.caps.iter().flatten() {
            let used = self.used_where(|class, _| classes.contains(class));
            let room = cap.saturating_sub(used);
            if room < want {
                return Err(self.ages((want - room - 1).min(used), |class| classes.contains(class)));
            }
            most = most.min(room);
        }
        if left > terms.paced_below {
            // What is above goes at once.
            let at_once = if terms.paced_below > 0 { left - terms.paced_below } else { most };
            return Ok(most.min(at_once).max(want));
        }
        let spacing = self.spacing(limit, left, now);
        match self.paced.map(|paced| paced + spacing) {
            Some(at) if at > now => Err(Some(at)),
            _ => Ok(want),
        }
    }

    /// The pause between two paced calls: it spreads the free slots over the time until others become free.
    fn spacing(&self, limit: usize, left: usize, now: Instant) -> Duration {
        let next = self.ended.front().map_or(self.period, |(ended, ..)| {
            (*ended + self.period).saturating_duration_since(now)
        });
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
        if self.limit.is_some() {
            self.running.push((class, user, slots));
            self.paced = if paced { Some(now) } else { self.paced };
        }
    }

    /// A call has ended that took `slots` and used `used` of them.
    pub(in crate::engine) fn ended(
        &mut self,
        class: Class,
        user: UserId,
        slots: usize,
        used: usize,
        now: Instant,
    ) {
        let taken = (class, user, slots);
        let Some(place) = self.running.iter().position(|running| *running == taken) else { return };
        self.running.swap_remove(place);
        self.forget(now);
        self.ended.extend(std::iter::repeat_n((now, class, user), used));
    }

    /// Slots of the last period by the users who wrote to their topics.
    pub(in crate::engine) fn by_user(&mut self, now: Instant) -> HashMap<UserId, usize> {
        self.forget(now);
        let mut users = HashMap::new();
        let of_a_user =
            |class: Class| matches!(class, Class::Known | Class::Opening | Class::Stranger);
        for (_, user, slots) in self.each().filter(|(class, ..)| of_a_user(*class)) {
            *users.entry(user).or_default() += slots;
        }
        users
    }

    /// Slots of the last period by class, in the order of [`Class::ALL`].
    pub(in crate::engine) fn by_class(&mut self, now: Instant) -> [usize; Class::ALL.len()] {
        self.forget(now);
        let mut classes = [0; Class::ALL.len()];
        for (class, _, slots) in self.each() {
            classes[class as usize] += slots;
        }
        classes
    }

    fn each(&self) -> impl Iterator<Item = (Class, UserId, usize)> {
        let ended = self.ended.iter().map(|(_, class, user)| (*class, *user, 1));
        ended.chain(self.running.iter().copied())
    }

    fn forget(&mut self, now: Instant) {
        while self.ended.front().is_some_and(|(ended, ..)| *ended + self.period <= now) {
            self.ended.pop_front();
        }
    }

    fn used(&self, now: Instant) -> usize {
        let recent = self.ended.iter().filter(|(ended, ..)| *ended + self.period > now).count();
        recent + self.running.iter().map(|(_, _, slots)| slots).sum::<usize>()
    }

    fn used_where(&self, counts: impl Fn(Class, UserId) -> bool) -> usize {
        let counted = self.each().filter(|(class, user, _)| counts(*class, *user));
        counted.map(|(_, _, slots)| slots).sum()
    }

    /// When the nth slot of these classes ages, from 0.
    fn ages(&self, nth: usize, counts: impl Fn(Class) -> bool) -> Option<Instant> {
        let counted = self.ended.iter().filter(|(_, class, _)| counts(*class));
        counted.map(|(ended, ..)| *ended + self.period).nth(nth)
    }
}
