//! Telegram's rate limits, applied before Telegram enforces them.
//!
//! Invariant: Telegram never sees more than the limit in any window. A slot is taken before a call starts and ages
//! from the end of the call, because Telegram counted the call at some moment in between; therefore a slow call
//! followed by a fast one cannot exceed the limit.

use std::{collections::HashMap, time::Duration};

use tokio::time::Instant;

use domain::{Class, GroupKey, Limits, Partition, PartitionSet, UserId};

use super::{
    group_window::GroupWindow, pacing_limits::PacingLimits, quota::Quota,
    sliding_window::SlidingWindow, token_bucket::TokenBucket,
};
use groups::GroupBuckets;

/// Paid newsletter messages per second. Telegram allows up to 1,000 (Bot API, `allow_paid_broadcast`).
const PAID_PER_SECOND: u32 = 300;

/// Newsletter messages per second while nothing else is sent; `None` means no limit.
pub(in crate::engine) fn newsletter_rate(limits: &PacingLimits, paid: bool) -> Option<u32> {
    let overall = limits.overall_per_second;
    let rate = if paid { PAID_PER_SECOND } else { overall - reserved_slots(overall) };
    (overall > 0).then_some(rate)
}

/// Slots of the limit over all chats that newsletters leave free for urgent sends.
fn reserved_slots(overall: u32) -> u32 {
    overall / 6
}

/// The bucket that counts a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::engine) enum Bucket {
    /// No limit: answers to buttons.
    Free,
    /// A user's private chat.
    Private(UserId),
    /// An operators' group.
    Group(GroupKey),
    /// Paid messages.
    Paid,
}

/// The methods for which Telegram throttles a group alone, without the copies of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Family {
    /// New topics.
    Openings,
    /// Edits of copies.
    Edits,
    /// Names, cards, pins and reactions.
    Looks,
}

/// The limit that is full, and when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Full {
    /// A limit that several lanes share. `None`: until a running call has ended.
    Shared(Option<Instant>),
    /// The limit of one user.
    OneUser(Instant),
}

/// Slots taken from a bucket. They must be passed to [`Pacer::ended`].
#[derive(Debug)]
#[must_use = "slots that are not given back are lost"]
pub(in crate::engine) struct Permit {
    bucket: Bucket,
    /// The class and the user that the group's slots are counted for.
    group: Option<(Class, UserId)>,
    slots: usize,
    /// Whether the slots were taken without the store, because it does not answer.
    unshared: bool,
}

impl Permit {
    /// The class that the group's slots are counted for; `None` for calls to other chats.
    pub(in crate::engine) fn class(&self) -> Option<Class> {
        self.group.map(|(class, _)| class)
    }

    /// The group whose slots were taken; `None` for calls to other chats.
    pub(in crate::engine) fn group(&self) -> Option<GroupKey> {
        let Bucket::Group(group) = self.bucket else { return None };
        Some(group)
    }
}

/// The buckets of one bot. The caller passes the time; nothing here waits.
#[derive(Debug)]
pub(in crate::engine) struct Pacer {
    limits: PacingLimits,
    overall: SlidingWindow,
    groups: GroupBuckets,
    private: HashMap<UserId, TokenBucket>,
    /// Number of remembered private chats at which idle ones are forgotten.
    prune_at: usize,
    /// Replaces the two windows if other processes share the limits.
    quota: Option<Quota>,
    /// Direct calls while the store that grants the quota does not answer.
    unshared: TokenBucket,
    /// When partitions were assigned whose earlier sends this process does not know.
    taken_over: HashMap<Partition, Instant>,
    paid: SlidingWindow,
    /// End of the pause for newsletters, after Telegram throttled one.
    newsletters_paused_until: Option<Instant>,
    /// End of a pause for all calls that is not caused by a rate limit.
    all_paused_until: Option<Instant>,
}

/// Number of remembered private chats below which none are forgotten.
const PRIVATE_REMEMBERED: usize = 4096;

impl Pacer {
    /// Creates unused buckets.
    pub(in crate::engine) fn new(limits: PacingLimits) -> Self {
        Self {
            limits,
            overall: SlidingWindow::new(limits.overall_per_second, Duration::from_secs(1)),
            groups: GroupBuckets::new(&limits),
            private: HashMap::new(),
            prune_at: PRIVATE_REMEMBERED,
            quota: None,
            unshared: direct::unshared_bucket(),
            taken_over: HashMap::new(),
            paid: SlidingWindow::new(
                if limits.overall_per_second > 0 { PAID_PER_SECOND } else { 0 },
                Duration::from_secs(1),
            ),
            newsletters_paused_until: None,
            all_paused_until: None,
        }
    }

    /// Creates unused buckets that share the limits over all chats and to the groups with other processes.
    pub(in crate::engine) fn shared(limits: PacingLimits) -> Self {
        Self { quota: Some(Quota::new(limits)), ..Self::new(limits) }
    }

    pub(in crate::engine) fn limits(&self) -> &PacingLimits {
        &self.limits
    }

    /// The quota, if limits are shared.
    pub(in crate::engine) fn quota(&mut self) -> Option<&mut Quota> {
        self.quota.as_mut()
    }

    /// Partitions were assigned to this process. Recent sends to their users are unknown here.
    pub(in crate::engine) fn take_over(&mut self, partitions: PartitionSet, now: Instant) {
        if self.quota.is_some() {
            self.taken_over.extend(partitions.iter().map(|partition| (partition, now)));
            self.private.retain(|user, _| !partitions.contains(Partition::of(*user)));
        }
    }

    /// Whether a newsletter may go to `bucket` now and still leave enough slots for urgent sends. `Err` says which
    /// limit is full.
    pub(in crate::engine) fn free_for_newsletter(
        &mut self,
        bucket: Bucket,
        want: usize,
        now: Instant,
    ) -> Result<usize, Full> {
        if let Some(until) = self.newsletters_paused_until.filter(|until| *until > now) {
            return Err(Full::Shared(Some(until)));
        }
        if bucket == Bucket::Paid {
            return self.paid.free(want, now).map_err(Full::Shared);
        }
        let reserved = reserved_slots(self.limits.overall_per_second) as usize;
        if self.quota.is_none() {
            self.overall.free(want + reserved, now).map_err(Full::Shared)?;
        }
        if let Some(quota) = &mut self.quota {
            quota.reserve(reserved);
        }
        let free = self.free(bucket, want, now);
        if let Some(quota) = &mut self.quota {
            quota.reserve(0);
        }
        free
    }

    /// Pauses all newsletters: Telegram throttled one.
    pub(in crate::engine) fn pause_newsletters(&mut self, wait: Duration, now: Instant) {
        self.newsletters_paused_until = Some(now + wait);
    }

    /// Free slots for calls to `bucket`, which is not a group: at least `want`, or all that an unused bucket has.
    /// `Err` says which limit is full.
    pub(in crate::engine) fn free(
        &mut self,
        bucket: Bucket,
        want: usize,
        now: Instant,
    ) -> Result<usize, Full> {
        match bucket {
            Bucket::Free => return Ok(usize::MAX),
            Bucket::Paid => return self.paid.free(want, now).map_err(Full::Shared),
            Bucket::Private(_) | Bucket::Group(_) => {}
        }
        let overall = self.free_overall(want, now)?;
        let own = match bucket {
            Bucket::Free | Bucket::Paid | Bucket::Group(_) => usize::MAX,
            // An album larger than a user's burst waits until the bucket is unused; the pause after it is longer
            // accordingly.
            Bucket::Private(user) => {
                self.token_bucket(user, now).free(want, now).map_err(Full::OneUser)?
            }
        };
        let shared = match &mut self.quota {
            None => usize::MAX,
            Some(quota) => quota.free(want, now).map_err(Full::Shared)?,
        };
        Ok(overall.min(own).min(shared))
    }

    fn free_overall(&mut self, want: usize, now: Instant) -> Result<usize, Full> {
        match &mut self.quota {
            None => self.overall.free(want, now).map_err(Full::Shared),
            // The store applies the limit too, if there is one and its answer is known.
            Some(_) => self.overall.check_freeze(now).map(|()| usize::MAX).map_err(Full::Shared),
        }
    }

    /// The free slots of the limits, those of the group that has the least. Limits shared with other processes are
    /// unknown.
    pub(in crate::engine) fn free_slots(&self, now: Instant) -> Limits {
        if self.quota.is_some() {
            return Limits::default();
        }
        Limits { overall: self.overall.free_slots(now), group: self.groups.least_free(now) }
    }

    /// Takes slots that [`Pacer::free`] has just reported as free.
    pub(in crate::engine) fn take(&mut self, bucket: Bucket, slots: usize, now: Instant) -> Permit {
        match (&mut self.quota, bucket) {
            (_, Bucket::Free | Bucket::Paid) => {}
            (Some(quota), _) => quota.take(slots),
            (None, _) => self.overall.running += slots,
        }
        match bucket {
            Bucket::Free | Bucket::Group(_) => {}
            Bucket::Paid => self.paid.running += slots,
            Bucket::Private(user) => self.token_bucket(user, now).take(slots),
        }
        Permit { bucket, group: None, slots, unshared: false }
    }

    /// A call has ended that used this many of its slots.
    pub(in crate::engine) fn ended(&mut self, permit: &Permit, used: usize, now: Instant) {
        let Permit { bucket, group, slots, unshared } = *permit;
        let used = used.min(slots);
        match (&mut self.quota, bucket, group) {
            (_, Bucket::Free | Bucket::Paid, _) => {}
            (Some(_), ..) if unshared => self.unshared.ended(slots, used, now),
            (Some(quota), _, group) => quota.ended(group.map(|(class, _)| class), slots, used, now),
            (None, ..) => self.overall.ended(slots, used, now),
        }
        match bucket {
            Bucket::Free => {}
            Bucket::Group(key) => {
                if let Some((class, user)) = group {
                    self.groups.of(key).window.ended((class, user, slots), used, now);
                }
            }
            Bucket::Paid => self.paid.ended(slots, used, now),
            Bucket::Private(recipient) => {
                self.token_bucket(recipient, now).ended(slots, used, now);
            }
        }
    }

    /// Freezes the bucket for `wait`, as Telegram asked.
    pub(in crate::engine) fn freeze(&mut self, bucket: Bucket, wait: Duration, now: Instant) {
        let until = now + wait;
        if let Some(quota) = self.quota.as_mut().filter(|_| matches!(bucket, Bucket::Group(_))) {
            quota.freeze(true, wait, now);
        }
        let frozen = match bucket {
            Bucket::Free => return,
            Bucket::Paid => &mut self.paid.frozen,
            Bucket::Group(group) => &mut self.groups.of(group).window.frozen,
            Bucket::Private(user) => &mut self.token_bucket(user, now).frozen,
        };
        *frozen = Some(frozen.map_or(until, |earlier| earlier.max(until)));
    }

    /// Pauses the bucket although no rate limit requires it: the bot is not allowed to work there.
    pub(in crate::engine) fn pause(&mut self, bucket: Bucket, wait: Duration, now: Instant) {
        self.freeze(bucket, wait, now);
        if let Bucket::Group(group) = bucket {
            self.groups.of(group).paused_until = Some(now + wait);
        }
    }

    /// Pauses all calls: the bot as a whole may not call.
    pub(in crate::engine) fn pause_all(&mut self, wait: Duration, now: Instant) {
        self.overall.frozen = Some(now + wait);
        self.all_paused_until = Some(now + wait);
        if let Some(quota) = &mut self.quota {
            quota.freeze(false, wait, now);
        }
    }

    /// Whether the cause of the last `Err` of [`Pacer::free`] is one of Telegram's rate limits, rather than a pause
    /// that the desk itself imposed or an open request to the store.
    pub(in crate::engine) fn is_limit(&self, bucket: Bucket, now: Instant) -> bool {
        let lasts = |until: Option<Instant>| until.is_some_and(|until| until > now);
        let group = if let Bucket::Group(group) = bucket { self.groups.get(group) } else { None };
        let paused = group.and_then(|group| group.paused_until);
        let paused = lasts(self.all_paused_until) || lasts(paused);
        let frozen = group.and_then(|group| group.window.frozen);
        let frozen = lasts(self.overall.frozen) || lasts(frozen);
        let is_full = self.quota.as_ref().is_none_or(|quota| quota.has_reached_limit(now));
        !paused && (frozen || is_full)
    }

    fn token_bucket(&mut self, user: UserId, now: Instant) -> &mut TokenBucket {
        if self.private.len() >= self.prune_at {
            self.private.retain(|_, tokens| !tokens.is_idle(now));
            // Doubling keeps the amortized cost per call constant, no matter how many chats are busy.
            self.prune_at = PRIVATE_REMEMBERED.max(self.private.len() * 2);
        }
        let limits = self.limits;
        let taken = self.taken_over.get(&Partition::of(user)).copied();
        self.private.entry(user).or_insert_with(|| {
            let (rate, burst) = (limits.private_per_second, limits.private_burst);
            taken.map_or_else(
                || TokenBucket::new(rate, burst, now),
                |taken| TokenBucket::spent(rate, burst, taken),
            )
        })
    }
}

mod direct;
mod groups;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
