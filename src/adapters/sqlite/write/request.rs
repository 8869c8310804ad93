//! The kinds of write requests. Each runs in a shared transaction and is answered after it.

use tokio::sync::oneshot;

use crate::adapters::cache::Entries;
use domain::{DeadId, Millis, Seq, UpdateId, UserId};
use ports::{Arrival, Commit, Committed, Imported, StoreError, Taken};

use crate::adapters::sqlite::{
    errors::SqlError,
    tables::dead,
    tables::inbox::{self, TakenRan},
    tables::links,
    tables::meta::{self, key},
    tables::requests,
    tables::transaction::Transaction,
    write::commit::{self as ledger, CommitRan},
};

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// A write, with the channel for its answer.
#[derive(Debug)]
pub(crate) enum WriteRequest {
    TakeIn {
        batch: Vec<Arrival>,
        offset: Option<UpdateId>,
        answer: Answer<Vec<Taken>>,
    },
    Failed {
        seq: Seq,
        attempts: u32,
        answer: Answer<()>,
    },
    Commit {
        commits: Vec<Commit>,
        answer: Answer<Vec<Committed>>,
    },
    Forget {
        links: Millis,
        updates: Millis,
        answer: Answer<usize>,
    },
    Request {
        user: UserId,
        nth: u32,
        answer: Answer<i64>,
    },
    RequestsFrom {
        last: i64,
        answer: Answer<i64>,
    },
    Imported {
        imported: Imported,
        answer: Answer<()>,
    },
    DropDead {
        id: DeadId,
        answer: Answer<bool>,
    },
    Probe {
        value: i64,
        answer: Answer<()>,
    },
    /// Ends the thread. Never part of a transaction.
    Close(Answer<()>),
}

/// The result of a write, before its transaction is committed.
#[derive(Debug)]
pub(crate) enum WriteResult {
    TookIn(Vec<TakenRan>),
    Committed(Vec<CommitRan>),
    Forgot { links: usize, updates: usize },
    Dropped(bool),
    Numbered(i64),
    Nothing,
}

impl WriteRequest {
    /// Writes. May run again after a rollback.
    pub(crate) fn run(&self, transaction: &mut Transaction<'_>) -> Result<WriteResult, SqlError> {
        let connection = transaction.connection;
        let ran = match self {
            Self::TakeIn { batch, offset, .. } => {
                WriteResult::TookIn(inbox::take_in(transaction, batch, *offset)?)
            }
            Self::Failed { seq, attempts, .. } => {
                inbox::failed(connection, *seq, *attempts)?;
                WriteResult::Nothing
            }
            Self::Commit { commits, .. } => {
                WriteResult::Committed(ledger::write_all(transaction, commits)?)
            }
            Self::Forget { links, updates, .. } => WriteResult::Forgot {
                links: links::forget(connection, *links)?,
                updates: inbox::forget(connection, *updates)?,
            },
            Self::Request { user, nth, .. } => {
                WriteResult::Numbered(requests::number(connection, *user, *nth)?)
            }
            Self::RequestsFrom { last, .. } => {
                WriteResult::Numbered(requests::go_on_from(connection, *last)?)
            }
            Self::Imported { imported, .. } => {
                meta::remember_import(connection, *imported)?;
                WriteResult::Nothing
            }
            Self::DropDead { id, .. } => WriteResult::Dropped(dead::remove(transaction, *id)?),
            Self::Probe { value, .. } => {
                meta::set(connection, key::PROBE, *value)?;
                WriteResult::Nothing
            }
            Self::Close(_) => WriteResult::Nothing,
        };
        Ok(ran)
    }

    /// Updates the cache from the committed write.
    pub(crate) fn publish(&mut self, ran: &mut WriteResult, cache: &mut Entries) {
        match (self, ran) {
            (Self::TakeIn { batch, .. }, WriteResult::TookIn(ran)) => {
                for (arrival, ran) in batch.iter_mut().zip(ran) {
                    inbox::publish(arrival, ran, cache);
                }
            }
            (Self::Commit { commits, .. }, WriteResult::Committed(ran)) => {
                for (commit, ran) in commits.iter_mut().zip(ran) {
                    ledger::publish(commit, ran, cache);
                }
            }
            (_, WriteResult::Forgot { links, .. }) if *links > 0 => cache.forget_links(),
            _ => {}
        }
    }

    /// Answers the caller. The answer of a cancelled caller is discarded.
    pub(crate) fn answer(self, ran: WriteResult) {
        match (self, ran) {
            (Self::TakeIn { batch, answer, .. }, WriteResult::TookIn(ran)) => {
                let taken = batch.into_iter().zip(ran);
                let taken = taken.map(|(arrival, ran)| inbox::taken(arrival, ran)).collect();
                let _unheard = answer.send(Ok(taken));
            }
            (Self::Commit { commits, answer, .. }, WriteResult::Committed(ran)) => {
                let done = commits.into_iter().zip(ran);
                let done = done.map(|(commit, ran)| ledger::committed(commit, ran)).collect();
                let _unheard = answer.send(Ok(done));
            }
            (Self::Forget { answer, .. }, WriteResult::Forgot { links, updates }) => {
                let _unheard = answer.send(Ok(links + updates));
            }
            (
                Self::Request { answer, .. } | Self::RequestsFrom { answer, .. },
                WriteResult::Numbered(number),
            ) => {
                let _unheard = answer.send(Ok(number));
            }
            (Self::DropDead { answer, .. }, WriteResult::Dropped(dropped)) => {
                let _unheard = answer.send(Ok(dropped));
            }
            (
                Self::Failed { answer, .. }
                | Self::Imported { answer, .. }
                | Self::Probe { answer, .. },
                WriteResult::Nothing,
            ) => {
                let _unheard = answer.send(Ok(()));
            }
            // `run` pairs requests with results, so this arm is unreachable. The dropped channel reports `Closed`.
            _ => {}
        }
    }

    /// Reports an error to the caller: the write did not happen.
    pub(crate) fn fail(self, error: StoreError) {
        match self {
            Self::TakeIn { answer, .. } => drop(answer.send(Err(error))),
            Self::Commit { answer, .. } => drop(answer.send(Err(error))),
            Self::Forget { answer, .. } => drop(answer.send(Err(error))),
            Self::DropDead { answer, .. } => drop(answer.send(Err(error))),
            Self::Request { answer, .. } | Self::RequestsFrom { answer, .. } => {
                drop(answer.send(Err(error)));
            }
            Self::Failed { answer, .. }
            | Self::Imported { answer, .. }
            | Self::Probe { answer, .. }
            | Self::Close(answer) => {
                drop(answer.send(Err(error)));
            }
        }
    }
}
