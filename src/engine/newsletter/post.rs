//! What the sender and the newsletters tell each other.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use domain::{NewsletterId, Outcome, UserId};

/// What became of newsletters, once it is written down; and how fast each goes.
#[derive(Debug, Default)]
pub(in crate::engine) struct Post {
    settled: Mutex<Vec<(NewsletterId, UserId, Outcome)>>,
    paces: Mutex<HashMap<NewsletterId, u32>>,
    news: Notify,
}

/// So many are worth a look before the next second.
const CROWD: usize = 16;

impl Post {
    /// A newsletter has this outcome for a user.
    pub(in crate::engine) fn settled(
        &self,
        newsletter: NewsletterId,
        user: UserId,
        outcome: Outcome,
    ) {
        let mut settled = lock(&self.settled);
        settled.push((newsletter, user, outcome));
        if settled.len() >= CROWD {
            self.news.notify_one();
        }
    }

    /// All that was told since.
    pub(super) fn take(&self) -> Vec<(NewsletterId, UserId, Outcome)> {
        std::mem::take(&mut lock(&self.settled))
    }

    /// Waits until there is something worth a look.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// How many messages of a newsletter go in a second, as it was last measured.
    pub(in crate::engine) fn pace(&self, newsletter: NewsletterId) -> Option<u32> {
        lock(&self.paces).get(&newsletter).copied()
    }

    /// So many go; `None` if it does not.
    pub(super) fn goes(&self, newsletter: NewsletterId, pace: Option<u32>) {
        match pace {
            Some(pace) => lock(&self.paces).insert(newsletter, pace),
            None => lock(&self.paces).remove(&newsletter),
        };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
