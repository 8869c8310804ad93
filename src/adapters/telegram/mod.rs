//! The Telegram Bot API. Only this folder uses teloxide: its payload types, over a transport of our own.
//!
//! Nothing here retries, paces or decides. The token never appears in an error, a `Debug` output or a log.

mod call_error;
mod api;
mod client;
mod errors;
mod perform;
mod poll;
mod webhook;
mod webhook_doctor;
mod decode;
mod commands;
mod doctor;
mod discovery;
#[cfg(test)]
mod fuzz;

pub use call_error::{ApiError, CallError, CallOutcome};
pub use client::{CallObserver, Client, Endpoint, EndpointError, TimeLimits, Unobserved};
pub use commands::{CommandSet, CommandsFor, register_commands};
pub use decode::{BotProfile, TelegramDecoder};
pub use discovery::{Discovery, Sighting, Sightings};
pub use doctor::{Inspected, InspectedGroup, inspect};
pub use perform::TelegramMessenger;
pub use poll::Poller;
pub use webhook::{OwnWebhook, WebhookInfo};
