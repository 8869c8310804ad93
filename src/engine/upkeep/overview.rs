//! The current work of the engine's tasks, for the status report.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use domain::{Class, LimitUse, Limits, Waiting, Work};

/// What each task reported last.
#[derive(Debug, Default)]
pub(in crate::engine) struct Overview {
    work: Mutex<Work>,
    /// Slots of the group's limit that this process used in the last period.
    slots_used: AtomicUsize,
}

impl Overview {
    /// Reports the updates that wait to be decided.
    pub(in crate::engine) fn inbox(&self, waiting: Waiting) {
        self.change(|work| work.inbox = waiting);
    }

    /// Reports the waiting sends, in the order of [`Class::ALL`], and the free slots of Telegram's limits. Reports to
    /// the tracker are not among the sends.
    pub(in crate::engine) fn outbox(&self, waiting: [Waiting; Class::ALL.len()], limits: Limits) {
        self.change(|work| {
            let reports = work.outbox[Class::Track as usize];
            (work.outbox, work.limits) = (waiting, limits);
            work.outbox[Class::Track as usize] = reports;
        });
    }

    /// Reports the waiting reports to the tracker.
    pub(in crate::engine) fn reports(&self, waiting: Waiting) {
        self.change(|work| work.outbox[Class::Track as usize] = waiting);
    }

    /// Reports the slots of the group's limit that this process used in the last period.
    pub(in crate::engine) fn set_slots_used(&self, slots: usize) {
        self.slots_used.store(slots, Ordering::Relaxed);
    }

    /// The slots of the group's limit that this process used in the last period.
    pub(in crate::engine) fn slots_used(&self) -> usize {
        self.slots_used.load(Ordering::Relaxed)
    }

    /// Reports how much of the group's limit was used lately.
    pub(in crate::engine) fn limit_used(&self, used: LimitUse) {
        self.change(|work| work.limit_used = Some(used));
    }

    /// What all tasks reported last.
    pub(in crate::engine) fn work(&self) -> Work {
        *self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Work)) {
        change(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reports_of_the_sender_and_of_the_tracker_loop_do_not_replace_each_other() {
        let overview = Overview::default();
        let waiting = |count| Waiting { count, oldest: None };
        overview.reports(waiting(3));
        let mut sends = [Waiting::default(); Class::ALL.len()];
        sends[Class::Known as usize] = waiting(5);
        overview.outbox(sends, Limits::default());
        let outbox = overview.work().outbox;
        assert_eq!(outbox[Class::Track as usize].count, 3);
        assert_eq!(outbox[Class::Known as usize].count, 5);
        overview.reports(waiting(0));
        assert_eq!(overview.work().outbox[Class::Known as usize].count, 5);
    }
}
