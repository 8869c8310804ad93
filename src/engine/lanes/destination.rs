//! Where the calls of a lane go: to private chats, or to an operators' group, each of which has a limit of its own.

use domain::{Channel, GroupKey, OutboxLane};

/// The limit that counts the calls of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Destination {
    /// Those of users: their private chats, and calls without a limit.
    Users,
    /// That of a group.
    Group(GroupKey),
}

impl Destination {
    /// The place of a lane of which nothing is known yet.
    pub(in crate::engine) fn usual(lane: OutboxLane) -> Self {
        match lane.channel {
            // Reports to the tracker are no calls of Telegram's.
            Channel::Button | Channel::Track | Channel::User | Channel::Newsletter => Self::Users,
            // A text in a chat other than the operators' groups, for the user who asked for it.
            Channel::Desk if lane.user.0 != 0 => Self::Users,
            // A group's limit counts a stuck send, whichever side it goes to: it is one call in half a minute.
            Channel::Topic | Channel::Desk | Channel::Stuck | Channel::Cosmetic => {
                Self::Group(GroupKey::FIRST)
            }
        }
    }

    /// The group; `None` for users.
    pub(in crate::engine) fn group(self) -> Option<GroupKey> {
        let Self::Group(group) = self else { return None };
        Some(group)
    }
}

/// A value for users, and one for each group at the place of its number: found without a search.
#[derive(Debug, Default)]
pub(in crate::engine) struct ByDestination<T> {
    users: T,
    groups: Vec<T>,
}

impl<T: Default> ByDestination<T> {
    /// The value of a place, which is created if it is new.
    pub(super) fn of(&mut self, place: Destination) -> &mut T {
        let Destination::Group(group) = place else { return &mut self.users };
        let place = usize::from(group.number());
        if place >= self.groups.len() {
            self.groups.resize_with(place + 1, T::default);
        }
        &mut self.groups[place]
    }

    /// The value of a place; `None` if it is new.
    pub(super) fn get(&self, place: Destination) -> Option<&T> {
        match place {
            Destination::Users => Some(&self.users),
            Destination::Group(group) => self.groups.get(usize::from(group.number())),
        }
    }

    /// All values.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        std::iter::once(&mut self.users).chain(&mut self.groups)
    }

    pub(super) fn groups_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.groups.iter_mut()
    }

    /// The values of the groups, by their keys.
    pub(super) fn groups(&self) -> impl DoubleEndedIterator<Item = (GroupKey, &T)> + Clone {
        let keyed = |(number, value)| Some((GroupKey::new(u16::try_from(number).ok()?)?, value));
        self.groups.iter().enumerate().filter_map(keyed)
    }
}
