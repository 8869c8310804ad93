//! The people that a test acts as, in private chats and in groups, and what they see.

mod author;
mod content;
mod group;
mod operator;
mod person;
mod seen;

pub(crate) use author::Author;
pub use content::Content;
pub use group::{Group, Topic};
pub use operator::Operator;
pub use person::Person;
pub use seen::{Button, SeenMessage};

/// The id of a message within its chat.
pub type MessageId = i64;

#[cfg(test)]
mod tests;
