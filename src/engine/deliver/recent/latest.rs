//! Remembers which reactions and edits were shown recently: a delayed one must not replace a newer one on the same
//! message.
//!
//! Kept in memory only: after a restart, at worst an older reaction or edit replaces the newest.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{MessageId, Replaced, Side, UpdateId, UserId};
use ports::{OutboxItem, Queued};

/// Number of remembered messages, far more than can get reactions within the longest wait; beyond it all are
/// forgotten.
const REMEMBERED: usize = 20_000;

/// The user of the conversation, and the side, the message and what is replaced on it.
type Target = (UserId, (Side, MessageId, Replaced));

/// For each message, the update of the newest reaction or edit that was shown.
#[derive(Debug, Default)]
pub(in crate::engine) struct Latest(Mutex<HashMap<Target, UpdateId>>);

impl Latest {
    /// The head of a batch was performed. If it is a reaction or an edit, it is now the one shown.
    pub(in crate::engine) fn performed(&self, batch: &[OutboxItem]) {
        let Some(queued) = batch.first().map(|item| &item.queued) else { return };
        if let Some(target) = target(queued) {
            let mut shown = self.lock();
            if shown.len() >= REMEMBERED {
                shown.clear();
            }
            shown.insert(target, queued.cause);
        }
    }

    /// Whether a newer reaction or edit is already shown on the same message.
    pub(in crate::engine) fn outdated(&self, queued: &Queued) -> bool {
        let Some(target) = target(queued) else { return false };
        self.lock().get(&target).is_some_and(|newest| *newest > queued.cause)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Target, UpdateId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn target(queued: &Queued) -> Option<Target> {
    queued.effect.replaces().map(|target| (queued.lane.user, target))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Effect, Millis, Seq};

    #[test]
    fn an_older_reaction_never_follows_a_newer_one() {
        let react = |message, update| {
            let (from, message) = (Side::User, MessageId(message));
            let effect = Effect::React { from, message, reaction: None, late: false };
            let (lane, cause) = (effect.lane(UserId(5)), UpdateId(update));
            Queued { lane, effect, cause, received: Millis(0), not_before: None }
        };
        let reactions = Latest::default();
        reactions.performed(&[OutboxItem { seq: Seq(1), queued: react(1, 12) }]);
        assert!(reactions.outdated(&react(1, 11)));
        assert!(!reactions.outdated(&react(1, 12)) && !reactions.outdated(&react(1, 13)));
        assert!(!reactions.outdated(&react(2, 11)), "another message");
    }
}
