//! The promises of every store, tested the same way for each.
//!
//! A promise is an async function over a [`Backend`]; `suite.rs` generates a test for each.

mod archive;
mod backend;
mod dead;
mod figures;
mod inbox;
mod intake;
mod ledger;
mod links;
mod outbox;
mod pages;
mod restart;
pub(crate) mod sample;
mod suite;
mod timers;

pub(crate) use archive::{everything, records};
pub(crate) use backend::{Archived, Backend};
pub(crate) use timers::quickest_look;
