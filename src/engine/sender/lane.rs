//! One lane of the outbox, in memory.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::{
    domain::{Channel, Class, Millis, OutboxLane, Seq},
    engine::pacing::Bucket,
    ports::OutboxItem,
};

use super::hints::Hints;

/// What waits in a lane, and where the lane stands.
#[derive(Debug)]
pub(super) struct Lane {
    /// In the order of their numbers.
    pub(super) loaded: VecDeque<OutboxItem>,
    /// So many of them, from the head on, are under way.
    pub(super) under_way: usize,
    /// All up to this one was read from the store: what comes late with a lower number is here already.
    pub(super) read_up_to: Option<Seq>,
    /// In the store, behind those loaded.
    pub(super) unloaded: u64,
    /// The cause of the oldest unloaded was received then; known at start only.
    pub(super) oldest: Option<Millis>,
    pub(super) place: Place,
    pub(super) hints: Hints,
    pub(super) ready_since: Option<Instant>,
}

/// Where a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
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
            under_way: 0,
            read_up_to: None,
            unloaded: 0,
            oldest: None,
            place: Place::Idle,
            hints: Hints::default(),
            ready_since: None,
        }
    }

    /// Whether a number lies before one that is here.
    pub(super) fn is_before_the_last(&self, seq: Seq) -> bool {
        self.loaded.back().is_some_and(|last| seq < last.seq)
    }

    /// Puts a send into its place among those that are not under way.
    pub(super) fn insert(&mut self, item: OutboxItem) {
        let behind = self.loaded.iter().rev().take_while(|other| other.seq > item.seq).count();
        let at = (self.loaded.len() - behind).max(self.under_way);
        self.loaded.insert(at, item);
    }
}

/// What the sends of a lane are counted against.
pub(super) fn bucket(lane: OutboxLane) -> Bucket {
    match lane.channel {
        Channel::Button => Bucket::Free,
        Channel::User => Bucket::Private(lane.user),
        // Said in a chat that is not the operators' group, to whom it was asked by.
        Channel::Desk if lane.user.0 != 0 => Bucket::Private(lane.user),
        Channel::Topic | Channel::Cosmetic | Channel::Desk => Bucket::Group,
    }
}

/// Whether its sends are counted against the group's limit.
pub(super) fn is_group(lane: OutboxLane) -> bool {
    bucket(lane) == Bucket::Group
}

/// The class of a lane of which nothing is loaded.
pub(super) fn class_of(channel: Channel) -> Class {
    match channel {
        Channel::Button => Class::Button,
        Channel::User => Class::ToUser,
        Channel::Topic => Class::ToTopic,
        Channel::Desk => Class::Notice,
        Channel::Cosmetic => Class::Cosmetic,
    }
}
