//! How processes share the store: what the engine is told, and what it says.

use domain::{InboxLane, Limits, Millis, OutboxLane, Shard, Shards};
use ports::{Share, SharedLimits, Shift, SlotsAsked, SlotsGiven, StoreError};

use super::{
    RedisStore,
    layout::Partition,
    observer::Operation,
    values::{Args, maybe_number},
};

impl Share for RedisStore {
    async fn shift(&self) -> Shift {
        self.leases.shift().await
    }

    fn serve(&self, shards: Shards) {
        self.leases.serve(shards);
    }

    async fn release(&self, shards: Shards) {
        let held = self.leases.held();
        let ours = shards.iter().filter(|shard| held.contains(*shard)).collect::<Shards>();
        self.keeper.give_back(ours, false).await;
        self.leases.ended(shards.without(ours));
    }

    fn held_at_start(&self) -> Shards {
        if self.shared { Shards::NONE } else { Shards::ALL }
    }

    fn holds(&self, lane: OutboxLane) -> bool {
        self.leases.surely_holds(Shard::of(lane.user))
    }

    fn decides(&self, lane: InboxLane) -> bool {
        let partition = match lane {
            InboxLane::Topic(topic) => self.hints.place(topic),
            InboxLane::User(_) | InboxLane::Desk => Partition::of_inbox(lane),
        };
        // What a first look does not tell is told when it is stored.
        partition.is_none_or(|partition| self.leases.serves(partition))
    }

    async fn heard(&self, now: Option<Millis>) -> Result<Option<Millis>, StoreError> {
        let _open = self.enter().await?;
        let mut args = Args::default();
        args.text(self.keys.heard());
        if let Some(Millis(at)) = now {
            // Whoever has heard of it last is right, whatever the clocks say.
            args.number(at);
            self.connection.command("SET", Operation::Upkeep, args).await?;
            return Ok(now);
        }
        let heard = self.connection.command("GET", Operation::Upkeep, args).await?;
        Ok(maybe_number(heard)?.map(Millis))
    }

    async fn show(&self, name: &str, texts: Vec<(Shard, String)>) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        self.show_texts(name, texts).await
    }

    async fn shown(&self, name: &str) -> Result<Vec<(Shard, String)>, StoreError> {
        let _open = self.enter().await?;
        self.shown_texts(name).await
    }

    async fn slots(&self, asked: SlotsAsked) -> Result<Option<SlotsGiven>, StoreError> {
        self.take_slots(asked).await.map(Some)
    }

    async fn left(&self, limits: SharedLimits) -> Result<Limits, StoreError> {
        self.slots_left(limits).await
    }

    fn shares_limits(&self) -> bool {
        self.shared
    }

    async fn leading(&self) {
        self.leases.leads(true).await;
    }

    async fn led_by_another(&self) {
        self.leases.leads(false).await;
    }
}
