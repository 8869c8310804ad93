//! One lane of the outbox, in memory.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::engine::{lanes::hints::Hints, limits::Bucket};
use domain::{Audience, Channel, Class, Effect, GroupKey, Millis, OutboxLane, Seq, Standing, Tell};
use ports::OutboxItem;

use super::{destination::Destination, hold::LaneHold, throttle_time::ThrottledTime};

/// Number of sends at the head of a lane whose classes are compared.
const CLASS_SCAN: usize = 16;

/// The sends that wait in a lane, and its state.
#[derive(Debug)]
pub(in crate::engine) struct Lane {
    /// In the order of their sequence numbers.
    pub(in crate::engine) loaded: VecDeque<OutboxItem>,
    /// For each loaded send, how it arrived.
    pub(super) arrivals: VecDeque<Arrived>,
    /// Number of sends under way, counted from the head.
    pub(in crate::engine) under_way: usize,
    /// All sends up to this one were read from the store. A send that is announced later with a lower number is
    /// already here.
    pub(in crate::engine) read_up_to: Option<Seq>,
    /// All sends up to this one were counted when the lane was found in the store, announced or not.
    pub(in crate::engine) found_up_to: Option<Seq>,
    /// Number of sends in the store, behind the loaded ones.
    pub(in crate::engine) unloaded: u64,
    /// How long limits had throttled the lane when the first unloaded send arrived.
    pub(super) unloaded_arrival: Duration,
    /// Receipt time of the oldest unloaded send's update; known only at the start.
    pub(in crate::engine) oldest: Option<Millis>,
    pub(in crate::engine) state: LaneState,
    pub(in crate::engine) hints: Hints,
    pub(in crate::engine) ready_since: Option<Instant>,
    pub(in crate::engine) throttled: ThrottledTime,
    /// How well the operators know the user, if that is known yet. Only lanes to topics need it.
    pub(super) standing: Option<Standing>,
    /// The group that has the conversation, if that is known yet.
    pub(super) group: Option<GroupKey>,
    /// The group in which its call is under way.
    pub(super) runs_in: Option<GroupKey>,
    /// Whether an operator has pressed *Try again* for it.
    pub(super) pressed: bool,
    /// Whether its work on the head has begun: it goes on before other lanes of its class.
    pub(super) resumes: bool,
    /// Dispatches that completed a send.
    pub(in crate::engine) dispatches: u32,
    pub(super) hold: LaneHold,
}

/// How a send came into memory.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arrived {
    /// For how long limits had throttled the lane.
    pub throttled: Duration,
    /// For how long they had made the send wait before, as far as the lane knows.
    pub before: Duration,
    /// When it was read from the store. The history of the group's limit says what was before.
    pub read: Option<Millis>,
}

/// The state of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum LaneState {
    Idle,
    Ready,
    Waiting(Instant),
    /// Waits for the rest of an album. A complete album does not wait.
    Collecting(Instant),
    /// Waits for its user, who writes faster than the rate.
    Held(Instant),
    Running,
}

impl Lane {
    /// Creates an empty lane.
    pub(in crate::engine) fn empty() -> Self {
        Self {
            loaded: VecDeque::new(),
            arrivals: VecDeque::new(),
            under_way: 0,
            read_up_to: None,
            found_up_to: None,
            unloaded: 0,
            unloaded_arrival: Duration::ZERO,
            oldest: None,
            state: LaneState::Idle,
            hints: Hints::default(),
            ready_since: None,
            throttled: ThrottledTime::default(),
            standing: None,
            group: None,
            runs_in: None,
            pressed: false,
            resumes: false,
            dispatches: 0,
            hold: LaneHold::default(),
        }
    }

    /// The class in which the lane waits: that of its most urgent send, because all of them wait for each other.
    pub(super) fn class(&self, channel: Channel) -> Class {
        let loaded = self.loaded.iter().map(|item| item.queued.effect.class());
        match channel {
            Channel::Topic if self.pressed => Class::Urgent,
            Channel::Topic => {
                let urgent = loaded.take(CLASS_SCAN).min().unwrap_or(Class::Known);
                let standing = self.standing.filter(|_| urgent == Class::Known);
                standing.map_or(urgent, Standing::class)
            }
            Channel::Stuck => Class::Notice,
            Channel::Cosmetic => loaded.take(CLASS_SCAN).min().unwrap_or(Class::Cosmetic),
            Channel::Button
            | Channel::User
            | Channel::Desk
            | Channel::Track
            | Channel::Newsletter => loaded.take(1).min().unwrap_or_else(|| class_of(channel)),
        }
    }

    /// The place of its next call, as far as it is known before the call is planned.
    pub(super) fn place(&self, key: OutboxLane) -> Destination {
        match (Destination::usual(key), self.named_group()) {
            // Among texts to other chats there may be one to a group.
            (Destination::Users, _) => {
                self.hints.group.map_or(Destination::Users, Destination::Group)
            }
            (Destination::Group(_), Some(group)) => Destination::Group(group),
            (Destination::Group(first), None) => Destination::Group(self.group.unwrap_or(first)),
        }
    }

    /// The group that the head is for, whatever group has the conversation.
    pub(super) fn named_group(&self) -> Option<GroupKey> {
        let head = || self.loaded.front().map(|item| &item.queued.effect);
        let former = || match head() {
            Some(Effect::Tell(Tell { audience: Audience::Former(former), .. })) => {
                Some(former.topic.group()).filter(|_| !self.hints.in_present)
            }
            _ => None,
        };
        self.hints.group.or_else(former)
    }

    /// Number of waiting sends, loaded or not.
    pub(in crate::engine) fn waiting(&self) -> u64 {
        self.loaded.len() as u64 + self.unloaded
    }

    pub(in crate::engine) fn is_empty(&self) -> bool {
        self.loaded.is_empty() && self.unloaded == 0
    }

    /// Receipt time of the oldest send's update, if known.
    pub(in crate::engine) fn oldest(&self) -> Option<Millis> {
        self.loaded.front().map(|item| item.queued.received).or(self.oldest)
    }

    /// Whether a sequence number is lower than one that is loaded.
    pub(in crate::engine) fn is_before_the_last(&self, seq: Seq) -> bool {
        self.loaded.back().is_some_and(|last| seq < last.seq)
    }

    /// Inserts a send in its order, behind the sends that are under way. `throttled`: how long limits have throttled the
    /// lane.
    pub(in crate::engine) fn insert(&mut self, item: OutboxItem, throttled: Duration) {
        let behind = self.loaded.iter().rev().take_while(|other| other.seq > item.seq).count();
        let at = (self.loaded.len() - behind).max(self.under_way);
        // Most lanes have one send at a time.
        self.loaded.reserve_exact(usize::from(self.loaded.is_empty()));
        self.arrivals.reserve_exact(usize::from(self.arrivals.is_empty()));
        self.loaded.insert(at, item);
        self.arrivals.insert(at, Arrived { throttled, ..Arrived::default() });
    }

    /// Adds to the number of sends that are only counted.
    pub(in crate::engine) fn count(&mut self, more: u64, throttled: Duration) {
        if self.unloaded == 0 {
            self.unloaded_arrival = throttled;
        }
        self.unloaded += more;
    }

    /// Adds sends that were read from the store. Returns how many of those asked for are missing.
    pub(super) fn load(&mut self, items: Vec<OutboxItem>, asked: usize, arrived: Arrived) -> usize {
        if asked == 0 {
            return 0;
        }
        self.unloaded = self.unloaded.saturating_sub(asked.max(items.len()) as u64);
        self.oldest = None;
        self.read_up_to = items.last().map(|item| item.seq).or(self.read_up_to);
        let missing = asked.saturating_sub(items.len());
        self.arrivals.extend(items.iter().map(|_| arrived));
        self.loaded.extend(items);
        missing
    }

    /// Removes the first sends, which are done or gone. Returns how many.
    pub(in crate::engine) fn remove(&mut self, count: usize) -> usize {
        let count = count.min(self.loaded.len());
        self.loaded.drain(..count);
        self.arrivals.drain(..count);
        count
    }
}

/// The bucket that counts the calls of a lane at a place.
pub(in crate::engine) fn bucket(lane: OutboxLane, place: Destination) -> Bucket {
    match place {
        Destination::Group(group) => Bucket::Group(group),
        Destination::Users if matches!(lane.channel, Channel::Button | Channel::Track) => {
            Bucket::Free
        }
        Destination::Users => Bucket::Private(lane.user),
    }
}

/// The class of a lane of which no send is loaded.
pub(in crate::engine) fn class_of(channel: Channel) -> Class {
    match channel {
        Channel::Button => Class::Button,
        Channel::User => Class::ToUser,
        Channel::Topic => Class::Known,
        Channel::Desk | Channel::Stuck => Class::Notice,
        Channel::Cosmetic => Class::Cosmetic,
        Channel::Track => Class::Track,
        Channel::Newsletter => Class::Newsletter,
    }
}

/// Whether a lost send of a channel counts as lost. Cosmetic calls, late answers to buttons and reports to the
/// tracker do not.
pub(in crate::engine) fn counts_as_lost(channel: Channel) -> bool {
    match channel {
        Channel::Button | Channel::Cosmetic | Channel::Track => false,
        Channel::User | Channel::Topic | Channel::Desk | Channel::Newsletter | Channel::Stuck => {
            true
        }
    }
}
