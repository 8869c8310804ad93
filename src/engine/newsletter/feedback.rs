//! The outcomes of newsletters' sends, passed from the sender to the task that runs newsletters.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use domain::{NewsletterId, RecipientOutcome, UserId};

/// Stored outcomes of newsletters, and the speed of each.
#[derive(Debug, Default)]
pub(in crate::engine) struct Feedback {
    settled: Mutex<Vec<(NewsletterId, UserId, RecipientOutcome)>>,
    paces: Mutex<HashMap<NewsletterId, u32>>,
    news: Notify,
}

/// Number of outcomes that starts a round before the next second.
const CROWD: usize = 16;

impl Feedback {
    /// Reports the outcome of a newsletter for a user.
    pub(in crate::engine) fn settled(
        &self,
        newsletter: NewsletterId,
        user: UserId,
        outcome: RecipientOutcome,
    ) {
        let mut settled = lock(&self.settled);
        settled.push((newsletter, user, outcome));
        if settled.len() >= CROWD {
            self.news.notify_one();
        }
    }

    /// Takes all outcomes reported since the last call.
    pub(super) fn take(&self) -> Vec<(NewsletterId, UserId, RecipientOutcome)> {
        std::mem::take(&mut lock(&self.settled))
    }

    /// Waits until enough outcomes were reported for a round.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    /// Messages per second of a newsletter, as last measured.
    pub(in crate::engine) fn pace(&self, newsletter: NewsletterId) -> Option<u32> {
        lock(&self.paces).get(&newsletter).copied()
    }

    /// Sets the measured speed; `None` if the newsletter does not progress.
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
