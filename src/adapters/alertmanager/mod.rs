//! Alertmanager, asked by whoever asks the desk how it is.

mod client;

pub use client::Alertmanager;
