//! The layout of the store in Redis: its keys, and the partition that each record is in.
//!
//! `PREFIX` is `support-bot`; `{p}` is the number of the partition, which is also the hash tag:
//!
//! | key | type | what it holds |
//! |---|---|---|
//! | `PREFIX:{p}:meta` | hash | `owner` (token of the only process whose writes are accepted), `format`, `open` (1 until the holder has left in order), `tick`, `foreign` (the last number that another process stored in the inbox), `offset` with its `stamp`, counters `s0`..`s4`, `d0`, `d1`; `swept` (the links of all epochs before this one are deleted); in partition 0 also `group`, `from`, `epoch`, `groups` (`key configured-id id since`, several separated by `;`), `imported`, `imported_at`, `probe`, `requests` (the last request number assigned), `slot` (the last slot taken); `restoring` during a bulk load, `filled` after it |
//! | `PREFIX:{p}:conv` | hash | user -> `revision state format document` |
//! | `PREFIX:{p}:waiting` | sorted set | users waiting for an answer, by the time when they wrote |
//! | `PREFIX:{p}:due` | sorted set | users whose welcome is paused, by the time when it continues |
//! | `PREFIX:{p}:in`, `:inq` | hash, sorted set | number -> `attempts update lane received raw`; the numbers, in order |
//! | `PREFIX:{p}:k:B`, `:kold` | hash, sorted set | 1,000 update numbers each -> time received, or `w` while the update is in the inbox; the buckets by their oldest entry |
//! | `PREFIX:{p}:out`, `:outq`, `:outs` | hash, sorted sets | number -> `lane cause received not-before format effect`; `lane number` in lexical order; the numbers, in order |
//! | `PREFIX:{p}:l:E:B`, `:lold:E` | hash, sorted set | 1,000 messages of the group each -> `message user side text media at`, several separated by `;`; the buckets by their oldest entry |
//! | `PREFIX:{p}:u:E:B` | hash | `user:message` -> its copies in the group |
//! | `PREFIX:{p}:dead`, `:deadq` | hash, sorted set | dead letter id -> `at length reason` and the update or send; the ids, in order |
//! | `PREFIX:{p}:tries` | hash | idempotency key of a call -> the answer to it |
//! | `PREFIX:{p}:marks` | sorted set | updates whose commit spans partitions and is being written here; prefix `h`: an update that is being handed over to this partition, prefix `d`: one whose handover is done |
//! | `PREFIX:{p}:lease` | string | token of the process that holds the partition; expires with the lease |
//! | `PREFIX:{0}:replicas` | sorted set | tokens of the processes on this store, by the time until which each counts as present |
//! | `PREFIX:{0}:requests` | hash | user -> `nth number`: the user's latest numbered request and its number; deleted an hour or two after the conversation contains the number |
//! | `PREFIX:{0}:slots:W:running`, `:ended` | sorted sets | slots of Telegram's limits: in use by calls, and ageing; `W` is `all` or `group` |
//! | `PREFIX:{0}:slots:group:paced` | string | when a paced call to the group last took slots |
//! | `PREFIX:{0}:slots:W:frozen` | string | end of the wait that a `429` asked for |
//! | `PREFIX:{p}:copy:N:…` | as the key | copies that a snapshot is read from; they expire after an hour; `names` lists them |
//! | `PREFIX:{p}:wrote`, `:hints` | sets | during a bulk load: the keys written, so that an interrupted load can be undone |
//! | `PREFIX:{0}:filler` | string | token of the one process that loads data into this store; expires |
//! | `PREFIX:shown:newsletter:…` | hash | partition -> progress of a newsletter in it, as its holder reports it; expires after 30 days |
//! | `PREFIX:gone:TOKEN` | string | token of the process that was first to report that process `TOKEN` did not shut down cleanly; expires after a day |
//! | `PREFIX:heard` | string | when a process last had a sign of life from monitoring, by that process's clock |
//! | `PREFIX:limited` | sorted set | beginnings of the spans in which the group's limit made sends wait, by their ends; a day |
//! | `PREFIX:topic:T` | hash | hint: the user whose topic this is or was, and the partition of its updates, which never changes |
//! | `PREFIX:staff:E:B` | hash | hints: 1,000 messages of the group each -> user |
//!
//! `B` is a number without its last three digits; it keeps hashes small enough for Redis to store them compactly. `E`
//! counts the migrations of the first group: a migration makes all its links unreachable at once, and `forget` deletes
//! them later. For links of the other groups, it is `g`. `T` is the topic with the key of its group.

use std::time::Duration;

use domain::{GroupKey, InboxLane, MessageId, Partition, TopicId};

/// The latest version of the layout that this release knows: that of a store with several groups. A store with one has
/// version 1, and is open to releases that know one group only.
pub(in crate::adapters::redis) const FORMAT: i64 = 2;
/// The version of a store with one group.
pub(in crate::adapters::redis) const FORMAT_OF_ONE: i64 = 1;
/// Lifetime of a copy for a snapshot that nobody deletes.
pub(in crate::adapters::redis) const COPY_LIFETIME: Duration = Duration::from_hours(1);

/// Stands for the epoch in keys of links of the groups besides the first.
pub(in crate::adapters::redis) const OTHER_GROUPS: &str = "g";

/// The name of an epoch in keys of links and hints. Those of the groups besides the first are in no epoch: what such a
/// group has left behind at a migration is told apart by its time.
pub(in crate::adapters::redis) fn era(epoch: i64, group: GroupKey) -> String {
    if group == GroupKey::FIRST { epoch.to_string() } else { OTHER_GROUPS.to_owned() }
}

/// The partition for the updates of a topic whose user is not known.
pub(in crate::adapters::redis) fn partition_of_unknown(topic: TopicId) -> Partition {
    Partition::of_number(topic.0)
}

/// The partition for the updates of a lane; `None` if a hint must be read to find it.
pub(in crate::adapters::redis) fn partition_of_lane(lane: InboxLane) -> Option<Partition> {
    match lane {
        InboxLane::User(user) => Some(Partition::of(user)),
        InboxLane::Desk => Some(Partition::DESK),
        InboxLane::Topic(_) => None,
    }
}

/// Names of keys. All keys of a partition share a hash tag, and so a slot of the cluster.
#[derive(Debug, Clone)]
pub(in crate::adapters::redis) struct Keys {
    prefix: String,
}

impl Keys {
    pub(in crate::adapters::redis) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// The prefix of a partition's keys.
    pub(in crate::adapters::redis) fn base(&self, partition: Partition) -> String {
        format!("{}:{{{}}}", self.prefix, partition)
    }

    /// A key of a partition.
    pub(in crate::adapters::redis) fn in_partition(
        &self,
        partition: Partition,
        name: &str,
    ) -> String {
        format!("{}:{{{}}}:{name}", self.prefix, partition)
    }

    /// The pub/sub channel between processes.
    pub(in crate::adapters::redis) fn channel(&self) -> String {
        format!("{}:shifts", self.prefix)
    }

    /// The key for the last sign of life from monitoring.
    pub(in crate::adapters::redis) fn watchdog(&self) -> String {
        format!("{}:heard", self.prefix)
    }

    /// The key for the spans in which the group's limit made sends wait.
    pub(in crate::adapters::redis) fn limited(&self) -> String {
        format!("{}:limited", self.prefix)
    }

    /// The key that marks the unclean end of a process as reported.
    pub(in crate::adapters::redis) fn reported_end(&self, token: &str) -> String {
        format!("{}:gone:{token}", self.prefix)
    }

    /// A value that processes share under a name.
    pub(in crate::adapters::redis) fn published(&self, name: &str) -> String {
        format!("{}:shown:{name}", self.prefix)
    }

    /// The hint of a topic.
    pub(in crate::adapters::redis) fn topic_hint(&self, topic: TopicId) -> String {
        format!("{}:topic:{topic}", self.prefix)
    }

    /// The hash with the hint of a message of the group, and the message's field in it.
    pub(in crate::adapters::redis) fn staff_hint(
        &self,
        epoch: i64,
        message: MessageId,
    ) -> (String, String) {
        let id = message.0.to_string();
        let (bucket, field) = id.split_at(id.len().saturating_sub(3));
        let era = era(epoch, message.group());
        (format!("{}:staff:{era}:{bucket}", self.prefix), field.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{PARTITIONS, Seq};

    #[test]
    fn a_number_names_its_partition() {
        for partition in Partition::all() {
            let seq = Seq(12_345 * PARTITIONS + i64::from(partition));
            assert_eq!(Partition::of_seq(seq), partition);
        }
    }

    #[test]
    fn a_thousand_messages_share_a_hash_of_hints() {
        let keys = Keys::new("desk");
        let place = |message| keys.staff_hint(2, MessageId(message));
        assert_eq!(place(12_345), ("desk:staff:2:12".to_owned(), "345".to_owned()));
        assert_eq!(place(7), ("desk:staff:2:".to_owned(), "7".to_owned()));
    }
}
