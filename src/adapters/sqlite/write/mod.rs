//! Writes: what one changes, and the thread that runs them.

pub(crate) mod commit;
pub(crate) mod request;
pub(crate) mod writer;
