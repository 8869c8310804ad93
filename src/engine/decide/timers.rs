//! Timers of conversations: an expired timer is decided and committed like an update.
//!
//! Invariant: only timers of partitions that the sender was assigned are decided, so that the sender receives their
//! sends. A timer is a field of its conversation, so any change of the timer is a change of the conversation; a
//! decision on a stale conversation is not written, and the timer is checked again.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{
        QueuedSends,
        cluster::{PartitionCommand, PartitionCommands},
        instrumentation,
    },
    telemetry::{Loop, StoreOperation},
};
use domain::{
    Conversation, Decision, Event, Fact, Millis, PartitionSet, Subject, UpdateId, UserId,
};
use ports::{Commit, Committed, Queued, StoreError};

use super::{
    Deciding,
    decision::{Circumstances, apply_rules},
};

/// Interval between checks.
const EVERY: Duration = Duration::from_secs(1);
/// Timers decided per batch.
const BATCH: usize = 256;

/// Decides expired timers.
#[derive(Debug)]
pub struct Timers {
    context: Arc<Deciding>,
    queued_sends: QueuedSends,
    commands: (PartitionCommands, mpsc::UnboundedReceiver<PartitionCommand>),
    partitions: PartitionSet,
}

impl Timers {
    /// Creates timers that announce sends through `queued_sends`, at first for these partitions.
    pub fn new(
        context: Arc<Deciding>,
        queued_sends: QueuedSends,
        partitions: PartitionSet,
    ) -> Self {
        Self { context, queued_sends, commands: PartitionCommands::channel(), partitions }
    }

    /// The handle that assigns partitions to this loop and revokes them.
    pub fn commands(&self) -> PartitionCommands {
        self.commands.0.clone()
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(mut self, intake: CancellationToken) {
        let mut tick = tokio::time::interval(EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = intake.cancelled() => return,
                Some(command) = self.commands.1.recv() => {
                    self.handle_command(command);
                    continue;
                }
                _ = tick.tick() => {}
            }
            // After a failed read or a stale commit, the next check tries again.
            while self.decide_due().await.is_ok_and(|done| done == BATCH) && !intake.is_cancelled()
            {
            }
        }
    }

    /// Carries out a command. Between two checks no work is in progress.
    fn handle_command(&mut self, command: PartitionCommand) {
        let done = match command {
            PartitionCommand::Assign(assigned, done) => {
                self.partitions = self.partitions.and(assigned.partitions);
                done
            }
            PartitionCommand::Revoke(partitions, done) => {
                self.partitions = self.partitions.without(partitions);
                done
            }
            PartitionCommand::Ping(done) => done,
            PartitionCommand::Poll(_) => return,
        };
        let _gone = done.send(());
    }

    /// Decides expired timers. Returns their number.
    async fn decide_due(&self) -> Result<usize, StoreError> {
        let desk = &self.context.desk;
        desk.heartbeats.beat(Loop::Timers);
        let now = desk.now();
        let users =
            desk.stored(StoreOperation::Read, desk.store.due(self.partitions, now, BATCH)).await?;
        let load = |user: UserId| async move {
            let loaded = desk.store.load(Subject::User(user));
            desk.stored(StoreOperation::Load, loaded).await.ok().flatten()
        };
        let loaded = join_all(users.into_iter().map(load)).await;
        let (commits, facts): (Vec<_>, Vec<_>) =
            loaded.iter().flatten().map(|stored| decide(&self.context, stored, now)).unzip();
        if commits.is_empty() {
            return Ok(0);
        }
        let mut done = 0;
        for (outcome, facts) in desk.write(Loop::Timers, commits).await.into_iter().zip(facts) {
            if let Some(Committed::Done(written)) = outcome {
                done += 1;
                instrumentation::facts(&desk.metrics, &facts);
                self.queued_sends.announce(written.queued);
            }
        }
        Ok(done)
    }
}

/// Decides an expired timer.
fn decide(context: &Deciding, stored: &Conversation, now: Millis) -> (Commit, Vec<Fact>) {
    let user = stored.user;
    let conversation = Some(stored.clone());
    let rules = AssertUnwindSafe(|| {
        apply_rules(context, Event::Due(user), conversation, Circumstances::default())
    });
    // A timer whose decision panics is removed, or it would panic again every second. The panic hook has counted it.
    let stopped = || {
        let mut next = stored.clone();
        next.welcome.due = None;
        Decision { next: Some(next), ..Decision::default() }
    };
    let decision = catch_unwind(rules).unwrap_or_else(|_counted| stopped());
    let queue = |effect: domain::Effect| Queued {
        lane: effect.lane(user),
        effect,
        cause: UpdateId(0),
        received: now,
        not_before: None,
    };
    let commit = Commit {
        expects: Some((user, stored.revision)),
        conversation: decision.next,
        queued: decision.effects.into_iter().map(queue).collect(),
        ..Commit::default()
    };
    (commit, decision.facts)
}
