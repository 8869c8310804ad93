//! Writes the commits of newsletters.

use std::sync::Arc;

use crate::{
    engine::{Desk, QueuedSends},
    telemetry::Loop,
};
use ports::{Commit, Committed};

/// The desk, and the handle that announces what the commits have queued.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) desk: Arc<Desk>,
    pub(super) queued_sends: QueuedSends,
}

impl Writer {
    /// Writes commits. `None` for a commit that can never be written.
    pub(super) async fn write(&self, commits: Vec<Commit>) -> Vec<Option<Committed>> {
        let outcomes = self.desk.write(Loop::Newsletter, commits).await;
        for outcome in &outcomes {
            if let Some(Committed::Done(written)) = outcome {
                self.queued_sends.announce(written.queued.clone());
            }
        }
        outcomes
    }
}
