//! Sharing of the store among processes, as the engine sees it.

use domain::{InboxLane, Limits, Millis, OutboxLane, Partition, PartitionSet};
use ports::{
    Board, Leadership, PartitionEvent, Partitions, SharedLimits, SharedSlots, SlotsAsked,
    SlotsGiven, StoreError,
};

use super::{
    RedisStore,
    arguments::{Args, maybe_number},
    layout,
    observer::Operation,
};

#[ports::async_trait]
impl Partitions for RedisStore {
    async fn next_event(&self) -> PartitionEvent {
        self.leases.next_event().await
    }

    fn serve(&self, partitions: PartitionSet) {
        self.leases.serve(partitions);
    }

    async fn release(&self, partitions: PartitionSet) {
        let held = self.leases.held();
        let ours = partitions
            .iter()
            .filter(|partition| held.contains(*partition))
            .collect::<PartitionSet>();
        self.keeper.release(ours, false).await;
        self.leases.ended(partitions.without(ours));
    }

    fn held_at_start(&self) -> PartitionSet {
        if self.shared { PartitionSet::NONE } else { PartitionSet::ALL }
    }

    fn holds(&self, lane: OutboxLane) -> bool {
        self.leases.certainly_holds(Partition::of(lane.user))
    }

    fn decides(&self, lane: InboxLane) -> bool {
        let partition = match lane {
            InboxLane::Topic(topic) => self.hints.place(topic),
            InboxLane::User(_) | InboxLane::Desk => layout::of_inbox(lane),
        };
        // If the partition is not known here yet, the answer comes when the update is stored.
        partition.is_none_or(|partition| self.leases.serves(partition))
    }
}

#[ports::async_trait]
impl Board for RedisStore {
    async fn record_watchdog(&self, now: Option<Millis>) -> Result<Option<Millis>, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::default();
        args.text(self.keys.heard());
        if let Some(Millis(at)) = now {
            // The last write wins, whatever the clocks of the processes say.
            args.number(at);
            self.connection.command("SET", Operation::Upkeep, args).await?;
            return Ok(now);
        }
        let heard = self.connection.command("GET", Operation::Upkeep, args).await?;
        Ok(maybe_number(heard)?.map(Millis))
    }

    async fn publish(&self, name: &str, texts: Vec<(Partition, String)>) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        self.show_texts(name, texts).await
    }

    async fn published(&self, name: &str) -> Result<Vec<(Partition, String)>, StoreError> {
        let _open = self.enter().await?;
        self.shown_texts(name).await
    }

    async fn is_news(&self, run: &str) -> bool {
        self.keeper.mark_dead(run).await
    }
}

#[ports::async_trait]
impl SharedSlots for RedisStore {
    async fn slots(&self, asked: SlotsAsked) -> Result<Option<SlotsGiven>, StoreError> {
        self.take_slots(asked).await.map(Some)
    }

    async fn remaining(&self, limits: SharedLimits) -> Result<Limits, StoreError> {
        self.slots_left(limits).await
    }

    fn shares_limits(&self) -> bool {
        self.shared
    }
}

#[ports::async_trait]
impl Leadership for RedisStore {
    async fn leading(&self) {
        self.leases.leads(true).await;
    }

    async fn leadership_lost(&self) {
        self.leases.leads(false).await;
    }
}
