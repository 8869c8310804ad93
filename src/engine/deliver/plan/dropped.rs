//! What operators have dropped is passed over.

use domain::{Conversation, Side};
use ports::OutboxItem;

use super::Step;

/// The step for a batch of which operators have dropped something; `None` if they have not. Where dropped sends stand
/// before others, each is planned alone.
pub(super) fn pass_over(conversation: &Conversation, batch: &[OutboxItem]) -> Option<Step> {
    let until = conversation.dropped_until?;
    let is_dropped = |item: &&OutboxItem| {
        item.queued.received <= until && item.queued.effect.carries(Side::User)
    };
    match batch.iter().filter(is_dropped).count() {
        0 => None,
        count if count == batch.len() => Some(Step::Nothing),
        _ => Some(Step::Singly),
    }
}
