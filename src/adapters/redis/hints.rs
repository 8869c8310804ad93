//! Hints map topics and messages of the group to users. They are not looked up by user, so they have their own keys.
//!
//! A hint is written before the commit that makes it true, and its target is checked on each read. So an extra hint
//! does no harm.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use domain::{MessageId, Partition, TopicId, UserId};
use ports::{Commit, StoreError};

use super::{
    RedisStore,
    arguments::{Args, list, maybe},
    encoding::number,
    layout,
    observer::Operation,
    scripts::TOPIC,
};

/// The hint of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TopicHint {
    /// The topic's latest known user.
    pub user: Option<UserId>,
    /// The partition of its updates; never changes.
    pub partition: Partition,
}

/// Cache of topic hints that are known to be stored.
#[derive(Debug)]
pub(super) struct Hints(Mutex<LruCache<TopicId, TopicHint>>);

impl Hints {
    pub(super) fn new(size: NonZeroUsize) -> Self {
        Self(Mutex::new(LruCache::new(size)))
    }

    /// The partition of a topic's updates, if it is cached.
    pub(super) fn place(&self, topic: TopicId) -> Option<Partition> {
        self.lock().peek(&topic).map(|place| place.partition)
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<TopicId, TopicHint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RedisStore {
    /// The hint of a topic. The first caller fixes the partition, so a repeated update is recognized by any process.
    pub(super) async fn place_of(&self, topic: TopicId) -> Result<TopicHint, StoreError> {
        let known = self.hints.lock().get(&topic).copied();
        match known {
            Some(place) => Ok(place),
            None => self.hint_topic(topic, None).await,
        }
    }

    /// The user of a topic according to its hint; by now, the topic may belong to another user.
    pub(super) async fn user_of(&self, topic: TopicId) -> Result<Option<UserId>, StoreError> {
        let known = self.hints.lock().get(&topic).and_then(|place| place.user);
        if known.is_some() {
            return Ok(known);
        }
        let mut args = Args::default();
        args.text(self.keys.topic(topic)).text("user");
        let user = maybe(self.connection.command("HGET", Operation::Read, args).await?)?;
        user.map(|user| number(&user).map(UserId)).transpose()
    }

    /// Writes all hints that these commits make true.
    pub(super) async fn hint<'a>(
        &self,
        commits: impl Iterator<Item = &'a Commit>,
    ) -> Result<(), StoreError> {
        let mut topics: BTreeMap<TopicId, UserId> = BTreeMap::new();
        let mut staff: BTreeMap<String, BTreeMap<String, UserId>> = BTreeMap::new();
        let epoch = self.epoch();
        let mut former: Vec<(TopicId, UserId)> = Vec::new();
        for commit in commits {
            let conversation = commit.conversation.as_ref();
            if let Some((next, topic)) =
                conversation.and_then(|next| Some((next, next.topic.id()?)))
            {
                topics.insert(topic, next.user);
            }
            if let Some(next) = conversation {
                former.extend(next.topic.former.iter().map(|topic| (*topic, next.user)));
            }
            for link in &commit.links {
                let (key, field) = self.keys.staff(epoch, link.staff_message);
                staff.entry(key).or_default().insert(field, link.user);
            }
        }
        {
            let mut known = self.hints.lock();
            topics
                .retain(|topic, user| known.get(topic).and_then(|place| place.user) != Some(*user));
        }
        // Most former topics have a hint from the time when they were current; topics of an import have none. A topic
        // whose hint names a user keeps it.
        let former = former.into_iter().map(|(topic, user)| async move {
            Ok::<_, StoreError>(self.place_of(topic).await?.user.is_none().then_some((topic, user)))
        });
        for unhinted in futures_util::future::try_join_all(former).await?.into_iter().flatten() {
            topics.entry(unhinted.0).or_insert(unhinted.1);
        }
        let topics = topics.into_iter().map(|(topic, user)| self.hint_topic(topic, Some(user)));
        let staff = staff.into_iter().map(|(key, fields)| async move {
            let mut args = Args::default();
            args.text(key);
            for (field, user) in fields {
                args.text(field).number(user.0);
            }
            self.connection.command("HSET", Operation::Hint, args).await.map(drop)
        });
        let (topics, staff) = tokio::join!(
            futures_util::future::join_all(topics),
            futures_util::future::join_all(staff)
        );
        topics.into_iter().map(|done| done.map(drop)).chain(staff).collect()
    }

    /// Deletes the hints of messages that have no link any more.
    pub(super) async fn unhint(&self, messages: BTreeSet<MessageId>) -> Result<(), StoreError> {
        let mut staff: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for message in messages {
            let (key, field) = self.keys.staff(self.epoch(), message);
            staff.entry(key).or_default().push(field);
        }
        for (key, fields) in staff {
            let mut args = Args::default();
            args.text(key);
            for field in fields {
                args.text(field);
            }
            self.connection.command("HDEL", Operation::Upkeep, args).await?;
        }
        Ok(())
    }

    /// The user of a message of the group according to its hint.
    pub(super) async fn user_behind(
        &self,
        message: MessageId,
    ) -> Result<Option<UserId>, StoreError> {
        let (key, field) = self.keys.staff(self.epoch(), message);
        let mut args = Args::default();
        args.text(key).text(field);
        let user = maybe(self.connection.command("HGET", Operation::Read, args).await?)?;
        user.map(|user| number(&user).map(UserId)).transpose()
    }

    async fn hint_topic(
        &self,
        topic: TopicId,
        user: Option<UserId>,
    ) -> Result<TopicHint, StoreError> {
        let partition = user.map_or_else(|| layout::of_unknown(topic), Partition::of);
        let mut args = Args::default();
        args.text(user.map(|user| user.0.to_string()).unwrap_or_default()).number(partition.into());
        let key = self.keys.topic(topic);
        let answer = self.connection.script(&TOPIC, Operation::Hint, key, args).await?;
        let mut answer = list(answer)?.into_iter();
        let mut field = || answer.next().map_or(Ok(None), maybe);
        let (user, lane) = (field()?, field()?);
        let place = TopicHint {
            user: user.map(|user| number(&user).map(UserId)).transpose()?,
            partition: lane
                .map_or(Ok(partition), |lane| number(&lane).map(Partition::of_number))?,
        };
        self.hints.lock().put(topic, place);
        Ok(place)
    }
}
