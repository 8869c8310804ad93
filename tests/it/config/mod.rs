//! The settings.

mod administrators;
mod network;
mod redis;
mod secret_files;
mod settings;
