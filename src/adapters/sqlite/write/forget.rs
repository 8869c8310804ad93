//! Clean-up: old links and known updates are deleted in small steps.

use crate::adapters::{
    cache::Entries,
    sqlite::{
        errors::SqlError,
        tables::{inbox, links, transaction::Transaction},
    },
};
use domain::Millis;

use super::request::Write;

/// Rows that one step deletes at most, of links and of known updates each.
const STEP: usize = 500;

/// Forgets links made, and updates received and decided, before these moments. The answer is the number of deleted
/// rows.
pub(crate) struct Forget {
    pub links: Millis,
    pub updates: Millis,
}

/// The numbers of deleted rows.
pub(crate) struct Forgotten {
    links: usize,
    updates: usize,
}

impl Write for Forget {
    type Done = Forgotten;
    type Answer = usize;

    fn run(&self, transaction: &mut Transaction<'_>) -> Result<Forgotten, SqlError> {
        Ok(Forgotten {
            links: links::forget(transaction.connection, self.links, STEP)?,
            updates: inbox::forget_known(transaction.connection, self.updates, STEP)?,
        })
    }

    fn publish(&mut self, forgotten: &Forgotten, cache: &mut Entries) {
        if forgotten.links > 0 {
            cache.forget_links();
        }
    }

    fn answer(self, forgotten: Forgotten) -> usize {
        forgotten.links + forgotten.updates
    }
}
