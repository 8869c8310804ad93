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

use domain::{Shard, Shards};
use ports::Shift;

use super::layout::Partition;

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
    tell: mpsc::UnboundedSender<Shift>,
    told: tokio::sync::Mutex<mpsc::UnboundedReceiver<Shift>>,
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
    pub(super) fn held(&self) -> Shards {
        Shard::all().filter(|shard| self.until_of(*shard) > 0).collect()
    }

    /// Whether a partition is among them.
    pub(super) fn holds(&self, partition: Partition) -> bool {
        self.until_of(partition.shard()) > 0
    }

    /// Whether it is certain now that nobody else works on a part.
    pub(super) fn surely_holds(&self, shard: Shard) -> bool {
        self.until_of(shard) > self.millis(Instant::now())
    }

    /// Whether what comes in for a partition is decided here.
    pub(super) fn serves(&self, partition: Partition) -> bool {
        bits(&self.serving).contains(partition.shard())
    }

    /// What comes in for these parts is decided here from now on, as far as they are still held.
    pub(super) fn serve(&self, shards: Shards) {
        let shards = shards.without(bits(&self.ending));
        let held = self.held();
        let serve = shards.iter().filter(|shard| held.contains(*shard)).collect::<Shards>();
        self.serving.fetch_or(serve.bits(), Ordering::AcqRel);
    }

    /// Those that may not be taken, because they are being given back or were lost a moment ago.
    pub(super) fn ending(&self) -> Shards {
        bits(&self.ending)
    }

    /// A lease was taken, or renewed by a command that was sent at `asked`.
    pub(super) fn extend(&self, partition: Partition, asked: Instant) {
        let until = asked + self.length.saturating_sub(self.length / MARGIN);
        self.store_until(partition.shard(), self.millis(until).max(1));
        if partition == Partition::DESK && !bits(&self.ending).contains(Shard::DESK) {
            self.leads.send_replace(true);
        }
    }

    /// These were taken; of those `emptied` nothing is there that was before.
    pub(super) fn taken(&self, shards: Shards, unclean: bool, emptied: Shards) {
        if !shards.is_empty() {
            let _ends_with_the_store = self.tell.send(Shift::Taken { shards, unclean, emptied });
        }
    }

    /// A partition is another's. Told once.
    pub(super) fn lost(&self, partition: Partition) -> bool {
        let shard = partition.shard();
        if self.swap_until(shard, 0) == 0 {
            return false;
        }
        self.end(shard.into());
        if let Some(place) = self.lost_at.get(usize::from(shard.number())) {
            place.store(self.millis(Instant::now()), Ordering::Release);
        }
        let _ends_with_the_store = self.tell.send(Shift::Lost(shard.into()));
        true
    }

    /// Whether a partition that is ours now was taken from us a moment ago; asked once.
    pub(super) fn was_just_lost(&self, partition: Partition) -> bool {
        let place = self.lost_at.get(usize::from(partition.shard().number()));
        let lost = place.map_or(0, |at| at.swap(0, Ordering::AcqRel));
        let since = Duration::from_millis(self.millis(Instant::now()).saturating_sub(lost));
        lost > 0 && since < JUST_LOST
    }

    /// These are wanted by others.
    pub(super) fn leave(&self, shards: Shards) {
        if !shards.is_empty() {
            self.end(shards);
            let _ends_with_the_store = self.tell.send(Shift::Leave(shards));
        }
    }

    fn end(&self, shards: Shards) {
        self.ending.fetch_or(shards.bits(), Ordering::AcqRel);
        self.serving.fetch_and(!shards.bits(), Ordering::AcqRel);
        if shards.contains(Shard::DESK) {
            self.leads.send_replace(false);
        }
    }

    /// Nobody works on these any more: from now on they are not ours. They are not taken again before they have ended.
    pub(super) fn let_go(&self, shards: Shards) {
        self.ending.fetch_or(shards.bits(), Ordering::AcqRel);
        for shard in shards.iter() {
            self.store_until(shard, 0);
        }
    }

    /// These were given back.
    pub(super) fn ended(&self, shards: Shards) {
        self.let_go(shards);
        self.ending.fetch_and(!shards.bits(), Ordering::AcqRel);
    }

    /// Something was stored in an inbox that is to be read.
    pub(super) fn arrived(&self, partition: Partition) {
        let shards = Shards::from(partition.shard());
        let before = Shards::from_bits(self.arrived.fetch_or(shards.bits(), Ordering::AcqRel));
        if self.holds(partition) && !before.contains(partition.shard()) {
            let _ends_with_the_store = self.tell.send(Shift::Arrived(shards));
        }
    }

    /// The next that is told.
    pub(super) async fn shift(&self) -> Shift {
        let next = self.told.lock().await.recv().await;
        // The sending half is here: the channel never ends.
        let Some(next) = next else { return std::future::pending().await };
        if let Shift::Arrived(shards) | Shift::Taken { shards, .. } = next {
            self.arrived.fetch_and(!shards.bits(), Ordering::AcqRel);
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
    pub(super) fn mourn(&self, token: String) -> bool {
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
        let _ends_with_the_store = self.tell.send(Shift::Group(moved));
    }

    /// Waits until this process leads, or does not.
    pub(super) async fn leads(&self, wanted: bool) {
        // The sending half is here: the wait ends only with what is waited for.
        let mut leads = self.leads.subscribe();
        let _led = leads.wait_for(|leads| *leads == wanted).await;
    }

    fn until_of(&self, shard: Shard) -> u64 {
        self.until.get(usize::from(shard.number())).map_or(0, |at| at.load(Ordering::Acquire))
    }

    fn store_until(&self, shard: Shard, until: u64) {
        self.swap_until(shard, until);
    }

    fn swap_until(&self, shard: Shard, until: u64) -> u64 {
        let place = self.until.get(usize::from(shard.number()));
        place.map_or(0, |at| at.swap(until, Ordering::AcqRel))
    }

    fn read_of(&self, partition: Partition) -> Option<&AtomicI64> {
        self.read.get(usize::from(partition.shard().number()))
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.begun).as_millis()).unwrap_or(u64::MAX)
    }
}

fn bits(of: &AtomicU16) -> Shards {
    Shards::from_bits(of.load(Ordering::Acquire))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lost_partition_is_told_once_and_not_served_again_before_it_is_released() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        leases.extend(Partition::DESK, Instant::now());
        leases.serve(Shards::ALL);
        assert!(leases.serves(Partition::DESK) && !leases.serves(Partition(1)));
        leases.leads(true).await;
        assert!(leases.lost(Partition::DESK) && !leases.lost(Partition::DESK));
        leases.leads(false).await;
        assert!(leases.was_just_lost(Partition::DESK) && !leases.was_just_lost(Partition::DESK));
        leases.serve(Shards::ALL);
        assert!(!leases.serves(Partition::DESK));
        assert_eq!(leases.ending(), Shards::from(Shard::DESK));
        assert_eq!(leases.shift().await, Shift::Lost(Shard::DESK.into()));
        leases.ended(Shard::DESK.into());
        assert!(leases.ending().is_empty());
    }

    #[test]
    fn a_lease_is_trusted_for_less_than_its_length() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        let long_ago = Instant::now().checked_sub(Duration::from_millis(7_500)).unwrap();
        leases.extend(Partition(3), long_ago);
        assert!(leases.holds(Partition(3)), "nobody has taken it yet");
        assert!(!leases.surely_holds(Partition(3).shard()), "but somebody may have");
        leases.extend(Partition(3), Instant::now());
        assert!(leases.surely_holds(Partition(3).shard()));
    }

    #[tokio::test]
    async fn news_of_one_inbox_are_told_once_until_they_are_heard() {
        let leases = Leases::new(Duration::from_secs(8), None, Vec::new());
        leases.extend(Partition(2), Instant::now());
        leases.arrived(Partition(2));
        leases.arrived(Partition(2));
        let news = Shift::Arrived(Partition(2).shard().into());
        assert_eq!(leases.shift().await, news);
        leases.arrived(Partition(2));
        assert_eq!(leases.shift().await, news);
        let quiet = tokio::time::timeout(Duration::from_millis(10), leases.shift()).await;
        assert!(quiet.is_err());
    }
}
