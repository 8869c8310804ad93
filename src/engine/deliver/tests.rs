//! A panic of the store, or of the code around it, delays one lane and stops nothing.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use futures_util::future::join_all;
use tokio::{sync::Semaphore, task::yield_now, time::timeout};

use super::*;
use crate::{
    engine::{DeskSettings, Groups, PacingLimits, QueuedSends, desk::SharedParts},
    i18n::Texts,
    telemetry::{Heartbeats, Metrics, Readiness},
};
use domain::{
    ChatId, Conversation, DeadId, Effect, Finding, GroupChats, HoldTimes, Language, Link, LinkKey,
    Millis, Partition, Seq, Span, Status, Subject, UpdateId, UserId, Work,
};
use ports::{
    Arrival, Backlog, Board, Call, Commit, Committed, DeadLetter, DeadLetters, DeskState,
    GroupRegistry, Imported, Inbox, InboxItem, LaneHead, Leadership, Ledger, LimitHistory,
    Messenger, Notebook, Outbox, PageEnd, Partitions, Queued, Reached, Receipt, Reporter,
    RequestNumbers, Retention, SendError, SharedSlots, Store, StoreFigures, SystemClock, Taken,
    Written,
};

/// A store whose outbox holds one send. Each of `panics` panics once.
#[derive(Debug)]
struct Fragile {
    panics: Mutex<Vec<&'static str>>,
    /// Reads of lanes and commits wait for a permit.
    reads: Semaphore,
    commits: Semaphore,
    /// Commits in progress, and the most that there were.
    running: AtomicUsize,
    most: AtomicUsize,
    started: mpsc::UnboundedSender<()>,
    done: mpsc::UnboundedSender<Seq>,
}

impl Fragile {
    fn reached(&self, method: &str) {
        let mut panics = self.panics.lock().unwrap();
        let found = panics.iter().position(|one| *one == method);
        if let Some(at) = found {
            panics.remove(at);
            drop(panics);
            panic!("{method} panics");
        }
    }
}

/// The send that the store holds.
fn stored() -> OutboxItem {
    item(1, Effect::Refresh)
}

/// A send in another channel.
fn send(user: i64) -> OutboxItem {
    item(user, Effect::CloseTopic)
}

/// A send of a user, which needs no call: the user has no topic.
fn item(user: i64, effect: Effect) -> OutboxItem {
    let (lane, cause, received) = (effect.lane(UserId(user)), UpdateId(1), Millis(0));
    OutboxItem {
        seq: Seq(user),
        queued: Queued { lane, effect, cause, received, not_before: None },
    }
}

#[ports::async_trait]
impl Outbox for Fragile {
    async fn backlog(&self, _of: PartitionSet) -> Result<Vec<Backlog>, StoreError> {
        self.reached("backlog");
        let OutboxItem { seq, queued } = stored();
        let (partition, channel) = (Partition::of_seq(seq), queued.lane.channel);
        Ok(vec![Backlog { partition, channel, waiting: 1, oldest: queued.received }])
    }

    async fn lanes(
        &self,
        _of: PartitionSet,
        channel: Channel,
        _from: Reached,
        _limit: usize,
    ) -> Result<LanePage, StoreError> {
        let _permit = self.reads.acquire().await.unwrap();
        self.reached("lanes");
        let OutboxItem { seq, queued } = stored();
        let head = LaneHead { lane: queued.lane, waiting: 1, oldest: Millis(0), last: seq };
        let heads = if channel == queued.lane.channel { vec![head] } else { Vec::new() };
        Ok(LanePage { heads, reached: Reached::everywhere(seq), more: false })
    }

    async fn next(
        &self,
        _lane: OutboxLane,
        after: Option<Seq>,
        _limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        self.reached("next");
        Ok(if after.is_none() { vec![stored()] } else { Vec::new() })
    }
}

#[ports::async_trait]
impl Ledger for Fragile {
    async fn load(&self, _subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        Ok(None)
    }

    async fn link(&self, _key: LinkKey) -> Result<Option<Link>, StoreError> {
        Ok(None)
    }

    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError> {
        self.reached("commit");
        let running = self.running.fetch_add(1, Relaxed) + 1;
        self.most.fetch_max(running, Relaxed);
        self.started.send(()).unwrap();
        let _permit = self.commits.acquire().await.unwrap();
        self.running.fetch_sub(1, Relaxed);
        for seq in commits.iter().flat_map(|commit| &commit.sent) {
            self.done.send(*seq).unwrap();
        }
        Ok(commits.iter().map(|_| Committed::Done(Written::default())).collect())
    }

    async fn due(&self, _: PartitionSet, _: Millis, _: usize) -> Result<Vec<UserId>, StoreError> {
        unreachable!()
    }

    async fn page(
        &self,
        _: PartitionSet,
        _: Option<PageEnd>,
        _: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl Inbox for Fragile {
    async fn take_in(
        &self,
        _: Vec<Arrival>,
        _: Option<UpdateId>,
    ) -> Result<Vec<Taken>, StoreError> {
        unreachable!()
    }

    async fn undecided(
        &self,
        _: PartitionSet,
        _: Option<Seq>,
        _: usize,
    ) -> Result<Vec<InboxItem>, StoreError> {
        unreachable!()
    }

    async fn failed(&self, _: Seq, _: u32) -> Result<(), StoreError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl DeskState for Fragile {
    async fn notebook(&self) -> Result<Notebook, StoreError> {
        unreachable!()
    }

    async fn register_groups(&self, _: &[ChatId]) -> Result<GroupRegistry, StoreError> {
        unreachable!()
    }

    async fn remember_import(&self, _: Imported) -> Result<(), StoreError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl RequestNumbers for Fragile {
    async fn request(&self, _: UserId, _: u32) -> Result<i64, StoreError> {
        unreachable!()
    }

    async fn requests_from(&self, _: i64) -> Result<i64, StoreError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl Retention for Fragile {
    async fn forget(&self, _: Millis, _: Millis) -> Result<usize, StoreError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl DeadLetters for Fragile {
    async fn dead(&self, _: Option<DeadId>, _: usize) -> Result<Vec<DeadLetter>, StoreError> {
        unreachable!()
    }

    async fn dead_letter(&self, _: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        unreachable!()
    }

    async fn drop_dead(&self, _: DeadId) -> Result<bool, StoreError> {
        unreachable!()
    }
}

impl Partitions for Fragile {}
impl Leadership for Fragile {}
impl SharedSlots for Fragile {}

#[ports::async_trait]
impl LimitHistory for Fragile {
    async fn record_limited(&self, _spans: Vec<Span>, _forget: Millis) -> Result<(), StoreError> {
        Ok(())
    }

    async fn limited(&self) -> Result<Vec<Span>, StoreError> {
        Ok(Vec::new())
    }
}

#[ports::async_trait]
impl Board for Fragile {
    async fn publish(&self, _: &str, _: Vec<(Partition, String)>) -> Result<(), StoreError> {
        unreachable!()
    }

    async fn published(&self, _: &str) -> Result<Vec<(Partition, String)>, StoreError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl Store for Fragile {
    async fn figures(&self) -> Result<StoreFigures, StoreError> {
        unreachable!()
    }

    async fn probe(&self) -> Result<(), StoreError> {
        unreachable!()
    }

    async fn close(&self, _: Duration) -> Result<(), StoreError> {
        unreachable!()
    }
}

/// Nobody calls Telegram here, or asks for a report.
#[derive(Debug)]
struct Unused;

#[ports::async_trait]
impl Messenger for Unused {
    async fn perform(&self, _: &Call) -> Result<Receipt, SendError> {
        unreachable!()
    }

    async fn reach(&self) -> Result<(), SendError> {
        unreachable!()
    }

    async fn is_member(&self, _: ChatId, _: UserId) -> Result<bool, SendError> {
        unreachable!()
    }

    async fn has_topics(&self, _: ChatId) -> Result<bool, SendError> {
        unreachable!()
    }
}

#[ports::async_trait]
impl Reporter for Unused {
    async fn status(&self, _: Work) -> Status {
        unreachable!()
    }

    async fn doctor(&self) -> Vec<Finding> {
        unreachable!()
    }
}

/// A sender on a fragile store.
struct Running {
    store: Arc<Fragile>,
    queued: QueuedSends,
    started: mpsc::UnboundedReceiver<()>,
    done: mpsc::UnboundedReceiver<Seq>,
    /// Ends with the test.
    _task: JoinSet<()>,
}

/// Starts a sender to which all partitions are assigned. Commits and reads of lanes get this many permits.
fn start(panics: &[&'static str], permits: usize) -> Running {
    let ((started, starts), (done, dones)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let store = Arc::new(Fragile {
        panics: Mutex::new(panics.to_vec()),
        reads: Semaphore::new(permits),
        commits: Semaphore::new(permits),
        running: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        started,
        done,
    });
    let (metrics, group) = (Metrics::nowhere(), ChatId(-100));
    let parts = SharedParts {
        store: Arc::clone(&store) as Arc<dyn Store>,
        clock: Arc::new(SystemClock),
        heartbeats: Heartbeats::new(),
        readiness: Readiness::new(&metrics),
        metrics,
        tracker: None,
    };
    let settings = DeskSettings {
        topic_icon: None,
        operators_language: Language::English,
        default_language: Language::English,
        pacing: PacingLimits {
            overall_per_second: 0,
            private_per_second: 0,
            private_burst: 0,
            group: 0,
            group_period: Duration::from_mins(1),
        },
        send_concurrency: 8,
        album_window: Duration::ZERO,
        flood: 0,
        hold_times: HoldTimes::default(),
        inbox_limit: 1,
        administrators: Vec::new(),
        known_for: Duration::from_hours(24 * 30),
        link_retention: Duration::from_hours(48),
    };
    let group = GroupChats::of_one(group);
    let desk = Desk::new(parts, settings, Groups::new(group.clone(), group));
    let texts = Arc::new(Texts::load(None).unwrap());
    let context = Sending::new(desk, Arc::new(Unused), Arc::new(Unused), texts, None);
    let (queued, sends, _reports) = QueuedSends::channel();
    let mut sender = Sender::new(context, sends);
    let (done, _done) = oneshot::channel();
    let assigned = Assigned { partitions: PartitionSet::ALL, emptied: PartitionSet::NONE };
    sender.handle_command(PartitionCommand::Assign(assigned, done));
    let mut task = JoinSet::new();
    task.spawn(sender.run(CancellationToken::new()));
    Running { store, queued, started: starts, done: dones, _task: task }
}

async fn soon<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), work).await.expect("nothing happens any more")
}

#[tokio::test]
async fn a_panic_of_the_store_delays_a_lane_and_does_not_stop_it() {
    let runs = [&["backlog"], &["lanes"], &["next"], &["commit"]].map(|panics| async move {
        let mut running = start(panics, 64);
        assert_eq!(soon(running.done.recv()).await, Some(Seq(1)), "{panics:?}");
    });
    join_all(runs).await;
}

#[tokio::test]
async fn a_panic_elsewhere_does_not_let_two_commits_run_at_once() {
    let mut running = start(&["lanes"], 0);
    running.queued.announce(vec![send(2)]);
    soon(running.started.recv()).await;
    running.store.reads.add_permits(1);
    while !running.store.panics.lock().unwrap().is_empty() {
        yield_now().await;
    }
    // All tasks are on this thread: the sender handles the panic, and then the dispatch.
    running.queued.announce(vec![send(3)]);
    for _ in 0..1_000 {
        yield_now().await;
    }
    assert_eq!(running.store.most.load(Relaxed), 1, "the first commit is still in progress");
    running.store.commits.add_permits(64);
    let mut done = Vec::new();
    while done.len() < 3 {
        done.extend(soon(running.done.recv()).await);
    }
    done.sort_unstable();
    assert_eq!(done, [Seq(1), Seq(2), Seq(3)]);
}
