//! A record as a line of JSON, and back.
//!
//! Invariant: every later release can read the output of any earlier one. `adapters/codec` promises the same for the
//! values in it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::adapters::codec::{self, CodecError};
use domain::{
    ChatId, Fingerprint, GroupKey, InboxLane, Link, MessageId, Millis, OutboxLane, Revision, Seq,
    Side, UpdateId, UserId,
};
use ports::{
    DeadLetter, Facts, GroupRow, Imported, InboxItem, KnownUpdate, Origin, OutboxItem, Queued,
    RawUpdate, Record, RecordCounts,
};

const WHAT: &str = "a line of the backup";

/// A line of the text. The first is `Backup`, the last is `End`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Backup {
        made: i64,
        release: String,
    },
    Facts {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offset: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group_moved_from: Option<i64>,
        #[serde(default, skip_serializing_if = "is_zero")]
        requests: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        imported: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        imported_at: Option<i64>,
        next: i64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        named: bool,
    },
    /// Releases that know one group only refuse a file with this line.
    Group {
        group: u16,
        configured: i64,
        chat: i64,
        since: i64,
    },
    Conversation {
        user: i64,
        revision: i64,
        format: u32,
        doc: Box<RawValue>,
    },
    Link {
        user: i64,
        user_message: i64,
        staff_message: i64,
        by_staff: bool,
        text: u32,
        media: u32,
        at: i64,
    },
    Known {
        update: i64,
        at: i64,
    },
    Update(Update),
    Send(Send),
    DeadUpdate {
        at: i64,
        reason: String,
        update: Update,
    },
    DeadSend {
        at: i64,
        reason: String,
        send: Send,
    },
    End {
        conversations: u64,
        links: u64,
        known: u64,
        updates: u64,
        sends: u64,
        dead: u64,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Update {
    seq: i64,
    id: i64,
    lane: i64,
    received: i64,
    attempts: u32,
    raw: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Send {
    seq: i64,
    lane: i64,
    cause: i64,
    received: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<i64>,
    format: u32,
    effect: Box<RawValue>,
}

/// Encodes a line, with its line break.
pub(super) fn write(line: &Line) -> Result<Vec<u8>, CodecError> {
    let mut text = serde_json::to_vec(line).map_err(|_error| malformed(0))?;
    text.push(b'\n');
    Ok(text)
}

/// Decodes a line.
pub(super) fn read(text: &[u8]) -> Result<Line, CodecError> {
    serde_json::from_slice(text).map_err(|error| malformed(error.column()))
}

/// Converts a record to its line.
pub(super) fn of(record: &Record) -> Result<Line, CodecError> {
    Ok(match record {
        Record::Facts(facts) => {
            let Facts { offset, group, group_moved_from, requests, imported, next, named } = facts;
            Line::Facts {
                offset: offset.map(|offset| offset.0),
                group: group.map(|group| group.0),
                group_moved_from: group_moved_from.map(|group| group.0),
                requests: *requests,
                imported: imported.map(|imported| imported.users),
                imported_at: imported.map(|imported| imported.at.0),
                next: next.0,
                named: *named,
            }
        }
        Record::Group(GroupRow { group, configured, chat, since }) => Line::Group {
            group: group.number(),
            configured: configured.0,
            chat: chat.0,
            since: since.0,
        },
        Record::Conversation(one) => Line::Conversation {
            user: one.user.0,
            revision: one.revision.0,
            format: codec::conversation::FORMAT,
            doc: raw(codec::conversation::encode(one)?)?,
        },
        Record::Link(Link { user, user_message, staff_message, origin, fingerprint, at }) => {
            Line::Link {
                user: user.0,
                user_message: user_message.0,
                staff_message: staff_message.0,
                by_staff: matches!(origin, Side::Staff),
                text: fingerprint.text,
                media: fingerprint.media,
                at: at.0,
            }
        }
        Record::Known(KnownUpdate { update, at }) => Line::Known { update: update.0, at: at.0 },
        Record::Update(item) => Line::Update(update(item)),
        Record::Send(item) => Line::Send(send(item)?),
        Record::Dead(DeadLetter { origin, reason, at }) => {
            let (at, reason) = (at.0, reason.clone());
            match origin {
                Origin::Update(item) => Line::DeadUpdate { at, reason, update: update(item) },
                Origin::Send(item) => Line::DeadSend { at, reason, send: send(item)? },
            }
        }
    })
}

/// The last line.
pub(super) fn end(counts: &RecordCounts) -> Line {
    let RecordCounts { conversations, links, known, updates, sends, dead } = *counts;
    Line::End { conversations, links, known, updates, sends, dead }
}

/// Converts a line to its record. The first and the last line are no records.
pub(super) fn record(line: Line) -> Result<Record, CodecError> {
    Ok(match line {
        Line::Backup { .. } | Line::End { .. } => return Err(malformed(0)),
        Line::Group { group, configured, chat, since } => Record::Group(GroupRow {
            group: GroupKey::new(group).ok_or_else(|| malformed(0))?,
            configured: ChatId(configured),
            chat: ChatId(chat),
            since: Millis(since),
        }),
        Line::Facts {
            offset,
            group,
            group_moved_from,
            requests,
            imported,
            imported_at,
            next,
            named,
        } => Record::Facts(Facts {
            requests,
            offset: offset.map(UpdateId),
            group: group.map(ChatId),
            group_moved_from: group_moved_from.map(ChatId),
            imported: imported
                .zip(imported_at)
                .map(|(users, at)| Imported { users, at: Millis(at) }),
            next: Seq(next),
            named,
        }),
        Line::Conversation { user, revision, format, doc } => {
            let (user, revision) = (UserId(user), Revision(revision));
            Record::of(codec::conversation::decode(format, user, revision, doc.get())?)
        }
        Line::Link { user, user_message, staff_message, by_staff, text, media, at } => {
            Record::Link(Link {
                user: UserId(user),
                user_message: MessageId(user_message),
                staff_message: MessageId(staff_message),
                origin: if by_staff { Side::Staff } else { Side::User },
                fingerprint: Fingerprint { text, media },
                at: Millis(at),
            })
        }
        Line::Known { update, at } => {
            Record::Known(KnownUpdate { update: UpdateId(update), at: Millis(at) })
        }
        Line::Update(update) => Record::Update(update.item()),
        Line::Send(send) => Record::Send(send.item()?),
        Line::DeadUpdate { at, reason, update } => Record::Dead(DeadLetter {
            origin: Origin::Update(update.item()),
            reason,
            at: Millis(at),
        }),
        Line::DeadSend { at, reason, send } => {
            Record::Dead(DeadLetter { origin: Origin::Send(send.item()?), reason, at: Millis(at) })
        }
    })
}

fn update(item: &InboxItem) -> Update {
    let InboxItem { seq, update: RawUpdate { update, lane, raw }, received, attempts } = item;
    Update {
        seq: seq.0,
        id: update.0,
        lane: lane.key(),
        received: received.0,
        attempts: *attempts,
        raw: raw.clone(),
    }
}

fn send(item: &OutboxItem) -> Result<Send, CodecError> {
    let OutboxItem { seq, queued: Queued { lane, effect, cause, received, not_before } } = item;
    Ok(Send {
        seq: seq.0,
        lane: lane.key(),
        cause: cause.0,
        received: received.0,
        not_before: not_before.map(|moment| moment.0),
        format: codec::effect::FORMAT,
        effect: raw(codec::effect::encode(effect)?)?,
    })
}

impl Update {
    fn item(self) -> InboxItem {
        let Self { seq, id, lane, received, attempts, raw } = self;
        let (update, lane) = (UpdateId(id), InboxLane::from_key(lane));
        let update = RawUpdate { update, lane, raw };
        InboxItem { seq: Seq(seq), update, received: Millis(received), attempts }
    }
}

impl Send {
    fn item(self) -> Result<OutboxItem, CodecError> {
        let Self { seq, lane, cause, received, not_before, format, effect } = self;
        let queued = Queued {
            lane: OutboxLane::from_key(lane).ok_or_else(|| malformed(0))?,
            effect: codec::effect::decode(format, effect.get())?,
            cause: UpdateId(cause),
            received: Millis(received),
            not_before: not_before.map(Millis),
        };
        Ok(OutboxItem { seq: Seq(seq), queued })
    }
}

fn raw(json: String) -> Result<Box<RawValue>, CodecError> {
    RawValue::from_string(json).map_err(|error| malformed(error.column()))
}

fn malformed(column: usize) -> CodecError {
    CodecError::Malformed { what: WHAT, column }
}
