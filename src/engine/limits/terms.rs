//! The terms on which a lane gets slots of the group: the plan for Telegram's twenty messages a minute.
//!
//! Ranks are tried in their order. Each has a number of slots that it must leave free, and these numbers only rise, so
//! a lower rank can never take the slot that a higher one waits for. A rank may be *paced*: once few slots are free,
//! it spreads them over the time until others become free. That, and not idle slots, is what lets a user who writes
//! now find a slot within seconds, while the whole limit is used.

use domain::Class;
use ports::{ClassSet, GroupTerms};

/// Slots that a lane may take in a period before it counts as heavy, the slots that heavy lanes leave free, and the
/// slots that may be used at once after a silence: a quarter of the limit.
pub(in crate::engine) fn quarter(limit: usize) -> usize {
    limit / 4
}

/// The position of a call in the order in which the group's slots are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::engine) enum Rank {
    /// An operator waits for it: three a period.
    Urgent,
    /// Strangers, until they have had a third of the limit.
    StrangersThird,
    /// The first notices of a period, so that none waits for ever.
    FirstNotices,
    /// The first cosmetic call of a period.
    FirstLook,
    /// Known users who had no slot in the last period.
    Quiet,
    /// Known users who had fewer slots than a quarter of the limit.
    Light,
    /// Strangers beyond their third.
    Strangers,
    /// Lanes that had a quarter of the limit or more.
    Heavy,
    /// Other messages of the desk, and what is urgent beyond its three.
    Notices,
    /// Other cosmetic calls.
    Looks,
}

impl Rank {
    /// All ranks, in their order.
    pub(in crate::engine) const ALL: [Self; 10] = [
        Self::Urgent,
        Self::StrangersThird,
        Self::FirstNotices,
        Self::FirstLook,
        Self::Quiet,
        Self::Light,
        Self::Strangers,
        Self::Heavy,
        Self::Notices,
        Self::Looks,
    ];

    /// Whether the rank is a guaranteed part of the limit, beyond which the same lanes have another rank.
    pub(in crate::engine) fn is_guaranteed(self) -> bool {
        matches!(self, Self::Urgent | Self::StrangersThird | Self::FirstNotices | Self::FirstLook)
    }

    /// The terms for a call of `class` at this rank, under a limit.
    pub(in crate::engine) fn terms(self, class: Class, limit: usize) -> GroupTerms {
        let quarter = quarter(limit);
        // A limit of a few calls cannot be spread.
        let below = |slots: usize| if quarter > 0 { slots } else { 0 };
        let (leave, paced_below, cap) = match self {
            Self::Urgent => (0, 0, Some((ClassSet::of(&[Class::Urgent]), 3))),
            Self::StrangersThird => {
                let strangers = ClassSet::of(&[Class::Opening, Class::Stranger]);
                (0, below(limit - quarter), Some((strangers, limit.div_ceil(3))))
            }
            Self::FirstNotices => (
                0,
                below(limit - quarter),
                Some((ClassSet::of(&[Class::Notice]), limit.div_ceil(10))),
            ),
            Self::FirstLook => {
                (0, below(limit - quarter), Some((ClassSet::of(&[Class::Cosmetic]), 1)))
            }
            Self::Quiet => (0, 0, None),
            Self::Light => (0, below(limit / 2), None),
            Self::Strangers => (0, below(limit - quarter), None),
            Self::Heavy | Self::Notices => (quarter, below(limit - quarter), None),
            Self::Looks => (limit / 2, below(limit - quarter), None),
        };
        // Without this, a rush of strangers would fill the group with topics in which nothing is written.
        let openings = (ClassSet::of(&[Class::Opening]), limit.div_ceil(2));
        let openings = (class == Class::Opening).then_some(openings);
        // What is guaranteed does not yield; otherwise it would never find a free slot.
        let yields = !self.is_guaranteed() && self != Self::Quiet;
        GroupTerms { class, leave, paced_below, yields, caps: [cap, openings] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_rank_leaves_at_least_as_many_slots_free() {
        for limit in 1..100 {
            let leave = |rank: Rank| rank.terms(Class::Known, limit).leave;
            assert!(Rank::ALL.is_sorted_by_key(|rank| leave(*rank)), "limit {limit}");
            assert!(Rank::ALL.iter().all(|rank| leave(*rank) < limit), "limit {limit}");
        }
    }

    #[test]
    fn the_plan_for_twenty_a_minute() {
        let plan = |rank: Rank, class| {
            let GroupTerms { leave, paced_below, caps, .. } = rank.terms(class, 20);
            (leave, paced_below, caps.map(|cap| cap.map(|(_, cap)| cap)))
        };
        assert_eq!(plan(Rank::Urgent, Class::Urgent), (0, 0, [Some(3), None]));
        assert_eq!(plan(Rank::StrangersThird, Class::Stranger), (0, 15, [Some(7), None]));
        assert_eq!(plan(Rank::Quiet, Class::Known), (0, 0, [None, None]));
        assert_eq!(plan(Rank::Light, Class::Known), (0, 10, [None, None]));
        assert_eq!(plan(Rank::Strangers, Class::Opening), (0, 15, [None, Some(10)]));
        assert_eq!(plan(Rank::Heavy, Class::Known), (5, 15, [None, None]));
        assert_eq!(plan(Rank::Notices, Class::Notice), (5, 15, [None, None]));
        assert_eq!(plan(Rank::Looks, Class::Cosmetic), (10, 15, [None, None]));
    }
}
