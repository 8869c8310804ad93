//! What processes have left that are dead: taken at once if that is certain, and told once however many find it.

use futures_util::future::join_all;

use domain::{Partition, PartitionSet};

use super::{
    arguments::{Args, maybe},
    errors::OpenError,
    lease_manager::{FORMAT, LeaseManager, Take},
    observer::Operation,
};

/// For so long it is remembered that somebody was told of the end of a process.
const GONE_SECONDS: i64 = 24 * 60 * 60;

impl LeaseManager {
    /// Takes what the dead hold, all of it: if it is more than the share of this process, the rest is given back in
    /// order. Fails if it must be tried again.
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
        // How they ended, whoever knows that they are dead knows as well.
        self.took(taken, false, gone);
        tried
    }

    /// Whether nobody was told yet that a process has gone without a word: asked once, among all processes.
    pub(super) async fn mark_dead(&self, token: &str) -> bool {
        if !self.leases.mark_dead(token.to_owned()) {
            return false;
        }
        // What was left by nobody in particular has no name to remember.
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
        // Told twice is better than never.
        set.is_err() || by.map_or(true, |by| by.is_none_or(|by| by == self.leases.token))
    }
}
