//! What changes the whole process, and so has a test binary of its own: the panic hook and Sentry.
//!
//! The hook keeps what a panic says to itself, so a failing assertion here shows only that it failed.

mod panics;
mod sentry;
