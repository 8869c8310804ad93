//! The settings.

mod administrators;
mod command;
pub(crate) mod compose_values;
mod env_file;
mod network;
mod redis;
mod secret_files;
mod settings;
mod values;
