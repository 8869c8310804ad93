//! The operators' groups: where each is now, and under which id the settings know it.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use domain::{ChatId, GroupChats, GroupKey, Millis};
use ports::GroupMove;

/// The operators' groups. A group may move to another id while the desk runs.
#[derive(Debug)]
pub struct Groups {
    /// As the settings name them.
    configured: GroupChats,
    /// As Telegram names them now.
    now: RwLock<Arc<GroupChats>>,
}

impl Groups {
    /// Creates the groups with their ids in the settings and their present ids.
    pub fn new(configured: GroupChats, now: GroupChats) -> Self {
        Self { configured, now: RwLock::new(Arc::new(now)) }
    }

    /// Where the groups are now.
    pub(super) fn chats(&self) -> Arc<GroupChats> {
        Arc::clone(&self.read())
    }

    /// The present id of a chat: an operators' group may have moved since the id was stored.
    pub(super) fn present(&self, chat: ChatId) -> ChatId {
        self.configured.group(chat).map_or(chat, |group| self.read().chat(group))
    }

    /// The move of a group, to be committed.
    pub(super) fn move_of(&self, group: GroupKey, to: ChatId, at: Millis) -> GroupMove {
        GroupMove { group, from: self.configured.chat(group), to, at }
    }

    /// Records where a group is now. Returns where it was.
    pub(super) fn set(&self, group: GroupKey, to: ChatId) -> ChatId {
        let mut now = self.write();
        let before = now.chat(group);
        Arc::make_mut(&mut now).set(group, to);
        before
    }

    /// Records a move that another process has announced.
    pub(super) fn learn(&self, GroupMove { group, from, to, .. }: GroupMove) {
        // Processes may differ in their settings: a move concerns the id that it is from.
        if self.configured.group(from) == Some(group) {
            let _before = self.set(group, to);
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Arc<GroupChats>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Arc<GroupChats>> {
        self.now.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_has_moved_is_found_under_the_id_of_the_settings() {
        let configured = GroupChats::of_one(ChatId(-1));
        let groups = Groups::new(configured.clone(), configured);
        assert_eq!(groups.set(GroupKey::FIRST, ChatId(-2)), ChatId(-1));
        assert_eq!(
            (groups.present(ChatId(-1)), groups.present(ChatId(5))),
            (ChatId(-2), ChatId(5))
        );
        assert_eq!(groups.chats().group(ChatId(-2)), Some(GroupKey::FIRST));
        groups.learn(groups.move_of(GroupKey::FIRST, ChatId(-3), Millis(1)));
        groups.learn(GroupMove {
            group: GroupKey::FIRST,
            from: ChatId(-9),
            to: ChatId(-8),
            at: Millis(2),
        });
        assert_eq!(groups.chats().chat(GroupKey::FIRST), ChatId(-3));
    }
}
