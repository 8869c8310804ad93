//! The store's options.

use std::{num::NonZeroUsize, time::Duration};

/// Options of the store. The defaults suit a desk of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Conversations that the cache holds at most, and as many links.
    pub cached: NonZeroUsize,
    /// Size limit of the file. A write beyond it fails with `StoreError::Full`.
    pub max_bytes: Option<u64>,
    /// Longest wait for another program's lock on the file.
    pub busy_timeout: Duration,
    /// The store is opened for maintenance, not to run the desk. An unclean end of the last run stays recorded for
    /// the next one.
    pub maintenance: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cached: NonZeroUsize::MIN.saturating_add(4095),
            max_bytes: None,
            busy_timeout: Duration::from_secs(2),
            maintenance: false,
        }
    }
}
