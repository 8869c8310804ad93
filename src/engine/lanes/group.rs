//! Which lanes to a group may have the next slot at a rank.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::engine::limits::{Family, Rank};
use domain::{Channel, Class, Effect, Millis, OutboxLane, UserId};

use super::{
    batch::album, destination::Destination, lane::LaneState, lane_set::Lanes,
    throttle_time::QueueKind,
};

/// How many lanes of a class are searched for one that fits a rank. No more lanes than the limit has slots can be light
/// or heavy, and quiet ones are ahead of them.
const SCAN: usize = 256;

/// The slots that users had in the last period.
#[derive(Debug)]
pub(in crate::engine) struct Usage {
    /// By user; users who had none are missing.
    pub(in crate::engine) slots: HashMap<UserId, usize>,
    /// The number of slots from which a lane is heavy; if it is zero, no lane is.
    pub(in crate::engine) heavy: usize,
}

impl Usage {
    fn of(&self, lane: OutboxLane) -> usize {
        if self.heavy == 0 { 0 } else { self.slots.get(&lane.user).copied().unwrap_or(0) }
    }

    fn is_heavy(&self, lane: OutboxLane) -> bool {
        self.heavy > 0 && self.of(lane) >= self.heavy
    }

    /// Whether a lane of a class of this rank has the rank.
    fn fits(&self, rank: Rank, lane: OutboxLane) -> bool {
        match rank {
            Rank::Quiet => self.of(lane) == 0,
            Rank::Light => self.of(lane) > 0 && !self.is_heavy(lane),
            Rank::StrangersThird | Rank::Strangers => !self.is_heavy(lane),
            Rank::Heavy => self.is_heavy(lane),
            Rank::Urgent | Rank::FirstNotices | Rank::FirstLook | Rank::Notices | Rank::Looks => {
                true
            }
        }
    }

    /// Slots that a lane may take at once without becoming heavy.
    pub(in crate::engine) fn left(&self, lane: OutboxLane) -> usize {
        if self.heavy == 0 { usize::MAX } else { self.heavy.saturating_sub(self.of(lane)).max(1) }
    }
}

/// Users for whose topics an operator has pressed *Try again*, on their way to the lanes.
#[derive(Debug, Default)]
pub(in crate::engine) struct Pressed(Mutex<Vec<UserId>>);

impl Pressed {
    /// Makes the next dispatches to the topics of these users urgent.
    pub(in crate::engine) fn extend(&self, users: impl IntoIterator<Item = UserId>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(users);
    }
}

impl Lanes {
    /// Makes the next dispatches of these lanes urgent, now that their sends are here.
    pub(in crate::engine) fn press(&mut self, pressed: &Pressed, now: Instant) {
        let users = std::mem::take(&mut *pressed.0.lock().unwrap_or_else(PoisonError::into_inner));
        for user in users {
            let key = OutboxLane { user, channel: Channel::Topic };
            let Some(lane) = self.known.get_mut(&key) else { continue };
            lane.pressed = true;
            if lane.state == LaneState::Ready {
                self.requeue(key, now);
            }
        }
    }

    /// The classes whose front lanes may take a slot at this rank, in the order in which they may. The lanes are moved
    /// to the front.
    pub(in crate::engine) fn candidates(
        &mut self,
        place: Destination,
        rank: Rank,
        usage: &Usage,
    ) -> impl Iterator<Item = Class> + use<> {
        let mut class = |class: Class, fits: &dyn Fn(OutboxLane) -> bool| {
            self.move_to_front((class, place), fits).then_some(class)
        };
        let fits = |lane: OutboxLane| usage.fits(rank, lane);
        let found = match rank {
            Rank::Urgent => [class(Class::Urgent, &fits), None],
            Rank::FirstNotices => [class(Class::Notice, &fits), None],
            Rank::FirstLook | Rank::Looks => [class(Class::Cosmetic, &fits), None],
            Rank::Quiet | Rank::Light => [class(Class::Known, &fits), None],
            Rank::Heavy => [class(Class::Known, &fits), class(Class::Stranger, &fits)],
            Rank::Notices => [class(Class::Notice, &fits), class(Class::Urgent, &fits)],
            Rank::StrangersThird | Rank::Strangers => {
                let (opening, stranger) =
                    (class(Class::Opening, &fits), class(Class::Stranger, &fits));
                if stranger.is_some() && self.opening_is_first(place) {
                    [opening, stranger]
                } else {
                    [stranger, opening]
                }
            }
        };
        found.into_iter().flatten()
    }

    /// Whether the stranger who has waited longest has no topic. A topic that has just been opened comes first: the
    /// operators can see nothing in it yet.
    fn opening_is_first(&self, place: Destination) -> bool {
        let front = |class| self.peek(class, place).and_then(|lane| self.known.get(&lane));
        match (front(Class::Opening), front(Class::Stranger)) {
            (Some(opening), Some(stranger)) => {
                !stranger.resumes && opening.ready_since <= stranger.ready_since
            }
            (opening, _) => opening.is_some(),
        }
    }

    /// Moves the first lane that fits to the front. Returns whether there is one.
    fn move_to_front(
        &mut self,
        (class, place): QueueKind,
        fits: &dyn Fn(OutboxLane) -> bool,
    ) -> bool {
        let queue = self.queue_mut(class, place);
        let Some(place) = queue.iter().take(SCAN).position(|lane| fits(*lane)) else {
            return false;
        };
        if let Some(lane) = queue.remove(place) {
            queue.push_front(lane);
        }
        true
    }

    /// Whether the lane at the front of a class is held, and leaves the queue for that.
    pub(in crate::engine) fn leaves_to_be_held(
        &mut self,
        (class, place): QueueKind,
        now: Instant,
        wall: Millis,
    ) -> bool {
        let Some(key) = self.peek(class, place) else { return false };
        let held = self.hold(key, now, wall);
        if held {
            self.queue_mut(class, place).pop_front();
        }
        held
    }

    /// Moves the first lane that fits a rank and needs one slot to the front of a class, in the place of one that needs
    /// several.
    pub(in crate::engine) fn single_first(
        &mut self,
        kind @ (class, place): QueueKind,
        rank: Rank,
        usage: &Usage,
    ) -> bool {
        let Some(queue) = self.queue(class, place) else { return false };
        let single = queue.iter().skip(1).take(SCAN).copied().find(|lane| {
            usage.fits(rank, *lane)
                && self.known.get(lane).is_some_and(|lane| {
                    lane.loaded.front().is_some_and(|head| album(head).is_none())
                })
        });
        single.is_some_and(|single| self.move_to_front(kind, &|lane| lane == single))
    }

    /// Moves this lane back to the front of its class.
    pub(in crate::engine) fn put_first(&mut self, kind: QueueKind, lane: OutboxLane) {
        self.move_to_front(kind, &|other| other == lane);
    }

    /// The known user's lane that needs several slots at once and has waited longer than `patience`, at the front.
    pub(in crate::engine) fn overdue(
        &mut self,
        place: Destination,
        usage: &Usage,
        patience: Duration,
        now: Instant,
    ) -> Option<Rank> {
        // Without a limit, nothing is overdue, and there may be many lanes.
        let queue = self.queue(Class::Known, place).filter(|_| usage.heavy > 0)?;
        let lane = queue.iter().take(SCAN).copied().find(|key| {
            self.known.get(key).is_some_and(|lane| {
                let album = lane.loaded.front().is_some_and(|head| album(head).is_some());
                let since = lane.ready_since.unwrap_or(now);
                album && now.saturating_duration_since(since) > patience
            })
        })?;
        let rank = [Rank::Quiet, Rank::Light].into_iter().find(|rank| usage.fits(*rank, lane))?;
        self.put_first((Class::Known, place), lane);
        Some(rank)
    }

    /// How long the lane at the front of a class has waited.
    pub(in crate::engine) fn waited(&self, (class, place): QueueKind, now: Instant) -> Duration {
        let lane = self.peek(class, place).and_then(|lane| self.known.get(&lane));
        let since = lane.and_then(|lane| lane.ready_since);
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// The family of methods that the lane at the front of a class needs; `None` for copies and all else.
    pub(in crate::engine) fn family(&self, (class, place): QueueKind) -> Option<Family> {
        let key = self.peek(class, place)?;
        let head = self.known.get(&key)?.loaded.front();
        match (key.channel, class, head.map(|item| &item.queued.effect)) {
            (Channel::Cosmetic, Class::Cosmetic, _) => Some(Family::Looks),
            (_, Class::Opening, _) => Some(Family::Openings),
            (.., Some(Effect::Edit(_))) => Some(Family::Edits),
            _ => None,
        }
    }
}
