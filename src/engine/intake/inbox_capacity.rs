//! Capacity of the inbox: counts the updates that wait to be decided, and lets intake wait for room.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// A counter with a limit that intake respects. A batch may exceed the limit, because it is stored already.
#[derive(Debug)]
pub(in crate::engine) struct InboxCapacity {
    limit: usize,
    taken: AtomicUsize,
    freed: Notify,
}

impl InboxCapacity {
    pub(in crate::engine) fn new(limit: usize) -> Self {
        Self { limit, taken: AtomicUsize::new(0), freed: Notify::new() }
    }

    /// Adds waiting updates, also beyond the limit.
    pub(in crate::engine) fn take(&self, count: usize) {
        self.taken.fetch_add(count, Ordering::Relaxed);
    }

    /// Removes updates that no longer wait.
    pub(in crate::engine) fn free(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::Relaxed);
        self.freed.notify_waiters();
    }

    /// The number of waiting updates.
    pub(in crate::engine) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether the limit is reached.
    pub(in crate::engine) fn is_full(&self) -> bool {
        self.taken() >= self.limit
    }

    /// Waits until the count is below the limit.
    pub(in crate::engine) async fn wait_for_room(&self) {
        loop {
            let freed = self.freed.notified();
            if !self.is_full() {
                return;
            }
            freed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn intake_waits_while_the_limit_is_reached() {
        let capacity = InboxCapacity::new(2);
        capacity.take(3);
        let wait = tokio::time::timeout(Duration::from_millis(20), capacity.wait_for_room());
        assert!(wait.await.is_err());
        capacity.free(1);
        assert!(
            tokio::time::timeout(Duration::from_millis(20), capacity.wait_for_room())
                .await
                .is_err()
        );
        let (waited, ()) = tokio::join!(
            tokio::time::timeout(Duration::from_secs(5), capacity.wait_for_room()),
            async {
                tokio::task::yield_now().await;
                capacity.free(1);
            }
        );
        assert!(waited.is_ok());
    }
}
