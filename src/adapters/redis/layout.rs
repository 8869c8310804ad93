//! Where everything lies: partitions, their keys, and which partition something belongs to.

use domain::{InboxLane, MessageId, OutboxLane, PARTS, Seq, Shard, TopicId, UserId};

/// Into so many partitions the store is divided, for good: numbers and keys depend on it.
pub(super) const PARTITIONS: i64 = PARTS;

/// One of the parts that a script can change as a whole: all its keys lie in one slot of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Partition(pub i64);

impl Partition {
    /// What belongs to the desk itself is in the first.
    pub(super) const DESK: Self = Self(0);

    /// All of them.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..PARTITIONS).map(Self)
    }

    /// As the desk knows it.
    pub(super) fn shard(self) -> Shard {
        Shard::of_seq(Seq(self.0))
    }

    /// The partition of a conversation.
    pub(super) fn of(user: UserId) -> Self {
        Self(user.0.rem_euclid(PARTITIONS))
    }

    /// The partition of a lane of sends: that of its conversation.
    pub(super) fn of_lane(lane: OutboxLane) -> Self {
        Self::of(lane.user)
    }

    /// The partition that gave a number.
    pub(super) fn of_seq(seq: Seq) -> Self {
        Self(seq.0.rem_euclid(PARTITIONS))
    }

    /// Where the updates of a topic lie of which nobody knows whose it is.
    pub(super) fn of_unknown(topic: TopicId) -> Self {
        Self(topic.0.rem_euclid(PARTITIONS))
    }

    /// Where the updates of a lane lie; `None` if a hint must tell.
    pub(super) fn of_inbox(lane: InboxLane) -> Option<Self> {
        match lane {
            InboxLane::User(user) => Some(Self::of(user)),
            InboxLane::Desk => Some(Self::DESK),
            InboxLane::Topic(_) => None,
        }
    }
}

impl From<Shard> for Partition {
    fn from(shard: Shard) -> Self {
        Self(i64::from(shard.number()))
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
        format!("{}:{{{}}}", self.prefix, partition.0)
    }

    /// A key of a partition.
    pub(super) fn of(&self, partition: Partition, name: &str) -> String {
        format!("{}:{{{}}}:{name}", self.prefix, partition.0)
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

    #[test]
    fn a_number_names_its_partition() {
        for partition in Partition::all() {
            let seq = Seq(12_345 * PARTITIONS + partition.0);
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
