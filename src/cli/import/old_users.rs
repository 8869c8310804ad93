//! Reads the old bot's data: which users can be read, and who owns each topic.

use std::collections::{BTreeMap, HashMap};

use crate::adapters::{
    import::{read, user_id},
    redis::Entry,
};
use domain::{Conversation, Millis, Topic, TopicId, UserId};

use super::report::{Reason, Report};

/// The users of the old bot.
pub(super) type Users = BTreeMap<UserId, Conversation>;

/// Reads all entries, and reports those that cannot be read.
pub(super) fn read_users(entries: Vec<Entry>, now: Millis) -> (Report, Users) {
    let (mut report, mut users) = (Report::default(), BTreeMap::new());
    let entries: HashMap<Option<String>, Option<String>> = entries.into_iter().collect();
    report.read = entries.len();
    for (id, json) in entries {
        let id = id.unwrap_or_default();
        match read(&id, json.as_deref(), now) {
            Ok(user) => {
                let own = user.conversation.user;
                for lack in user.lacks {
                    report.count_missing(Reason::Value(lack), own);
                }
                users.insert(own, user.conversation);
            }
            // Only a number is reported: any other key could be private.
            Err(why) => report.skipped.entry(why).or_default().push(id.parse().ok()),
        }
    }
    (report, users)
}

/// Removes topics whose owner is doubtful, because an answer must not go to the wrong user.
pub(super) fn remove_doubtful_topics(
    users: &mut Users,
    owners: &HashMap<i64, Option<String>>,
    report: &mut Report,
) {
    let mut claims: HashMap<TopicId, usize> = HashMap::new();
    for topic in users.values().filter_map(|one| one.topic.id()) {
        *claims.entry(topic).or_default() += 1;
    }
    for one in users.values_mut() {
        let Some(topic) = one.topic.id() else { continue };
        let owner = owners.get(&topic.0).and_then(Option::as_deref).map(user_id);
        let is_owner = match owner {
            Some(owner) => owner == Some(one.user),
            None => claims.get(&topic) == Some(&1),
        };
        if !is_owner {
            remove_topic(one);
            report.count_missing(Reason::Shared, one.user);
        }
    }
}

/// Removes the topic and what belongs to it.
pub(super) fn remove_topic(one: &mut Conversation) {
    one.topic.current = Topic::None;
    one.moderation.silent_notice = None;
}
