//! Which sends at the head of a lane travel together in one call.

use std::collections::VecDeque;

use crate::{
    domain::{AlbumId, Effect, Relay, Transfer},
    ports::OutboxItem,
};

use super::lanes::Hints;

/// Telegram copies at most this many messages in one call.
pub(super) const RUN_LIMIT: usize = 100;

/// Telegram's albums have at most this many pieces.
pub(super) const ALBUM_LIMIT: usize = 10;

/// The sends at the head that travel in one call, or are done by one: an album; a backlog of plain copies;
/// refreshes of the same topic.
pub(super) fn run(loaded: &VecDeque<OutboxItem>, hints: Hints, slots: usize) -> Vec<OutboxItem> {
    let Some(head) = loaded.front() else { return Vec::new() };
    let count = match &head.queued.effect {
        Effect::Relay(_) if hints.singly => 1,
        Effect::Relay(first) => match &first.album {
            Some(album_id) => count_while(loaded, ALBUM_LIMIT, |relay, before| {
                relay.album.as_ref() == Some(album_id) && follows(before, relay)
            }),
            None if is_plain(first) => {
                count_while(loaded, slots.clamp(1, RUN_LIMIT), |relay, before| {
                    is_plain(relay) && follows(before, relay)
                })
            }
            None => 1,
        },
        Effect::Refresh => {
            loaded.iter().take_while(|item| item.queued.effect == Effect::Refresh).count()
        }
        Effect::Edit(_)
        | Effect::React { .. }
        | Effect::Erase { .. }
        | Effect::Tell(_)
        | Effect::Pin { .. }
        | Effect::Unpin { .. }
        | Effect::CloseTopic
        | Effect::ReopenTopic
        | Effect::Answer { .. }
        | Effect::RetireButtons { .. } => 1,
    };
    loaded.iter().take(count).cloned().collect()
}

fn count_while(
    loaded: &VecDeque<OutboxItem>,
    limit: usize,
    belongs: impl Fn(&Relay, &Relay) -> bool,
) -> usize {
    let mut count = 1;
    for (before, item) in loaded.iter().zip(loaded.iter().skip(1)).take(limit.saturating_sub(1)) {
        match (before.queued.effect.relay(), item.queued.effect.relay()) {
            (Some(before), Some(relay)) if belongs(relay, before) => count += 1,
            (Some(_) | None, Some(_) | None) => break,
        }
    }
    count
}

/// Nothing about it needs a call of its own.
fn is_plain(relay: &Relay) -> bool {
    relay.transfer == Transfer::Copy && relay.reply.is_none() && relay.album.is_none()
}

/// Telegram takes ids of many messages strictly increasing only.
fn follows(before: &Relay, relay: &Relay) -> bool {
    relay.message > before.message && relay.transfer == before.transfer
}

/// The album that a send is a piece of.
pub(super) fn album(item: &OutboxItem) -> Option<&AlbumId> {
    item.queued.effect.relay()?.album.as_ref()
}
