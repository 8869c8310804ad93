//! The webhook, to which Telegram pushes updates.

mod listener;
mod server;

pub use server::{Storing, Webhook};
