//! Reads everything in the file as of one moment.
//!
//! Invariant: one transaction reads everything, which fixes the moment. Memory holds one page at most.

use rusqlite::Connection;

use domain::{DeadId, PartitionSet, Seq};
use ports::{DeadLetter, Record, Snapshot, StoreError};

use crate::adapters::sqlite::{
    errors::SqlError,
    tables::{
        conversations, dead, facts, groups, inbox, links,
        meta::{self, key},
        outbox,
    },
};

/// Records per page.
const PAGE: usize = 200;

/// A snapshot of the store. Its calls block, so the bot itself does not use it.
#[derive(Debug)]
pub struct SqliteSnapshot {
    connection: Connection,
    at: Cursor,
}

/// The position of the next read: the kind of record, and where to continue in it.
#[derive(Debug, Clone, Copy)]
enum Cursor {
    Facts,
    Conversations(i64),
    Links((i64, i64)),
    Known(i64),
    Updates(Option<Seq>),
    Sends(i64),
    Dead(Option<DeadId>),
    End,
}

impl SqliteSnapshot {
    /// Takes the snapshot now.
    pub(in crate::adapters::sqlite) fn begin(connection: Connection) -> Result<Self, SqlError> {
        connection.execute_batch("BEGIN")?;
        // The first read of the transaction fixes its moment.
        meta::get(&connection, key::OPEN)?;
        Ok(Self { connection, at: Cursor::Facts })
    }

    /// The next page of the present kind and where to continue; empty after the last page.
    fn read(&self) -> Result<(Vec<Record>, Cursor), SqlError> {
        let connection = &self.connection;
        Ok(match self.at {
            Cursor::Facts => {
                let mut page = vec![Record::Facts(facts::read(connection)?)];
                page.extend(groups::read(connection)?.0.into_iter().map(Record::Group));
                (page, self.at.next_kind())
            }
            Cursor::Conversations(after) => {
                let page = conversations::list(connection, after, PAGE)?;
                let last = page.last().map_or(after, |last| last.user.0);
                (wrap(page, Record::of), Cursor::Conversations(last))
            }
            Cursor::Links(after) => {
                let page = links::list(connection, after, PAGE)?;
                let last = page.last().map(|last| (last.staff_message.0, last.user_message.0));
                (wrap(page, Record::Link), Cursor::Links(last.unwrap_or(after)))
            }
            Cursor::Known(after) => {
                let page = inbox::list_known(connection, after, PAGE)?;
                let last = page.last().map_or(after, |last| last.update.0);
                (wrap(page, Record::Known), Cursor::Known(last))
            }
            Cursor::Updates(after) => {
                let page = inbox::list(connection, PartitionSet::ALL, after, PAGE)?;
                let last = page.last().map(|last| last.seq).or(after);
                (wrap(page, Record::Update), Cursor::Updates(last))
            }
            Cursor::Sends(after) => {
                let page = outbox::list(connection, after, PAGE)?;
                let last = page.last().map_or(after, |last| last.seq.0);
                (wrap(page, Record::Send), Cursor::Sends(last))
            }
            Cursor::Dead(after) => {
                let page = dead::list(connection, after, PAGE)?;
                let last = page.last().map(DeadLetter::id).or(after);
                (wrap(page, Record::Dead), Cursor::Dead(last))
            }
            Cursor::End => (Vec::new(), Cursor::End),
        })
    }
}

#[ports::async_trait]
impl Snapshot for SqliteSnapshot {
    type Error = StoreError;

    async fn page(&mut self) -> Result<Vec<Record>, StoreError> {
        loop {
            let (page, next) = self.read()?;
            let over = matches!(self.at, Cursor::End);
            self.at = if page.is_empty() { self.at.next_kind() } else { next };
            if over || !page.is_empty() {
                return Ok(page);
            }
        }
    }
}

impl Cursor {
    fn next_kind(self) -> Self {
        match self {
            Self::Facts => Self::Conversations(i64::MIN),
            Self::Conversations(_) => Self::Links((i64::MIN, i64::MIN)),
            Self::Links(_) => Self::Known(i64::MIN),
            Self::Known(_) => Self::Updates(None),
            Self::Updates(_) => Self::Sends(i64::MIN),
            Self::Sends(_) => Self::Dead(None),
            Self::Dead(_) | Self::End => Self::End,
        }
    }
}

fn wrap<T>(page: Vec<T>, as_record: impl Fn(T) -> Record) -> Vec<Record> {
    page.into_iter().map(as_record).collect()
}
