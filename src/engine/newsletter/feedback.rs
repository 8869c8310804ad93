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
    rates: Mutex<HashMap<NewsletterId, u32>>,
    enough_outcomes: Notify,
}

/// Number of outcomes that starts a round before the next second.
const WAKE_AFTER: usize = 16;

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
        if settled.len() >= WAKE_AFTER {
            self.enough_outcomes.notify_one();
        }
    }

    /// Takes all outcomes reported since the last call.
    pub(super) fn take_outcomes(&self) -> Vec<(NewsletterId, UserId, RecipientOutcome)> {
        std::mem::take(&mut lock(&self.settled))
    }

    /// Waits until enough outcomes were reported for a round.
    pub(super) async fn wait_for_outcomes(&self) {
        self.enough_outcomes.notified().await;
    }

    /// Messages per second of a newsletter, as last measured.
    pub(in crate::engine) fn rate(&self, newsletter: NewsletterId) -> Option<u32> {
        lock(&self.rates).get(&newsletter).copied()
    }

    /// Sets the measured speed; `None` if the newsletter does not progress.
    pub(super) fn set_rate(&self, newsletter: NewsletterId, rate: Option<u32>) {
        match rate {
            Some(rate) => lock(&self.rates).insert(newsletter, rate),
            None => lock(&self.rates).remove(&newsletter),
        };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
