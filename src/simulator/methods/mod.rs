//! What each method does: one file per family.

mod call;
mod chats;
mod commands;
mod copy;
mod delete;
mod dispatch;
mod edit;
mod media;
pub(in crate::simulator) mod members;
mod pins;
mod reactions;
mod reply;
mod send;
mod simple;
pub(in crate::simulator) mod topics;
mod updates;

pub(in crate::simulator) use dispatch::{Answer, Upload, Uploads, call};
