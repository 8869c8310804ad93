//! The limits of each operators' group: a window, the pauses that Telegram asked for, and those of the desk itself.
//!
//! Invariant: nothing that happens in one group keeps a slot of another.

use std::time::Duration;

use tokio::time::Instant;

use domain::{GroupKey, Room, UserId};
use ports::GroupTerms;

use super::{Bucket, Family, Full, GroupWindow, Pacer, PacingLimits, Permit};

/// The limits of one group.
#[derive(Debug)]
pub(super) struct GroupBucket {
    pub(super) window: GroupWindow,
    /// Ends of the pauses of families of methods, after Telegram throttled one.
    frozen_families: [Option<Instant>; 3],
    /// End of a pause that is not caused by a rate limit.
    pub(super) paused_until: Option<Instant>,
}

/// The limits of all groups, at the places of their numbers. A group gets its own when it is first used.
#[derive(Debug)]
pub(super) struct GroupBuckets {
    limit: u32,
    period: Duration,
    buckets: Vec<GroupBucket>,
}

impl GroupBuckets {
    /// Creates those of the first group.
    pub(super) fn new(limits: &PacingLimits) -> Self {
        let mut buckets =
            Self { limit: limits.group, period: limits.group_period, buckets: Vec::new() };
        buckets.of(GroupKey::FIRST);
        buckets
    }

    pub(super) fn of(&mut self, group: GroupKey) -> &mut GroupBucket {
        let (limit, period) = (self.limit, self.period);
        let place = usize::from(group.number());
        if place >= self.buckets.len() {
            self.buckets.resize_with(place + 1, || GroupBucket {
                window: GroupWindow::new(limit, period),
                frozen_families: [None; 3],
                paused_until: None,
            });
        }
        &mut self.buckets[place]
    }

    pub(super) fn get(&self, group: GroupKey) -> Option<&GroupBucket> {
        self.buckets.get(usize::from(group.number()))
    }

    /// The free slots, or the freeze, of the group that has the least. `None` if there is neither a limit nor a freeze.
    pub(super) fn least_free(&self, now: Instant) -> Option<Room> {
        let free = self.buckets.iter().filter_map(|bucket| bucket.window.free_slots(now));
        free.min_by_key(|room| match room {
            Room::Frozen(_) => 0,
            Room::Left { left, .. } => *left,
        })
    }

    /// All that are known.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut GroupBucket> {
        self.buckets.iter_mut()
    }
}

impl Pacer {
    /// Free slots for calls to a group on these terms: at least `want`. `Err` says when to ask again.
    pub(in crate::engine) fn free_in_group(
        &mut self,
        group: GroupKey,
        terms: &GroupTerms,
        want: usize,
        now: Instant,
    ) -> Result<usize, Option<Instant>> {
        let shared = |full| match full {
            Full::Shared(at) => at,
            Full::OneUser(at) => Some(at),
        };
        let overall = self.free_overall(want, now).map_err(shared)?;
        let window = &mut self.groups.of(group).window;
        let Some(quota) = &mut self.quota else {
            return Ok(overall.min(window.free(terms, want, now)?));
        };
        window.check_freeze(now)?;
        quota.free_in_group(terms, want, now)
    }

    /// Whether it is the limit over all chats, and nothing else, that keeps these slots from a group.
    pub(in crate::engine) fn lacks_overall(
        &mut self,
        group: GroupKey,
        terms: &GroupTerms,
        want: usize,
        now: Instant,
    ) -> bool {
        self.free_overall(want, now).is_err()
            && self.groups.of(group).window.free(terms, want, now).is_ok()
    }

    /// The limit of a group and what was used of it in the last period by this process; `None` if there is no limit.
    pub(in crate::engine) fn group(
        &mut self,
        group: GroupKey,
    ) -> Option<(usize, &mut GroupWindow)> {
        let window = &mut self.groups.of(group).window;
        window.limit().map(|limit| (limit, window))
    }

    /// The windows of all groups that are known.
    pub(in crate::engine) fn windows(&mut self) -> impl Iterator<Item = &mut GroupWindow> {
        self.groups.iter_mut().map(|bucket| &mut bucket.window)
    }

    /// End of the pause of a family of methods in a group.
    pub(in crate::engine) fn frozen(
        &self,
        group: GroupKey,
        family: Family,
        now: Instant,
    ) -> Option<Instant> {
        let frozen = self.groups.get(group)?.frozen_families[family as usize];
        frozen.filter(|until| *until > now)
    }

    /// Pauses a family of methods in a group, as Telegram asked.
    pub(in crate::engine) fn freeze_family(
        &mut self,
        group: GroupKey,
        family: Family,
        wait: Duration,
        now: Instant,
    ) {
        let frozen = &mut self.groups.of(group).frozen_families[family as usize];
        *frozen = (*frozen).max(Some(now + wait));
    }

    /// Takes slots that [`Pacer::free_in_group`] has just reported as free.
    pub(in crate::engine) fn take_in_group(
        &mut self,
        group: GroupKey,
        terms: &GroupTerms,
        user: UserId,
        slots: usize,
        now: Instant,
    ) -> Permit {
        match &mut self.quota {
            Some(quota) => quota.take_in_group(terms, slots),
            None => self.overall.running += slots,
        }
        let window = &mut self.groups.of(group).window;
        window.take(terms.class, user, slots, terms.paced_below > 0, now);
        let counted = Some((terms.class, user));
        Permit { bucket: Bucket::Group(group), group: counted, slots, unshared: false }
    }
}
