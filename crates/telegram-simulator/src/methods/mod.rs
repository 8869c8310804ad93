//! What each method does: one file per family.

mod call;
mod chats;
mod commands;
mod copy;
mod delete;
mod dispatch;
mod edit;
mod media;
pub(crate) mod members;
mod pins;
mod reactions;
mod reply;
mod send;
mod simple;
pub(crate) mod topics;
mod updates;

pub(crate) use call::{Upload, Uploads};
pub(crate) use dispatch::{Answer, call};
