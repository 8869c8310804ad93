//! Tells the loops that perform sends what a commit has queued.

use tokio::sync::mpsc;

use domain::Channel;
use ports::OutboxItem;

/// Receives sends that are in the store, in the order of their commits.
pub type QueuedReceiver = mpsc::UnboundedReceiver<Vec<OutboxItem>>;

/// A handle to announce queued sends; cheap to clone.
#[derive(Debug, Clone)]
pub struct QueuedSends {
    sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
    tracker: mpsc::UnboundedSender<Vec<OutboxItem>>,
}

impl QueuedSends {
    /// Creates a handle, and what [`super::Sender`] and [`super::TrackerReports`] receive through it.
    pub fn channel() -> (Self, QueuedReceiver, QueuedReceiver) {
        let (sender, sends) = mpsc::unbounded_channel();
        let (tracker, reports) = mpsc::unbounded_channel();
        (Self { sender, tracker }, sends, reports)
    }

    /// Announces committed sends to the loops that perform them.
    pub(super) fn announce(&self, items: Vec<OutboxItem>) {
        let is_report = |item: &OutboxItem| item.queued.lane.channel == Channel::Track;
        let (reports, sends): (Vec<_>, Vec<_>) = items.into_iter().partition(is_report);
        for (to, items) in [(&self.tracker, reports), (&self.sender, sends)] {
            if !items.is_empty() {
                // The loops end only with the program; sends that they do not receive are in the store.
                let _ = to.send(items);
            }
        }
    }
}
