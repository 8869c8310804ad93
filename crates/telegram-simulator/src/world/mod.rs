//! The simulated Telegram: users, chats, messages, and the updates that wait for the bot.

mod calls;
mod chat;
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
pub(crate) use chat::{BotStatus, Chat, ChatKind, Standing, TopicState};
pub(crate) use files::{File, file_id, file_value};
pub(crate) use message::{Fields, Message, Reply, kind_of, portable, text_of};
pub(crate) use post::Draft;
pub(crate) use state::{Callback, World};
pub(crate) use updates::{Stored, Updates, Webhook};
pub(crate) use user::User;
pub use user::UserSpec;
