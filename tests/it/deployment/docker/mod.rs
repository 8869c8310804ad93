//! Tests that need a Docker engine.

mod caddy;
mod desk;
mod env_file;
mod guide;
mod monitoring;
mod package;
mod stores;
mod update;
