//! Sharing of the store among processes, as the engine sees it.

use domain::{InboxLane, Limits, Millis, OutboxLane, Partition, PartitionSet};
use ports::{
    Board, Leadership, PartitionEvent, Partitions, SharedLimits, SharedSlots, SlotGrant,
    SlotsAsked, StoreError,
};

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        answers::{maybe_number, pairs},
        arguments::Args,
        encoding::number,
        layout,
    },
    store::RedisStore,
};

/// Time in seconds after which a published text expires without an update: 30 days.
const PUBLISHED_SECONDS: i64 = 30 * 24 * 3600;

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
        self.lease_manager.release(ours, false).await;
        self.leases.record_release(partitions.without(ours));
    }

    fn held_at_start(&self) -> PartitionSet {
        if self.shared { PartitionSet::NONE } else { PartitionSet::ALL }
    }

    fn holds(&self, lane: OutboxLane) -> bool {
        self.leases.certainly_holds(Partition::of(lane.user))
    }

    fn decides(&self, lane: InboxLane) -> bool {
        let partition = match lane {
            InboxLane::Topic(topic) => self.topic_hints.partition(topic),
            InboxLane::User(_) | InboxLane::Desk => layout::partition_of_lane(lane),
        };
        // If the partition is not known here yet, the answer comes when the update is stored.
        partition.is_none_or(|partition| self.leases.serves(partition))
    }
}

#[ports::async_trait]
impl Board for RedisStore {
    async fn is_first_report(&self, run: &str) -> bool {
        self.lease_manager.mark_dead(run).await
    }

    async fn record_watchdog(&self, now: Option<Millis>) -> Result<Option<Millis>, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::from(self.keys.watchdog().as_str());
        if let Some(Millis(at)) = now {
            // The last write wins, whatever the clocks of the processes say.
            args.number(at);
            self.connection.command("SET", Operation::Upkeep, args).await?;
            return Ok(now);
        }
        let recorded = self.connection.command("GET", Operation::Upkeep, args).await?;
        Ok(maybe_number(recorded)?.map(Millis))
    }

    async fn publish(&self, name: &str, texts: Vec<(Partition, String)>) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        if texts.is_empty() {
            return Ok(());
        }
        let key = self.keys.published(name);
        let mut args = Args::from(key.as_str());
        for (partition, text) in texts {
            args.number(i64::from(partition.number())).text(text);
        }
        self.connection.command("HSET", Operation::Upkeep, args).await?;
        let mut args = Args::from(key.as_str());
        args.number(PUBLISHED_SECONDS);
        self.connection.command("EXPIRE", Operation::Upkeep, args).await?;
        Ok(())
    }

    async fn published(&self, name: &str) -> Result<Vec<(Partition, String)>, StoreError> {
        let _open = self.enter().await?;
        let args = Args::from(self.keys.published(name).as_str());
        let fields = pairs(self.connection.command("HGETALL", Operation::Read, args).await?)?;
        let published = fields
            .into_iter()
            .map(|(partition, text)| Ok((Partition::of_number(number(&partition)?), text)));
        published.collect()
    }
}

#[ports::async_trait]
impl SharedSlots for RedisStore {
    async fn slots(&self, asked: SlotsAsked) -> Result<Option<Vec<SlotGrant>>, StoreError> {
        self.take_slots(asked).await.map(Some)
    }

    async fn remaining(&self, limits: SharedLimits) -> Result<Limits, StoreError> {
        self.remaining_slots(limits).await
    }

    fn shares_limits(&self) -> bool {
        self.shared
    }
}

#[ports::async_trait]
impl Leadership for RedisStore {
    async fn leading(&self) {
        self.leases.wait_for_leadership(true).await;
    }

    async fn leadership_lost(&self) {
        self.leases.wait_for_leadership(false).await;
    }
}
