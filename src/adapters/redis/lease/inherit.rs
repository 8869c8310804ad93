//! Takes over from dead processes: at once if the death is certain, and with one report, however many processes find
//! it.

use futures_util::future::join_all;

use domain::{Partition, PartitionSet};

use crate::adapters::redis::{
    client::observer::Operation,
    errors::OpenError,
    script::arguments::{Args, maybe},
};

use super::lease_manager::{FORMAT, LeaseManager, Take};

/// Time in seconds for which the end of a process stays marked as reported.
const GONE_SECONDS: i64 = 24 * 60 * 60;

impl LeaseManager {
    /// Takes all partitions of the dead processes. Partitions above this process's fair share are released later, in
    /// order. Fails if it must be called again.
    pub(super) async fn inherit(&self) -> Result<(), OpenError> {
        let asked = Partition::all().map(|partition| async move {
            let mut args = self.args("inherit");
            args.number(FORMAT);
            for token in &self.leases.dead {
                args.text(token.as_str());
            }
            (partition, self.take_by(partition, args).await)
        });
        let (mut taken, mut gone, mut tried) = (PartitionSet::NONE, PartitionSet::NONE, Ok(()));
        for (partition, answer) in join_all(asked).await {
            match answer {
                Ok(Take::Ours { emptied, .. }) => {
                    taken = taken.with(partition);
                    gone = if emptied { gone.with(partition) } else { gone };
                }
                Ok(Take::Others(_) | Take::Newer(_)) => {}
                Err(error) => tried = Err(error),
            }
        }
        // Not reported as unclean: whoever passed the tokens as dead also knows how these processes ended.
        self.took(taken, false, gone);
        tried
    }

    /// Marks the unclean end of a process as reported. True for exactly one of the processes on the store.
    pub(in crate::adapters::redis) async fn mark_dead(&self, token: &str) -> bool {
        if !self.leases.mark_dead(token.to_owned()) {
            return false;
        }
        // Without a token there is nothing to mark.
        if token.is_empty() {
            return true;
        }
        let mut args = Args::default();
        args.text(self.keys.gone(token)).text(self.leases.token.as_str());
        args.text("NX").text("EX").number(GONE_SECONDS);
        let set = self.connection.command("SET", Operation::Upkeep, args).await;
        let mut args = Args::default();
        args.text(self.keys.gone(token));
        let by = self.connection.command("GET", Operation::Upkeep, args).await.and_then(maybe);
        // If Redis fails, a second report is better than none.
        set.is_err() || by.map_or(true, |by| by.is_none_or(|by| by == self.leases.token))
    }
}
