//! The parts of the conversations that this sender sends for, and what it is told of them.

use tokio::time::Instant;

use crate::{
    engine::crew::{Order, Orders, Taken},
    telemetry::{StoreOperation, events},
};
use domain::{OutboxLane, Shards};
use ports::{LaneHead, Messenger, OutboxItem, Store, StoreError};

use super::{Asides, Event, Sender, kept::is_missed};

impl<S: Store, M: Messenger> Sender<S, M> {
    /// Takes up what waits in these parts of the conversations. Call before anything is queued for them.
    pub async fn resume(&mut self, shards: Shards) -> Result<(), StoreError> {
        let heads = self.desk.store.lanes(shards).await?;
        self.take_up(shards, &heads);
        Ok(())
    }

    /// The way to give it orders.
    pub fn orders(&self) -> Orders {
        self.orders.0.clone()
    }

    /// The way to ask for calls that stand in no lane.
    pub fn asides(&self) -> Asides {
        self.asides.handle()
    }

    /// Does what it is told.
    pub(super) fn obey(&mut self, order: Order) {
        match order {
            Order::TakeUp(taken, done) => {
                let desk = std::sync::Arc::clone(&self.desk);
                self.calls.spawn(async move {
                    let read = || desk.store.lanes(taken.shards);
                    let heads = desk.until_stored(StoreOperation::Next, read).await;
                    Event::TakenUp(taken, heads, done)
                });
            }
            Order::LetGo(shards, done) => {
                self.lanes.let_go(shards);
                self.cut_reports();
                self.leaving.push((shards, done));
                self.tell_who_left();
            }
            Order::Answer(done) => {
                let _gone = done.send(());
            }
            Order::Look(_) => {}
        }
    }

    /// What waits in parts that were taken was read.
    pub(super) fn taken_up(&mut self, taken: Taken, heads: &[LaneHead]) {
        let lost = self.lanes.left.lost(taken.shards, taken.emptied);
        if lost > 0 {
            events::messages_lost(&self.desk.metrics, lost);
        }
        self.take_up(taken.shards, heads);
    }

    /// Of so many sends that wait in a lane, these were read.
    pub(super) fn loaded(
        &mut self,
        lane: OutboxLane,
        asked: usize,
        items: Vec<OutboxItem>,
        now: Instant,
    ) {
        let missing = self.lanes.add_loaded(lane, asked, items, now);
        // What another process may have done meanwhile is not lost.
        if missing > 0 && is_missed(lane) && self.desk.store.holds(lane) {
            events::messages_lost(&self.desk.metrics, missing as u64);
        }
    }

    /// Says which parts have nothing under way any more.
    pub(super) fn tell_who_left(&mut self) {
        for (_, done) in self.leaving.extract_if(.., |(shards, _)| !self.lanes.running_in(*shards))
        {
            let _gone = done.send(());
        }
    }

    fn take_up(&mut self, shards: Shards, heads: &[LaneHead]) {
        let now = Instant::now();
        self.lanes.keep(shards);
        self.pacer.take_over(shards, now);
        for head in heads {
            self.lanes.add_unloaded(head, now);
        }
    }
}
