//! A cache of recently used conversations and links, in front of each store.
//!
//! Invariant: every entry was committed, and at the time of the lookup this process had committed nothing newer. A
//! commit updates the cache before it answers; of two concurrent updates the higher revision stays. A reader may add
//! an entry only if nothing was removed since its read began: then anything committed in the meantime is still here,
//! and wins.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lru::LruCache;

use domain::{Conversation, Link, LinkKey, MessageId, Subject, TopicId, UserId};

/// The cache. Callers, readers and the writer share it.
#[derive(Debug)]
pub(super) struct Cache(Mutex<Entries>);

/// The contents of the cache.
#[derive(Debug)]
pub(super) struct Entries {
    conversations: LruCache<UserId, Arc<Conversation>>,
    /// Only a hint: the conversation decides whether the topic is still its own.
    topics: LruCache<TopicId, UserId>,
    by_user: LruCache<(UserId, MessageId), Link>,
    by_staff: LruCache<MessageId, Link>,
    /// Counts removals of entries.
    removals: u64,
}

/// The removal count at the start of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(u64);

impl Cache {
    /// Creates a cache for this number of conversations and the same number of links.
    pub(super) fn new(size: NonZeroUsize) -> Self {
        Self(Mutex::new(Entries {
            conversations: LruCache::new(size),
            topics: LruCache::new(size),
            by_user: LruCache::new(size),
            by_staff: LruCache::new(size),
            removals: 0,
        }))
    }

    /// Locks the cache. The caller must not do anything slow while it holds the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    /// The current moment, for a read that begins.
    pub(super) fn moment(&self) -> Moment {
        Moment(self.removals)
    }

    /// The conversation, if it is cached.
    pub(super) fn conversation(&mut self, subject: Subject) -> Option<Arc<Conversation>> {
        match subject {
            Subject::User(user) => self.conversations.get(&user).map(Arc::clone),
            Subject::Topic(topic) => {
                let user = *self.topics.get(&topic)?;
                let found = self.conversations.get(&user).map(Arc::clone)?;
                (found.topic.id() == Some(topic)).then_some(found)
            }
            Subject::StaffMessage(message) => {
                let user = self.by_staff.get(&message)?.user;
                self.conversations.get(&user).map(Arc::clone)
            }
            Subject::Nobody => None,
        }
    }

    /// The link, if it is cached.
    pub(super) fn link(&mut self, key: LinkKey) -> Option<Link> {
        match key {
            LinkKey::User(user, message) => self.by_user.get(&(user, message)).copied(),
            LinkKey::Staff(message) => self.by_staff.get(&message).copied(),
        }
    }

    /// Adds a conversation that was committed.
    pub(super) fn committed(&mut self, conversation: Arc<Conversation>) {
        let known = self.conversations.peek(&conversation.user).map(|known| known.revision);
        if known.is_some_and(|known| known > conversation.revision) {
            return;
        }
        if let Some(topic) = conversation.topic.id() {
            self.topics.put(topic, conversation.user);
        }
        let user = conversation.user;
        if self.conversations.push(user, conversation).is_some_and(|(evicted, _)| evicted != user) {
            self.removals += 1;
        }
    }

    /// Adds a link that was committed.
    pub(super) fn linked(&mut self, link: Link) {
        let (user, staff) = ((link.user, link.user_message), link.staff_message);
        if self.by_user.push(user, link).is_some_and(|(evicted, _)| evicted != user) {
            self.removals += 1;
        }
        if self.by_staff.push(staff, link).is_some_and(|(evicted, _)| evicted != staff) {
            self.removals += 1;
        }
    }

    /// Adds a conversation that was read since `began`, unless it may be stale.
    pub(super) fn read(&mut self, began: Moment, conversation: &Arc<Conversation>) {
        let known = self.conversations.peek(&conversation.user).map(|known| known.revision);
        if began == self.moment() && known.unwrap_or_default() < conversation.revision {
            self.committed(Arc::clone(conversation));
        }
    }

    /// Adds a link that was read under `key` since `began`, unless it may be stale.
    pub(super) fn read_link(&mut self, began: Moment, key: LinkKey, link: Link) {
        if began != self.moment() {
            return;
        }
        // Only under the requested key: under the other key, a newer copy may be the right answer.
        let evicted = match key {
            LinkKey::User(user, message) => {
                let key = (user, message);
                !self.by_user.contains(&key)
                    && self.by_user.push(key, link).is_some_and(|(evicted, _)| evicted != key)
            }
            LinkKey::Staff(message) => {
                !self.by_staff.contains(&message)
                    && self
                        .by_staff
                        .push(message, link)
                        .is_some_and(|(evicted, _)| evicted != message)
            }
        };
        self.removals += u64::from(evicted);
    }

    /// Removes a conversation after a stale commit: its next load reads the store.
    pub(super) fn outdated(&mut self, user: UserId) {
        self.conversations.pop(&user);
        self.removals += 1;
    }

    /// Removes the conversations of these users and all links: another process may have changed them.
    pub(super) fn forget_conversations(&mut self, of: impl Fn(UserId) -> bool) {
        let users = self.conversations.iter().map(|(user, _)| *user).filter(|user| of(*user));
        for user in users.collect::<Vec<_>>() {
            self.conversations.pop(&user);
        }
        self.forget_links();
    }

    /// Removes all links, after links were deleted from the store.
    pub(super) fn forget_links(&mut self) {
        self.by_user.clear();
        self.by_staff.clear();
        self.removals += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        Fingerprint, Millis, NewsletterId, Profile, RecipientOutcome, Revision, Side, Topic,
    };

    fn cache(size: usize) -> Cache {
        Cache::new(NonZeroUsize::new(size).unwrap())
    }

    fn conversation(user: i64, revision: i64) -> Arc<Conversation> {
        let mut new = Conversation::new(UserId(user), Profile::default(), Millis(0));
        new.revision = Revision(revision);
        Arc::new(new)
    }

    fn revision(entries: &mut Entries, user: i64) -> Option<i64> {
        entries.conversation(Subject::User(UserId(user))).map(|found| found.revision.0)
    }

    #[test]
    fn a_slow_reader_never_brings_an_old_revision_back() {
        let cache = cache(2);
        let mut entries = cache.lock();
        let began = entries.moment();
        entries.committed(conversation(1, 5));
        entries.read(began, &conversation(1, 4));
        assert_eq!(revision(&mut entries, 1), Some(5));

        entries.committed(conversation(2, 1));
        entries.committed(conversation(3, 1));
        assert_eq!(revision(&mut entries, 1), None, "it was evicted");
        entries.read(began, &conversation(1, 4));
        assert_eq!(revision(&mut entries, 1), None, "and what was read before may be outdated");

        let began = entries.moment();
        entries.read(began, &conversation(1, 5));
        assert_eq!(revision(&mut entries, 1), Some(5));
    }

    #[test]
    fn a_topic_finds_only_the_conversation_that_still_has_it() {
        let cache = cache(4);
        let mut entries = cache.lock();
        let mut with_topic = (*conversation(1, 1)).clone();
        with_topic.topic.current = Topic::Open(TopicId(7));
        entries.committed(Arc::new(with_topic));
        assert!(entries.conversation(Subject::Topic(TopicId(7))).is_some());
        entries.committed(conversation(1, 2));
        assert!(entries.conversation(Subject::Topic(TopicId(7))).is_none());
    }

    /// Memory that the process has allocated, in bytes.
    fn allocated() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// A conversation as most are: the user has a topic, and has had one newsletter.
    fn usual(user: i64) -> Arc<Conversation> {
        let profile = Profile {
            name: "Firstname Lastname".to_owned(),
            username: Some("firstname_lastname".to_owned()),
            language_code: Some("en".to_owned()),
        };
        let mut usual = Conversation::new(UserId(user), profile, Millis(0));
        usual.topic.current = Topic::Open(TopicId(user));
        let copies = Some(vec![MessageId(user)]);
        usual.receive(NewsletterId(1), RecipientOutcome::Sent, copies, Millis(0));
        Arc::new(usual)
    }

    #[test]
    #[ignore = "measures the whole process: `just cache`"]
    fn bytes_of_what_is_cached() {
        const FULL: i64 = 8_192;
        let size = usize::try_from(FULL).unwrap();
        let caches: Vec<Cache> = (0..16).map(|_| cache(size)).collect();
        let mut before = allocated();
        let mut each = |what: &str, fill: &dyn Fn(&mut Entries, i64)| {
            for cache in &caches {
                let mut entries = cache.lock();
                (1..=FULL).for_each(|number| fill(&mut entries, number));
            }
            let bytes = (allocated() - before) / (16 * FULL.unsigned_abs());
            before = allocated();
            let all = bytes * FULL.unsigned_abs();
            println!("a {what} takes {bytes} bytes, {FULL} take {} KB", all / 1_000);
            bytes
        };
        let conversation = each("conversation", &|entries, user| entries.committed(usual(user)));
        let link = each("link", &|entries, message| {
            entries.linked(Link {
                user: UserId(message),
                user_message: MessageId(message),
                staff_message: MessageId(message),
                origin: Side::User,
                fingerprint: Fingerprint { text: 1, media: 1 },
                at: Millis(0),
            });
        });
        assert!(conversation < 1_500 && link < 400, "{conversation}, {link}");
    }
}
