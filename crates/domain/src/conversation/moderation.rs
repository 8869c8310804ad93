//! What operators have forbidden: the ban, and silent mode.

use crate::MessageId;

/// Operators' restrictions of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moderation {
    /// Whether the user is banned: nothing that the user does reaches the operators.
    pub banned: bool,
    /// Whether silent mode is on: nothing that the operators write reaches the user.
    pub silent: bool,
    /// The pinned notice of silent mode.
    pub silent_notice: Option<MessageId>,
}
