//! The tables, and the migration of files from older releases.
//!
//! Invariant: a migration is one transaction. A file of a newer release is never changed.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::adapters::sqlite::errors::OpenError;

/// The reason why a schema is refused.
#[derive(Debug)]
pub(crate) enum SchemaError {
    /// A later release wrote the file.
    Newer { found: i64, known: i64 },
    /// Another program wrote the file.
    Foreign,
    /// SQLite failed.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl SchemaError {
    /// The error for this file.
    pub(crate) fn at(self, file: &Path) -> OpenError {
        match self {
            Self::Newer { found, known } => OpenError::Newer { found, known },
            Self::Foreign => OpenError::Foreign(file.to_owned()),
            Self::Sqlite(error) => OpenError::of(file, error),
        }
    }
}

/// SQLite's application id of the bot's files: "DESK".
const APPLICATION: i64 = 0x4445_534b;

/// The step at index n migrates from format n to n + 1. Released steps are never edited.
const STEPS: [&str; 3] =
    [include_str!("schema/1.sql"), include_str!("schema/2.sql"), include_str!("schema/3.sql")];

/// The format of a file with several groups. Its tables are those of the format before, but releases of that time would
/// take the messages of all groups for those of the first.
const SEVERAL_GROUPS: i64 = 4;

/// Refuses files of other programs and of later releases. Returns the file's format.
pub(crate) fn check(connection: &Connection) -> Result<i64, SchemaError> {
    check_for(connection, SEVERAL_GROUPS)
}

/// Records that the file has several groups.
pub(crate) fn has_several_groups(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", SEVERAL_GROUPS)
}

/// The format of this release.
pub(crate) fn present() -> i64 {
    format_after(&STEPS)
}

/// Migrates the file to the format of this release.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), SchemaError> {
    migrate_by(connection, &STEPS, SEVERAL_GROUPS)
}

fn format_after(steps: &[&str]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

fn check_for(connection: &Connection, known: i64) -> Result<i64, SchemaError> {
    let application: i64 = connection.pragma_query_value(None, "application_id", |r| r.get(0))?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |r| r.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    match (application == APPLICATION, found > known) {
        (true, true) => Err(SchemaError::Newer { found, known }),
        (true, false) => Ok(found),
        (false, _) if tables == 0 => Ok(0),
        (false, _) => Err(SchemaError::Foreign),
    }
}

/// Takes the steps that a file lacks. A file up to the format `known` is accepted.
fn migrate_by(connection: &mut Connection, steps: &[&str], known: i64) -> Result<(), SchemaError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = check_for(&transaction, known)?;
    let done = usize::try_from(found).unwrap_or(0);
    for step in steps.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    if done < steps.len() {
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", format_after(steps))?;
    }
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_gets_only_the_steps_it_lacks() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate_by(&mut file, &["CREATE TABLE a (x)"], 1).unwrap();
        migrate_by(&mut file, &["not run again", "ALTER TABLE a ADD COLUMN y"], 2).unwrap();
        file.execute("INSERT INTO a (x, y) VALUES (1, 2)", []).unwrap();
        assert_eq!(check_for(&file, 2).unwrap(), 2);
    }

    #[test]
    fn a_failed_step_leaves_the_file_as_it_was() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate_by(&mut file, &["CREATE TABLE a (x)"], 1).unwrap();
        let steps = ["", "CREATE TABLE b (x)", "no such statement"];
        assert!(migrate_by(&mut file, &steps, 3).is_err());
        assert_eq!(check_for(&file, 3).unwrap(), 1);
        assert!(file.execute("INSERT INTO b VALUES (1)", []).is_err());
    }

    #[test]
    fn a_newer_file_is_refused_and_a_foreign_one_too() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate_by(&mut file, &["", ""], 2).unwrap();
        assert!(matches!(
            migrate_by(&mut file, &[""], 1),
            Err(SchemaError::Newer { found: 2, known: 1 })
        ));

        let mut foreign = Connection::open_in_memory().unwrap();
        foreign.execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(matches!(migrate_by(&mut foreign, &[""], 1), Err(SchemaError::Foreign)));
    }
}
