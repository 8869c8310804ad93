//! What a service that counts where users come from, the tracker, is told of them.

use super::Opaque;

/// One report to the tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Track {
    /// An update, byte for byte as Telegram sent it.
    Update(Opaque),
    /// The user has reached the goal of this name.
    Goal(String),
}

/// The goals that the owner has named beside those of buttons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goals {
    /// Reached by the user's first message that operators are brought.
    pub first_message: Option<String>,
    /// Reached by who shares their own phone number for the first time.
    pub phone_shared: Option<String>,
}

/// What a user has done once: the goals that it may reach are reached once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Firsts {
    /// Operators were brought a message of theirs.
    pub message: bool,
    /// They have shared their own phone number.
    pub phone: bool,
}
