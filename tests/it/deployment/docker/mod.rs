//! Tests that need a Docker engine.

mod caddy;
mod desk;
mod env_file;
mod guide;
mod monitoring;
mod stores;
mod update;
