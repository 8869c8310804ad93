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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Effect, Millis, Seq, Track, UpdateId, UserId};
    use ports::Queued;

    fn item(seq: i64, effect: Effect) -> OutboxItem {
        let (cause, received) = (UpdateId(0), Millis(0));
        let lane = effect.lane(UserId(1));
        OutboxItem {
            seq: Seq(seq),
            queued: Queued { lane, effect, cause, received, not_before: None },
        }
    }

    #[test]
    fn reports_go_to_their_own_loop_and_each_loop_keeps_its_order() {
        let (queued_sends, mut sends, mut reports) = QueuedSends::channel();
        let goal = || Effect::Track(Track::Goal("g".to_owned()));
        queued_sends.announce(vec![
            item(1, goal()),
            item(2, Effect::Refresh),
            item(3, Effect::CloseTopic),
            item(4, goal()),
        ]);
        queued_sends.announce(vec![item(5, Effect::Refresh)]);
        let received = |from: &mut QueuedReceiver| {
            let mut seqs = Vec::new();
            while let Ok(items) = from.try_recv() {
                seqs.push(items.iter().map(|item| item.seq.0).collect::<Vec<_>>());
            }
            seqs
        };
        assert_eq!(received(&mut sends), [vec![2, 3], vec![5]]);
        assert_eq!(received(&mut reports), [vec![1, 4]], "no empty notice");
    }
}
