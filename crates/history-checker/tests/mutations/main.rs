//! A history that keeps all promises is clean; whatever is taken out of it, swapped or doubled is found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod change;
mod desk;
mod found;
mod told;
