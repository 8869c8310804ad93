//! The promises of every store, tested the same way for each.
//!
//! A promise is an async function over a [`Backend`]; `suite.rs` generates a test for each.

mod archive;
mod backend;
mod conversations;
mod figures;
mod groups;
mod queues;
mod restart;
pub(crate) mod sample;
mod suite;

pub(crate) use archive::{everything, records};
pub(crate) use backend::{Archived, Backend};
pub(crate) use conversations::timers::quickest_query;

use conversations::{commits, links, pages, timers};
use queues::{dead_letters, inbox, intake, outbox};
