//! The task that runs newsletters.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        Desk, QueuedSends,
        cluster::{PartitionCommand, PartitionCommands},
        instrumentation,
    },
    telemetry::{Loop, StoreOperation},
};
use domain::{
    Conversation, Newsletter, NewsletterId, Partition, PartitionSet, Progress, SendOrRecall,
    Subject, UserId,
};

use super::{authors::Authors, progress, scan::Scan, writer::Writer};

/// Interval between rounds if nothing happens.
const EVERY: Duration = Duration::from_secs(1);
/// Shortest interval between two publications of progress to other processes.
const SHOW: Duration = Duration::from_millis(900);

/// The loop that runs newsletters.
#[derive(Debug)]
pub struct Newsletters {
    writer: Writer,
    orders: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    partitions: PartitionSet,
    walks: HashMap<(NewsletterId, SendOrRecall), Scan>,
    authors: Authors,
    /// When progress was last published to other processes.
    shown: Instant,
}

impl Newsletters {
    /// Creates the loop. It announces sends through `queued_sends`, and at first works on these partitions.
    pub fn new(desk: Arc<Desk>, queued_sends: QueuedSends, partitions: PartitionSet) -> Self {
        Self {
            writer: Writer { desk, queued_sends },
            orders: PartitionCommands::channel(),
            partitions,
            walks: HashMap::new(),
            authors: Authors::default(),
            shown: Instant::now(),
        }
    }

    /// The handle that instructs this loop.
    pub fn orders(&self) -> PartitionCommands {
        self.orders.0.clone()
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let desk = Arc::clone(&self.writer.desk);
        let mut busy = false;
        loop {
            tokio::select! {
                biased;
                () = intake.cancelled() => return,
                Some(order) = self.orders.1.recv() => {
                    self.handle_command(order);
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
    fn handle_command(&mut self, order: PartitionCommand) {
        let done = match order {
            PartitionCommand::Assign(taken, done) => {
                self.partitions = self.partitions.and(taken.partitions);
                self.walks.clear();
                done
            }
            PartitionCommand::Revoke(partitions, done) => {
                self.partitions = self.partitions.without(partitions);
                self.walks.clear();
                done
            }
            PartitionCommand::Ping(done) => done,
            PartitionCommand::Poll(_) => return,
        };
        let _gone = done.send(());
    }

    /// One round over all newsletters. A failed store operation is counted, is tried again in the next round, and
    /// blocks nothing else. Returns whether there is more to do at once.
    async fn turn(&mut self) -> bool {
        self.writer.desk.heartbeats.beat(Loop::Newsletter);
        let authors = self.read_authors().await;
        let mailings: Vec<&Newsletter> =
            authors.iter().flat_map(|author| &author.authoring.newsletters).collect();
        self.follow(&mailings);
        let mut busy = false;
        let mut walks = std::mem::take(&mut self.walks);
        for walk in walks.values_mut() {
            busy |= walk.step(&self.writer).await.unwrap_or(false);
        }
        self.walks = walks;
        self.show().await;
        for author in &authors {
            if self.holds(author.user) {
                busy |= self.authors.look_after(author, &self.writer).await.unwrap_or(false);
            }
        }
        self.authors.retain(&authors);
        self.figures(&mailings);
        busy
    }

    /// The conversations of those who may write newsletters, as far as they can be read.
    async fn read_authors(&self) -> Vec<Arc<Conversation>> {
        let desk = &self.writer.desk;
        let load = |user: &UserId| {
            let loaded = desk.store.load(Subject::User(*user));
            desk.stored(StoreOperation::Load, loaded)
        };
        let loaded = join_all(desk.settings.administrators.iter().map(load)).await;
        loaded.into_iter().filter_map(|loaded| loaded.ok().flatten()).collect()
    }

    /// Keeps a `Scan` for each running newsletter, and passes it the outcomes of its sends.
    fn follow(&mut self, mailings: &[&Newsletter]) {
        let under_way = |key: &(NewsletterId, SendOrRecall)| {
            mailings.iter().any(|one| one.id == key.0 && one.round() == Some(key.1))
        };
        self.walks.retain(|key, _| under_way(key));
        for mailing in mailings {
            let Some(round) = mailing.round() else { continue };
            let walk = self.walks.entry((mailing.id, round));
            let partitions = self.partitions;
            walk.or_insert_with(|| Scan::new((*mailing).clone(), round, partitions))
                .follow(mailing);
        }
        for (newsletter, user, outcome) in self.writer.desk.post.take() {
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
            let shown = progress::write(&*self.writer.desk.store, *newsletter, *round, places);
            if self.writer.desk.stored(StoreOperation::Show, shown).await.is_ok() {
                walk.was_shown();
            }
        }
    }

    fn holds(&self, user: UserId) -> bool {
        self.partitions.contains(Partition::of(user))
    }

    fn figures(&self, mailings: &[&Newsletter]) {
        let goes_on = mailings.iter().filter(|one| one.goes_on() && self.holds(one.author));
        let sum = |sum: Progress, walk: &Scan| sum.and(walk.tally());
        let tally = self.walks.values().fold(Progress::default(), sum);
        instrumentation::newsletters(&self.writer.desk.metrics, goes_on.count(), tally);
    }
}
