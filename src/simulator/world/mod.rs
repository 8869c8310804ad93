//! The simulated Telegram: who is there, what was written, what the bot is yet to learn.

mod calls;
mod chat;
mod files;
mod message;
mod post;
mod render;
mod state;
mod updates;
mod user;

pub(in crate::simulator) use calls::CallLog;
pub use calls::{Call, Calls};
pub use chat::Rights;
pub(in crate::simulator) use chat::{Chat, ChatKind, Place, Standing, TopicState};
pub(in crate::simulator) use files::{File, file_id, file_value};
pub(in crate::simulator) use message::{Fields, Message, Reply, kind_of, portable, text_of};
pub(in crate::simulator) use post::Draft;
pub(in crate::simulator) use state::{Callback, World};
pub(in crate::simulator) use updates::{Stored, Updates, Webhook};
pub(in crate::simulator) use user::User;
pub use user::UserSpec;
