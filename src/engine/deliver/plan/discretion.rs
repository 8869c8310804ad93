//! Keeps from users what they must not see: operators' notes, and who operators and other users are.

use crate::engine::deliver::Sending;
use domain::{AlbumId, Effect, MessageId, Relay, Side, Subject, Transfer};
use ports::{OutboxItem, StoreError};

use super::{Planner, step::Step};

/// Whether the author of a forwarded message is neither a member of an operators' group nor a known user. False in
/// any doubt.
pub(in crate::engine::deliver) async fn is_of_a_stranger(
    context: &Sending,
    effect: &Effect,
) -> Result<bool, StoreError> {
    let Sending { desk, messenger, .. } = context;
    let author = match effect.relay().map(|relay| relay.transfer) {
        Some(Transfer::ForwardOf(author)) => author,
        Some(Transfer::Copy | Transfer::Forward | Transfer::Notice) | None => return Ok(false),
    };
    if desk.store.load(Subject::User(author)).await?.is_some() {
        return Ok(false);
    }
    for (_, group) in desk.groups().iter() {
        if !matches!(messenger.is_member(group, author).await, Ok(false)) {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Planner<'_> {
    /// Whether a message is a note among operators. It may have become one while it waited.
    pub(in crate::engine::deliver) fn withholds(
        &self,
        from: Side,
        message: MessageId,
        album: Option<&AlbumId>,
    ) -> bool {
        let notes = self.conversation.map(|conversation| &conversation.notes);
        from == Side::Staff && notes.is_some_and(|notes| notes.keeps(message, album))
    }

    /// The step for a batch that contains notes; `None` if it contains none. An album may be a note as a whole; other
    /// messages are checked one by one.
    pub(in crate::engine::deliver) fn without_notes(&self, batch: &[OutboxItem]) -> Option<Step> {
        let relays = || batch.iter().filter_map(|item| item.queued.effect.relay());
        let withheld =
            |relay: &Relay| self.withholds(relay.from, relay.message, relay.album.as_ref());
        if !relays().any(withheld) {
            return None;
        }
        Some(if relays().all(withheld) { Step::Nothing } else { Step::Singly })
    }
}
