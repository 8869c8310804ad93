//! How many a draft is for.

use crate::telemetry::StoreOperation;
use domain::{Draft, Segment, Shards};
use ports::{PageEnd, Store, StoreError};

use super::Newsletters;

/// So many conversations are read at once, so many times, before others have their turn.
const PAGE: usize = 500;
const PAGES: usize = 8;

/// Goes through all conversations of the desk, whoever takes care of them.
#[derive(Debug)]
pub(super) struct Counting {
    segment: Segment,
    after: Option<PageEnd>,
    counted: u64,
}

impl Counting {
    pub(super) fn new(draft: &Draft) -> Self {
        Self { segment: draft.segment.clone(), after: None, counted: 0 }
    }

    /// Whether it counts for this draft.
    pub(super) fn is_for(&self, draft: &Draft) -> bool {
        self.segment == draft.segment
    }

    /// Counts some more. Returns how many they are, once all were looked at.
    pub(super) async fn step<S: Store, M: Send + Sync + 'static>(
        &mut self,
        all: &Newsletters<S, M>,
    ) -> Result<Option<u64>, StoreError> {
        let (desk, now) = (&all.desk, all.desk.now());
        for _ in 0..PAGES {
            let page = desk.store.page(Shards::ALL, self.after, PAGE);
            let (page, next) = desk.stored(StoreOperation::Read, page).await?;
            let default = desk.settings.default_language;
            let reached = page.iter().filter(|user| {
                !user.banned && user.reachable && self.segment.takes(user, now, default)
            });
            self.counted += reached.count() as u64;
            self.after = next;
            if self.after.is_none() {
                return Ok(Some(self.counted));
            }
        }
        Ok(None)
    }
}
