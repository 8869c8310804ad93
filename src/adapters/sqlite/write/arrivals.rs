//! Takes updates in: each is stored once, and the decided ones are committed with it.

use std::collections::HashSet;

use crate::adapters::{
    cache::Entries,
    sqlite::{
        errors::SqlError,
        tables::{
            inbox,
            meta::{self, key},
            transaction::Transaction,
        },
    },
};
use domain::{InboxLane, Seq, UpdateId, UserId};
use ports::{Arrival, Commit, InboxItem, KnownUpdate, Taken};

use super::{
    commit::{self, CommitResult},
    request::Write,
};

/// Stores the arrivals that are not known yet, and the next `offset`.
pub(crate) struct TakeIn {
    pub batch: Vec<Arrival>,
    pub offset: Option<UpdateId>,
}

/// The result of one arrival, before its transaction is committed.
#[derive(Debug)]
pub(crate) enum ArrivalResult {
    Known,
    Waits(Seq),
    Decided(CommitResult),
}

impl Write for TakeIn {
    type Done = Vec<ArrivalResult>;
    type Answer = Vec<Taken>;

    fn run(&self, transaction: &mut Transaction<'_>) -> Result<Vec<ArrivalResult>, SqlError> {
        let mut order = ArrivalOrder::default();
        let mut results = Vec::with_capacity(self.batch.len());
        for arrival in &self.batch {
            let result = take_one(transaction, arrival, &order)?;
            if !matches!(result, ArrivalResult::Decided(_)) {
                order.wait_for(arrival);
            }
            results.push(result);
        }
        if let Some(offset) = self.offset {
            meta::set(transaction.connection, key::OFFSET, offset.0)?;
        }
        Ok(results)
    }

    fn publish(&mut self, results: &Vec<ArrivalResult>, cache: &mut Entries) {
        for (arrival, result) in self.batch.iter_mut().zip(results) {
            let Some(commit) = &mut arrival.commit else { continue };
            match result {
                ArrivalResult::Known => {}
                ArrivalResult::Waits(_) => commit::publish(commit, &CommitResult::Stale, cache),
                ArrivalResult::Decided(result) => commit::publish(commit, result, cache),
            }
        }
    }

    fn answer(self, results: Vec<ArrivalResult>) -> Vec<Taken> {
        self.batch
            .into_iter()
            .zip(results)
            .map(|(arrival, result)| taken(arrival, result))
            .collect()
    }
}

/// The lanes and conversations in which later arrivals of a transaction must wait: a lane with a waiting update, and a
/// conversation with a decision that was not written.
#[derive(Debug, Default)]
struct ArrivalOrder {
    lanes: HashSet<InboxLane>,
    users: HashSet<UserId>,
}

impl ArrivalOrder {
    fn wait_for(&mut self, arrival: &Arrival) {
        self.lanes.insert(arrival.update.lane);
        self.users.extend(arrival.commit.iter().flat_map(commit::users));
    }

    fn must_wait(&self, arrival: &Arrival, commit: &Commit) -> bool {
        self.lanes.contains(&arrival.update.lane)
            || commit::users(commit).any(|user| self.users.contains(&user))
    }
}

fn take_one(
    transaction: &mut Transaction<'_>,
    arrival: &Arrival,
    order: &ArrivalOrder,
) -> Result<ArrivalResult, SqlError> {
    let Arrival { update, received, commit } = arrival;
    let known = KnownUpdate { update: update.update, at: *received };
    if !inbox::insert_known(transaction.connection, known)? {
        return Ok(ArrivalResult::Known);
    }
    if let Some(commit) = commit.as_ref().filter(|commit| !order.must_wait(arrival, commit)) {
        let result = commit::write(transaction, commit)?;
        if !matches!(result, CommitResult::Stale) {
            return Ok(ArrivalResult::Decided(result));
        }
    }
    Ok(ArrivalResult::Waits(inbox::append(transaction, update, *received)?))
}

fn taken(arrival: Arrival, result: ArrivalResult) -> Taken {
    let Arrival { update, received, commit } = arrival;
    match result {
        ArrivalResult::Known => Taken::Known,
        ArrivalResult::Waits(seq) => Taken::Waits(InboxItem { seq, update, received, attempts: 0 }),
        ArrivalResult::Decided(result) => {
            let (queued, reopened) = commit::outcome(commit.unwrap_or_default(), result);
            Taken::Decided { queued, reopened }
        }
    }
}
