//! The layout of the store in Redis: keys, and the partition of everything.
//!
//! `PREFIX` is `support-bot`, `{p}` the number of the partition, which is also the hash tag:
//!
//! | key | type | what it holds |
//! |---|---|---|
//! | `PREFIX:{p}:meta` | hash | `owner` (the token whose writes count), `format`, `tick`, `offset` with its `stamp`, counters `s0`..`s4`, `d0`, `d1`; in partition 0 also `open`, `group`, `from`, `epoch`, `probe`, `requests` (the last number given); `restoring` while it is filled, `filled` since it was |
//! | `PREFIX:{p}:conv` | hash | user -> `revision state format document` |
//! | `PREFIX:{p}:waiting` | sorted set | users who wait for an answer, by the moment they wrote |
//! | `PREFIX:{p}:due` | sorted set | users whose welcome waits, by the moment it goes on |
//! | `PREFIX:{p}:in`, `:inq` | hash, sorted set | number -> `attempts update lane received raw`; the numbers in order |
//! | `PREFIX:{p}:k:B`, `:kold` | hash, sorted set | a thousand update numbers -> when received, or `w` while one waits; the buckets by their oldest |
//! | `PREFIX:{p}:out`, `:outq`, `:outs` | hash, sorted sets | number -> `lane cause received not-before format effect`; `lane number` in order of its text; the numbers in order |
//! | `PREFIX:{p}:l:E:B`, `:lold:E` | hash, sorted set | a thousand messages of the group -> `message user side text media at`, several by `;`; the buckets by their oldest |
//! | `PREFIX:{p}:u:E:B` | hash | `user:message` -> the messages of the group that are its copies |
//! | `PREFIX:{p}:dead`, `:deadq` | hash, sorted set | id -> `at length reason` and what it was; the ids in order |
//! | `PREFIX:{p}:tries` | hash | name of a call -> what it was answered |
//! | `PREFIX:{p}:marks` | sorted set | updates whose commit spans partitions and is written here; with `h` or `d` before it, one that is handed on to here, before and after that |
//! | `PREFIX:{p}:lease` | string | the token of the process that takes care of the partition, until it runs out |
//! | `PREFIX:{0}:replicas` | sorted set | tokens of the processes on this store -> until when each counts as there |
//! | `PREFIX:{0}:requests` | hash | user -> `which-of-theirs number` of the request that was given a number last; gone an hour or two after the conversation has learnt it |
//! | `PREFIX:{0}:slots:W:running`, `:ended` | sorted sets | slots of Telegram's limits that calls are using, and those that age; `W` is `all` or `group` |
//! | `PREFIX:{0}:slots:W:frozen` | string | until when Telegram wants to be left alone |
//! | `PREFIX:{p}:copy:N:…` | as the key | copies that a snapshot is read from, for an hour at most; `names` lists them |
//! | `PREFIX:{p}:wrote`, `:hints` | sets | while it is filled: what was put in, to be taken out again if that is interrupted |
//! | `PREFIX:{0}:filler` | string | the token of the one process that fills this store, until it runs out |
//! | `PREFIX:shown:newsletter:…` | hash | partition -> how far a newsletter is in it, as its holder shows it; gone after 30 days |
//! | `PREFIX:gone:TOKEN` | string | the token of the process that said first that the one of this token did not end in order; gone after a day |
//! | `PREFIX:heard` | string | when a process last heard of monitoring, by its own clock |
//! | `PREFIX:topic:T` | hash | hint: whose topic it is, or was, and the partition of its updates, which never changes |
//! | `PREFIX:staff:E:B` | hash | hints: a thousand messages of the group -> user |
//!
//! `B` is a number without its last three digits, so that small hashes stay compact. `E` counts the migrations of the operators' group, so that a migration forgets all links at once, and `forget` deletes them later.

use domain::{InboxLane, MessageId, Partition, TopicId};

/// Where the updates of a topic lie when nobody knows whose topic it is.
pub(super) fn of_unknown(topic: TopicId) -> Partition {
    Partition::of_number(topic.0)
}

/// Where the updates of a lane lie; `None` if a hint must tell.
pub(super) fn of_inbox(lane: InboxLane) -> Option<Partition> {
    match lane {
        InboxLane::User(user) => Some(Partition::of(user)),
        InboxLane::Desk => Some(Partition::DESK),
        InboxLane::Topic(_) => None,
    }
}

/// The names of keys. Those of a partition share a hash tag, and so a slot.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned() }
    }

    /// What the keys of a partition begin with.
    pub(super) fn base(&self, partition: Partition) -> String {
        format!("{}:{{{}}}", self.prefix, partition)
    }

    /// A key of a partition.
    pub(super) fn of(&self, partition: Partition, name: &str) -> String {
        format!("{}:{{{}}}:{name}", self.prefix, partition)
    }

    /// What processes tell each other on.
    pub(super) fn channel(&self) -> String {
        format!("{}:shifts", self.prefix)
    }

    /// When monitoring was heard of.
    pub(super) fn heard(&self) -> String {
        format!("{}:heard", self.prefix)
    }

    /// Says that somebody was told of the end of a process, which was not in order.
    pub(super) fn gone(&self, token: &str) -> String {
        format!("{}:gone:{token}", self.prefix)
    }

    /// What processes show each other under a name.
    pub(super) fn shown(&self, name: &str) -> String {
        format!("{}:shown:{name}", self.prefix)
    }

    /// The hint of a topic.
    pub(super) fn topic(&self, topic: TopicId) -> String {
        format!("{}:topic:{topic}", self.prefix)
    }

    /// The hints of messages of the group, and the field of this one in it.
    pub(super) fn staff(&self, epoch: i64, message: MessageId) -> (String, String) {
        let id = message.0.to_string();
        let (bucket, field) = id.split_at(id.len().saturating_sub(3));
        (format!("{}:staff:{epoch}:{bucket}", self.prefix), field.to_owned())
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
    fn messages_share_hints_by_the_thousand() {
        let keys = Keys::new("desk");
        let place = |message| keys.staff(2, MessageId(message));
        assert_eq!(place(12_345), ("desk:staff:2:12".to_owned(), "345".to_owned()));
        assert_eq!(place(7), ("desk:staff:2:".to_owned(), "7".to_owned()));
    }
}
