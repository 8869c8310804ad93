//! The integration tests: one binary, so that they are linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod config;
mod harness;
mod http;
mod simulator;
mod stories;
mod telemetry;
