//! A history that keeps all promises is clean. Every omission, swap or duplicate in it is found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod change;
mod desk;
mod found;
mod told;
