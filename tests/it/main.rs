//! The integration tests: one binary, which links only once.

#![expect(clippy::unwrap_used, reason = "a test panics on any error")]

mod administrators;
mod architecture;
mod backup;
mod codec;
mod config;
mod config_redis;
mod contract;
mod demo;
mod deployment;
mod dumps;
mod faults;
mod fuzz;
mod harness;
mod heartbeat;
mod histories;
mod http;
mod monitoring;
mod migration;
mod observability;
mod delivery_time;
mod owner;
mod metrics_page;
mod redis;
mod reference;
mod secret_files;
mod sentry;
mod sqlite;
mod stories;
mod telegram;
mod telemetry;
mod webhook;
