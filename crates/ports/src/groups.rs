//! What a store knows of the operators' groups besides the first: which number it has given each, and where each is.

use domain::{ChatId, GroupKey, Millis};

/// An operators' group besides the first, as a store knows it. The first has no row: its number is 0, and its id is in the
/// settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupRow {
    /// Its number, from 1. It is never given twice.
    pub group: GroupKey,
    /// Its id in the settings.
    pub configured: ChatId,
    /// Its present id at Telegram.
    pub chat: ChatId,
    /// When it last got another id; links of the time before name messages that it no longer has. 0 if it never did.
    pub since: Millis,
}

/// The rows of a store, in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupRegistry(pub Vec<GroupRow>);

/// No number is left for another group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the desk has had {} groups, and no number is left for another", GroupKey::COUNT)]
pub struct TooManyGroups;

impl GroupRegistry {
    /// Gives each of these groups of the settings a number, unless it has one. A group whose present id the settings now
    /// name keeps its number too. Groups that the settings no longer name keep theirs.
    pub fn register(&mut self, configured: &[ChatId]) -> Result<(), TooManyGroups> {
        for chat in configured {
            if self.0.iter().any(|row| row.configured == *chat) {
                continue;
            }
            if let Some(row) = self.0.iter_mut().find(|row| row.chat == *chat) {
                row.configured = *chat;
                continue;
            }
            let next = self.0.last().map_or(1, |row| row.group.number() + 1);
            let group = GroupKey::new(next).ok_or(TooManyGroups)?;
            self.0.push(GroupRow { group, configured: *chat, chat: *chat, since: Millis(0) });
        }
        Ok(())
    }

    /// Records that a group has another id now. Whether that is new.
    pub fn record_move(&mut self, group: GroupKey, to: ChatId, now: Millis) -> bool {
        let row = self.0.iter_mut().find(|row| row.group == group && row.chat != to);
        row.map(|row| (row.chat, row.since) = (to, now)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u16) -> GroupKey {
        GroupKey::new(number).unwrap()
    }

    fn numbers(registry: &GroupRegistry) -> Vec<(u16, i64, i64)> {
        registry.0.iter().map(|row| (row.group.number(), row.configured.0, row.chat.0)).collect()
    }

    #[test]
    fn a_group_keeps_its_number_whatever_becomes_of_it() {
        let mut registry = GroupRegistry::default();
        registry.register(&[ChatId(-10), ChatId(-20)]).unwrap();
        assert_eq!(numbers(&registry), [(1, -10, -10), (2, -20, -20)]);
        // In another order, without one of them, and with a new one.
        registry.register(&[ChatId(-30), ChatId(-20)]).unwrap();
        assert_eq!(numbers(&registry), [(1, -10, -10), (2, -20, -20), (3, -30, -30)]);
        assert!(registry.record_move(key(2), ChatId(-25), Millis(9)));
        assert!(!registry.record_move(key(2), ChatId(-25), Millis(10)), "it is known");
        assert!(!registry.record_move(key(7), ChatId(-25), Millis(9)), "there is no such group");
        assert_eq!(registry.0[1].since, Millis(9));
        // The owner has left the old id in the settings, then writes down the new one, then comes back to a former group.
        registry.register(&[ChatId(-20)]).unwrap();
        registry.register(&[ChatId(-25), ChatId(-10)]).unwrap();
        assert_eq!(numbers(&registry), [(1, -10, -10), (2, -25, -25), (3, -30, -30)]);
    }

    #[test]
    fn numbers_run_out_only_after_thousands_of_groups() {
        let mut registry = GroupRegistry::default();
        let all: Vec<ChatId> = (1..GroupKey::COUNT).map(|id| ChatId(-i64::from(id))).collect();
        registry.register(&all).unwrap();
        registry.register(&all).unwrap();
        assert_eq!(registry.register(&[ChatId(-5000)]), Err(TooManyGroups));
    }
}
