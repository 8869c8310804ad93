//! Turns the records of a snapshot into the keys and values to load into each partition.

use std::collections::BTreeMap;

use domain::{Conversation, InboxLane, PARTITIONS, Partition, State, UserId};
use ports::{DeadLetter, InboxItem, KnownUpdate, Origin, OutboxItem, Record, StoreError};

use crate::adapters::redis::{
    errors::corrupt,
    script::{arguments::Args, encoding, layout::Keys},
};

/// Counters of a partition: conversations by state, dead updates, dead sends.
pub(super) type Counts = [i64; State::ALL.len() + 2];

/// The writes to one partition.
#[derive(Debug, Default)]
pub(super) struct PartitionLoad {
    hashes: BTreeMap<String, Vec<(String, String)>>,
    sorted: BTreeMap<String, Vec<(String, String)>>,
    links: Args,
    noted_hints: Args,
}

/// The writes to all partitions, and the hints, which have slots of their own.
#[derive(Debug, Default)]
pub(super) struct PageLoad {
    pub partitions: BTreeMap<Partition, PartitionLoad>,
    /// By key: fields and values.
    pub hints: BTreeMap<String, BTreeMap<String, String>>,
    /// The partition of a topic's updates, unless a loaded update of the topic decides otherwise.
    pub fallback_partitions: BTreeMap<String, Partition>,
    /// The user of a former topic, by the hint's key, unless the topic belongs to another user now.
    pub former: BTreeMap<String, UserId>,
}

impl PartitionLoad {
    fn add_field(
        &mut self,
        name: impl Into<String>,
        field: &impl ToString,
        value: impl Into<String>,
    ) {
        self.hashes.entry(name.into()).or_default().push((field.to_string(), value.into()));
    }

    fn add_score(&mut self, name: impl Into<String>, score: i64, member: &impl ToString) {
        self.sorted.entry(name.into()).or_default().push((score.to_string(), member.to_string()));
    }

    fn note_hint(&mut self, hint: &str) {
        self.noted_hints.text("n").text(hint);
    }

    /// The arguments of the script.
    pub(in crate::adapters::redis) fn args(self) -> Args {
        let mut args = self.noted_hints;
        for (act, all) in [("h", self.hashes), ("z", self.sorted)] {
            for (name, some) in all {
                args.text(act).text(name).count(some.len());
                for (first, second) in some {
                    args.text(first).text(second);
                }
            }
        }
        args.append(self.links);
        args
    }
}

impl PageLoad {
    /// Adds a record, and counts it.
    pub(super) fn add(
        &mut self,
        record: &Record,
        keys: &Keys,
        counts: &mut BTreeMap<Partition, Counts>,
    ) -> Result<(), StoreError> {
        match record {
            Record::Facts(_) | Record::Group(_) => {}
            Record::Conversation(one) => self.conversation(one, keys, counts)?,
            Record::Link(link) => {
                let load = self.partitions.entry(Partition::of(link.user)).or_default();
                load.links.text("l").number(link.staff_message.0).number(link.user_message.0);
                load.links.number(link.user.0).number(link.at.0).text(encoding::link(link));
                let (key, field) = keys.staff_hint(0, link.staff_message);
                load.note_hint(&key);
                self.hints.entry(key).or_default().insert(field, link.user.to_string());
            }
            Record::Known(KnownUpdate { update, at }) => {
                let (bucket, field) = bucket_of(update.0);
                // The partition of a repeated update is not known here.
                for partition in Partition::all() {
                    let load = self.partitions.entry(partition).or_default();
                    load.add_field(format!("k:{bucket}"), &field, at.0.to_string());
                    load.add_score("kold", at.0, &bucket);
                }
            }
            Record::Update(item) => self.update(item, keys),
            Record::Send(item) => {
                let load = self.partitions.entry(send_partition(item)?).or_default();
                let body = encoding::send(&item.queued)?;
                let member = format!("{}{:016}", encoding::lane(item.queued.lane), item.seq.0);
                load.add_field("out", &item.seq, body);
                load.add_score("outq", 0, &member);
                load.add_score("outs", item.seq.0, &item.seq);
            }
            Record::Dead(letter) => self.dead(letter, keys, counts)?,
        }
        Ok(())
    }

    fn conversation(
        &mut self,
        one: &Conversation,
        keys: &Keys,
        counts: &mut BTreeMap<Partition, Counts>,
    ) -> Result<(), StoreError> {
        let partition = Partition::of(one.user);
        let load = self.partitions.entry(partition).or_default();
        // The encoding writes the next revision.
        let mut before = one.clone();
        before.revision.0 = before.revision.0.saturating_sub(1);
        load.add_field("conv", &one.user, encoding::conversation(&before)?);
        if let Some(since) = encoding::waiting(one) {
            load.add_score("waiting", since.0, &one.user);
        }
        if let Some(due) = encoding::due(one) {
            load.add_score("due", due.0, &one.user);
        }
        count(counts, partition, encoding::state(one));
        if let Some(topic) = one.topic.id() {
            let key = keys.topic_hint(topic);
            load.note_hint(&key);
            self.hints
                .entry(key.clone())
                .or_default()
                .insert("user".to_owned(), one.user.to_string());
            self.fallback_partitions.insert(key, partition);
        }
        for topic in &one.topic.former {
            let key = keys.topic_hint(*topic);
            self.partitions.entry(partition).or_default().note_hint(&key);
            self.former.insert(key.clone(), one.user);
            self.fallback_partitions.entry(key).or_insert(partition);
        }
        Ok(())
    }

    fn update(&mut self, item: &InboxItem, keys: &Keys) {
        let load = self.inbox_load(item, keys);
        let (bucket, field) = bucket_of(item.update.update.0);
        load.add_field("in", &item.seq, encoding::update(item));
        load.add_score("inq", item.seq.0, &item.seq);
        load.add_field(format!("k:{bucket}"), &field, "w");
        load.add_score("kold", item.received.0, &bucket);
    }

    fn dead(
        &mut self,
        letter: &DeadLetter,
        keys: &Keys,
        counts: &mut BTreeMap<Partition, Counts>,
    ) -> Result<(), StoreError> {
        let (partition, at, load) = match &letter.origin {
            Origin::Update(item) => {
                (Partition::of_seq(item.seq), State::ALL.len(), self.inbox_load(item, keys))
            }
            Origin::Send(item) => {
                let partition = send_partition(item)?;
                let load = self.partitions.entry(partition).or_default();
                (partition, State::ALL.len() + 1, load)
            }
        };
        load.add_field("dead", &letter.id(), encoding::letter(letter)?);
        load.add_score("deadq", letter.id().0, &letter.id());
        count(counts, partition, at);
        Ok(())
    }

    /// The writes to the partition that the update's number names. Makes it the partition of the topic's later updates.
    fn inbox_load(&mut self, item: &InboxItem, keys: &Keys) -> &mut PartitionLoad {
        let partition = Partition::of_seq(item.seq);
        let load = self.partitions.entry(partition).or_default();
        if let InboxLane::Topic(topic) = item.update.lane {
            let key = keys.topic_hint(topic);
            load.note_hint(&key);
            let lane = partition.to_string();
            self.hints.entry(key).or_default().insert("lane".to_owned(), lane);
        }
        load
    }
}

/// The partition of a send; fails if the send's number names another.
fn send_partition(item: &OutboxItem) -> Result<Partition, StoreError> {
    let partition = item.queued.lane.partition();
    if Partition::of_seq(item.seq) == partition && item.seq.0 >= PARTITIONS {
        Ok(partition)
    } else {
        Err(corrupt("the number of a send does not match its conversation"))
    }
}

fn count(counts: &mut BTreeMap<Partition, Counts>, partition: Partition, at: usize) {
    if let Some(counted) = counts.entry(partition).or_default().get_mut(at) {
        *counted += 1;
    }
}

/// The bucket of a number, and the field in it.
fn bucket_of(id: i64) -> (String, String) {
    let id = id.to_string();
    let (bucket, field) = id.split_at(id.len().saturating_sub(3));
    (bucket.to_owned(), field.to_owned())
}
