//! Reports to the tracker: the external service that counts where users come from.

use crate::Opaque;

/// One report to the tracker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Track {
    /// An update, byte for byte as Telegram sent it.
    Update(Opaque),
    /// The user has reached the goal of this name.
    Goal(String),
}

/// The owner's goals other than button presses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goals {
    /// Reached by the user's first message that is relayed to operators.
    pub first_message: Option<String>,
    /// Reached when users share their own phone number for the first time.
    pub phone_shared: Option<String>,
}

/// Goals already reached by a user, who can reach each of them only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Firsts {
    /// Whether a message of the user was relayed to operators.
    pub message: bool,
    /// Whether the user has shared their own phone number.
    pub phone: bool,
}
