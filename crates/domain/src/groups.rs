//! The operators' groups of a desk, and where each is at Telegram.

use crate::{ChatId, GroupKey};

/// Where each operators' group is at Telegram now. A desk has at least the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupChats {
    first: ChatId,
    others: Vec<(GroupKey, ChatId)>,
}

impl GroupChats {
    /// The chats of a desk with one group.
    pub fn of_one(first: ChatId) -> Self {
        Self { first, others: Vec::new() }
    }

    /// Adds a group, or says where one is now.
    pub fn set(&mut self, group: GroupKey, chat: ChatId) {
        if group == GroupKey::FIRST {
            self.first = chat;
        } else if let Some((_, known)) = self.others.iter_mut().find(|(key, _)| *key == group) {
            *known = chat;
        } else {
            self.others.push((group, chat));
        }
    }

    /// Returns where this group is. A group that the desk does not know is nowhere: no chat has the id 0.
    pub fn chat(&self, group: GroupKey) -> ChatId {
        let mut chats = self.iter();
        chats.find(|(key, _)| *key == group).map_or(ChatId(0), |(_, chat)| chat)
    }

    /// Returns the group at this chat.
    pub fn group(&self, chat: ChatId) -> Option<GroupKey> {
        self.iter().find(|(_, known)| *known == chat).map(|(group, _)| group)
    }

    /// Returns all groups, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = (GroupKey, ChatId)> {
        std::iter::once((GroupKey::FIRST, self.first)).chain(self.others.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_by_its_key_and_by_its_chat() {
        let second = GroupKey::new(1).unwrap();
        let mut chats = GroupChats::of_one(ChatId(-1));
        chats.set(second, ChatId(-2));
        assert_eq!((chats.chat(GroupKey::FIRST), chats.chat(second)), (ChatId(-1), ChatId(-2)));
        assert_eq!(chats.group(ChatId(-2)), Some(second));
        chats.set(second, ChatId(-3));
        assert_eq!((chats.group(ChatId(-2)), chats.group(ChatId(-3))), (None, Some(second)));
        assert_eq!(chats.chat(GroupKey::new(2).unwrap()), ChatId(0));
        assert_eq!(chats.iter().count(), 2);
    }
}
