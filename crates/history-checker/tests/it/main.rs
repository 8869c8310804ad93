//! A history that keeps all promises is clean. Every omission, swap or duplicate in it is a violation.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod corruption;
mod model;
mod properties;
mod excuses;
