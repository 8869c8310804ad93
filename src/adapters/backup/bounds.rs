//! Range checks of a record's numbers. The checksum of a backup finds accidents, but anyone can make a file with a
//! valid checksum.

use std::ops::RangeInclusive;

use domain::{InboxLane, Millis, PARTITIONS, Seq, UpdateId, UserId};
use ports::{DeadLetter, Facts, InboxItem, KnownUpdate, Origin, OutboxItem, Record};

/// Greatest number that Telegram or a store gives: its ids have at most 52 bits.
const MAX_NUMBER: i64 = 1 << 52;

/// Names the first number in a record that no desk can have written; `None` if all numbers make sense.
pub(super) fn implausible(record: &Record) -> Option<&'static str> {
    let numbers = match record {
        Record::Facts(facts) => of_facts(facts),
        Record::Group(row) => vec![
            ("the group", row.configured.0, -MAX_NUMBER..=-1),
            ("the group", row.chat.0, -MAX_NUMBER..=-1),
            time(row.since),
        ],
        Record::Conversation(one) => vec![
            ("the user", one.user.0, 1..=MAX_NUMBER),
            ("the revision", one.revision.0, 0..=MAX_NUMBER),
            time(one.since),
        ],
        Record::Link(link) => vec![("the user", link.user.0, 1..=MAX_NUMBER), time(link.at)],
        Record::Known(KnownUpdate { update, at }) => vec![update_number(*update), time(*at)],
        Record::Update(item) => of_update(item),
        Record::Send(item) => of_send(item),
        Record::Dead(DeadLetter { origin, at, .. }) => {
            let mut numbers = match origin {
                Origin::Update(item) => of_update(item),
                Origin::Send(item) => of_send(item),
            };
            numbers.push(time(*at));
            numbers
        }
    };
    numbers.into_iter().find(|(_, number, range)| !range.contains(number)).map(|(name, ..)| name)
}

/// A number's name, its value and the range of plausible values.
type Number = (&'static str, i64, RangeInclusive<i64>);

fn of_facts(facts: &Facts) -> Vec<Number> {
    let Facts { offset, group, group_moved_from, requests, imported, next, named } = *facts;
    // Numbers without a partition are multiplied when they are restored, so their limit is lower.
    let max = if named { MAX_NUMBER } else { MAX_NUMBER / (2 * PARTITIONS) };
    let mut numbers = vec![
        ("the number of requests", requests, 0..=MAX_NUMBER),
        ("the next number", next.0, 0..=max),
    ];
    numbers.extend(offset.map(|UpdateId(offset)| ("the offset", offset, 0..=MAX_NUMBER + 1)));
    let groups = group.into_iter().chain(group_moved_from);
    numbers.extend(groups.map(|group| ("the group", group.0, -MAX_NUMBER..=-1)));
    if let Some(imported) = imported {
        numbers.extend([("the users imported", imported.users, 0..=MAX_NUMBER), time(imported.at)]);
    }
    numbers
}

fn of_update(InboxItem { seq, update, received, .. }: &InboxItem) -> Vec<Number> {
    let mut numbers = vec![number(*seq), update_number(update.update), time(*received)];
    numbers.extend(match update.lane {
        InboxLane::User(user) => Some(("the user", user.0, 0..=MAX_NUMBER)),
        InboxLane::Topic(topic) => Some(("the topic", topic.0, -MAX_NUMBER..=MAX_NUMBER)),
        InboxLane::Desk => None,
    });
    numbers
}

fn of_send(OutboxItem { seq, queued }: &OutboxItem) -> Vec<Number> {
    let times = [Some(queued.received), queued.not_before].into_iter().flatten().map(time);
    // Lane user zero: the send belongs to no conversation.
    let UserId(user) = queued.lane.user;
    let mut numbers =
        vec![number(*seq), update_number(queued.cause), ("the user", user, 0..=MAX_NUMBER)];
    numbers.extend(times);
    numbers
}

fn number(Seq(seq): Seq) -> Number {
    ("the number", seq, 0..=MAX_NUMBER)
}

/// An update without an id from Telegram is stored under a negative id.
fn update_number(UpdateId(update): UpdateId) -> Number {
    ("the number of the update", update, i64::MIN..=MAX_NUMBER)
}

fn time(Millis(time): Millis) -> Number {
    ("the time", time, -MAX_NUMBER..=MAX_NUMBER)
}
