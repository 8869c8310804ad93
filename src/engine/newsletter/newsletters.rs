//! The task that runs newsletters.

use std::{
    collections::HashMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::telemetry::{Loop, StoreOperation};
use domain::{Conversation, Mailing, NewsletterId, Round, Shard, Shards, Subject, Tally, UserId};
use ports::{Commit, Committed, OutboxItem, Store};

use crate::engine::{
    Desk,
    crew::{Order, Orders},
    record,
};

use super::{authors, board, counting::Counting, walk::Walk};

/// Interval between rounds if nothing happens.
const EVERY: Duration = Duration::from_secs(1);
/// Shortest interval between two publications of progress to other processes.
const SHOW: Duration = Duration::from_millis(900);

/// The loop that runs newsletters.
pub struct Newsletters<S, M> {
    pub(super) desk: Arc<Desk<S, M>>,
    sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
    orders: (Orders, mpsc::UnboundedReceiver<Order>),
    shards: Shards,
    walks: HashMap<(NewsletterId, Round), Walk>,
    pub(super) counting: HashMap<UserId, Counting>,
    /// The progress that each author saw last, and when.
    pub(super) told: HashMap<NewsletterId, authors::Told>,
    /// When progress was last published to other processes.
    shown: Instant,
}

impl<S: Store, M: Send + Sync + 'static> Newsletters<S, M> {
    /// Creates the loop. It hands sends over to `sender`, and at first works on these partitions.
    pub fn new(
        desk: Arc<Desk<S, M>>,
        sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
        shards: Shards,
    ) -> Self {
        Self {
            desk,
            sender,
            orders: Orders::channel(),
            shards,
            walks: HashMap::new(),
            counting: HashMap::new(),
            told: HashMap::new(),
            shown: Instant::now(),
        }
    }

    /// The handle that instructs this loop.
    pub fn orders(&self) -> Orders {
        self.orders.0.clone()
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let desk = Arc::clone(&self.desk);
        let mut busy = false;
        loop {
            tokio::select! {
                biased;
                () = intake.cancelled() => return,
                Some(order) = self.orders.1.recv() => {
                    self.obey(order);
                    continue;
                }
                () = std::future::ready(()), if busy => {}
                () = desk.post.news() => {}
                _ = tick.tick() => {}
            }
            busy = self.turn().await;
        }
    }

    /// Carries out an instruction. Between two turns no work is in progress. After a change of partitions, counting
    /// starts anew.
    fn obey(&mut self, order: Order) {
        let done = match order {
            Order::TakeUp(taken, done) => {
                self.shards = self.shards.and(taken.shards);
                self.walks.clear();
                done
            }
            Order::LetGo(shards, done) => {
                self.shards = self.shards.without(shards);
                self.walks.clear();
                done
            }
            Order::Answer(done) => done,
            Order::Look(_) => return,
        };
        let _gone = done.send(());
    }

    /// One round over all newsletters. A failed store operation is counted, is tried again in the next round, and
    /// blocks nothing else. Returns whether there is more to do at once.
    async fn turn(&mut self) -> bool {
        self.desk.heartbeats.beat(Loop::Newsletter);
        let authors = self.authors().await;
        let mailings: Vec<&Mailing> = authors.iter().flat_map(|author| &author.mailings).collect();
        self.follow(&mailings);
        let mut busy = false;
        let mut walks = std::mem::take(&mut self.walks);
        for walk in walks.values_mut() {
            busy |= walk.step(self).await.unwrap_or(false);
        }
        self.walks = walks;
        self.show().await;
        for author in &authors {
            if self.holds(author.user) {
                busy |= self.look_after(author).await.unwrap_or(false);
            }
        }
        self.counting.retain(|author, _| authors.iter().any(|known| known.user == *author));
        self.figures(&mailings);
        busy
    }

    /// The conversations of those who may write newsletters, as far as they can be read.
    async fn authors(&self) -> Vec<Arc<Conversation>> {
        let desk = &self.desk;
        let load = |user: &UserId| {
            let loaded = desk.store.load(Subject::User(*user));
            desk.stored(StoreOperation::Load, loaded)
        };
        let loaded = join_all(desk.settings.administrators.iter().map(load)).await;
        loaded.into_iter().filter_map(|loaded| loaded.ok().flatten()).collect()
    }

    /// Keeps a `Walk` for each running newsletter, and passes it the outcomes of its sends.
    fn follow(&mut self, mailings: &[&Mailing]) {
        let under_way = |key: &(NewsletterId, Round)| {
            mailings.iter().any(|one| one.id == key.0 && one.round() == Some(key.1))
        };
        self.walks.retain(|key, _| under_way(key));
        for mailing in mailings {
            let Some(round) = mailing.round() else { continue };
            let walk = self.walks.entry((mailing.id, round));
            let shards = self.shards;
            walk.or_insert_with(|| Walk::new((*mailing).clone(), round, shards)).follow(mailing);
        }
        for (newsletter, user, outcome) in self.desk.post.take() {
            for ((id, _), walk) in &mut self.walks {
                if *id == newsletter {
                    walk.settled(user, outcome);
                }
            }
        }
    }

    /// Publishes the progress of this process's partitions.
    async fn show(&mut self) {
        if self.shown.elapsed() < SHOW {
            return;
        }
        self.shown = Instant::now();
        for ((newsletter, round), walk) in &mut self.walks {
            let Some(places) = walk.news() else { continue };
            let shown = board::write(&*self.desk.store, *newsletter, *round, places);
            if self.desk.stored(StoreOperation::Show, shown).await.is_ok() {
                walk.was_shown();
            }
        }
    }

    fn holds(&self, user: UserId) -> bool {
        self.shards.contains(Shard::of(user))
    }

    fn figures(&self, mailings: &[&Mailing]) {
        let goes_on = mailings.iter().filter(|one| one.goes_on() && self.holds(one.author));
        let sum = |sum: Tally, walk: &Walk| sum.and(walk.tally());
        let tally = self.walks.values().fold(Tally::default(), sum);
        record::newsletters(&self.desk.metrics, goes_on.count(), tally);
    }

    /// Writes commits. `None` for a commit that can never be written.
    pub(super) async fn write(&self, commits: Vec<Commit>) -> Vec<Option<Committed>> {
        let outcomes = self.desk.write(Loop::Newsletter, commits).await;
        for outcome in &outcomes {
            if let Some(Committed::Done { queued, .. }) = outcome {
                // The sender ends only with the program; sends that it does not receive are in the store.
                let _ = self.sender.send(queued.clone());
            }
        }
        outcomes
    }
}

impl<S, M> fmt::Debug for Newsletters<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Newsletters").finish_non_exhaustive()
    }
}
