//! Tests that change the whole process and so need a binary of their own: the panic hook and Sentry.
//!
//! The hook hides a panic's message, so a failing assertion here shows only that it failed.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test panics on any error")]

mod panics;
mod sentry;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lets one test run at a time: while Sentry installs its hook, a panic elsewhere would meet the standard hook.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
