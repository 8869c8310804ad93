//! What each method does: one file per family.

mod bot;
mod call;
mod chats;
mod dispatch;
mod messages;

pub(crate) use call::{Upload, Uploads};
pub(crate) use chats::{members, topics};
pub(crate) use dispatch::{Answer, call};
