//! Splits a commit by partition, into parts that one script can write.

use std::collections::BTreeMap;

use domain::{Conversation, DeadId, Link, Partition, Revision, Seq, UserId};
use ports::{Commit, DeadLetter, InboxItem, Origin, OutboxItem, Queued, StoreError};

use crate::adapters::redis::script::{arguments::Args, encoding};

/// The part of a commit that one partition stores.
#[derive(Debug, Default)]
pub(in crate::adapters::redis) struct PartialCommit<'a> {
    /// Revisions that must be stored, or the commit is stale.
    pub expects: Vec<(UserId, Revision)>,
    pub conversation: Option<&'a Conversation>,
    /// With their positions in the commit.
    pub queued: Vec<(usize, &'a Queued)>,
    pub sent: Vec<Seq>,
    pub dead: Vec<&'a DeadLetter>,
    pub links: Vec<&'a Link>,
    /// With their positions in the commit.
    pub retried: Vec<(usize, DeadId)>,
}

/// Splits a commit. The decided update and a migration of the group are in no part.
pub(in crate::adapters::redis) fn split_by_partition(
    commit: &Commit,
) -> BTreeMap<Partition, PartialCommit<'_>> {
    let mut parts: BTreeMap<Partition, PartialCommit<'_>> = BTreeMap::new();
    for (user, revision) in commit.expectations() {
        parts.entry(Partition::of(user)).or_default().expects.push((user, revision));
    }
    if let Some(next) = &commit.conversation {
        parts.entry(Partition::of(next.user)).or_default().conversation = Some(next);
    }
    for (at, queued) in commit.queued.iter().enumerate() {
        let partition = queued.lane.partition();
        parts.entry(partition).or_default().queued.push((at, queued));
    }
    for seq in &commit.sent {
        parts.entry(Partition::of_seq(*seq)).or_default().sent.push(*seq);
    }
    for letter in &commit.dead {
        let (Origin::Update(InboxItem { seq, .. }) | Origin::Send(OutboxItem { seq, .. })) =
            &letter.origin;
        parts.entry(Partition::of_seq(*seq)).or_default().dead.push(letter);
    }
    for link in &commit.links {
        parts.entry(Partition::of(link.user)).or_default().links.push(link);
    }
    for (at, id) in commit.retried.iter().enumerate() {
        let partition = Partition::of_seq(Seq(id.0 >> 1));
        parts.entry(partition).or_default().retried.push((at, *id));
    }
    parts
}

/// The partition of the whole commit, whose decided update is in `home`; `None` if it spans partitions.
pub(in crate::adapters::redis) fn single_partition(
    commit: &Commit,
    parts: &BTreeMap<Partition, PartialCommit<'_>>,
    home: Option<Partition>,
) -> Option<Partition> {
    if commit.group.is_some() {
        return None;
    }
    let home = home.or_else(|| parts.keys().next().copied()).unwrap_or(Partition::DESK);
    parts.keys().all(|partition| *partition == home).then_some(home)
}

/// The partition of the conversation that a commit is about, if it is not `home`, the partition of the decided update.
pub(super) fn handover_partition(
    parts: &BTreeMap<Partition, PartialCommit<'_>>,
    home: Partition,
) -> Option<Partition> {
    let guarded = parts.values().any(PartialCommit::is_guarded);
    let is_about = |part: &PartialCommit<'_>| {
        if guarded { part.is_guarded() } else { !part.queued.is_empty() }
    };
    let mut about =
        parts.iter().filter(|(_, part)| is_about(part)).map(|(partition, _)| *partition);
    let first = about.next()?;
    (first != home && about.all(|other| other != home)).then_some(first)
}

/// Number of ticks that a commit needs, at most.
pub(in crate::adapters::redis) fn tick_count(commit: &Commit) -> i64 {
    i64::try_from(commit.queued.len() + commit.retried.len()).unwrap_or(i64::MAX)
}

impl PartialCommit<'_> {
    /// Whether this part can be refused as stale.
    pub(super) fn is_guarded(&self) -> bool {
        !self.expects.is_empty()
    }

    /// Whether this part removes sends or dead updates from their queues. It is written last, because it shows that the
    /// rest is done.
    pub(super) fn removes_sends(&self) -> bool {
        !self.sent.is_empty() || !self.dead.is_empty()
    }

    /// Script arguments. Ticks count from `first`. `marker`: the decided update, if the commit spans partitions.
    pub(in crate::adapters::redis) fn args(
        &self,
        decided: Option<Seq>,
        marker: Option<Seq>,
        first: i64,
        all_queued: usize,
    ) -> Result<Args, StoreError> {
        let tick = |at: usize| first.saturating_add(i64::try_from(at).unwrap_or(i64::MAX));
        let seq = |seq: Option<Seq>| seq.map(|seq| seq.0.to_string()).unwrap_or_default();
        let mut args = Args::default();
        args.text(seq(decided)).text(seq(marker)).count(self.expects.len());
        for (user, revision) in &self.expects {
            args.number(user.0).number(revision.0);
        }
        match self.conversation {
            None => {
                args.text("");
            }
            Some(next) => {
                let since = encoding::waiting(next).map(|since| since.0.to_string());
                args.number(next.user.0).count(encoding::state(next));
                let due = encoding::due(next).map(|due| due.0.to_string());
                args.text(since.unwrap_or_default()).text(due.unwrap_or_default());
                args.text(encoding::conversation(next)?);
            }
        }
        args.count(self.queued.len());
        for (at, queued) in &self.queued {
            args.number(tick(*at)).text(encoding::send(queued)?);
        }
        args.count(self.sent.len());
        for seq in &self.sent {
            args.number(seq.0);
        }
        args.count(self.dead.len());
        for letter in &self.dead {
            let (kind, seq) = match &letter.origin {
                Origin::Update(item) => ("u", item.seq),
                Origin::Send(item) => ("s", item.seq),
            };
            args.number(letter.id().0).text(kind).number(seq.0).text(encoding::letter(letter)?);
        }
        args.count(self.links.len());
        for link in &self.links {
            args.number(link.staff_message.0).number(link.user_message.0).number(link.user.0);
            args.number(link.at.0).text(encoding::link(link));
        }
        args.count(self.retried.len());
        for (at, id) in &self.retried {
            args.number(id.0).number(tick(all_queued + at));
        }
        Ok(args)
    }
}
