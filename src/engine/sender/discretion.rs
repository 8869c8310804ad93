//! What a user must not see: what operators write among themselves, and who they and other users are.

use crate::engine::Desk;
use domain::{Effect, Relay, Side, Subject, Transfer};
use ports::{Messenger, Store, StoreError};

use super::plan::Planner;

/// Whether the author of what is forwarded is neither in the operators' group nor known as a user. Any doubt is a no.
pub(super) async fn is_of_a_stranger<S: Store, M: Messenger>(
    desk: &Desk<S, M>,
    effect: &Effect,
) -> Result<bool, StoreError> {
    let author = match effect.relay().map(|relay| relay.transfer) {
        Some(Transfer::ForwardOf(author)) => author,
        Some(Transfer::Copy | Transfer::Forward | Transfer::Notice) | None => return Ok(false),
    };
    if desk.store.load(Subject::User(author)).await?.is_some() {
        return Ok(false);
    }
    Ok(matches!(desk.messenger.is_member(desk.group(), author).await, Ok(false)))
}

impl Planner<'_> {
    /// Whether it is among operators; it may have become so while it waited.
    pub(super) fn withholds(&self, relay: &Relay) -> bool {
        let notes = self.conversation.map(|conversation| &conversation.notes);
        relay.from == Side::Staff
            && notes.is_some_and(|notes| notes.keeps(relay.message, relay.album.as_ref()))
    }
}
