//! The partitions that this worker decides for.

use std::collections::{HashMap, HashSet};

use crate::{
    engine::{
        cluster::{PartitionCommand, ReleasedBacklog},
        desk::STORE_BACKOFF,
    },
    telemetry::{Loop, StoreOperation, events},
};
use domain::{Partition, PartitionSet, Seq};
use ports::StoreError;

use super::Worker;

/// Updates per read.
const PAGE: usize = 1000;

/// The partitions, and how far their inboxes have been read.
#[derive(Debug, Default)]
pub(super) struct OwnedInbox {
    partitions: PartitionSet,
    read: HashMap<Partition, Seq>,
    /// The number of updates dropped from memory when partitions were revoked.
    released: ReleasedBacklog,
}

impl Worker {
    /// Loads the waiting updates of these partitions. Returns their number.
    pub async fn resume(&mut self, partitions: PartitionSet) -> Result<usize, StoreError> {
        self.owned.partitions = self.owned.partitions.and(partitions);
        let before = self.ready.len();
        self.read_inbox(partitions, None).await?;
        Ok(self.ready.len() - before)
    }

    /// Carries out an instruction.
    pub(super) async fn handle_command(&mut self, command: PartitionCommand) {
        match command {
            PartitionCommand::Assign(assigned, done) => {
                let lost = self.owned.released.lost(assigned.partitions, assigned.emptied);
                if lost > 0 {
                    events::messages_lost(&self.desk.metrics, lost);
                }
                let mut failures = 0;
                while self.resume(assigned.partitions).await.is_err() {
                    tokio::time::sleep(STORE_BACKOFF.delay(failures)).await;
                    failures += 1;
                }
                let _gone = done.send(());
            }
            PartitionCommand::Poll(partitions) => {
                let owned = self.owned.partitions;
                for partition in partitions.iter().filter(|partition| owned.contains(*partition)) {
                    let after = self.owned.read.get(&partition).copied();
                    // After a failed read, the store announces these updates again.
                    let _counted = self.read_inbox(partition.into(), after).await;
                }
            }
            PartitionCommand::Revoke(partitions, done) => {
                self.revoke(partitions);
                let _gone = done.send(());
            }
            PartitionCommand::Ping(done) => {
                let _gone = done.send(());
            }
        }
    }

    /// Loads waiting updates that are not in memory yet. The store announces later ones.
    async fn read_inbox(&mut self, of: PartitionSet, after: Option<Seq>) -> Result<(), StoreError> {
        if !self.read_page(of, after).await? {
            return Ok(());
        }
        for partition in of.iter() {
            // Sequence numbers of different partitions are not comparable: a new one here may be below those of this
            // page.
            let read = |worker: &Self| worker.owned.read.get(&partition).copied().or(after);
            while self.read_page(partition.into(), read(self)).await? {}
        }
        Ok(())
    }

    /// Loads one page. Returns whether there may be more.
    async fn read_page(
        &mut self,
        of: PartitionSet,
        after: Option<Seq>,
    ) -> Result<bool, StoreError> {
        self.desk.heartbeats.beat(Loop::Worker);
        let read = self.desk.store.undecided(of, after, PAGE);
        let items = self.desk.stored(StoreOperation::Read, read).await?;
        for item in &items {
            let read = self.owned.read.entry(Partition::of_seq(item.seq)).or_insert(item.seq);
            *read = item.seq.max(*read);
        }
        let full = items.len() >= PAGE;
        let here: HashSet<Seq> =
            self.ready.iter().chain(self.paused.items()).map(|item| item.seq).collect();
        self.enqueue(items.into_iter().filter(|item| !here.contains(&item.seq)));
        Ok(full)
    }

    fn revoke(&mut self, partitions: PartitionSet) {
        self.owned.partitions = self.owned.partitions.without(partitions);
        self.owned.read.retain(|partition, _| !partitions.contains(*partition));
        let before = self.ready.len() + self.paused.len();
        let stays = |seq: Seq| !partitions.contains(Partition::of_seq(seq));
        for item in self.ready.iter().chain(self.paused.items()).filter(|item| !stays(item.seq)) {
            self.owned.released.add(Partition::of_seq(item.seq), 1);
        }
        self.ready.retain(|item| stays(item.seq));
        self.paused.retain(stays);
        self.capacity.free(before - self.ready.len() - self.paused.len());
    }
}
