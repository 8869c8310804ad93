//! Commits: checked first, then written, then published to the cache.

use std::{collections::HashSet, sync::Arc};

use crate::adapters::{
    cache::Entries,
    sqlite::{
        errors::SqlError,
        tables::{
            conversations::{self, Stored},
            dead, inbox, links,
            meta::{self, key},
            outbox,
            transaction::Transaction,
        },
    },
};
use domain::{Revision, Seq, UserId};
use ports::{Commit, Committed, DeadLetter, GroupMove, InboxItem, Origin, OutboxItem};

use super::request::Write;

/// Writes commits in order. A commit that follows a stale commit of the same conversation was decided on a state that
/// was never written. It is stale too, even if another change has raised the revision to the expected one.
pub(crate) struct CommitAll(pub Vec<Commit>);

/// The result of one commit, before its transaction is committed.
#[derive(Debug)]
pub(crate) enum CommitResult {
    Stale,
    /// The update was decided already: the caller repeated its request.
    Repeated,
    Done {
        /// The numbers of the sends it queued.
        queued: Vec<Seq>,
        put_back: Vec<OutboxItem>,
        reopened: Vec<InboxItem>,
        group_moved: bool,
    },
}

impl Write for CommitAll {
    type Done = Vec<CommitResult>;
    type Answer = Vec<Committed>;

    fn run(&self, transaction: &mut Transaction<'_>) -> Result<Vec<CommitResult>, SqlError> {
        let mut stale: HashSet<UserId> = HashSet::new();
        let mut results = Vec::with_capacity(self.0.len());
        for commit in &self.0 {
            let result = if users(commit).any(|user| stale.contains(&user)) {
                CommitResult::Stale
            } else {
                write(transaction, commit)?
            };
            if matches!(result, CommitResult::Stale) {
                stale.extend(users(commit));
            }
            results.push(result);
        }
        Ok(results)
    }

    fn publish(&mut self, results: &Vec<CommitResult>, cache: &mut Entries) {
        for (commit, result) in self.0.iter_mut().zip(results) {
            publish(commit, result, cache);
        }
    }

    fn answer(self, results: Vec<CommitResult>) -> Vec<Committed> {
        self.0.into_iter().zip(results).map(|(commit, result)| committed(commit, result)).collect()
    }
}

/// The users whose conversations the commit was decided on.
pub(crate) fn users(commit: &Commit) -> impl Iterator<Item = UserId> + use<> {
    expectations(commit).map(|(user, _)| user)
}

/// Writes the whole commit or nothing.
pub(crate) fn write(
    transaction: &mut Transaction<'_>,
    commit: &Commit,
) -> Result<CommitResult, SqlError> {
    let connection = transaction.connection;
    let Check::Current(stored) = check(transaction, commit)? else {
        // A repeated commit looks outdated: the first one raised the revision.
        let repeated = match commit.decided {
            Some(seq) => !inbox::contains(connection, seq)?,
            None => false,
        };
        return Ok(if repeated { CommitResult::Repeated } else { CommitResult::Stale });
    };
    if let Some(seq) = commit.decided
        && !inbox::remove(connection, seq)?
    {
        return Ok(CommitResult::Repeated);
    }

    if let Some(conversation) = &commit.conversation {
        conversations::write(transaction, conversation, stored)?;
    }
    let mut queued = Vec::with_capacity(commit.queued.len());
    for send in &commit.queued {
        queued.push(outbox::append(transaction, send)?);
    }
    for seq in &commit.sent {
        outbox::remove(connection, *seq)?;
    }
    let group_moved = match commit.group {
        Some(moved) => move_group(transaction, moved)?,
        None => false,
    };
    for link in &commit.links {
        links::upsert(connection, link)?;
    }
    for letter in &commit.dead {
        bury(transaction, letter)?;
    }
    let (mut put_back, mut reopened) = (Vec::new(), Vec::new());
    for id in &commit.retried {
        match dead::take(transaction, *id)? {
            Some(Origin::Send(item)) => {
                let seq = outbox::append(transaction, &item.queued)?;
                put_back.push(OutboxItem { seq, ..item });
            }
            Some(Origin::Update(item)) => {
                let seq = inbox::append(transaction, &item.update, item.received)?;
                reopened.push(InboxItem { seq, attempts: 0, ..item });
            }
            None => {}
        }
    }
    Ok(CommitResult::Done { queued, put_back, reopened, group_moved })
}

/// Updates the cache from a written commit.
pub(crate) fn publish(commit: &mut Commit, result: &CommitResult, cache: &mut Entries) {
    match result {
        CommitResult::Stale => expectations(commit).for_each(|(user, _)| cache.outdated(user)),
        CommitResult::Repeated => {}
        CommitResult::Done { group_moved, .. } => {
            if let Some(mut conversation) = commit.conversation.take() {
                conversation.revision = conversations::next_revision(conversation.revision);
                cache.committed(Arc::new(conversation));
            }
            if *group_moved {
                cache.forget_links();
            }
            commit.links.iter().for_each(|link| cache.linked(*link));
        }
    }
}

/// The caller's answer for a commit.
pub(crate) fn committed(commit: Commit, result: CommitResult) -> Committed {
    if matches!(result, CommitResult::Stale) {
        return Committed::Stale;
    }
    let (queued, reopened) = outcome(commit, result);
    Committed::Done { queued, reopened }
}

/// The sends that a commit queued or put back, and the updates it reopened.
pub(crate) fn outcome(commit: Commit, result: CommitResult) -> (Vec<OutboxItem>, Vec<InboxItem>) {
    match result {
        CommitResult::Stale | CommitResult::Repeated => (Vec::new(), Vec::new()),
        CommitResult::Done { queued: seqs, put_back, reopened, .. } => {
            let queued = seqs.into_iter().zip(commit.queued);
            let queued = queued.map(|(seq, queued)| OutboxItem { seq, queued });
            (queued.chain(put_back).collect(), reopened)
        }
    }
}

/// Whether the state that a commit was decided on is still the stored one.
enum Check {
    /// It is. The stored row of the conversation that the commit writes, if there is one.
    Current(Option<Stored>),
    /// It has changed since.
    Outdated,
}

/// Compares revisions.
fn check(transaction: &Transaction<'_>, commit: &Commit) -> Result<Check, SqlError> {
    let mut replaced = None;
    for (user, revision) in expectations(commit) {
        let stored = conversations::find_stored(transaction.connection, user)?;
        if !conversations::has_revision(stored, revision) {
            return Ok(Check::Outdated);
        }
        // The last row read belongs to the conversation that the commit writes, if it writes one.
        replaced = stored;
    }
    Ok(Check::Current(replaced))
}

/// The revisions that must be stored for the commit to be valid, seldom more than one.
fn expectations(commit: &Commit) -> impl Iterator<Item = (UserId, Revision)> + use<> {
    let own = commit.conversation.as_ref().map(|next| (next.user, next.revision));
    let other = commit.expects.filter(|expected| Some(*expected) != own);
    other.into_iter().chain(own)
}

/// Stores a dead letter in place of the item in its queue.
fn bury(transaction: &mut Transaction<'_>, letter: &DeadLetter) -> Result<(), SqlError> {
    let connection = transaction.connection;
    match &letter.origin {
        // Already a dead letter, or never durable: then Telegram delivers the update again.
        Origin::Update(item) if !inbox::remove(connection, item.seq)? => return Ok(()),
        Origin::Update(_) => {}
        Origin::Send(item) => outbox::remove(connection, item.seq)?,
    }
    // A dead letter that is stored again counts once.
    dead::remove(transaction, letter.id())?;
    dead::insert(transaction, letter)
}

fn move_group(transaction: &Transaction<'_>, moved: GroupMove) -> Result<bool, SqlError> {
    let connection = transaction.connection;
    let known = meta::get(connection, key::GROUP)? == Some(moved.to.0);
    meta::set(connection, key::GROUP, moved.to.0)?;
    meta::set(connection, key::GROUP_MOVED_FROM, moved.from.0)?;
    if !known {
        links::forget_all(connection)?;
    }
    Ok(!known)
}
