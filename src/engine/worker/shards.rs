//! The partitions that this worker decides for.

use std::collections::{HashMap, HashSet};

use crate::{
    engine::{crew::Order, left::Left},
    telemetry::{Loop, StoreOperation, events},
};
use domain::{Seq, Shard, Shards};
use ports::{Store, StoreError};

use super::Worker;

/// Updates per read.
const PAGE: usize = 1000;

/// The partitions, and how far their inboxes have been read.
#[derive(Debug, Default)]
pub(super) struct Kept {
    shards: Shards,
    read: HashMap<Shard, Seq>,
    /// The number of updates dropped from memory when partitions were revoked.
    left: Left,
}

impl<S: Store, M: Send + Sync + 'static> Worker<S, M> {
    /// Loads the waiting updates of these partitions. Returns their number.
    pub async fn resume(&mut self, shards: Shards) -> Result<usize, StoreError> {
        self.kept.shards = self.kept.shards.and(shards);
        let before = self.ready.len();
        self.read_inbox(shards, None).await?;
        Ok(self.ready.len() - before)
    }

    /// Carries out an instruction.
    pub(super) async fn obey(&mut self, order: Order) {
        match order {
            Order::TakeUp(taken, done) => {
                let lost = self.kept.left.lost(taken.shards, taken.emptied);
                if lost > 0 {
                    events::messages_lost(&self.desk.metrics, lost);
                }
                let mut pause = std::time::Duration::from_millis(50);
                while self.resume(taken.shards).await.is_err() {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(std::time::Duration::from_secs(2));
                }
                let _gone = done.send(());
            }
            Order::Look(shards) => {
                let kept = self.kept.shards;
                for shard in shards.iter().filter(|shard| kept.contains(*shard)) {
                    let after = self.kept.read.get(&shard).copied();
                    // After a failed read, the store announces these updates again.
                    let _counted = self.read_inbox(shard.into(), after).await;
                }
            }
            Order::LetGo(shards, done) => {
                self.let_go(shards);
                let _gone = done.send(());
            }
            Order::Answer(done) => {
                let _gone = done.send(());
            }
        }
    }

    /// Loads waiting updates that are not in memory yet. The store announces later ones.
    async fn read_inbox(&mut self, of: Shards, after: Option<Seq>) -> Result<(), StoreError> {
        if !self.read_page(of, after).await? {
            return Ok(());
        }
        for shard in of.iter() {
            // Sequence numbers of different partitions are not comparable: a new one here may be below those of this
            // page.
            let read = |worker: &Self| worker.kept.read.get(&shard).copied().or(after);
            while self.read_page(shard.into(), read(self)).await? {}
        }
        Ok(())
    }

    /// Loads one page. Returns whether there may be more.
    async fn read_page(&mut self, of: Shards, after: Option<Seq>) -> Result<bool, StoreError> {
        self.desk.heartbeats.beat(Loop::Worker);
        let read = self.desk.store.undecided(of, after, PAGE);
        let items = self.desk.stored(StoreOperation::Read, read).await?;
        for item in &items {
            let read = self.kept.read.entry(Shard::of_seq(item.seq)).or_insert(item.seq);
            *read = item.seq.max(*read);
        }
        let full = items.len() >= PAGE;
        let here: HashSet<Seq> =
            self.ready.iter().chain(self.held.items()).map(|item| item.seq).collect();
        self.wait(items.into_iter().filter(|item| !here.contains(&item.seq)));
        Ok(full)
    }

    fn let_go(&mut self, shards: Shards) {
        self.kept.shards = self.kept.shards.without(shards);
        self.kept.read.retain(|shard, _| !shards.contains(*shard));
        let before = self.ready.len() + self.held.len();
        let stays = |seq: Seq| !shards.contains(Shard::of_seq(seq));
        for item in self.ready.iter().chain(self.held.items()).filter(|item| !stays(item.seq)) {
            self.kept.left.add(Shard::of_seq(item.seq), 1);
        }
        self.ready.retain(|item| stays(item.seq));
        self.held.retain(stays);
        self.places.free(before - self.ready.len() - self.held.len());
    }
}
