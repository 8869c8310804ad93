//! What a user must not see: what operators write among themselves, and who they and other users are.

use crate::engine::Desk;
use domain::{Edit, Effect, Relay, Side, Subject, Transfer};
use ports::{Messenger, OutboxItem, Store, StoreError};

use super::{plan::Planner, runs::album, step::Step};

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
    /// Whether one of a run is among operators.
    pub(super) fn withholds_some(&self, run: &[OutboxItem]) -> bool {
        run.iter().filter_map(|item| item.queued.effect.relay()).any(|relay| self.withholds(relay))
    }

    /// An album is a note as a whole; of other messages, each is looked at alone.
    pub(super) fn without_notes(run: &[OutboxItem]) -> Step {
        let album = run.first().and_then(album).is_some();
        if album { Step::Nothing } else { Step::Singly }
    }

    /// Whether an edit is of what is among operators now.
    pub(super) fn withholds_edit(&self, edit: &Edit) -> bool {
        let notes = self.conversation.map(|conversation| &conversation.notes);
        edit.from == Side::Staff && notes.is_some_and(|notes| notes.keeps(edit.message, None))
    }

    /// Whether it is among operators; it may have become so while it waited.
    pub(super) fn withholds(&self, relay: &Relay) -> bool {
        let notes = self.conversation.map(|conversation| &conversation.notes);
        relay.from == Side::Staff
            && notes.is_some_and(|notes| notes.keeps(relay.message, relay.album.as_ref()))
    }
}
