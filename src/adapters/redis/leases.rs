//! Which partitions are this process's, and what it must be told of them.
//!
//! The loss of a partition is noticed by the scripts themselves: each compares the token of its caller with that of
//! whoever took the partition last, so that a process which was frozen for long can write nothing.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::{Notify, mpsc, watch};

use domain::{Partition, PartitionSet};
use ports::PartitionEvent;

/// A part as large as this of a lease is not trusted: an answer may have been on its way for so long.
const MARGIN: u32 = 8;
/// What was lost so long ago another process has worked on, as far as we know; before that, calls that were under way may have
/// kept us from taking it again.
const JUST_LOST: Duration = Duration::from_mins(1);

/// What this process holds.
#[derive(Debug)]
pub(super) struct Leases {
    /// What the scripts know it by.
    pub token: String,
    /// How long a lease holds without renewal.
    pub length: Duration,
    begun: Instant,
    /// By partition: until when it is ours, in milliseconds since `begun`; 0 if it is not.
    until: [AtomicU64; Self::COUNT],
    /// By partition: the last number of its inbox that was read.
    read: [AtomicI64; Self::COUNT],
    /// What comes in for these is decided here.
    serving: AtomicU16,
    /// Given back or lost, and not released yet by those who work on them.
    ending: AtomicU16,
    /// By partition: when it was taken from us, in milliseconds since `begun`; 0 if it was not, or is ours again.
    lost_at: [AtomicU64; Self::COUNT],
    /// Told to have news in their inboxes, and not heard yet.
    arrived: AtomicU16,
    /// How often the operators' group has moved: links of another epoch are out of reach.
    epoch: AtomicI64,
    leads: watch::Sender<bool>,
    tell: mpsc::UnboundedSender<PartitionEvent>,
    told: tokio::sync::Mutex<mpsc::UnboundedReceiver<PartitionEvent>>,
    /// Processes that are dead for certain: what they hold is not waited for.
    pub dead: Vec<String>,
    /// Holders that are known to have gone without a word.
    mourned: Mutex<HashSet<String>>,
    /// Somebody gave something back.
    pub nudge: Notify,
}

impl Leases {
    const COUNT: usize = 16;

    /// Nothing held, under a token that nobody has had before.
    pub(super) fn new(length: Duration, token: Option<String>, dead: Vec<String>) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        Self {
            token: token.unwrap_or_else(|| format!("{:016x}", fastrand::u64(..))),
            length,
            // Never zero, which means that nothing is held.
            begun: Instant::now().checked_sub(Duration::from_secs(1)).unwrap_or_else(Instant::now),
            until: Default::default(),
            read: Default::default(),
            serving: AtomicU16::new(0),
            ending: AtomicU16::new(0),
            lost_at: Default::default(),
            arrived: AtomicU16::new(0),
            epoch: AtomicI64::new(0),
            leads: watch::Sender::new(false),
            tell,
            told: tokio::sync::Mutex::new(told),
            dead,
            mourned: Mutex::default(),
            nudge: Notify::new(),
        }
    }

    /// Those whose scripts take our token, as far as is known.
    pub(super) fn held(&self) -> PartitionSet {
        Partition::all().filter(|partition| self.until_of(*partition) > 0).collect()
    }

    /// Whether a partition is among them.
    pub(super) fn holds(&self, partition: Partition) -> bool {
        self.until_of(partition) > 0
    }

    /// Whether it is certain now that nobody else works on a part.
    pub(super) fn certainly_holds(&self, partition: Partition) -> bool {
        self.until_of(partition) > self.millis(Instant::now())
    }

    /// Whether what comes in for a partition is decided here.
    pub(super) fn serves(&self, partition: Partition) -> bool {
        bits(&self.serving).contains(partition)
    }

    /// What comes in for these parts is decided here from now on, as far as they are still held.
    pub(super) fn serve(&self, partitions: PartitionSet) {
        let partitions = partitions.without(bits(&self.ending));
        let held = self.held();
        let serve = partitions
            .iter()
            .filter(|partition| held.contains(*partition))
            .collect::<PartitionSet>();
        self.serving.fetch_or(serve.bits(), Ordering::AcqRel);
    }

    /// Those that may not be taken, because they are being given back or were lost a moment ago.
    pub(super) fn ending(&self) -> PartitionSet {
        bits(&self.ending)
    }

    /// A lease was taken, or renewed by a command that was sent at `asked`.
    pub(super) fn extend(&self, partition: Partition, asked: Instant) {
        let until = asked + self.length.saturating_sub(self.length / MARGIN);
        self.store_until(partition, self.millis(until).max(1));
        if partition == Partition::DESK && !bits(&self.ending).contains(Partition::DESK) {
            self.leads.send_replace(true);
        }
    }

    /// These were taken; of those `emptied` nothing is there that was before.
    pub(super) fn taken(&self, partitions: PartitionSet, unclean: bool, emptied: PartitionSet) {
        if !partitions.is_empty() {
            let _ends_with_the_store =
                self.tell.send(PartitionEvent::Assigned { partitions, unclean, emptied });
        }
    }

    /// A partition is another's. Told once.
    pub(super) fn lost(&self, partition: Partition) -> bool {
        if self.swap_until(partition, 0) == 0 {
            return false;
        }
        self.end(partition.into());
        if let Some(place) = self.lost_at.get(usize::from(partition.number())) {
            place.store(self.millis(Instant::now()), Ordering::Release);
        }
        let _ends_with_the_store = self.tell.send(PartitionEvent::Lost(partition.into()));
        true
    }

    /// Whether a partition that is ours now was taken from us a moment ago; asked once.
    pub(super) fn was_just_lost(&self, partition: Partition) -> bool {
        let place = self.lost_at.get(usize::from(partition.number()));
        let lost = place.map_or(0, |at| at.swap(0, Ordering::AcqRel));
        let since = Duration::from_millis(self.millis(Instant::now()).saturating_sub(lost));
        lost > 0 && since < JUST_LOST
    }

    /// These are wanted by others.
    pub(super) fn leave(&self, partitions: PartitionSet) {
        if !partitions.is_empty() {
            self.end(partitions);
            let _ends_with_the_store = self.tell.send(PartitionEvent::RevokeRequested(partitions));
        }
    }

    fn end(&self, partitions: PartitionSet) {
        self.ending.fetch_or(partitions.bits(), Ordering::AcqRel);
        self.serving.fetch_and(!partitions.bits(), Ordering::AcqRel);
        if partitions.contains(Partition::DESK) {
            self.leads.send_replace(false);
        }
    }

    /// Nobody works on these any more: from now on they are not ours. They are not taken again before they have ended.
    pub(super) fn let_go(&self, partitions: PartitionSet) {
        self.ending.fetch_or(partitions.bits(), Ordering::AcqRel);
        for partition in partitions.iter() {
            self.store_until(partition, 0);
        }
    }

    /// These were given back.
    pub(super) fn ended(&self, partitions: PartitionSet) {
        self.let_go(partitions);
        self.ending.fetch_and(!partitions.bits(), Ordering::AcqRel);
    }

    /// Something was stored in an inbox that is to be read.
    pub(super) fn arrived(&self, partition: Partition) {
        let partitions = PartitionSet::from(partition);
        let before =
            PartitionSet::from_bits(self.arrived.fetch_or(partitions.bits(), Ordering::AcqRel));
        if self.holds(partition) && !before.contains(partition) {
            let _ends_with_the_store = self.tell.send(PartitionEvent::InboxUpdated(partitions));
        }
    }

    /// The next that is told.
    pub(super) async fn next_event(&self) -> PartitionEvent {
        let next = self.told.lock().await.recv().await;
        // The sending half is here: the channel never ends.
        let Some(next) = next else { return std::future::pending().await };
        if let PartitionEvent::InboxUpdated(partitions)
        | PartitionEvent::Assigned { partitions, .. } = next
        {
            self.arrived.fetch_and(!partitions.bits(), Ordering::AcqRel);
        }
        next
    }

    /// The last number of an inbox that was read.
    pub(super) fn read(&self, partition: Partition) -> i64 {
        self.read_of(partition).map_or(0, |read| read.load(Ordering::Acquire))
    }

    /// An inbox was read up to a number.
    pub(super) fn was_read(&self, partition: Partition, up_to: i64) {
        if let Some(read) = self.read_of(partition) {
            read.fetch_max(up_to, Ordering::AcqRel);
        }
    }

    /// An inbox is to be read from its beginning.
    pub(super) fn unread(&self, partition: Partition) {
        if let Some(read) = self.read_of(partition) {
            read.store(0, Ordering::Release);
        }
    }

    /// Whether it was not known yet that a holder is gone.
    pub(super) fn mark_dead(&self, token: String) -> bool {
        self.mourned.lock().unwrap_or_else(PoisonError::into_inner).insert(token)
    }

    /// The epoch of links.
    pub(super) fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Takes over a later epoch; `false` if it is known already.
    pub(super) fn change_epoch(&self, epoch: i64) -> bool {
        self.epoch.fetch_max(epoch, Ordering::AcqRel) < epoch
    }

    /// Says that the operators' group is another now.
    pub(super) fn group_moved(&self, moved: ports::GroupMove) {
        let _ends_with_the_store = self.tell.send(PartitionEvent::GroupMigrated(moved));
    }

    /// Waits until this process leads, or does not.
    pub(super) async fn leads(&self, wanted: bool) {
        // The sending half is here: the wait ends only with what is waited for.
        let mut leads = self.leads.subscribe();
        let _led = leads.wait_for(|leads| *leads == wanted).await;
    }

    fn until_of(&self, partition: Partition) -> u64 {
        self.until.get(usize::from(partition.number())).map_or(0, |at| at.load(Ordering::Acquire))
    }

    fn store_until(&self, partition: Partition, until: u64) {
        self.swap_until(partition, until);
    }

    fn swap_until(&self, partition: Partition, until: u64) -> u64 {
        let place = self.until.get(usize::from(partition.number()));
        place.map_or(0, |at| at.swap(until, Ordering::AcqRel))
    }

    fn read_of(&self, partition: Partition) -> Option<&AtomicI64> {
        self.read.get(usize::from(partition.number()))
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }
}

fn bits(of: &AtomicU16) -> PartitionSet {
    PartitionSet::from_bits(of.load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lost_partition_is_told_once_and_not_served_again_before_it_is_released() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        leases.extend(Partition::DESK, Instant::now());
        leases.serve(PartitionSet::ALL);
        assert!(leases.serves(Partition::DESK) && !leases.serves(Partition::of_number(1)));
        leases.leads(true).await;
        assert!(leases.lost(Partition::DESK) && !leases.lost(Partition::DESK));
        leases.leads(false).await;
        assert!(leases.was_just_lost(Partition::DESK) && !leases.was_just_lost(Partition::DESK));
        leases.serve(PartitionSet::ALL);
        assert!(!leases.serves(Partition::DESK));
        assert_eq!(leases.ending(), PartitionSet::from(Partition::DESK));
        assert_eq!(leases.next_event().await, PartitionEvent::Lost(Partition::DESK.into()));
        leases.ended(Partition::DESK.into());
        assert!(leases.ending().is_empty());
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
    async fn news_of_one_inbox_are_told_once_until_they_are_heard() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        leases.extend(Partition::of_number(2), Instant::now());
        leases.arrived(Partition::of_number(2));
        leases.arrived(Partition::of_number(2));
        let news = PartitionEvent::InboxUpdated(Partition::of_number(2).into());
        assert_eq!(leases.next_event().await, news);
        leases.arrived(Partition::of_number(2));
        assert_eq!(leases.next_event().await, news);
        let quiet = tokio::time::timeout(Duration::from_millis(10), leases.next_event()).await;
        assert!(quiet.is_err());
    }
}
