//! The partitions that this sender works on, and the commands that change them.

use tokio::time::{Instant, sleep};

use crate::{
    engine::{
        cluster::{Assigned, PartitionCommand, PartitionCommands},
        lanes::{STORE_PAUSE, counts_as_lost},
    },
    telemetry::{StoreOperation, events},
};
use domain::{Channel, GroupKey, OutboxLane, Partition, PartitionSet, Span, UserId};
use ports::{Backlog, LanePage, Store, StoreError};

use super::{DirectCalls, LoadedSends, Sender, TaskResult, dispatch::caught};

/// What waits in assigned partitions, and when the group's limit made it wait.
#[derive(Debug)]
pub(super) struct Waiting {
    backlog: Vec<Backlog>,
    limited: Vec<Span>,
}

impl Waiting {
    async fn read(store: &dyn Store, partitions: PartitionSet) -> Result<Self, StoreError> {
        Ok(Self { backlog: store.backlog(partitions).await?, limited: store.limited().await? })
    }
}

impl Sender {
    /// Loads the backlog of these partitions. Call this before anything is queued for them.
    pub async fn resume(&mut self, partitions: PartitionSet) -> Result<(), StoreError> {
        let waiting = Waiting::read(&*self.desk.store, partitions).await?;
        self.assign(partitions, waiting);
        Ok(())
    }

    /// A handle to send commands to this sender.
    pub fn commands(&self) -> PartitionCommands {
        self.commands.0.clone()
    }

    /// A handle to request direct calls.
    pub fn direct_calls(&self) -> DirectCalls {
        self.direct_calls.handle()
    }

    pub(super) fn handle_command(&mut self, command: PartitionCommand) {
        match command {
            PartitionCommand::Assign(assigned, done) => {
                let desk = std::sync::Arc::clone(&self.desk);
                self.tasks.spawn(async move {
                    let read = || Waiting::read(&*desk.store, assigned.partitions);
                    loop {
                        let read = desk.until_stored(StoreOperation::Next, read);
                        if let Some(waiting) = caught(read).await {
                            break TaskResult::BacklogRead(assigned, waiting, done);
                        }
                        sleep(STORE_PAUSE).await;
                    }
                });
            }
            PartitionCommand::Revoke(partitions, done) => {
                self.lanes.revoke(partitions);
                self.revoking.push((partitions, done));
                self.confirm_revocations();
            }
            PartitionCommand::Ping(done) => {
                let _gone = done.send(());
            }
            PartitionCommand::Poll(_) => {}
        }
    }

    /// Adds partitions whose backlog was read.
    pub(super) fn on_assigned(&mut self, assigned: Assigned, waiting: Waiting) {
        let lost = self.lanes.released_backlog.lost(assigned.partitions, assigned.emptied);
        if lost > 0 {
            events::messages_lost(&self.desk.metrics, lost);
        }
        self.assign(assigned.partitions, waiting);
    }

    /// Adds sends that were read for a lane; `asked` is how many were asked for.
    pub(super) fn on_loaded(
        &mut self,
        lane: OutboxLane,
        asked: usize,
        LoadedSends { items, standing, group }: LoadedSends,
        now: Instant,
    ) {
        if let Some(group) = group {
            self.lanes.learn_group(lane, group);
        }
        let times = (now, self.desk.now());
        let missing = self.lanes.add_loaded(lane, asked, items, standing, times);
        // Sends that another process may have made meanwhile are not lost.
        if missing > 0 && counts_as_lost(lane.channel) && self.desk.store.holds(lane) {
            events::messages_lost(&self.desk.metrics, missing as u64);
        }
    }

    /// Reads lanes from the store, for each channel that has room for some. Returns when to look again.
    pub(super) fn read_lanes(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let (partitions, page) = (self.lanes.partitions, self.lanes.page_size());
        for channel in Channel::ALL {
            let Some(from) = self.lanes.begin_reading(channel, now) else { continue };
            let desk = std::sync::Arc::clone(&self.desk);
            self.tasks.spawn(async move {
                let lanes = desk.store.lanes(partitions, channel, from, page);
                let read = caught(desk.stored(StoreOperation::Next, lanes)).await;
                TaskResult::LanesRead(channel, read.and_then(Result::ok))
            });
        }
        self.lanes.next_reading()
    }

    /// Handles a page of lanes.
    pub(super) fn on_lanes(&mut self, channel: Channel, page: &LanePage, now: Instant) {
        let lost = self.lanes.add_page(channel, page, now).into_iter();
        // Sends that another process may have made meanwhile are not lost.
        let lane = |partition: Partition| OutboxLane {
            user: UserId(i64::from(partition.number())),
            channel,
        };
        let ours = lost.filter(|(partition, _)| self.desk.store.holds(lane(*partition)));
        let missing: u64 = ours.map(|(_, count)| count).sum();
        if missing > 0 && counts_as_lost(channel) {
            events::messages_lost(&self.desk.metrics, missing);
        }
    }

    /// Reports the revoked partitions in which nothing is under way any more.
    pub(super) fn confirm_revocations(&mut self) {
        for (_, done) in
            self.revoking.extract_if(.., |(partitions, _)| !self.lanes.running_in(*partitions))
        {
            let _gone = done.send(());
        }
    }

    fn assign(&mut self, partitions: PartitionSet, Waiting { backlog, limited }: Waiting) {
        let now = Instant::now();
        self.lanes.add_partitions(partitions);
        self.pacer.take_over(partitions, now);
        self.lanes.limit_histories.of(GroupKey::FIRST).learn(limited);
        self.lanes.add_backlog(partitions, &backlog);
    }
}
