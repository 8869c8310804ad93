//! The integration tests: one binary, so that they are linked once.

mod config;
mod http;
mod telemetry;
