//! TGTrack, the tracker: two methods, JSON over HTTP.
//!
//! Invariant: the key, which is part of every URL, never appears in an error, a log or a `Debug` output. The HTTP
//! client's errors are inspected but never passed on.

mod answer;
mod client;

pub use client::{TgTrack, TgTrackError};
