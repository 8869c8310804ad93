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
const ROUND_INTERVAL: Duration = Duration::from_secs(1);
/// Shortest interval between two publications of progress to other processes.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(900);

/// The loop that runs newsletters.
#[derive(Debug)]
pub struct Newsletters {
    writer: Writer,
    orders: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    partitions: PartitionSet,
    scans: HashMap<(NewsletterId, SendOrRecall), Scan>,
    authors: Authors,
    /// When progress was last published to other processes.
    published_at: Instant,
}

impl Newsletters {
    /// Creates the loop. It announces sends through `queued_sends`, and at first works on these partitions.
    pub fn new(desk: Arc<Desk>, queued_sends: QueuedSends, partitions: PartitionSet) -> Self {
        Self {
            writer: Writer { desk, queued_sends },
            orders: PartitionCommands::channel(),
            partitions,
            scans: HashMap::new(),
            authors: Authors::default(),
            published_at: Instant::now(),
        }
    }

    /// The handle that instructs this loop.
    pub fn orders(&self) -> PartitionCommands {
        self.orders.0.clone()
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(ROUND_INTERVAL);
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
                () = desk.feedback.wait_for_outcomes() => {}
                _ = tick.tick() => {}
            }
            busy = self.run_round().await;
        }
    }

    /// Carries out an instruction. Between two rounds no work is in progress. After a change of partitions, counting
    /// starts anew.
    fn handle_command(&mut self, order: PartitionCommand) {
        let done = match order {
            PartitionCommand::Assign(taken, done) => {
                self.partitions = self.partitions.and(taken.partitions);
                self.scans.clear();
                done
            }
            PartitionCommand::Revoke(partitions, done) => {
                self.partitions = self.partitions.without(partitions);
                self.scans.clear();
                done
            }
            PartitionCommand::Ping(done) => done,
            PartitionCommand::Poll(_) => return,
        };
        let _gone = done.send(());
    }

    /// One round over all newsletters. A failed store operation is counted, is tried again in the next round, and
    /// blocks nothing else. Returns whether there is more to do at once.
    async fn run_round(&mut self) -> bool {
        self.writer.desk.heartbeats.beat(Loop::Newsletter);
        let authors = self.read_authors().await;
        let newsletters: Vec<&Newsletter> =
            authors.iter().flat_map(|author| &author.authoring.newsletters).collect();
        self.follow(&newsletters);
        let mut busy = false;
        let mut scans = std::mem::take(&mut self.scans);
        for scan in scans.values_mut() {
            busy |= scan.step(&self.writer).await.unwrap_or(false);
        }
        self.scans = scans;
        self.publish().await;
        for author in &authors {
            if self.holds(author.user) {
                busy |= self.authors.update(author, &self.writer).await.unwrap_or(false);
            }
        }
        self.authors.retain(&authors);
        self.figures(&newsletters);
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
    fn follow(&mut self, newsletters: &[&Newsletter]) {
        let under_way = |key: &(NewsletterId, SendOrRecall)| {
            newsletters.iter().any(|one| one.id == key.0 && one.round() == Some(key.1))
        };
        self.scans.retain(|key, _| under_way(key));
        for newsletter in newsletters {
            let Some(round) = newsletter.round() else { continue };
            let scan = self.scans.entry((newsletter.id, round));
            let partitions = self.partitions;
            scan.or_insert_with(|| Scan::new((*newsletter).clone(), round, partitions))
                .follow(newsletter);
        }
        for (newsletter, user, outcome) in self.writer.desk.feedback.take_outcomes() {
            for ((id, _), scan) in &mut self.scans {
                if *id == newsletter {
                    scan.settle(user, outcome);
                }
            }
        }
    }

    /// Publishes the progress of this process's partitions.
    async fn publish(&mut self) {
        if self.published_at.elapsed() < PUBLISH_INTERVAL {
            return;
        }
        self.published_at = Instant::now();
        for ((newsletter, round), scan) in &mut self.scans {
            let Some(partitions) = scan.unpublished() else { continue };
            let published =
                progress::write(&*self.writer.desk.store, *newsletter, *round, partitions);
            if self.writer.desk.stored(StoreOperation::Show, published).await.is_ok() {
                scan.mark_published();
            }
        }
    }

    fn holds(&self, user: UserId) -> bool {
        self.partitions.contains(Partition::of(user))
    }

    fn figures(&self, newsletters: &[&Newsletter]) {
        let running = newsletters.iter().filter(|one| one.goes_on() && self.holds(one.author));
        let sum = |sum: Progress, scan: &Scan| sum.and(scan.progress());
        let progress = self.scans.values().fold(Progress::default(), sum);
        instrumentation::newsletters(&self.writer.desk.metrics, running.count(), progress);
    }
}
