//! Counts the recipients of a draft.

use crate::{engine::Desk, telemetry::StoreOperation};
use domain::{Draft, PartitionSet, Segment};
use ports::{PageEnd, StoreError};

/// Page size, and number of pages per step, before other work has its turn.
const PAGE: usize = 500;
const PAGES: usize = 8;

/// A pass through all conversations of the store, whichever process they belong to.
#[derive(Debug)]
pub(super) struct AudienceCount {
    segment: Segment,
    after: Option<PageEnd>,
    counted: u64,
}

impl AudienceCount {
    pub(super) fn new(draft: &Draft) -> Self {
        Self { segment: draft.segment.clone(), after: None, counted: 0 }
    }

    /// Whether this count belongs to the draft.
    pub(super) fn is_for(&self, draft: &Draft) -> bool {
        self.segment == draft.segment
    }

    /// Counts a few pages. Returns the total once all conversations were read.
    pub(super) async fn step(&mut self, desk: &Desk) -> Result<Option<u64>, StoreError> {
        let now = desk.now();
        for _ in 0..PAGES {
            let page = desk.store.page(PartitionSet::ALL, self.after, PAGE);
            let (page, next) = desk.stored(StoreOperation::Read, page).await?;
            let default = desk.settings.default_language;
            let reached = page
                .iter()
                .map(|user| user.recipient(default))
                .filter(|user| user.reachable && self.segment.includes(user, now));
            self.counted += reached.count() as u64;
            self.after = next;
            if self.after.is_none() {
                return Ok(Some(self.counted));
            }
        }
        Ok(None)
    }
}
