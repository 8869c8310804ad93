//! The text format of stored records: a few fields separated by spaces, then a rest that may contain any text.
//!
//! The scripts read the fields at the front, and nothing after them.

use std::sync::Arc;

use crate::adapters::codec;
use domain::{
    ChatId, Conversation, DeadId, Fingerprint, GroupKey, InboxLane, Link, MessageId, Millis,
    OutboxLane, Revision, Seq, Side, State, UpdateId, UserId,
};
use ports::{
    DeadLetter, GroupRegistry, GroupRow, InboxItem, Origin, OutboxItem, Queued, RawUpdate,
    StoreError,
};

use crate::adapters::redis::errors::corrupt;

/// A conversation with its next revision: `revision state format doc`.
pub(in crate::adapters::redis) fn conversation(
    conversation: &Conversation,
) -> Result<String, StoreError> {
    let revision = conversation.revision.0.saturating_add(1);
    let doc = codec::conversation::encode(conversation)?;
    let format = codec::conversation::FORMAT;
    Ok(format!("{revision} {} {format} {doc}", state(conversation)))
}

/// The position of a conversation's state in [`State::ALL`].
pub(in crate::adapters::redis) fn state(conversation: &Conversation) -> usize {
    let state = conversation.state();
    State::ALL.iter().position(|one| *one == state).unwrap_or(0)
}

/// Time since which the user waits for an answer; `None` if the user does not wait.
pub(in crate::adapters::redis) fn waiting(conversation: &Conversation) -> Option<Millis> {
    let waits = conversation.state() == State::WaitingOperator;
    conversation.waiting_since.filter(|_| waits)
}

/// Time at which its timer expires.
pub(in crate::adapters::redis) fn due(conversation: &Conversation) -> Option<Millis> {
    conversation.welcome.due
}

/// The reverse of [`conversation`].
pub(in crate::adapters::redis) fn read_conversation(
    user: UserId,
    body: &str,
) -> Result<Arc<Conversation>, StoreError> {
    let mut fields = Fields(body);
    let (revision, _state) = (Revision(fields.number()?), fields.number::<u8>()?);
    let format = fields.number()?;
    Ok(Arc::new(codec::conversation::decode(format, user, revision, fields.rest())?))
}

/// The key of a lane of sends, always 16 digits.
pub(in crate::adapters::redis) fn lane(lane: OutboxLane) -> String {
    format!("{:016x}", lane.key())
}

/// The reverse of [`lane`].
pub(in crate::adapters::redis) fn read_lane(text: &str) -> Result<OutboxLane, StoreError> {
    let key = u64::from_str_radix(text, 16).ok().map(u64::cast_signed);
    key.and_then(OutboxLane::from_key).ok_or_else(|| corrupt("no lane has the stored key"))
}

/// A send: `lane cause received not-before format effect`.
pub(in crate::adapters::redis) fn send(queued: &Queued) -> Result<String, StoreError> {
    let Queued { lane: to, effect, cause, received, not_before } = queued;
    let not_before = not_before.map_or_else(|| "-".to_owned(), |moment| moment.0.to_string());
    let (format, effect) = (codec::effect::FORMAT, codec::effect::encode(effect)?);
    Ok(format!("{} {cause} {} {not_before} {format} {effect}", lane(*to), received.0))
}

/// Time at which the cause of a send was received.
pub(in crate::adapters::redis) fn read_received(body: &str) -> Result<Millis, StoreError> {
    let mut fields = Fields(body);
    let _lane = fields.next()?;
    let _cause: i64 = fields.number()?;
    Ok(Millis(fields.number()?))
}

/// The reverse of [`send`].
pub(in crate::adapters::redis) fn read_send(
    seq: Seq,
    body: &str,
) -> Result<OutboxItem, StoreError> {
    let mut fields = Fields(body);
    let lane = read_lane(fields.next()?)?;
    let cause = UpdateId(fields.number()?);
    let received = Millis(fields.number()?);
    let not_before = match fields.next()? {
        "-" => None,
        moment => Some(Millis(number(moment)?)),
    };
    let effect = codec::effect::decode(fields.number()?, fields.rest())?;
    Ok(OutboxItem { seq, queued: Queued { lane, effect, cause, received, not_before } })
}

/// An update in the inbox: `attempts update lane received raw`.
pub(in crate::adapters::redis) fn update(item: &InboxItem) -> String {
    let InboxItem { update: RawUpdate { update, lane, raw }, received, attempts, .. } = item;
    format!("{attempts} {update} {} {} {raw}", lane.key(), received.0)
}

/// The reverse of [`update`].
pub(in crate::adapters::redis) fn read_update(
    seq: Seq,
    body: &str,
) -> Result<InboxItem, StoreError> {
    let mut fields = Fields(body);
    let attempts = fields.number()?;
    let update = UpdateId(fields.number()?);
    let lane = InboxLane::from_key(fields.number()?);
    let received = Millis(fields.number()?);
    let raw = fields.rest().to_owned();
    Ok(InboxItem { seq, update: RawUpdate { update, lane, raw }, received, attempts })
}

/// A dead letter: `at length-of-reason reason`, directly followed by the update or the send.
pub(in crate::adapters::redis) fn letter(letter: &DeadLetter) -> Result<String, StoreError> {
    let DeadLetter { origin, reason, at } = letter;
    let body = match origin {
        Origin::Update(item) => update(item),
        Origin::Send(item) => send(&item.queued)?,
    };
    Ok(format!("{} {} {reason}{body}", at.0, reason.len()))
}

/// The reverse of [`letter`].
pub(in crate::adapters::redis) fn read_letter(
    id: DeadId,
    body: &str,
) -> Result<DeadLetter, StoreError> {
    let mut fields = Fields(body);
    let at = Millis(fields.number()?);
    let length: usize = fields.number()?;
    let split = fields.rest().split_at_checked(length);
    let (reason, body) = split.ok_or_else(|| corrupt("a dead letter is cut off"))?;
    let seq = Seq(id.0 >> 1);
    let origin = if is_send(id) {
        Origin::Send(read_send(seq, body)?)
    } else {
        Origin::Update(read_update(seq, body)?)
    };
    Ok(DeadLetter { origin, reason: reason.to_owned(), at })
}

/// Whether a dead letter is a send; the reverse of `DeadId::of_send` and `DeadId::of_update`.
pub(super) fn is_send(id: DeadId) -> bool {
    id.0 & 1 == 1
}

/// A link, without its message ids: `user side text media at`.
pub(in crate::adapters::redis) fn link(link: &Link) -> String {
    let Link { user, origin, fingerprint: Fingerprint { text, media }, at, .. } = link;
    let side = if *origin == Side::Staff { 's' } else { 'u' };
    format!("{user} {side} {text:x} {media:x} {}", at.0)
}

/// Reads a link whose record begins with the user's message id.
pub(in crate::adapters::redis) fn read_link(
    staff_message: MessageId,
    body: &str,
) -> Result<Link, StoreError> {
    let mut fields = Fields(body);
    let user_message = MessageId(fields.number()?);
    let user = UserId(fields.number()?);
    let origin = if fields.next()? == "s" { Side::Staff } else { Side::User };
    let hash = |text| u32::from_str_radix(text, 16).map_err(|_not| corrupt("no hash in a link"));
    let fingerprint = Fingerprint { text: hash(fields.next()?)?, media: hash(fields.next()?)? };
    let at = Millis(number(fields.rest())?);
    Ok(Link { user, user_message, staff_message, origin, fingerprint, at })
}

/// The groups besides the first as one text.
pub(in crate::adapters::redis) fn groups(registry: &GroupRegistry) -> String {
    let row = |GroupRow { group, configured, chat, since }: &GroupRow| {
        format!("{} {configured} {chat} {}", group.number(), since.0)
    };
    registry.0.iter().map(row).collect::<Vec<_>>().join(";")
}

/// Reads [`groups`].
pub(in crate::adapters::redis) fn read_groups(text: &str) -> Result<GroupRegistry, StoreError> {
    let row = |row| {
        let mut fields = Fields(row);
        let group = GroupKey::new(fields.number()?);
        Ok(GroupRow {
            group: group.ok_or_else(|| corrupt("a group has a number that no group gets"))?,
            configured: ChatId(fields.number()?),
            chat: ChatId(fields.number()?),
            since: Millis(number(fields.rest())?),
        })
    };
    let rows = text.split(';').filter(|row| !row.is_empty()).map(row);
    rows.collect::<Result<_, StoreError>>().map(GroupRegistry)
}

/// Reads fields separated by single spaces.
struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<&'a str, StoreError> {
        let (field, rest) = self.0.split_once(' ').ok_or_else(|| corrupt("a record is cut off"))?;
        self.0 = rest;
        Ok(field)
    }

    fn number<T: std::str::FromStr>(&mut self) -> Result<T, StoreError> {
        number(self.next()?)
    }

    fn rest(self) -> &'a str {
        self.0
    }
}

/// Reads a stored number.
pub(in crate::adapters::redis) fn number<T: std::str::FromStr>(
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|_not| corrupt("a record lacks a number"))
}
