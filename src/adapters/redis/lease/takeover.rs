//! Takes over from dead processes: at once if the death is certain, and with one report, however many processes find
//! it.

use futures_util::future::join_all;

use domain::{Partition, PartitionSet};

use crate::adapters::redis::{
    client::observer::Operation,
    errors::OpenError,
    script::{answers::maybe, arguments::Args, layout::FORMAT},
};

use super::lease_manager::{Acquisition, LeaseManager};

/// Time in seconds for which the end of a process stays marked as reported.
const REPORTED_SECONDS: i64 = 24 * 60 * 60;

impl LeaseManager {
    /// Takes all partitions of the dead processes. Partitions above this process's fair share are released later, in
    /// order. Fails if it must be called again.
    pub(super) async fn take_over_dead(&self) -> Result<(), OpenError> {
        let attempts = Partition::all().map(|partition| async move {
            let mut args = self.lease_args("inherit");
            args.number(FORMAT);
            for token in &self.leases.dead {
                args.text(token.as_str());
            }
            (partition, self.acquire_with(partition, args).await)
        });
        let (mut taken, mut lost_data, mut result) =
            (PartitionSet::NONE, PartitionSet::NONE, Ok(()));
        for (partition, answer) in join_all(attempts).await {
            match answer {
                Ok(Acquisition::Acquired { emptied, .. }) => {
                    taken = taken.with(partition);
                    lost_data = if emptied { lost_data.with(partition) } else { lost_data };
                }
                Ok(Acquisition::HeldElsewhere(_) | Acquisition::NewerFormat(_)) => {}
                Err(error) => result = Err(error),
            }
        }
        // Not reported as unclean: whoever passed the tokens as dead also knows how these processes ended.
        self.report_assigned(taken, false, lost_data);
        result
    }

    /// Marks the unclean end of a process as reported. True for exactly one of the processes on the store.
    pub(in crate::adapters::redis) async fn mark_dead(&self, token: &str) -> bool {
        if !self.leases.record_dead(token.to_owned()) {
            return false;
        }
        // Without a token there is nothing to mark.
        if token.is_empty() {
            return true;
        }
        let key = self.keys.reported_end(token);
        let mut args = Args::from(key.as_str());
        args.text(self.leases.token.as_str()).text("NX").text("EX").number(REPORTED_SECONDS);
        let set = self.connection.command("SET", Operation::Upkeep, args).await;
        let get = self.connection.command("GET", Operation::Upkeep, Args::from(key.as_str()));
        let by = get.await.and_then(maybe);
        // If Redis fails, a second report is better than none.
        set.is_err() || by.map_or(true, |by| by.is_none_or(|by| by == self.leases.token))
    }
}
