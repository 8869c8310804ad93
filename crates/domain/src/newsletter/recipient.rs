//! A user, as newsletters see them.

use std::collections::BTreeMap;

use crate::{Language, Millis, NewsletterId};

use super::{Received, RecipientOutcome};

/// The facts about a user that decide what becomes of a newsletter for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipient<'a> {
    /// When the user was first seen.
    pub since: Millis,
    /// When the user was last active, exact to the day.
    pub last_active: Millis,
    /// The language of the bot's messages to the user.
    pub language: Language,
    /// The user's answers to the questions of the welcome.
    pub answers: &'a BTreeMap<String, String>,
    /// Whether newsletters may be sent to the user, who is neither banned nor unreachable.
    pub reachable: bool,
    /// Newsletters that the user received, oldest first.
    pub received: &'a [Received],
}

impl Recipient<'_> {
    /// Returns the outcome of a newsletter for this user, if it is known.
    pub(super) fn outcome(&self, newsletter: NewsletterId) -> Option<RecipientOutcome> {
        Received::of(self.received, newsletter).map(|received| received.outcome)
    }
}
