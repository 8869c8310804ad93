//! One lane of the outbox, in memory.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::engine::pacing::Bucket;
use domain::{Channel, Class, Millis, OutboxLane, Seq};
use ports::OutboxItem;

use super::{
    hints::Hints,
    throttle_time::{ThrottledTime, ThrottledTimes},
};

/// What waits in a lane, and where the lane stands.
#[derive(Debug)]
pub(super) struct Lane {
    /// In the order of their numbers.
    pub(super) loaded: VecDeque<OutboxItem>,
    /// For each of them, how long the lane had been held by limits when it came.
    came: VecDeque<Duration>,
    /// Number of sends under way, counted from the head.
    pub(super) under_way: usize,
    /// All up to this one was read from the store: what comes late with a lower number is here already.
    pub(super) read_up_to: Option<Seq>,
    /// All up to this one were counted when the lane was found in the store, told or not.
    pub(super) found_up_to: Option<Seq>,
    /// In the store, behind those loaded.
    pub(super) unloaded: u64,
    /// How long the lane had been held by limits when the first of those came.
    unloaded_came: Duration,
    /// The cause of the oldest unloaded was received then; known at start only.
    pub(super) oldest: Option<Millis>,
    pub(super) place: LaneState,
    pub(super) hints: Hints,
    pub(super) ready_since: Option<Instant>,
    pub(super) limited: ThrottledTime,
    /// Dispatches that completed a send.
    pub(super) turns: u32,
}

/// Where a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LaneState {
    Idle,
    Ready,
    Waiting(Instant),
    /// For the rest of an album; a whole album waits no longer.
    Collecting(Instant),
    Running,
}

impl Lane {
    /// A lane in which nothing waits.
    pub(super) fn empty() -> Self {
        Self {
            loaded: VecDeque::new(),
            came: VecDeque::new(),
            under_way: 0,
            read_up_to: None,
            found_up_to: None,
            unloaded: 0,
            unloaded_came: Duration::ZERO,
            oldest: None,
            place: LaneState::Idle,
            hints: Hints::default(),
            ready_since: None,
            limited: ThrottledTime::default(),
            turns: 0,
        }
    }

    /// How many wait, loaded or not.
    pub(super) fn waiting(&self) -> u64 {
        self.loaded.len() as u64 + self.unloaded
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.loaded.is_empty() && self.unloaded == 0
    }

    /// When the cause of the oldest was received, if that is known.
    pub(super) fn oldest(&self) -> Option<Millis> {
        self.loaded.front().map(|item| item.queued.received).or(self.oldest)
    }

    /// Whether a number lies before one that is here.
    pub(super) fn is_before_the_last(&self, seq: Seq) -> bool {
        self.loaded.back().is_some_and(|last| seq < last.seq)
    }

    /// Puts a send that comes now into its place among those that are not under way. `limited`: how long the lane has been
    /// held by limits.
    pub(super) fn insert(&mut self, item: OutboxItem, limited: Duration) {
        let behind = self.loaded.iter().rev().take_while(|other| other.seq > item.seq).count();
        let at = (self.loaded.len() - behind).max(self.under_way);
        // Most lanes have one send at a time.
        self.loaded.reserve_exact(usize::from(self.loaded.is_empty()));
        self.came.reserve_exact(usize::from(self.came.is_empty()));
        self.loaded.insert(at, item);
        self.came.insert(at, limited);
    }

    /// Number of sends that are only counted.
    pub(super) fn count(&mut self, more: u64, limited: Duration) {
        if self.unloaded == 0 {
            self.unloaded_came = limited;
        }
        self.unloaded += more;
    }

    /// What was asked for of those that were counted. They are taken to have come with the first of them, when most of
    /// what they waited for were limits. Returns how many are missing.
    pub(super) fn load(&mut self, items: Vec<OutboxItem>, asked: usize) -> usize {
        self.unloaded = self.unloaded.saturating_sub(asked.max(items.len()) as u64);
        self.oldest = None;
        self.read_up_to = items.last().map(|item| item.seq).or(self.read_up_to);
        let missing = asked.saturating_sub(items.len());
        self.came.extend(items.iter().map(|_| self.unloaded_came));
        self.loaded.extend(items);
        missing
    }

    /// The first of them are done, or gone. Returns how many.
    pub(super) fn remove(&mut self, count: usize) -> usize {
        let count = count.min(self.loaded.len());
        self.loaded.drain(..count);
        self.came.drain(..count);
        count
    }

    /// For how long the first of them were held, when the lane has been for so long.
    pub(super) fn waits(&self, count: usize, limited: Duration) -> ThrottledTimes {
        ThrottledTimes::new(limited, self.came.iter().take(count).copied())
    }
}

/// What the sends of a lane are counted against.
pub(super) fn bucket(lane: OutboxLane) -> Bucket {
    match lane.channel {
        Channel::Button => Bucket::Free,
        Channel::User | Channel::Newsletter => Bucket::Private(lane.user),
        // Said in a chat that is not the operators' group, to whom it was asked by.
        Channel::Desk if lane.user.0 != 0 => Bucket::Private(lane.user),
        // Whichever side it is for: it is one call in half a minute.
        Channel::Topic | Channel::Desk | Channel::Stuck => Bucket::Group,
        Channel::Cosmetic => Bucket::Looks,
        Channel::Track => Bucket::Tracker,
    }
}

/// Whether its sends are counted against the group's limit.
pub(super) fn is_group(lane: OutboxLane) -> bool {
    bucket(lane).is_group()
}

/// The class of a lane of which nothing is loaded.
pub(super) fn class_of(channel: Channel) -> Class {
    match channel {
        Channel::Button => Class::Button,
        Channel::User => Class::ToUser,
        Channel::Topic => Class::ToTopic,
        Channel::Desk | Channel::Stuck => Class::Notice,
        Channel::Cosmetic => Class::Cosmetic,
        Channel::Track => Class::Track,
        Channel::Newsletter => Class::Newsletter,
    }
}
