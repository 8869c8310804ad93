//! The settings.

mod administrators;
mod redis;
mod secret_files;
mod settings;
