//! The simulated Telegram: who is there, what was written, what the bot is yet to learn.

mod calls;
mod chat;
mod file_kind;
mod files;
mod message;
mod post;
mod render;
mod state;
mod updates;
mod user;

pub(crate) use calls::CallLog;
pub use calls::{Call, Calls};
pub use chat::Rights;
pub(crate) use chat::{Chat, ChatKind, Place, Standing, TopicState};
pub(crate) use file_kind::{File, file_id};
pub(crate) use files::file_value;
pub(crate) use message::{Fields, Message, Reply, kind_of, portable, text_of};
pub(crate) use post::Draft;
pub(crate) use state::{Callback, World};
pub(crate) use updates::{Stored, Updates, Webhook};
pub(crate) use user::User;
pub use user::UserSpec;
