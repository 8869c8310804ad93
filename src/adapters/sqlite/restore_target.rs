//! An empty store that a restore fills from a backup or another store.
//!
//! Invariant: one transaction writes everything, so an interrupted restore leaves the store empty.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use rusqlite::Connection;

use domain::Seq;
use ports::{Facts, Record, Restore, StoreError};

use super::{
    OpenError, Options, connection, conversations, dead,
    errors::SqlError,
    filesystem, inbox, links,
    meta::{self, Counts, Numbers, key},
    open::{failed, refused},
    outbox, schema,
    snapshot::facts,
    transaction::Transaction,
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

/// The tables that have rows once a desk has done any work.
const TABLES: [&str; 6] = ["conversations", "links", "known", "inbox", "outbox", "dead"];

impl RestoreTarget {
    /// Locks the folder, and creates it if it is missing. Refused if a desk has done any work there.
    pub fn open(folder: &Path) -> Result<Self, OpenError> {
        let lock = filesystem::take(folder)?;
        let file = filesystem::database(folder);
        let failed = |error| failed(&file, error);
        let mut connection = connection::writer(&file, &Options::default()).map_err(failed)?;
        let refused = |error| refused(&file, error);
        let occupied = || OpenError::Occupied(PathBuf::from(folder));
        match schema::check(&connection).map_err(refused)? {
            0 => schema::migrate(&mut connection).map_err(refused)?,
            // An earlier release has worked there. A restore does not migrate its store.
            found if found < schema::present() => return Err(occupied()),
            _present => {}
        }
        connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        if !is_empty(&connection).map_err(|error| OpenError::of(file.clone(), error))? {
            return Err(occupied());
        }
        let next = meta::get(&connection, key::SEQ).map_err(failed)?;
        let next = next.unwrap_or(Numbers::FIRST.0);
        let numbers = Numbers::load(&connection).map_err(failed)?;
        Ok(Self { connection, numbers, next, named: true, lock })
    }

    fn take(&mut self, record: &Record) -> Result<(), SqlError> {
        let connection = &self.connection;
        let counts = Counts::default();
        let mut transaction = Transaction { connection, numbers: &mut self.numbers, counts };
        let number = match record {
            Record::Facts(facts) => {
                remember(connection, facts)?;
                self.named = facts.named;
                Some(Seq(facts.next.0.saturating_sub(1)))
            }
            Record::Conversation(one) => {
                conversations::write_at(&mut transaction, one.revision, one, None)?;
                None
            }
            Record::Link(link) => {
                links::learn(connection, link)?;
                None
            }
            Record::Known(known) => {
                inbox::know(connection, *known)?;
                None
            }
            Record::Update(item) => {
                inbox::add(connection, item.seq, &item.update, item.received, item.attempts)?;
                Some(item.seq)
            }
            Record::Send(item) => {
                outbox::add(connection, item.seq, &item.queued)?;
                Some(item.seq)
            }
            Record::Dead(letter) => {
                dead::keep(&mut transaction, letter)?;
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
        Ok(page.iter().try_for_each(|record| self.take(record))?)
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

/// Whether no desk has done any work in this store.
pub(super) fn is_empty(connection: &Connection) -> Result<bool, SqlError> {
    for table in TABLES {
        let found: bool =
            connection.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), [], |row| {
                row.get(0)
            })?;
        if found {
            return Ok(false);
        }
    }
    // Reserved numbers prove nothing: a desk reserves a block when it opens the store.
    let Facts { offset, group, group_moved_from, requests, imported, .. } = facts(connection)?;
    let moved = group.is_some() || group_moved_from.is_some();
    Ok(offset.is_none() && !moved && requests == 0 && imported.is_none())
}

fn remember(connection: &Connection, facts: &Facts) -> rusqlite::Result<()> {
    let Facts { offset, group, group_moved_from, requests, imported, .. } = facts;
    if let Some(imported) = imported {
        meta::remember_import(connection, *imported)?;
    }
    let facts = [
        (key::OFFSET, offset.map(|offset| offset.0)),
        (key::GROUP, group.map(|group| group.0)),
        (key::GROUP_MOVED_FROM, group_moved_from.map(|group| group.0)),
        (key::REQUESTS, (*requests > 0).then_some(*requests)),
    ];
    for (key, value) in facts {
        if let Some(value) = value {
            meta::set(connection, key, value)?;
        }
    }
    Ok(())
}
