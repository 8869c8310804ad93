//! Commits: checked first, then written, then published to the cache.

use std::{collections::HashSet, sync::Arc};

use crate::adapters::{
    cache::Entries,
    sqlite::{
        errors::SqlError,
        tables::{
            conversations::{self, Stored},
            dead, groups, inbox, links,
            meta::{self, key},
            outbox,
            transaction::Transaction,
        },
    },
};
use domain::{GroupKey, UserId};
use ports::{Commit, Committed, DeadLetter, GroupMove, InboxItem, Origin, OutboxItem, Written};

use super::request::Write;

/// Writes commits in order. A commit that follows a stale commit of the same conversation was decided on a state that
/// was never written. It is stale too, even if another change has raised the revision to the expected one.
pub(crate) struct CommitAll(pub Vec<Commit>);

impl Write for CommitAll {
    /// `None` for an update that was decided already: the caller repeated its request.
    type Done = Vec<Option<Committed>>;
    type Answer = Vec<Committed>;

    fn run(&self, transaction: &mut Transaction<'_>) -> Result<Self::Done, SqlError> {
        let mut stale: HashSet<UserId> = HashSet::new();
        let mut results = Vec::with_capacity(self.0.len());
        for commit in &self.0 {
            let result = if commit.users().any(|user| stale.contains(&user)) {
                Some(Committed::Stale)
            } else {
                write(transaction, commit)?
            };
            if result == Some(Committed::Stale) {
                stale.extend(commit.users());
            }
            results.push(result);
        }
        Ok(results)
    }

    fn publish(&mut self, results: &Self::Done, cache: &mut Entries) {
        for (commit, result) in self.0.iter_mut().zip(results) {
            match result {
                Some(Committed::Done(_)) => publish(commit, cache),
                Some(Committed::Stale | Committed::Elsewhere) => outdated(commit, cache),
                None => {}
            }
        }
    }

    fn answer(self, results: Self::Done) -> Vec<Committed> {
        let repeated = || Committed::Done(Written::default());
        results.into_iter().map(|result| result.unwrap_or_else(repeated)).collect()
    }
}

/// Writes the whole commit or nothing. `None` if its update was decided already.
pub(crate) fn write(
    transaction: &mut Transaction<'_>,
    commit: &Commit,
) -> Result<Option<Committed>, SqlError> {
    let connection = transaction.connection;
    let Check::Current(stored) = check(transaction, commit)? else {
        // A repeated commit looks outdated: the first one raised the revision.
        let repeated = match commit.decided {
            Some(seq) => !inbox::contains(connection, seq)?,
            None => false,
        };
        return Ok(if repeated { None } else { Some(Committed::Stale) });
    };
    if let Some(seq) = commit.decided
        && !inbox::remove(connection, seq)?
    {
        return Ok(None);
    }

    if let Some(conversation) = &commit.conversation {
        conversations::write(transaction, conversation, stored)?;
    }
    let mut written =
        Written { queued: Vec::with_capacity(commit.queued.len()), reopened: Vec::new() };
    for queued in &commit.queued {
        let seq = outbox::append(transaction, queued)?;
        written.queued.push(OutboxItem { seq, queued: queued.clone() });
    }
    for seq in &commit.sent {
        outbox::remove(connection, *seq)?;
    }
    if let Some(moved) = commit.group {
        move_group(transaction, moved)?;
    }
    for link in &commit.links {
        links::upsert(connection, link)?;
    }
    for letter in &commit.dead {
        bury(transaction, letter)?;
    }
    for id in &commit.retried {
        match dead::take(transaction, *id)? {
            Some(Origin::Send(item)) => {
                let seq = outbox::append(transaction, &item.queued)?;
                written.queued.push(OutboxItem { seq, ..item });
            }
            Some(Origin::Update(item)) => {
                let seq = inbox::append(transaction, &item.update, item.received)?;
                written.reopened.push(InboxItem { seq, attempts: 0, ..item });
            }
            None => {}
        }
    }
    Ok(Some(Committed::Done(written)))
}

/// Updates the cache from a written commit.
pub(crate) fn publish(commit: &mut Commit, cache: &mut Entries) {
    if let Some(mut conversation) = commit.conversation.take() {
        conversation.revision = conversations::next_revision(conversation.revision);
        cache.committed(Arc::new(conversation));
    }
    if commit.group.is_some() {
        cache.forget_links();
    }
    commit.links.iter().for_each(|link| cache.linked(*link));
}

/// Removes from the cache what a stale commit was based on.
pub(crate) fn outdated(commit: &Commit, cache: &mut Entries) {
    commit.users().for_each(|user| cache.outdated(user));
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
    for (user, revision) in commit.expectations() {
        let stored = conversations::find_stored(transaction.connection, user)?;
        if !conversations::has_revision(stored, revision) {
            return Ok(Check::Outdated);
        }
        // The last row read belongs to the conversation that the commit writes, if it writes one.
        replaced = stored;
    }
    Ok(Check::Current(replaced))
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

fn move_group(transaction: &Transaction<'_>, moved: GroupMove) -> Result<(), SqlError> {
    let connection = transaction.connection;
    let GroupMove { group, from, to, at } = moved;
    if group != GroupKey::FIRST {
        let mut registry = groups::read(connection)?;
        if registry.record_move(group, to, at) {
            registry
                .0
                .iter()
                .filter(|row| row.group == group)
                .try_for_each(|row| groups::write(connection, row))?;
            links::forget_group(connection, group)?;
        }
        return Ok(());
    }
    let known = meta::get(connection, key::GROUP)? == Some(to.0);
    meta::set(connection, key::GROUP, to.0)?;
    meta::set(connection, key::GROUP_MOVED_FROM, from.0)?;
    if !known {
        links::forget_group(connection, group)?;
    }
    Ok(())
}
