//! The ledger in Redis. `commit/` writes the commits.

use std::sync::Arc;

use futures_util::future::join_all;

use domain::{
    ChatId, Conversation, Link, LinkKey, MessageId, Millis, Partition, PartitionSet, Subject,
    UserId,
};
use ports::{
    Commit, Committed, DeskState, GroupRegistry, Imported, Ledger, Notebook, PageEnd,
    RequestNumbers, Retention, StoreError,
};

use crate::adapters::redis::{
    client::observer::Operation,
    commit::commits::update_cache,
    script::{
        answers::{Answer, list, pairs, text},
        arguments::Args,
        encoding,
        scripts::{FORGET, LINK},
    },
    store::RedisStore,
};

/// Limit of rows that one step of `forget` deletes from a partition.
const FORGET_STEP: i64 = 500;

#[ports::async_trait]
impl Ledger for RedisStore {
    async fn load(&self, subject: Subject) -> Result<Option<Arc<Conversation>>, StoreError> {
        let _open = self.enter().await?;
        let began = {
            let mut cache = self.cache.lock();
            // If another process holds the partition, the conversation may have changed since it was cached.
            let found = cache.conversation(subject);
            if let Some(found) = found.filter(|found| self.surely_holds(found.user)) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let user = match subject {
            Subject::User(user) => Some(user),
            Subject::Topic(topic) => self.user_of_topic(topic).await?,
            Subject::StaffMessage(message) => {
                self.find_link(LinkKey::Staff(message)).await?.map(|link| link.user)
            }
            Subject::Nobody => None,
        };
        let Some(user) = user else { return Ok(None) };
        let key = self.keys.in_partition(Partition::of(user), "conv");
        let stored = self.connection.hash_field(Operation::Read, key, user).await?;
        let Some(body) = stored else { return Ok(None) };
        let loaded = encoding::read_conversation(user, &body)?;
        if self.surely_holds(user) {
            self.cache.lock().read(began, &loaded);
        }
        // The hint may be older than the conversation.
        let fits = match subject {
            Subject::Topic(topic) => loaded.topic.includes(topic),
            Subject::User(_) | Subject::StaffMessage(_) | Subject::Nobody => true,
        };
        Ok(fits.then_some(loaded))
    }

    async fn link(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        let _open = self.enter().await?;
        let began = {
            let mut cache = self.cache.lock();
            if let Some(found) = cache.link(key).filter(|found| self.surely_holds(found.user)) {
                return Ok(Some(found));
            }
            cache.moment()
        };
        let found = self.find_link(key).await?;
        if let Some(link) = found.filter(|link| self.surely_holds(link.user)) {
            self.cache.lock().read_link(began, key, link);
        }
        Ok(found)
    }

    async fn commit(&self, commits: Vec<Commit>) -> Result<Vec<Committed>, StoreError> {
        let _open = self.enter().await?;
        let commits = self.idempotency.commits(commits, &self.ticks);
        match self.write_commits(&commits).await {
            Ok(replies) => {
                self.idempotency.record_received(commits.iter().map(|one| &one.key));
                let mut cache = self.cache.lock();
                let committed = commits.into_iter().zip(replies).map(|(one, reply)| {
                    update_cache(&one.commit, &reply, &mut cache);
                    reply.into_committed(&one.commit)
                });
                committed.collect()
            }
            Err(error) => {
                self.idempotency.remember_failed_commits(commits);
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
        self.due_timers(of, now, limit).await
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
impl DeskState for RedisStore {
    async fn notebook(&self) -> Result<Notebook, StoreError> {
        let _open = self.enter().await?;
        self.read_notebook().await
    }

    async fn register_groups(&self, configured: &[ChatId]) -> Result<GroupRegistry, StoreError> {
        let _open = self.enter().await?;
        self.change_groups(|groups| groups.register(configured)).await
    }

    async fn remember_import(&self, imported: Imported) -> Result<(), StoreError> {
        let _open = self.enter().await?;
        self.write_import(imported).await
    }
}

#[ports::async_trait]
impl RequestNumbers for RedisStore {
    async fn request(&self, user: UserId, nth: u32) -> Result<i64, StoreError> {
        let _open = self.enter().await?;
        self.run_request_script("give", &[user.0, nth.into()]).await
    }

    async fn requests_from(&self, last: i64) -> Result<i64, StoreError> {
        let _open = self.enter().await?;
        self.run_request_script("from", &[last]).await
    }
}

#[ports::async_trait]
impl Retention for RedisStore {
    async fn forget(&self, links: Millis, updates: Millis) -> Result<usize, StoreError> {
        let _open = self.enter().await?;
        let steps = self.leases.held().iter().map(|partition| async move {
            let mut args = self.args_with_token();
            args.number(self.epoch()).number(links.0).number(updates.0).number(FORGET_STEP);
            let key = self.keys.base(partition);
            self.connection.script(&FORGET, Operation::Upkeep, key, args).await
        });
        let (mut deleted_links, mut deleted_updates, mut orphans) = (0, 0, Vec::new());
        for step in join_all(steps).await {
            let mut step = Answer::of(step?)?;
            deleted_links += step.number_or_zero()?;
            deleted_updates += step.number_or_zero()?;
            orphans.extend(step.next().map_or(Ok(Vec::new()), list)?);
        }
        if deleted_links > 0 {
            self.cache.lock().forget_links();
        }
        let message = |one| encoding::number(&text(one)?).map(MessageId);
        self.delete_hints(orphans.into_iter().map(message).collect::<Result<_, _>>()?).await?;
        self.delete_answers().await?;
        let requests = self.delete_stored_requests(updates).await?;
        Ok(usize::try_from(deleted_links + deleted_updates + requests).unwrap_or(0))
    }
}

impl RedisStore {
    /// Whether this process certainly holds a conversation's partition: then no other process changes it.
    fn surely_holds(&self, user: UserId) -> bool {
        self.leases.certainly_holds(Partition::of(user))
    }

    /// The link of a message; if there are several, the newest.
    async fn find_link(&self, key: LinkKey) -> Result<Option<Link>, StoreError> {
        let mut args = Args::default();
        args.number(self.epoch());
        let user = match key {
            LinkKey::User(user, message) => {
                args.text("").number(user.0).number(message.0);
                user
            }
            LinkKey::Staff(message) => {
                let Some(user) = self.user_of_staff_message(message).await? else {
                    return Ok(None);
                };
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
        let links = links.into_iter().filter(|link| self.leases.is_of_present_group(link));
        Ok(links.max_by_key(|link| (link.at, link.staff_message, link.user_message)))
    }
}
