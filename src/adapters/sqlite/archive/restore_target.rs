//! An empty store that a restore fills from a backup or another store.
//!
//! Invariant: one transaction writes everything, so an interrupted restore leaves the store empty.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use domain::Seq;
use ports::{Record, Restore, StoreError};

use crate::adapters::sqlite::{
    errors::{OpenError, SqlError},
    file::{connection, filesystem, loss, schema},
    options::Options,
    tables::{
        conversations,
        counts::Counts,
        dead, facts, groups, inbox, links,
        meta::{self, key},
        numbers::Numbers,
        outbox,
        transaction::Transaction,
    },
};

/// An empty store, locked for this process. Its calls block, so the bot itself does not use it.
#[derive(Debug)]
pub struct RestoreTarget {
    connection: Connection,
    numbers: Numbers,
    /// Exceeds every number that was restored.
    next: i64,
    /// Whether the restored numbers carry their partition.
    named: bool,
    /// Held until the connection is closed.
    lock: File,
}

impl RestoreTarget {
    /// Locks the folder, and creates it if it is missing. Refused if a desk has done any work there.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let lock = filesystem::lock(folder)?;
        let file = filesystem::database(folder);
        let failed = |error| OpenError::of(&file, error);
        let mut connection = connection::writer(&file, &Options::default()).map_err(failed)?;
        let refused = |error: schema::SchemaError| error.at(&file);
        let occupied = || OpenError::Occupied(PathBuf::from(folder));
        match schema::check(&connection).map_err(refused)? {
            0 => schema::migrate(&mut connection).map_err(refused)?,
            // An earlier release has worked there. A restore does not migrate its store.
            found if found < schema::present() => return Err(occupied()),
            _present => {}
        }
        connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        if !loss::is_empty(&connection).map_err(|error| OpenError::of(&file, error))? {
            return Err(occupied());
        }
        let next = meta::get(&connection, key::SEQ).map_err(failed)?;
        let next = next.unwrap_or(Numbers::FIRST.0);
        let numbers = Numbers::load(&connection).map_err(failed)?;
        Ok(Self { connection, numbers, next, named: true, lock })
    }

    fn insert(&mut self, record: &Record) -> Result<(), SqlError> {
        let connection = &self.connection;
        let counts = Counts::default();
        let mut transaction = Transaction { connection, numbers: &mut self.numbers, counts };
        let number = match record {
            Record::Facts(facts) => {
                facts::write(connection, facts)?;
                self.named = facts.named;
                Some(Seq(facts.next.0.saturating_sub(1)))
            }
            Record::Group(row) => {
                groups::write(connection, row)?;
                None
            }
            Record::Conversation(one) => {
                conversations::write_at(&mut transaction, one.revision, one, None)?;
                None
            }
            Record::Link(link) => {
                links::upsert(connection, link)?;
                None
            }
            Record::Known(known) => {
                inbox::insert_known(connection, *known)?;
                None
            }
            Record::Update(item) => {
                inbox::insert(connection, item.seq, &item.update, item.received, item.attempts)?;
                Some(item.seq)
            }
            Record::Send(item) => {
                outbox::insert(connection, item.seq, &item.queued)?;
                Some(item.seq)
            }
            Record::Dead(letter) => {
                dead::insert(&mut transaction, letter)?;
                Some(letter.seq())
            }
        };
        transaction.counts.store(connection)?;
        self.next = number.map_or(self.next, |Seq(seq)| self.next.max(seq.saturating_add(1)));
        Ok(())
    }
}

#[ports::async_trait]
impl Restore for RestoreTarget {
    type Error = StoreError;

    async fn add(&mut self, page: Vec<Record>) -> Result<(), StoreError> {
        Ok(page.iter().try_for_each(|record| self.insert(record))?)
    }

    async fn finish(self: Box<Self>) -> Result<(), StoreError> {
        let Self { connection, next, named, lock, .. } = *self;
        let finished = commit(connection, next, named);
        drop(lock);
        Ok(finished?)
    }

    async fn abandon(self: Box<Self>) {
        // Dropping the connection rolls back the transaction.
        drop(self);
    }
}

fn commit(connection: Connection, next: i64, named: bool) -> Result<(), SqlError> {
    meta::set(&connection, key::SEQ, next)?;
    meta::set(&connection, key::NAMED, i64::from(named))?;
    connection.execute_batch("COMMIT")?;
    connection.close().map_err(|(_connection, error)| error)?;
    Ok(())
}
