//! The `LIMIT` of a statement.

/// Converts a number of rows to SQLite's integer type.
pub(crate) fn row_limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
