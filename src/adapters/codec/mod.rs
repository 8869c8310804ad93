//! Stored formats: what the domain's values look like on disk, in JSON that a person can read.
//!
//! Invariant: what any release wrote can be read by all later ones. Each value is stored beside the
//! number of its format; the golden files in `tests/fixtures/codec` are never edited. The shapes here
//! mirror the domain's types field by field, so that a new field breaks the build until it is
//! decided how it is stored: `default` if older rows lack it, a new format if that cannot be.

mod content;
pub mod conversation;
pub mod effect;
mod mirror;
mod newsletter;
mod text;

/// Why a stored value cannot be read or written. Names no contents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// A later release wrote it.
    #[error("{what} is stored in format {found}, this release knows up to {known}")]
    Unknown {
        /// What it is.
        what: &'static str,
        /// The format found.
        found: u32,
        /// The last format known.
        known: u32,
    },
    /// It is not what it should be.
    #[error("{what} cannot be read at column {column}")]
    Malformed {
        /// What it is.
        what: &'static str,
        /// Where in the text.
        column: usize,
    },
}

/// Reads JSON; the error says where, not what: contents are private.
fn read<'a, T: serde::Deserialize<'a>>(what: &'static str, json: &'a str) -> Result<T, CodecError> {
    serde_json::from_str(json)
        .map_err(|error| CodecError::Malformed { what, column: error.column() })
}

/// Writes JSON.
fn write<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, CodecError> {
    serde_json::to_string(value)
        .map_err(|error| CodecError::Malformed { what, column: error.column() })
}

/// Refuses formats that are not known.
fn known(what: &'static str, found: u32, known: u32) -> Result<(), CodecError> {
    if (1..=known).contains(&found) {
        Ok(())
    } else {
        Err(CodecError::Unknown { what, found, known })
    }
}
