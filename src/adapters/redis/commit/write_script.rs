//! Runs the scripts that write to a partition, and detects that another process holds it.

use std::collections::HashSet;

use fred::{error::Error, types::Value};

use domain::{Partition, UserId};
use ports::StoreError;

use crate::adapters::redis::{
    client::{connection::ATTEMPTS, observer::Operation},
    errors::store_error,
    script::{
        arguments::Args,
        scripts::{NOTE, WRITE},
    },
    store::RedisStore,
};

use super::replies::{Reply, read_replies};

/// The role in which a process writes into a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::adapters::redis) enum Role {
    /// It holds the partition.
    Holder,
    /// It stores something for the holder.
    Guest,
}

impl RedisStore {
    /// Runs the write script. Returns one reply for each operation; `None` if another process holds the partition.
    pub(in crate::adapters::redis) async fn write(
        &self,
        role: Role,
        partition: Partition,
        operation: Operation,
        stale: &HashSet<UserId>,
        operations: Args,
        keys: Vec<String>,
    ) -> Result<Option<Vec<Reply>>, StoreError> {
        let mut args = match role {
            Role::Holder => self.args_with_token(),
            Role::Guest => Args::from(""),
        };
        args.number(self.leases.last_read(partition)).text(self.keys.channel());
        args.number(self.epoch()).number(partition.into());
        let deletable = self.idempotency.deletable(partition);
        args.count(deletable.len());
        for key in deletable {
            args.text(key);
        }
        args.count(stale.len());
        for user in stale {
            args.number(user.0);
        }
        args.append(operations);
        let base = self.keys.base(partition);
        match self.connection.script_raw(&WRITE, operation, base, args, ATTEMPTS).await {
            Ok(written) => {
                let replies = read_replies(written)?;
                self.idempotency.record_written(partition, keys);
                Ok(Some(replies))
            }
            Err(error) if self.fenced_error(partition, &error).is_some() => Ok(None),
            Err(error) => Err(store_error(&error)),
        }
    }

    /// Makes a small change in a partition, as its holder.
    pub(in crate::adapters::redis) async fn small_change(
        &self,
        partition: Partition,
        action: &'static str,
        first: String,
        second: String,
    ) -> Result<Value, StoreError> {
        let mut args = self.args_with_token();
        args.text(action).text(first).text(second);
        let base = self.keys.base(partition);
        let changed =
            self.connection.script_raw(&NOTE, Operation::Commit, base, args, ATTEMPTS).await;
        changed.map_err(|error| {
            self.fenced_error(partition, &error).unwrap_or_else(|| store_error(&error))
        })
    }

    /// The store error of a script that was refused because another process holds the partition; records the loss of
    /// the lease. `None` for any other error.
    fn fenced_error(&self, partition: Partition, error: &Error) -> Option<StoreError> {
        let fenced = error.details().starts_with("FENCED");
        fenced.then(|| {
            self.lease_manager.record_loss(partition);
            store_error(error)
        })
    }
}
