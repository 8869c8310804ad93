//! TGTrack, the tracker: two methods of JSON over HTTP.
//!
//! Invariant: the key, which stands in every address, is in no error, log or `Debug`: what the HTTP client says of a failure is
//! only looked at, never passed on.

mod answer;
mod client;

pub use client::{TgTrack, TgTrackError};
