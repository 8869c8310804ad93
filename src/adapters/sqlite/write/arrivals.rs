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
use domain::{InboxLane, UpdateId, UserId};
use ports::{Arrival, Commit, Committed, InboxItem, KnownUpdate, Taken, Written};

use super::{commit, request::Write};

/// Stores the arrivals that are not known yet, and the next `offset`.
pub(crate) struct TakeIn {
    pub batch: Vec<Arrival>,
    pub offset: Option<UpdateId>,
}

impl Write for TakeIn {
    type Done = Vec<Taken>;
    type Answer = Vec<Taken>;

    fn run(&self, transaction: &mut Transaction<'_>) -> Result<Vec<Taken>, SqlError> {
        let mut order = ArrivalOrder::default();
        let mut results = Vec::with_capacity(self.batch.len());
        for arrival in &self.batch {
            let result = take_one(transaction, arrival, &order)?;
            if !matches!(result, Taken::Decided(_)) {
                order.wait_for(arrival);
            }
            results.push(result);
        }
        if let Some(offset) = self.offset {
            meta::set(transaction.connection, key::OFFSET, offset.0)?;
        }
        Ok(results)
    }

    fn publish(&mut self, results: &Vec<Taken>, cache: &mut Entries) {
        for (arrival, result) in self.batch.iter_mut().zip(results) {
            let Some(commit) = &mut arrival.commit else { continue };
            match result {
                Taken::Known => {}
                Taken::Waits(_) | Taken::Elsewhere => commit::outdated(commit, cache),
                Taken::Decided(_) => commit::publish(commit, cache),
            }
        }
    }

    fn answer(self, results: Vec<Taken>) -> Vec<Taken> {
        results
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
        self.users.extend(arrival.commit.iter().flat_map(Commit::users));
    }

    fn must_wait(&self, arrival: &Arrival, commit: &Commit) -> bool {
        self.lanes.contains(&arrival.update.lane)
            || commit.users().any(|user| self.users.contains(&user))
    }
}

fn take_one(
    transaction: &mut Transaction<'_>,
    arrival: &Arrival,
    order: &ArrivalOrder,
) -> Result<Taken, SqlError> {
    let Arrival { update, received, commit } = arrival;
    let known = KnownUpdate { update: update.update, at: *received };
    if !inbox::insert_known(transaction.connection, known)? {
        return Ok(Taken::Known);
    }
    if let Some(commit) = commit.as_ref().filter(|commit| !order.must_wait(arrival, commit)) {
        match commit::write(transaction, commit)? {
            Some(Committed::Done(written)) => return Ok(Taken::Decided(written)),
            Some(Committed::Stale | Committed::Elsewhere) => {}
            None => return Ok(Taken::Decided(Written::default())),
        }
    }
    let seq = inbox::append(transaction, update, *received)?;
    Ok(Taken::Waits(InboxItem { seq, update: update.clone(), received: *received, attempts: 0 }))
}
