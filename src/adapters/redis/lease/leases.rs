//! The partitions that this process holds, and the events about them.
//!
//! The scripts themselves detect a lost partition: each compares its caller's token with the token of the process that
//! took the partition last. So a process that was frozen for a long time cannot write.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Notify, mpsc, watch};

use domain::{Link, Partition, PartitionSet};
use ports::{GroupRegistry, GroupRow, PartitionEvent};

/// One `MARGIN`th of a lease is not trusted, because the answer to a renewal may have taken that long to arrive.
const MARGIN: u32 = 8;
/// Time for which a lost partition counts as just lost. Within it, calls still in progress may be the only reason why
/// this process has not taken the partition again; after it, another process has probably worked on it.
const JUST_LOST: Duration = Duration::from_mins(1);

/// The leases that this process holds, and the queue of events about them.
#[derive(Debug)]
pub(in crate::adapters::redis) struct Leases {
    /// Identifies this process to the scripts.
    pub token: String,
    /// How long a lease holds without renewal.
    pub length: Duration,
    started: Instant,
    /// By partition: until when this process holds it, in milliseconds since `started`; 0 if it does not.
    held_until: [AtomicU64; Self::COUNT],
    /// By partition: the last number read from its inbox.
    last_read: [AtomicI64; Self::COUNT],
    /// Partitions whose updates this process decides.
    serving: AtomicU16,
    /// Partitions that are revoked or lost while tasks of this process still work on them.
    releasing: AtomicU16,
    /// By partition: when this process lost it, in milliseconds since `started`; 0 if it did not, or holds it again.
    lost_at: [AtomicU64; Self::COUNT],
    /// Partitions with an `InboxUpdated` event in the queue that nobody has received yet.
    inbox_updated: AtomicU16,
    /// Number of migrations of the first group: links of another epoch are out of reach.
    epoch: AtomicI64,
    /// The groups besides the first.
    groups: Mutex<GroupRegistry>,
    leading: watch::Sender<bool>,
    events: mpsc::UnboundedSender<PartitionEvent>,
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<PartitionEvent>>,
    /// Processes that are certainly dead: their leases are taken without waiting.
    pub dead: Vec<String>,
    /// Tokens of holders that are known to have ended without releasing their partitions.
    reported_dead: Mutex<HashSet<String>>,
    /// Notified when a process has released a partition.
    pub partition_released: Notify,
}

impl Leases {
    const COUNT: usize = 16;

    /// Starts with no lease, under `token` or else a new random token.
    pub(in crate::adapters::redis) fn new(
        length: Duration,
        token: Option<String>,
        dead: Vec<String>,
    ) -> Self {
        let (events, queue) = mpsc::unbounded_channel();
        Self {
            token: token.unwrap_or_else(|| format!("{:016x}", fastrand::u64(..))),
            length,
            // One second back, so that no lease ends at 0, which means "not held".
            started: Instant::now()
                .checked_sub(Duration::from_secs(1))
                .unwrap_or_else(Instant::now),
            held_until: Default::default(),
            last_read: Default::default(),
            serving: AtomicU16::new(0),
            releasing: AtomicU16::new(0),
            lost_at: Default::default(),
            inbox_updated: AtomicU16::new(0),
            epoch: AtomicI64::new(0),
            groups: Mutex::default(),
            leading: watch::Sender::new(false),
            events,
            queue: tokio::sync::Mutex::new(queue),
            dead,
            reported_dead: Mutex::default(),
            partition_released: Notify::new(),
        }
    }

    /// Partitions that this process holds, as far as it knows; an expired lease counts until another process takes it.
    pub(in crate::adapters::redis) fn held(&self) -> PartitionSet {
        Partition::all().filter(|partition| self.until_of(*partition) > 0).collect()
    }

    /// Whether a partition is one of [`Self::held`].
    pub(in crate::adapters::redis) fn holds(&self, partition: Partition) -> bool {
        self.until_of(partition) > 0
    }

    /// Whether it is certain at this moment that no other process works on a partition.
    pub(in crate::adapters::redis) fn certainly_holds(&self, partition: Partition) -> bool {
        self.until_of(partition) > self.millis(Instant::now())
    }

    /// Whether this process decides the updates of a partition.
    pub(in crate::adapters::redis) fn serves(&self, partition: Partition) -> bool {
        bits(&self.serving).contains(partition)
    }

    /// Begins to decide the updates of these partitions, except those that are no longer held.
    pub(in crate::adapters::redis) fn serve(&self, partitions: PartitionSet) {
        let partitions = partitions.without(bits(&self.releasing));
        let held = self.held();
        let serve = partitions
            .iter()
            .filter(|partition| held.contains(*partition))
            .collect::<PartitionSet>();
        self.serving.fetch_or(serve.bits(), Ordering::AcqRel);
    }

    /// Partitions that must not be taken, because they are being released or were lost a moment ago.
    pub(super) fn releasing(&self) -> PartitionSet {
        bits(&self.releasing)
    }

    /// Records that a command sent at `sent` has taken or renewed a lease.
    pub(in crate::adapters::redis) fn extend(&self, partition: Partition, sent: Instant) {
        let until = sent + self.length.saturating_sub(self.length / MARGIN);
        self.store_until(partition, self.millis(until).max(1));
        if partition == Partition::DESK && !bits(&self.releasing).contains(Partition::DESK) {
            self.leading.send_replace(true);
        }
    }

    /// Reports partitions that were taken. Those in `emptied` have lost their data.
    pub(super) fn report_assigned(
        &self,
        partitions: PartitionSet,
        unclean: bool,
        emptied: PartitionSet,
    ) {
        if !partitions.is_empty() {
            self.queue_event(PartitionEvent::Assigned { partitions, unclean, emptied });
        }
    }

    /// Records and reports that another process has taken a partition; `false` if it was not held.
    pub(in crate::adapters::redis) fn record_loss(&self, partition: Partition) -> bool {
        if self.swap_until(partition, 0) == 0 {
            return false;
        }
        self.stop_serving(partition.into());
        if let Some(lost_at) = self.lost_at.get(usize::from(partition.number())) {
            lost_at.store(self.millis(Instant::now()), Ordering::Release);
        }
        self.queue_event(PartitionEvent::Lost(partition.into()));
        true
    }

    /// Whether a partition that this process holds again was lost a moment ago. Clears that state.
    pub(super) fn was_just_lost(&self, partition: Partition) -> bool {
        let lost_at = self.lost_at.get(usize::from(partition.number()));
        let lost = lost_at.map_or(0, |at| at.swap(0, Ordering::AcqRel));
        let since = Duration::from_millis(self.millis(Instant::now()).saturating_sub(lost));
        lost > 0 && since < JUST_LOST
    }

    /// Asks this process's tasks to stop work on partitions that are to be revoked.
    pub(super) fn request_revocation(&self, partitions: PartitionSet) {
        if !partitions.is_empty() {
            self.stop_serving(partitions);
            self.queue_event(PartitionEvent::RevokeRequested(partitions));
        }
    }

    fn stop_serving(&self, partitions: PartitionSet) {
        self.releasing.fetch_or(partitions.bits(), Ordering::AcqRel);
        self.serving.fetch_and(!partitions.bits(), Ordering::AcqRel);
        if partitions.contains(Partition::DESK) {
            self.leading.send_replace(false);
        }
    }

    /// Stops holding these partitions: no task works on them any more. They are not taken again before
    /// [`Self::record_release`].
    pub(super) fn stop_holding(&self, partitions: PartitionSet) {
        self.releasing.fetch_or(partitions.bits(), Ordering::AcqRel);
        for partition in partitions.iter() {
            self.store_until(partition, 0);
        }
    }

    /// Records that these partitions are released.
    pub(in crate::adapters::redis) fn record_release(&self, partitions: PartitionSet) {
        self.stop_holding(partitions);
        self.releasing.fetch_and(!partitions.bits(), Ordering::AcqRel);
    }

    /// Reports that an inbox has a new update, unless that report is already in the queue.
    pub(in crate::adapters::redis) fn report_inbox_update(&self, partition: Partition) {
        let partitions = PartitionSet::from(partition);
        let before = PartitionSet::from_bits(
            self.inbox_updated.fetch_or(partitions.bits(), Ordering::AcqRel),
        );
        if self.holds(partition) && !before.contains(partition) {
            self.queue_event(PartitionEvent::InboxUpdated(partitions));
        }
    }

    /// The next event; waits for one.
    pub(in crate::adapters::redis) async fn next_event(&self) -> PartitionEvent {
        let next = self.queue.lock().await.recv().await;
        // `self` owns the sender, so the channel never ends.
        let Some(next) = next else { return std::future::pending().await };
        if let PartitionEvent::InboxUpdated(partitions)
        | PartitionEvent::Assigned { partitions, .. } = next
        {
            self.inbox_updated.fetch_and(!partitions.bits(), Ordering::AcqRel);
        }
        next
    }

    /// The last number read from an inbox.
    pub(in crate::adapters::redis) fn last_read(&self, partition: Partition) -> i64 {
        self.last_read_of(partition).map_or(0, |read| read.load(Ordering::Acquire))
    }

    /// Records that an inbox was read up to a number.
    pub(in crate::adapters::redis) fn record_read(&self, partition: Partition, up_to: i64) {
        if let Some(read) = self.last_read_of(partition) {
            read.fetch_max(up_to, Ordering::AcqRel);
        }
    }

    /// Makes the next read of an inbox start at its beginning.
    pub(super) fn read_from_start(&self, partition: Partition) {
        if let Some(read) = self.last_read_of(partition) {
            read.store(0, Ordering::Release);
        }
    }

    /// Records that a holder is dead; `false` if that was known.
    pub(super) fn record_dead(&self, token: String) -> bool {
        self.reported_dead.lock().unwrap_or_else(PoisonError::into_inner).insert(token)
    }

    /// The epoch of links.
    pub(in crate::adapters::redis) fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Adopts a later epoch; `false` if the known one is not earlier.
    pub(in crate::adapters::redis) fn advance_epoch(&self, epoch: i64) -> bool {
        self.epoch.fetch_max(epoch, Ordering::AcqRel) < epoch
    }

    /// Whether a link, made at this moment, names a message that this group still has.
    pub(in crate::adapters::redis) fn is_of_present_group(&self, link: &Link) -> bool {
        let group = link.staff_message.group();
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.0.iter().all(|row| row.group != group || link.at >= row.since)
    }

    /// Adopts the groups besides the first. Returns those that have another id than was known.
    pub(in crate::adapters::redis) fn learn_groups(&self, now: GroupRegistry) -> Vec<GroupRow> {
        let mut known = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |row: &GroupRow| {
            known.0.iter().any(|old| old.group == row.group && old.chat == row.chat)
        };
        let moved =
            now.0.iter().filter(|row| row.chat != row.configured && !is_known(row)).copied();
        let moved = moved.collect();
        *known = now;
        moved
    }

    /// Reports that the operators' group has migrated.
    pub(super) fn report_group_migration(&self, migration: ports::GroupMove) {
        self.queue_event(PartitionEvent::GroupMigrated(migration));
    }

    /// Waits until this process is the leader (`wanted`), or is not.
    pub(in crate::adapters::redis) async fn wait_for_leadership(&self, wanted: bool) {
        // `self` owns the sender, so the wait cannot end early.
        let mut leading = self.leading.subscribe();
        let _closed = leading.wait_for(|leading| *leading == wanted).await;
    }

    fn queue_event(&self, event: PartitionEvent) {
        // `self` owns the receiver, so this cannot fail.
        let _sent = self.events.send(event);
    }

    fn until_of(&self, partition: Partition) -> u64 {
        self.held_until
            .get(usize::from(partition.number()))
            .map_or(0, |at| at.load(Ordering::Acquire))
    }

    fn store_until(&self, partition: Partition, until: u64) {
        self.swap_until(partition, until);
    }

    fn swap_until(&self, partition: Partition, until: u64) -> u64 {
        let held_until = self.held_until.get(usize::from(partition.number()));
        held_until.map_or(0, |at| at.swap(until, Ordering::AcqRel))
    }

    fn last_read_of(&self, partition: Partition) -> Option<&AtomicI64> {
        self.last_read.get(usize::from(partition.number()))
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }
}

fn bits(of: &AtomicU16) -> PartitionSet {
    PartitionSet::from_bits(of.load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lost_partition_is_reported_once_and_not_served_before_it_is_released() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        leases.extend(Partition::DESK, Instant::now());
        leases.serve(PartitionSet::ALL);
        assert!(leases.serves(Partition::DESK) && !leases.serves(Partition::of_number(1)));
        leases.wait_for_leadership(true).await;
        assert!(leases.record_loss(Partition::DESK) && !leases.record_loss(Partition::DESK));
        leases.wait_for_leadership(false).await;
        assert!(leases.was_just_lost(Partition::DESK) && !leases.was_just_lost(Partition::DESK));
        leases.serve(PartitionSet::ALL);
        assert!(!leases.serves(Partition::DESK));
        assert_eq!(leases.releasing(), PartitionSet::from(Partition::DESK));
        assert_eq!(leases.next_event().await, PartitionEvent::Lost(Partition::DESK.into()));
        leases.record_release(Partition::DESK.into());
        assert!(leases.releasing().is_empty());
    }

    #[test]
    fn a_lease_is_trusted_for_less_than_its_length() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        let long_ago = Instant::now().checked_sub(Duration::from_millis(7_500)).unwrap();
        leases.extend(Partition::of_number(3), long_ago);
        assert!(leases.holds(Partition::of_number(3)), "nobody has taken it yet");
        assert!(!leases.certainly_holds(Partition::of_number(3)), "but somebody may have");
        leases.extend(Partition::of_number(3), Instant::now());
        assert!(leases.certainly_holds(Partition::of_number(3)));
    }

    #[tokio::test]
    async fn an_inbox_update_is_queued_once_until_it_is_received() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        leases.extend(Partition::of_number(2), Instant::now());
        leases.report_inbox_update(Partition::of_number(2));
        leases.report_inbox_update(Partition::of_number(2));
        let update = PartitionEvent::InboxUpdated(Partition::of_number(2).into());
        assert_eq!(leases.next_event().await, update);
        leases.report_inbox_update(Partition::of_number(2));
        assert_eq!(leases.next_event().await, update);
        let quiet = tokio::time::timeout(Duration::from_millis(10), leases.next_event()).await;
        assert!(quiet.is_err());
    }
}
