//! Dead letters in Redis, kept in full so that they can be replayed unchanged.

use domain::{DeadId, Partition, PartitionSet, Seq};
use ports::{DeadLetter, DeadLetters, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    script::{answers::integer, encoding},
    store::RedisStore,
};

#[ports::async_trait]
impl DeadLetters for RedisStore {
    async fn dead(
        &self,
        after: Option<DeadId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let _open = self.enter().await?;
        let found = self
            .numbered_page(PartitionSet::ALL, "deadq", "dead", after.map(|id| id.0), limit)
            .await?;
        let letter = |(id, body): (i64, String)| encoding::read_letter(DeadId(id), &body);
        found.into_iter().map(letter).collect()
    }

    async fn dead_letter(&self, id: DeadId) -> Result<Option<DeadLetter>, StoreError> {
        let _open = self.enter().await?;
        let key = self.keys.in_partition(partition(id), "dead");
        let body = self.connection.hash_field(Operation::Read, key, id.0).await?;
        body.map(|body| encoding::read_letter(id, &body)).transpose()
    }

    async fn drop_dead(&self, id: DeadId) -> Result<bool, StoreError> {
        let _open = self.enter().await?;
        let there =
            self.small_change(partition(id), "drop", id.0.to_string(), String::new()).await?;
        Ok(integer(there)? == 1)
    }
}

fn partition(id: DeadId) -> Partition {
    Partition::of_seq(Seq(id.0 >> 1))
}
