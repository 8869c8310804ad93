//! A strict Bot API server over HTTP, for the tests, benches and demonstrations of any bot.
//!
//! Stricter than Telegram where that finds mistakes: parameters that the documentation does not
//! know are refused. Where Telegram's behaviour is not documented, the choice made is written down
//! beside the code that makes it.

mod actors;
mod clock;
mod control;
mod error;
mod events;
mod faults;
mod handle;
mod limits;
mod methods;
mod options;
mod records;
mod server;
mod shared;
mod spec;
mod text;
mod webhook;
mod world;

pub use actors::{Button, Content, Group, MessageId, Operator, Person, SeenMessage, Topic};
pub use events::{Event, EventKind};
pub use faults::{Fault, FaultHandle, Matcher, Times, What};
pub use handle::{Simulator, WebhookState};
pub use limits::Throttled;
pub use options::{Bucket, Control, Limits, Options, Window};
pub use records::Record;
pub use world::{Call, Calls, Rights, UserSpec};

use shared::{Shared, spawn};

/// The examples of the README are compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
