//! Commits: checked first, then written, then published to the cache.

use std::{collections::HashSet, sync::Arc};

use crate::adapters::cache::Entries;
use domain::{
    Conversation, Link, LinkKey, Millis, Partition, PartitionSet, Revision, Seq, Subject, UserId,
};
use ports::{
    Commit, Committed, DeskState, GroupMove, Imported, InboxItem, Ledger, Notebook, Origin,
    OutboxItem, PageEnd, RequestNumbers, Retention, StoreError,
};

use super::{
    SqliteStore,
    conversations::{self, Stored},
    dead,
    errors::SqlError,
    inbox, links,
    meta::{self, key},
    outbox,
    transaction::Transaction,
    write_request::WriteRequest,
};

#[ports::async_trait]
impl Ledger for SqliteStore {
    async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        let reader = self.reader()?;
        let began = {
            let mut cache = self.cache().lock();
            if let Some(found) = cache.conversation(subject) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let loaded = reader.ask(move |connection| conversations::load(connection, subject)).await?;
        if let Some(conversation) = &loaded {
            self.cache().lock().read(began, conversation);
        }
        Ok(loaded)
    }

    async fn link(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        let reader = self.reader()?;
        let began = {
            let mut cache = self.cache().lock();
            if let Some(found) = cache.link(key) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let found = reader.ask(move |connection| links::find(connection, key)).await?;
        if let Some(link) = found {
            self.cache().lock().read_link(began, key, link);
        }
        Ok(found)
    }

    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError> {
        self.writer()?.ask(|answer| WriteRequest::Commit { commits, answer }).await
    }

    async fn due(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        self.reader()?.ask(move |connection| conversations::due(connection, of, now, limit)).await
    }

    async fn page(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        let after = after.map_or(i64::MIN, |end| end.at);
        let read = move |connection: &_| conversations::page(connection, of, after, limit);
        let (page, last) = self.reader()?.ask(read).await?;
        // SQLite keeps all partitions in one list.
        Ok((page, last.map(|at| PageEnd { partition: Partition::DESK, at })))
    }
}

#[ports::async_trait]
impl RequestNumbers for SqliteStore {
    async fn request(&self, user: UserId, nth: u32) -> Result<i64, StoreError> {
        self.writer()?.ask(|answer| WriteRequest::Request { user, nth, answer }).await
    }

    async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        self.writer()?.ask(|answer| WriteRequest::RequestsFrom { last, answer }).await
    }
}

#[ports::async_trait]
impl DeskState for SqliteStore {
    async fn notebook(&self) -> Result<Notebook, StoreError> {
        self.writer()?;
        Ok(self.notes())
    }

    async fn remember_import(&self, imported: Imported) -> Result<(), StoreError> {
        self.writer()?.ask(|answer| WriteRequest::Imported { imported, answer }).await
    }
}

#[ports::async_trait]
impl Retention for SqliteStore {
    async fn forget(&self, links: Millis, updates: Millis) -> Result<usize, StoreError> {
        self.writer()?.ask(|answer| WriteRequest::Forget { links, updates, answer }).await
    }
}

/// The result of one commit, before its transaction is committed.
#[derive(Debug)]
pub(super) enum CommitRan {
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

/// Writes commits in order. A commit that follows a stale commit of the same conversation was decided on a state that
/// was never written. It is stale too, even if another change has raised the revision to the expected one.
pub(super) fn write_all(
    transaction: &mut Transaction<'_>,
    commits: &[Commit],
) -> Result<Vec<CommitRan>, SqlError> {
    let mut stale: HashSet<UserId> = HashSet::new();
    let mut ran = Vec::with_capacity(commits.len());
    for commit in commits {
        let outcome = if users(commit).any(|user| stale.contains(&user)) {
            CommitRan::Stale
        } else {
            write(transaction, commit)?
        };
        if matches!(outcome, CommitRan::Stale) {
            stale.extend(users(commit));
        }
        ran.push(outcome);
    }
    Ok(ran)
}

/// The users whose conversations the commit was decided on.
pub(super) fn users(commit: &Commit) -> impl Iterator<Item = UserId> + use<> {
    expectations(commit).map(|(user, _)| user)
}

/// Writes the whole commit or nothing.
pub(super) fn write(
    transaction: &mut Transaction<'_>,
    commit: &Commit,
) -> Result<CommitRan, SqlError> {
    let connection = transaction.connection;
    let Ok(stored) = check(transaction, commit)? else {
        // A repeated commit looks outdated: the first one raised the revision.
        let repeated = match commit.decided {
            Some(seq) => !inbox::waits(connection, seq)?,
            None => false,
        };
        return Ok(if repeated { CommitRan::Repeated } else { CommitRan::Stale });
    };
    if let Some(seq) = commit.decided
        && !inbox::decided(connection, seq)?
    {
        return Ok(CommitRan::Repeated);
    }

    if let Some(conversation) = &commit.conversation {
        conversations::write(transaction, conversation, stored)?;
    }
    let mut queued = Vec::with_capacity(commit.queued.len());
    for send in &commit.queued {
        queued.push(outbox::queue(transaction, send)?);
    }
    for seq in &commit.sent {
        outbox::remove(connection, *seq)?;
    }
    let group_moved = match commit.group {
        Some(moved) => move_group(transaction, moved)?,
        None => false,
    };
    for link in &commit.links {
        links::learn(connection, link)?;
    }
    for letter in &commit.dead {
        dead::bury(transaction, letter)?;
    }
    let (mut put_back, mut reopened) = (Vec::new(), Vec::new());
    for id in &commit.retried {
        match dead::take(transaction, *id)? {
            Some(Origin::Send(item)) => {
                let seq = outbox::queue(transaction, &item.queued)?;
                put_back.push(OutboxItem { seq, ..item });
            }
            Some(Origin::Update(item)) => reopened.push(inbox::reopen(transaction, item)?),
            None => {}
        }
    }
    Ok(CommitRan::Done { queued, put_back, reopened, group_moved })
}

/// Updates the cache from a written commit.
pub(super) fn publish(commit: &mut Commit, ran: &CommitRan, cache: &mut Entries) {
    match ran {
        CommitRan::Stale => expectations(commit).for_each(|(user, _)| cache.outdated(user)),
        CommitRan::Repeated => {}
        CommitRan::Done { group_moved, .. } => {
            if let Some(mut conversation) = commit.conversation.take() {
                conversation.revision = conversations::raised(conversation.revision);
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
pub(super) fn committed(commit: Commit, ran: CommitRan) -> Committed {
    if matches!(ran, CommitRan::Stale) {
        return Committed::Stale;
    }
    let (queued, reopened) = outcome(commit, ran);
    Committed::Done { queued, reopened }
}

/// The sends that a commit queued or put back, and the updates it reopened.
pub(super) fn outcome(commit: Commit, ran: CommitRan) -> (Vec<OutboxItem>, Vec<InboxItem>) {
    match ran {
        CommitRan::Stale | CommitRan::Repeated => (Vec::new(), Vec::new()),
        CommitRan::Done { queued: seqs, put_back, reopened, .. } => {
            let queued = seqs.into_iter().zip(commit.queued);
            let queued = queued.map(|(seq, queued)| OutboxItem { seq, queued });
            (queued.chain(put_back).collect(), reopened)
        }
    }
}

/// The commit was decided on a state that has changed since.
#[derive(Debug)]
struct Outdated;

/// Compares revisions. Returns the stored row of the conversation that the commit writes.
fn check(
    transaction: &Transaction<'_>,
    commit: &Commit,
) -> Result<Result<Option<Stored>, Outdated>, SqlError> {
    let mut replaced = None;
    for (user, revision) in expectations(commit) {
        let stored = conversations::stored(transaction.connection, user)?;
        if !conversations::is_at(stored, revision) {
            return Ok(Err(Outdated));
        }
        // The last row read belongs to the conversation that the commit writes, if it writes one.
        replaced = stored;
    }
    Ok(Ok(replaced))
}

/// The revisions that must be stored for the commit to be valid, seldom more than one.
fn expectations(commit: &Commit) -> impl Iterator<Item = (UserId, Revision)> + use<> {
    let own = commit.conversation.as_ref().map(|next| (next.user, next.revision));
    let other = commit.expects.filter(|expected| Some(*expected) != own);
    other.into_iter().chain(own)
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
