//! Panics: counted, logged, and kept in crash files.

pub(super) mod current;
mod files;
pub(super) mod frames;
pub mod panics;
mod threads;

pub use files::{Crash, CrashFiles, Moment, create, make, mark_told, sync, told_name, untold};
