//! Stored formats of the domain's values: readable JSON.
//!
//! Invariant: every release can read what any earlier release wrote. Each value is stored with the
//! number of its format; the golden files in `tests/fixtures/codec` are never edited. The types here
//! mirror the domain's types field by field, so that a new field breaks the build until someone
//! decides how to store it: with `default` if older rows lack it, or in a new format if that is impossible.

mod content;
pub mod conversation;
pub mod effect;
mod flood;
mod mirror;
mod newsletter;
mod text;

/// Why a stored value cannot be read or written. Never quotes contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A later release wrote the value.
    #[error("{what} is stored in format {found}, but this release reads formats up to {known}")]
    Unknown {
        /// The kind of value.
        what: &'static str,
        /// The format of the stored value.
        found: u32,
        /// The newest format that this release reads.
        known: u32,
    },
    /// The value is malformed.
    #[error("{what} cannot be read at column {column}")]
    Malformed {
        /// The kind of value.
        what: &'static str,
        /// The position in the text.
        column: usize,
    },
}

/// Parses JSON. The error gives only the position, because contents are private.
fn read<'a, T: serde::Deserialize<'a>>(what: &'static str, json: &'a str) -> Result<T, CodecError> {
    serde_json::from_str(json)
        .map_err(|error| CodecError::Malformed { what, column: error.column() })
}

/// Serializes as JSON.
fn write<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, CodecError> {
    serde_json::to_string(value)
        .map_err(|error| CodecError::Malformed { what, column: error.column() })
}

/// Refuses unknown formats.
fn known(what: &'static str, found: u32, known: u32) -> Result<(), CodecError> {
    if (1..=known).contains(&found) {
        Ok(())
    } else {
        Err(CodecError::Unknown { what, found, known })
    }
}
