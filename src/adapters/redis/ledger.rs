//! The ledger in Redis: commits are grouped by partition, and each group is one script.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use futures_util::future::join_all;

use domain::{
    Conversation, Link, LinkKey, MessageId, Millis, Partition, PartitionSet, Subject, UserId,
};
use ports::{Commit, Committed, Ledger, PageEnd, Retention, StoreError};

use super::{
    RedisStore,
    arguments::{Args, integer, list, maybe, pairs, text},
    commit_split::{self, PartialCommit, parts, whole},
    connection::TRIES,
    encoding,
    errors::store_error,
    idempotency::Asked,
    observer::Operation,
    replies::{Answer, Done, answers},
    scripts::{FORGET, LINK, WRITE},
};

/// Limit of rows that one step of `forget` deletes from a partition.
const FORGET_STEP: i64 = 500;

/// The role in which a process writes into a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// It holds the partition.
    Holder,
    /// It stores something for the holder.
    Guest,
}

#[ports::async_trait]
impl Ledger for RedisStore {
    async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        let _open = self.enter().await?;
        let began = {
            let mut cache = self.cache.lock();
            // If another process holds the partition, the conversation may have changed since it was cached.
            let found = cache.conversation(subject);
            if let Some(found) = found.filter(|found| self.keeps(found.user)) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let user = match subject {
            Subject::User(user) => Some(user),
            Subject::Topic(topic) => self.user_of(topic).await?,
            Subject::StaffMessage(message) => {
                self.find(LinkKey::Staff(message)).await?.map(|link| link.user)
            }
            Subject::Nobody => None,
        };
        let Some(user) = user else { return Ok(None) };
        let mut args = Args::default();
        args.text(self.keys.of(Partition::of(user), "conv")).number(user.0);
        let stored = self.connection.command("HGET", Operation::Read, args).await?;
        let Some(body) = maybe(stored)? else { return Ok(None) };
        let loaded = encoding::read_conversation(user, &body)?;
        if self.keeps(user) {
            self.cache.lock().read(began, &loaded);
        }
        // The hint may be older than the conversation.
        let fits = match subject {
            Subject::Topic(topic) => loaded.knows(topic),
            Subject::User(_) | Subject::StaffMessage(_) | Subject::Nobody => true,
        };
        Ok(fits.then_some(loaded))
    }

    async fn link(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        let _open = self.enter().await?;
        let began = {
            let mut cache = self.cache.lock();
            if let Some(found) = cache.link(key).filter(|found| self.keeps(found.user)) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let found = self.find(key).await?;
        if let Some(link) = found.filter(|link| self.keeps(link.user)) {
            self.cache.lock().read_link(began, key, link);
        }
        Ok(found)
    }

    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError> {
        let _open = self.enter().await?;
        let asked = self.attempts.commits(commits);
        match self.write_all(&asked).await {
            Ok(answers) => {
                self.attempts.heard(asked.iter().map(|one| &one.attempt));
                let mut cache = self.cache.lock();
                let committed = asked.into_iter().zip(answers).map(|(one, answer)| {
                    publish(&one.commit, &answer, &mut cache);
                    answer.committed(&one.commit)
                });
                committed.collect()
            }
            Err(error) => {
                self.attempts.unsure(asked);
                Err(error)
            }
        }
    }

    async fn due(
        &self,
        of: PartitionSet,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<UserId>, StoreError> {
        let _open = self.enter().await?;
        self.run_out(of, now, limit).await
    }

    async fn page(
        &self,
        of: PartitionSet,
        after: Option<PageEnd>,
        limit: usize,
    ) -> Result<(Vec<Arc<Conversation>>, Option<PageEnd>), StoreError> {
        let _open = self.enter().await?;
        self.scan(of, after, limit).await
    }
}

#[ports::async_trait]
impl Retention for RedisStore {
    async fn forget(&self, links: Millis, updates: Millis) -> Result<usize, StoreError> {
        let _open = self.enter().await?;
        let steps = self.leases.held().iter().map(|partition| async move {
            let mut args = self.signed();
            args.number(self.epoch()).number(links.0).number(updates.0).number(FORGET_STEP);
            let key = self.keys.base(partition);
            self.connection.script(&FORGET, Operation::Upkeep, key, args).await
        });
        let (mut gone, mut forgotten, mut orphans) = (0, 0, Vec::new());
        for step in join_all(steps).await {
            let mut step = list(step?)?.into_iter();
            let mut field = || step.next().map_or(Ok(0), integer);
            let (links, updates) = (field()?, field()?);
            gone += links;
            forgotten += updates;
            orphans.extend(step.next().map_or(Ok(Vec::new()), list)?);
        }
        if gone > 0 {
            self.cache.lock().forget_links();
        }
        let message = |one| encoding::number(&text(one)?).map(MessageId);
        self.unhint(orphans.into_iter().map(message).collect::<Result<_, _>>()?).await?;
        self.drop_answers().await?;
        let requests = self.forget_requests(updates).await?;
        Ok(usize::try_from(gone + forgotten + requests).unwrap_or(0))
    }
}

/// Updates the cache after a commit.
pub(super) fn publish(
    commit: &Commit,
    answer: &Answer,
    cache: &mut crate::adapters::cache::Entries,
) {
    match answer {
        Answer::Stale | Answer::Elsewhere => {
            commit_split::users(commit).for_each(|user| cache.outdated(user));
        }
        Answer::Known | Answer::Waits(_) => {}
        // An earlier attempt wrote it, perhaps without updating the cache.
        Answer::Repeated | Answer::Done(Done { partly: true, .. }) => {
            commit_split::users(commit).for_each(|user| cache.outdated(user));
        }
        Answer::Done(_) => {
            if let Some(next) = &commit.conversation {
                let mut next = next.clone();
                next.revision.0 = next.revision.0.saturating_add(1);
                cache.committed(Arc::new(next));
            }
            commit.links.iter().for_each(|link| cache.linked(*link));
        }
    }
}

impl RedisStore {
    /// Writes commits in their order. Commits within one partition share a script. A commit that spans several waits
    /// for all commits before it, and all commits behind it wait for it. A commit that follows a stale commit of the
    /// same conversation was decided on a state that was not written, so it is stale too.
    async fn write_all(&self, asked: &[Asked]) -> Result<Vec<Answer>, StoreError> {
        let mut answers: Vec<Option<Answer>> = asked.iter().map(|_| None).collect();
        let mut stale: HashSet<UserId> = HashSet::new();
        let mut waiting: BTreeMap<Partition, Vec<usize>> = BTreeMap::new();
        for (at, one) in asked.iter().enumerate() {
            let parts = parts(&one.commit);
            let home = one.commit.decided.map(Partition::of_seq);
            if let Some(partition) = whole(&one.commit, &parts, home) {
                waiting.entry(partition).or_default().push(at);
                continue;
            }
            self.write_waiting(asked, &mut waiting, &mut stale, &mut answers).await?;
            let answer = if commit_split::users(&one.commit).any(|user| stale.contains(&user)) {
                Answer::Stale
            } else {
                self.write_spanning(one, parts).await?
            };
            stale.extend(super::replies::stale_users(&one.commit, &answer));
            if let Some(place) = answers.get_mut(at) {
                *place = Some(answer);
            }
        }
        self.write_waiting(asked, &mut waiting, &mut stale, &mut answers).await?;
        Ok(answers.into_iter().map(|answer| answer.unwrap_or(Answer::Repeated)).collect())
    }

    /// Deletes stored answers that are no longer needed, also in partitions where nothing is written any more.
    async fn drop_answers(&self) -> Result<(), StoreError> {
        let nothing = HashSet::new();
        for partition in self.leases.held().iter() {
            while self.attempts.has_droppable(partition) {
                let (by, upkeep) = (By::Holder, Operation::Upkeep);
                self.write(by, partition, upkeep, &nothing, Args::default(), Vec::new()).await?;
            }
        }
        Ok(())
    }

    /// Writes the waiting commits: one script for each partition, all in parallel.
    async fn write_waiting(
        &self,
        asked: &[Asked],
        waiting: &mut BTreeMap<Partition, Vec<usize>>,
        stale: &mut HashSet<UserId>,
        into: &mut [Option<Answer>],
    ) -> Result<(), StoreError> {
        let waiting = std::mem::take(waiting);
        let commits = waiting.values().flatten().filter_map(|at| asked.get(*at));
        self.hint(commits.map(|one| &one.commit)).await?;
        let scripts = waiting.into_iter().map(|(partition, places)| {
            let ones: Vec<&Asked> = places.iter().filter_map(|at| asked.get(*at)).collect();
            let stale = &*stale;
            async move {
                let mut args = Args::default();
                for one in &ones {
                    args.append(commit_split::args(one, partition)?);
                }
                let names = ones.iter().map(|one| one.attempt.clone()).collect();
                let answers = self
                    .write(By::Holder, partition, Operation::Commit, stale, args, names)
                    .await?;
                let lost = || places.iter().map(|_| Answer::Elsewhere).collect();
                let answers = answers.unwrap_or_else(lost);
                Ok::<_, StoreError>((places, answers))
            }
        });
        // Waits for all scripts, even if one fails: none may still be running when this call is repeated.
        let done: Vec<_> = join_all(scripts).await.into_iter().collect::<Result<_, _>>()?;
        for (places, answers) in done {
            for (at, answer) in places.into_iter().zip(answers) {
                if let (Some(one), Some(place)) = (asked.get(at), into.get_mut(at)) {
                    stale.extend(super::replies::stale_users(&one.commit, &answer));
                    *place = Some(answer);
                }
            }
        }
        Ok(())
    }

    /// Writes a commit that spans partitions. Another process may hold some of them.
    async fn write_spanning(
        &self,
        one: &Asked,
        mut parts: BTreeMap<Partition, PartialCommit<'_>>,
    ) -> Result<Answer, StoreError> {
        if let Some(seq) = one.commit.decided {
            let home = Partition::of_seq(seq);
            if !self.leases.holds(home) {
                return Ok(Answer::Elsewhere);
            }
            // Even if this process holds both: earlier updates that another process handed over may wait there.
            if let Some(partition) = commit_split::other_partitions(&parts, home) {
                return self.hand_on(one, seq, partition).await;
            }
            // Skips dead letters in other processes' partitions; no button of this conversation names them.
            parts.retain(|partition, _| self.leases.holds(*partition));
        } else if parts.keys().any(|partition| !self.leases.holds(*partition)) {
            return Ok(Answer::Elsewhere);
        }
        self.write_across(one, parts).await
    }

    /// Runs the write script. Returns one answer for each operation; `None` if another process holds the partition.
    pub(super) async fn write(
        &self,
        by: By,
        partition: Partition,
        operation: Operation,
        stale: &HashSet<UserId>,
        operations: Args,
        names: Vec<String>,
    ) -> Result<Option<Vec<Answer>>, StoreError> {
        let mut args = match by {
            By::Holder => self.signed(),
            By::Guest => Args::from(""),
        };
        args.number(self.leases.read(partition)).text(self.keys.channel());
        args.number(self.epoch()).number(partition.into());
        let drop = self.attempts.droppable(partition);
        args.count(drop.len());
        for name in drop {
            args.text(name);
        }
        args.count(stale.len());
        for user in stale {
            args.number(user.0);
        }
        args.append(operations);
        let key = self.keys.base(partition);
        match self.connection.script_raw(&WRITE, operation, key, args, TRIES).await {
            Ok(written) => {
                let answers = answers(written)?;
                self.attempts.written(partition, names);
                Ok(Some(answers))
            }
            Err(error) if self.fenced(partition, &error).is_some() => Ok(None),
            Err(error) => Err(store_error(&error)),
        }
    }

    /// The store error of a script that was refused because another process holds the partition; records the loss of
    /// the lease. `None` for any other error.
    pub(super) fn fenced(
        &self,
        partition: Partition,
        error: &fred::error::Error,
    ) -> Option<StoreError> {
        let fenced = error.details().starts_with("FENCED");
        fenced.then(|| {
            self.keeper.lost(partition);
            store_error(error)
        })
    }

    /// Whether this process certainly holds a conversation's partition: then no other process changes it.
    fn keeps(&self, user: UserId) -> bool {
        self.leases.certainly_holds(Partition::of(user))
    }

    /// The link of a message; if there are several, the newest.
    async fn find(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        let mut args = Args::default();
        args.number(self.epoch());
        let user = match key {
            LinkKey::User(user, message) => {
                args.text("").number(user.0).number(message.0);
                user
            }
            LinkKey::Staff(message) => {
                let Some(user) = self.user_behind(message).await? else { return Ok(None) };
                args.number(message.0);
                user
            }
        };
        let base = self.keys.base(Partition::of(user));
        let found = pairs(self.connection.script(&LINK, Operation::Read, base, args).await?)?;
        let links = found
            .into_iter()
            .map(|(staff, body)| encoding::read_link(MessageId(encoding::number(&staff)?), &body));
        let links = links.collect::<Result<Vec<Link>, StoreError>>()?;
        Ok(links.into_iter().max_by_key(|link| (link.at, link.staff_message, link.user_message)))
    }
}
