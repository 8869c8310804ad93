//! Hints map topics and messages of the group to users. They are not looked up by user, so they have their own keys.
//!
//! A hint is written before the commit that makes it true, and its target is checked on each read. So an extra hint
//! does no harm.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join_all, try_join_all};

use domain::{MessageId, Partition, TopicId, UserId};
use ports::{Commit, StoreError};

use crate::adapters::redis::{
    client::observer::Operation,
    script::{
        answers::{list, maybe},
        arguments::Args,
        encoding::number,
        layout,
        scripts::TOPIC,
    },
    store::RedisStore,
};

use super::topic_hints::TopicHint;

impl RedisStore {
    /// The hint of a topic. The first caller fixes the partition, so a repeated update is recognized by any process.
    pub(in crate::adapters::redis) async fn topic_hint(
        &self,
        topic: TopicId,
    ) -> Result<TopicHint, StoreError> {
        match self.topic_hints.get(topic) {
            Some(hint) => Ok(hint),
            None => self.write_topic_hint(topic, None).await,
        }
    }

    /// The user of a topic according to its hint; by now, the topic may belong to another user.
    pub(in crate::adapters::redis) async fn user_of_topic(
        &self,
        topic: TopicId,
    ) -> Result<Option<UserId>, StoreError> {
        let cached = self.topic_hints.get(topic).and_then(|hint| hint.user);
        if cached.is_some() {
            return Ok(cached);
        }
        self.hinted_user(self.keys.topic_hint(topic), "user".to_owned()).await
    }

    /// Writes all hints that these commits make true.
    pub(in crate::adapters::redis) async fn write_hints<'a>(
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
                let (key, field) = self.keys.staff_hint(epoch, link.staff_message);
                staff.entry(key).or_default().insert(field, link.user);
            }
        }
        topics.retain(|topic, user| {
            self.topic_hints.get(*topic).and_then(|hint| hint.user) != Some(*user)
        });
        // Most former topics have a hint from the time when they were current; topics of an import have none. A topic
        // whose hint names a user keeps it.
        let former = former.into_iter().map(|(topic, user)| async move {
            Ok::<_, StoreError>(
                self.topic_hint(topic).await?.user.is_none().then_some((topic, user)),
            )
        });
        for (topic, user) in try_join_all(former).await?.into_iter().flatten() {
            topics.entry(topic).or_insert(user);
        }
        let topics =
            topics.into_iter().map(|(topic, user)| self.write_topic_hint(topic, Some(user)));
        let staff = staff.into_iter().map(|(key, fields)| async move {
            let mut args = Args::default();
            args.text(key);
            for (field, user) in fields {
                args.text(field).number(user.0);
            }
            self.connection.command("HSET", Operation::Hint, args).await.map(drop)
        });
        let (topics, staff) = tokio::join!(join_all(topics), join_all(staff));
        topics.into_iter().map(|done| done.map(drop)).chain(staff).collect()
    }

    /// Deletes the hints of messages that have no link any more.
    pub(in crate::adapters::redis) async fn delete_hints(
        &self,
        messages: BTreeSet<MessageId>,
    ) -> Result<(), StoreError> {
        let mut staff: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for message in messages {
            let (key, field) = self.keys.staff_hint(self.epoch(), message);
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
    pub(in crate::adapters::redis) async fn user_of_staff_message(
        &self,
        message: MessageId,
    ) -> Result<Option<UserId>, StoreError> {
        let (key, field) = self.keys.staff_hint(self.epoch(), message);
        self.hinted_user(key, field).await
    }

    async fn hinted_user(&self, key: String, field: String) -> Result<Option<UserId>, StoreError> {
        let user = self.connection.hash_field(Operation::Read, key, field).await?;
        user.map(|user| number(&user).map(UserId)).transpose()
    }

    async fn write_topic_hint(
        &self,
        topic: TopicId,
        user: Option<UserId>,
    ) -> Result<TopicHint, StoreError> {
        let partition = user.map_or_else(|| layout::partition_of_unknown(topic), Partition::of);
        let mut args = Args::default();
        args.text(user.map(|user| user.0.to_string()).unwrap_or_default()).number(partition.into());
        let key = self.keys.topic_hint(topic);
        let answer = self.connection.script(&TOPIC, Operation::Hint, key, args).await?;
        let mut answer = list(answer)?.into_iter();
        let mut field = || answer.next().map_or(Ok(None), maybe);
        let (user, lane) = (field()?, field()?);
        let hint = TopicHint {
            user: user.map(|user| number(&user).map(UserId)).transpose()?,
            partition: lane
                .map_or(Ok(partition), |lane| number(&lane).map(Partition::of_number))?,
        };
        self.topic_hints.put(topic, hint);
        Ok(hint)
    }
}
