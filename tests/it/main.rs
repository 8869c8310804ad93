//! The integration tests: one binary, which links only once.

#![expect(clippy::unwrap_used, reason = "a test panics on any error")]

mod architecture;
mod backup;
mod cli;
mod codec;
mod config;
mod contract;
mod demo;
mod deployment;
mod dumps;
mod faults;
mod fuzz;
mod group_budget;
mod harness;
mod heartbeat;
mod histories;
mod http;
mod monitoring;
mod migration;
mod delivery_time;
mod outgoing;
mod owner;
mod redis;
mod reference;
mod setup;
mod sqlite;
mod stores;
mod stories;
mod telegram;
mod telemetry;
mod webhook;
