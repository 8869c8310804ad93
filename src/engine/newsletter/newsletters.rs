//! The one task that looks after newsletters.

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

/// They are looked at this often, if nothing happens.
const EVERY: Duration = Duration::from_secs(1);
/// How far each is shown to other processes this often at most.
const SHOW: Duration = Duration::from_millis(900);

/// Looks after newsletters.
pub struct Newsletters<S, M> {
    pub(super) desk: Arc<Desk<S, M>>,
    sender: mpsc::UnboundedSender<Vec<OutboxItem>>,
    orders: (Orders, mpsc::UnboundedReceiver<Order>),
    shards: Shards,
    walks: HashMap<(NewsletterId, Round), Walk>,
    pub(super) counting: HashMap<UserId, Counting>,
    /// How far each was when its author was shown it, and when that was.
    pub(super) told: HashMap<NewsletterId, authors::Told>,
    /// When others were shown how far they are.
    shown: Instant,
}

impl<S: Store, M: Send + Sync + 'static> Newsletters<S, M> {
    /// Newsletters that hand what must be sent to `sender`, to these parts at first.
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

    /// The way to give them orders.
    pub fn orders(&self) -> Orders {
        self.orders.0.clone()
    }

    /// Works until `intake` is cancelled.
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

    /// Nothing is under way between two turns. What is known of parts that come or go is gone through anew.
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

    /// One round over all newsletters. What the store refuses now, which is counted, is tried again in the next; it holds
    /// up nothing else. Returns whether there is more to do at once.
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

    /// Those who may write newsletters, as far as they can be read.
    async fn authors(&self) -> Vec<Arc<Conversation>> {
        let desk = &self.desk;
        let load = |user: &UserId| {
            let loaded = desk.store.load(Subject::User(*user));
            desk.stored(StoreOperation::Load, loaded)
        };
        let loaded = join_all(desk.settings.administrators.iter().map(load)).await;
        loaded.into_iter().filter_map(|loaded| loaded.ok().flatten()).collect()
    }

    /// A walk for each that is under way, and what became of its sends.
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

    /// Shows all processes how far the parts of this one are.
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

    /// Writes commits; `None` for each that never will be written.
    pub(super) async fn write(&self, commits: Vec<Commit>) -> Vec<Option<Committed>> {
        let outcomes = self.desk.write(Loop::Newsletter, commits).await;
        for outcome in &outcomes {
            if let Some(Committed::Done { queued, .. }) = outcome {
                // The sender ends only with the program; what it does not take is in the store.
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
