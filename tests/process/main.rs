//! What changes the whole process, and so has a test binary of its own: the panic hook and Sentry.
//!
//! The hook keeps what a panic says to itself, so a failing assertion here shows only that it failed.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

mod panics;
mod sentry;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One test at a time: while Sentry hooks in, a panic elsewhere would meet the standard hook.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
