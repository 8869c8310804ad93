//! Chooses the batch: the sends at the head of a lane that travel in one call.

use std::collections::{HashMap, VecDeque};

use domain::{AlbumId, ContentKind, Effect, Relay, Transfer};
use ports::OutboxItem;

use crate::engine::lanes::hints::Hints;

/// Telegram's limit of messages copied in one call.
pub(in crate::engine) const BATCH_LIMIT: usize = 100;

/// Telegram's limit of pieces in an album.
pub(in crate::engine) const ALBUM_LIMIT: usize = 10;

/// Returns the sends at the head that one call covers: an album, several plain copies, or refreshes of the same
/// topic.
pub(in crate::engine) fn head_batch(
    loaded: &VecDeque<OutboxItem>,
    hints: Hints,
    slots: usize,
) -> Vec<OutboxItem> {
    let Some(head) = loaded.front() else { return Vec::new() };
    let effect = &head.queued.effect;
    let count = if let Effect::Relay(first) = effect {
        count_relays(loaded, first, hints, slots)
    } else if matches!(effect, Effect::Refresh | Effect::Panel(_)) {
        // Several in a row update the same topic, or show the same panel.
        loaded.iter().take_while(|item| item.queued.effect == *effect).count()
    } else {
        1
    };
    loaded.iter().take(count).cloned().collect()
}

fn count_relays(loaded: &VecDeque<OutboxItem>, first: &Relay, hints: Hints, slots: usize) -> usize {
    // Only the head could not be copied. The sends behind it may be.
    if hints.singly || hints.forward {
        return 1;
    }
    match &first.album {
        Some(album_id) => count_while(loaded, ALBUM_LIMIT, |relay, before| {
            relay.album.as_ref() == Some(album_id) && follows(before, relay)
        }),
        None if is_plain(first) => {
            count_while(loaded, slots.clamp(1, BATCH_LIMIT), |relay, before| {
                is_plain(relay) && follows(before, relay) && before.former == relay.former
            })
        }
        None => 1,
    }
}

/// Whether the head is an edit or a reaction that a later send for the same message replaces.
pub(in crate::engine) fn is_superseded(loaded: &VecDeque<OutboxItem>) -> bool {
    let mut targets = loaded.iter().map(|item| item.queued.effect.replaces());
    let Some(head @ Some(_)) = targets.next() else { return false };
    targets.any(|later| later == head)
}

/// The sends at the head that later ones replace.
pub(in crate::engine) fn superseded(loaded: &VecDeque<OutboxItem>) -> Vec<OutboxItem> {
    let last: HashMap<_, _> =
        loaded.iter().filter_map(|item| Some((item.queued.effect.replaces()?, item.seq))).collect();
    let is_replaced = |item: &&OutboxItem| {
        let target = item.queued.effect.replaces();
        target.is_some_and(|target| last.get(&target).is_some_and(|last| *last > item.seq))
    };
    loaded.iter().take_while(is_replaced).take(BATCH_LIMIT).cloned().collect()
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

/// Whether nothing about a relay needs a call of its own. When Telegram copies many messages, it silently skips those
/// that it does not copy. A message that it may skip goes alone and gets its own outcome.
fn is_plain(relay: &Relay) -> bool {
    let copyable = !matches!(relay.kind, ContentKind::Poll | ContentKind::Other);
    let bare = relay.reply.is_none() && relay.elsewhere.is_none() && relay.links.is_empty();
    copyable && bare && relay.transfer == Transfer::Copy && relay.album.is_none()
}

/// Whether the album at the head is complete.
pub(in crate::engine) fn is_whole_album(loaded: &VecDeque<OutboxItem>, hints: Hints) -> bool {
    loaded.front().is_some_and(|head| album(head).is_some())
        && head_batch(loaded, hints, 1).len() == ALBUM_LIMIT
}

/// Whether a relay may follow another in one call: Telegram takes the ids of one chat, strictly increasing. A stuck
/// lane may hold relays from both sides.
fn follows(before: &Relay, relay: &Relay) -> bool {
    relay.from == before.from && relay.message > before.message && relay.transfer == before.transfer
}

/// The album that a send is a piece of.
pub(in crate::engine) fn album(item: &OutboxItem) -> Option<&AlbumId> {
    item.queued.effect.relay()?.album.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Elsewhere, Fingerprint, MessageId, Millis, Reply, Seq, Side, TopicId, UpdateId, UrlButton,
        UserId,
    };
    use ports::Queued;

    fn plain(message: i64) -> Relay {
        Relay::new(
            Side::User,
            MessageId(message),
            ContentKind::Text,
            Transfer::Copy,
            Fingerprint::default(),
        )
    }

    fn piece(message: i64, album: &str) -> Relay {
        Relay { album: Some(AlbumId(album.to_owned())), ..plain(message) }
    }

    fn loaded(relays: impl IntoIterator<Item = Relay>) -> VecDeque<OutboxItem> {
        let item = |relay: Relay| {
            let seq = Seq(relay.message.0);
            let effect = Effect::Relay(relay);
            let lane = effect.lane(UserId(1));
            OutboxItem {
                seq,
                queued: Queued {
                    lane,
                    effect,
                    cause: UpdateId(0),
                    received: Millis(0),
                    not_before: None,
                },
            }
        };
        relays.into_iter().map(item).collect()
    }

    #[track_caller]
    fn check(relays: impl IntoIterator<Item = Relay>, slots: usize, together: usize) {
        assert_eq!(head_batch(&loaded(relays), Hints::default(), slots).len(), together);
    }

    #[test]
    fn plain_messages_are_batched_up_to_the_free_slots() {
        check((1..=150).map(plain), 7, 7);
        check((1..=150).map(plain), usize::MAX, BATCH_LIMIT);
        check([plain(5), plain(4)], 9, 1);
        check([plain(4), Relay { from: Side::Staff, ..plain(5) }], 9, 1);
        check([plain(1), piece(2, "a")], 9, 1);
    }

    #[test]
    fn messages_that_need_their_own_outcome_are_not_batched() {
        let reply = Some(Reply { to: MessageId(1), quote: None });
        let link = UrlButton { label: "x".to_owned(), url: "https://example.org".to_owned() };
        for alone in [
            Relay { reply, ..plain(2) },
            Relay { elsewhere: Some(Elsewhere::default()), ..plain(2) },
            Relay { links: vec![vec![link]], ..plain(2) },
            Relay { transfer: Transfer::Forward, ..plain(2) },
            Relay { kind: ContentKind::Poll, ..plain(2) },
            Relay { kind: ContentKind::Other, ..plain(2) },
            Relay { former: Some(TopicId(6).into()), ..plain(2) },
        ] {
            check([plain(1), alone.clone(), plain(3)], 9, 1);
            check([alone, plain(3)], 9, 1);
        }
        for hints in [
            Hints { singly: true, ..Hints::default() },
            Hints { forward: true, ..Hints::default() },
        ] {
            assert_eq!(head_batch(&loaded([plain(1), plain(2)]), hints, 9).len(), 1);
        }
    }

    #[test]
    fn an_album_is_one_batch_regardless_of_the_slots() {
        check([piece(1, "a"), piece(2, "a"), piece(3, "b")], 1, 2);
        check((1..=12).map(|message| piece(message, "a")), 1, ALBUM_LIMIT);
    }

    #[test]
    fn an_album_of_ten_is_complete() {
        let whole = |relays: Vec<Relay>| is_whole_album(&loaded(relays), Hints::default());
        assert!(whole((1..=10).map(|message| piece(message, "a")).collect()));
        assert!(!whole((1..=9).map(|message| piece(message, "a")).collect()));
        assert!(!whole((1..=10).map(plain).collect()));
    }

    #[test]
    fn a_later_edit_or_reaction_of_the_same_message_supersedes_the_head() {
        let react = |message| Effect::React {
            from: Side::User,
            message: MessageId(message),
            reaction: None,
            late: false,
        };
        let edit = |message| {
            Effect::Edit(domain::Edit {
                from: Side::User,
                message: MessageId(message),
                kind: ContentKind::Text,
                transfer: Transfer::Copy,
                body: domain::Body {
                    text: String::new(),
                    entities: None,
                    preview: None,
                    media: None,
                },
                links: Vec::new(),
                former: None,
                fingerprint: Fingerprint::default(),
            })
        };
        let relay = |message| Effect::Relay(plain(message));
        let of = |effects: Vec<Effect>| {
            let item = |(seq, effect): (i64, Effect)| {
                let lane = effect.lane(UserId(1));
                let (cause, received) = (UpdateId(0), Millis(0));
                let queued = Queued { lane, effect, cause, received, not_before: None };
                OutboxItem { seq: Seq(seq), queued }
            };
            is_superseded(&(1..).zip(effects).map(item).collect())
        };
        assert!(of(vec![react(1), relay(2), react(1)]) && of(vec![edit(1), edit(2), edit(1)]));
        assert!(!of(vec![react(1), react(2), edit(1)]) && !of(vec![edit(1), react(1)]));
        let batch = |effects: Vec<Effect>| {
            let item = |(seq, effect): (i64, Effect)| {
                let lane = effect.lane(UserId(1));
                let (cause, received) = (UpdateId(0), Millis(0));
                let queued = Queued { lane, effect, cause, received, not_before: None };
                OutboxItem { seq: Seq(seq), queued }
            };
            superseded(&(1..).zip(effects).map(item).collect()).len()
        };
        assert_eq!(batch(vec![edit(1), edit(1), react(1), edit(1), react(1)]), 3);
        assert_eq!(batch(vec![edit(1), relay(2), edit(1)]), 1);
        assert_eq!(batch(vec![edit(1), edit(2)]), 0);
        assert!(!of(vec![relay(1), relay(1)]) && !of(vec![react(1)]) && !of(Vec::new()));
    }
}
