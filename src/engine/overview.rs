//! What the engine's tasks say of themselves, for whoever asks how the desk is.

use std::sync::{Mutex, PoisonError};

use domain::{Class, Limits, Waiting, Work};

/// As it was when each last said so.
#[derive(Debug, Default)]
pub(super) struct Overview(Mutex<Work>);

impl Overview {
    /// So many updates are to be decided.
    pub(super) fn inbox(&self, waiting: Waiting) {
        self.change(|work| work.inbox = waiting);
    }

    /// So many sends are to be done, in the order of [`Class::ALL`], and so much Telegram's limits leave.
    pub(super) fn outbox(&self, waiting: [Waiting; Class::ALL.len()], limits: Limits) {
        self.change(|work| (work.outbox, work.limits) = (waiting, limits));
    }

    /// All of it.
    pub(super) fn work(&self) -> Work {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Work)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
