//! A desk with several operators' groups.

use std::fmt::Write as _;

use telegram_simulator::{Group, SeenMessage};

use super::{Desk, is_notice};

/// Service messages, which no person wrote.
const SERVICE: [&str; 5] = [
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "pinned_message",
];

impl Desk {
    /// Starts a desk with so many groups, at a Telegram without limits.
    pub(crate) async fn start_with_groups(count: usize) -> Self {
        let mut desk = Self::closed().await;
        for number in 2..=count {
            desk.groups.push(desk.telegram.forum(&format!("Support {number}")));
        }
        desk.write_groups_file();
        desk.open().await;
        desk.settle().await;
        desk
    }

    /// Names the groups in a file: `group-1`, the first, and so on.
    fn write_groups_file(&mut self) {
        let mut file = String::new();
        for (at, group) in self.groups.iter().enumerate() {
            let (id, name) = (group.id(), format!("group-{}", at + 1));
            write!(file, "[[group]]\nid = {id}\nname = \"{name}\"\n\n").unwrap();
        }
        let path = self.folder().join("groups.toml");
        std::fs::write(&path, file).unwrap();
        self.set("GROUPS_FILE", &path.display().to_string());
    }
}

/// The only topic in a group.
pub(crate) fn topic_in(group: &Group) -> i64 {
    let topics: Vec<_> = group.topics().into_iter().filter(|topic| !topic.deleted).collect();
    assert_eq!(topics.len(), 1, "one topic is expected: {topics:?}");
    topics[0].id
}

/// The users' messages in a topic of a group, without the desk's notices and card.
pub(crate) fn relayed_in(group: &Group, topic: i64) -> Vec<SeenMessage> {
    let ours = |message: &SeenMessage| message.text.as_deref().is_some_and(is_notice);
    let service = |message: &SeenMessage| SERVICE.contains(&message.kind.as_str());
    let messages = group.messages(topic).into_iter();
    messages.filter(|message| message.from_bot && !service(message) && !ours(message)).collect()
}
