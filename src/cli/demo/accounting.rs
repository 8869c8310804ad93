//! Accounts for messages written on one side and arrived on the other, from the simulated Telegram alone.
//!
//! Invariant: no information comes from the bot. A message has arrived when the same content is in
//! the other chat, and every content in the demo is unique while it is on its way.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
};

use telegram_simulator::{Event, EventKind, MessageId, SeenMessage};

/// Number of messages to remember per conversation, for replies, edits and reactions.
const REMEMBERED: usize = 8;

/// A message that is on both sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) private: MessageId,
    pub(super) group: MessageId,
    pub(super) by_user: bool,
    pub(super) is_text: bool,
    /// Whether the message was edited or reacted to.
    pub(super) used: bool,
}

#[derive(Debug)]
struct Waiting {
    content: String,
    message: MessageId,
    is_text: bool,
    /// The message that its copy must reply to.
    reply_to: Option<MessageId>,
    /// The operators were told that it cannot be delivered, with a button to try again.
    reported: bool,
}

/// One user's conversation.
#[derive(Debug, Default)]
struct Conversation {
    to_topic: VecDeque<Waiting>,
    to_user: VecDeque<Waiting>,
    /// Expected edits: the message on the other side, and its new text.
    edits: Vec<(Chat, MessageId, String)>,
    reactions: Vec<(Chat, MessageId, Option<String>)>,
    pairs: VecDeque<Pair>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chat {
    Private,
    Topic,
}

/// Numbers of items sent on one side and arrived on the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) sent: u64,
    pub(super) arrived: u64,
}

/// All counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) messages: Count,
    pub(super) answers: Count,
    pub(super) replies: Count,
    pub(super) edits: Count,
    pub(super) reactions: Count,
    /// Messages that overtook an earlier message of the same sender.
    pub(super) out_of_order: u64,
    /// Messages that arrived although they must not.
    pub(super) leaked: u64,
    /// Events that were missed because there were too many.
    pub(super) unseen: u64,
}

/// The accounts of the demo.
#[derive(Debug, Default)]
pub(super) struct Accounting {
    conversations: BTreeMap<i64, Conversation>,
    confidential: BTreeSet<String>,
    pub(super) totals: Totals,
}

impl Accounting {
    /// Marks a text as confidential: it must not arrive anywhere.
    pub(super) fn mark_confidential(&mut self, text: &str) {
        self.confidential.insert(text.to_owned());
    }

    /// Number of messages, edits and reactions on their way.
    pub(super) fn in_transit(&self) -> usize {
        let waiting = |conversation: &Conversation| {
            conversation.to_topic.len() + conversation.to_user.len() - conversation.reported()
                + conversation.edits.len()
                + conversation.reactions.len()
        };
        self.conversations.values().map(waiting).sum()
    }

    /// Number of undeliverable answers that the operators were told of.
    pub(super) fn reported(&self) -> usize {
        self.conversations.values().map(Conversation::reported).sum()
    }

    /// The last messages of a user's conversation that are on both sides.
    pub(super) fn pairs(&self, user: i64) -> Vec<Pair> {
        let pairs = self.conversations.get(&user).map(|conversation| &conversation.pairs);
        pairs.into_iter().flatten().copied().collect()
    }

    /// Number of items that have neither arrived nor been reported as undeliverable.
    pub(super) fn lost(&self) -> u64 {
        self.in_transit() as u64 + self.totals.unseen
    }

    /// Whether everything arrived as promised.
    pub(super) fn is_complete(&self) -> bool {
        let Totals { replies, out_of_order, leaked, .. } = self.totals;
        self.lost() == 0 && replies.sent == replies.arrived && out_of_order == 0 && leaked == 0
    }

    /// Counts an event in the conversation of this user. `seen` is the message that it concerns.
    pub(super) fn observe(&mut self, user: i64, event: &Event, seen: Option<&SeenMessage>) {
        let chat = if event.topic.is_none() { Chat::Private } else { Chat::Topic };
        let conversation = self.conversations.entry(user).or_default();
        match &event.kind {
            EventKind::Sent { message, kind, text } => {
                let text = text.as_deref().unwrap_or_default();
                let file = seen.and_then(|seen| seen.file_id.as_deref()).unwrap_or_default();
                let content = format!("{kind} {file} {text}");
                let reply_to = seen.and_then(|seen| seen.reply_to);
                let is_text = kind == "text";
                if event.by_bot {
                    self.totals.leaked += u64::from(self.confidential.contains(text));
                    if seen.is_some_and(|seen| !seen.buttons.is_empty()) {
                        conversation.mark_reported(reply_to);
                    }
                    conversation.arrived(&mut self.totals, chat, *message, &content, reply_to);
                } else if !text.starts_with('/') && !self.confidential.contains(text) {
                    let reply_to = reply_to.and_then(|reply| conversation.counterpart(chat, reply));
                    let reply_to = reply_to.map(|(_, copy)| copy);
                    let message = *message;
                    let waiting = Waiting { content, message, is_text, reply_to, reported: false };
                    conversation.sent(&mut self.totals, chat, waiting);
                }
            }
            EventKind::Edited { message, text } => {
                let text = text.clone().unwrap_or_default();
                if event.by_bot {
                    let due = (chat, *message, text);
                    self.totals.edits.arrived += remove_due(&mut conversation.edits, &due);
                } else if let Some((chat, copy)) = conversation.counterpart(chat, *message) {
                    self.totals.edits.sent += 1;
                    conversation.edits.push((chat, copy, text));
                }
            }
            EventKind::Reacted { message, emoji } => {
                if event.by_bot {
                    let due = (chat, *message, emoji.clone());
                    self.totals.reactions.arrived += remove_due(&mut conversation.reactions, &due);
                } else if let Some((chat, copy)) = conversation.counterpart(chat, *message) {
                    self.totals.reactions.sent += 1;
                    conversation.reactions.push((chat, copy, emoji.clone()));
                }
            }
            EventKind::TopicDeleted => conversation.pairs.clear(),
            EventKind::Deleted { .. }
            | EventKind::Pinned { .. }
            | EventKind::Pressed { .. }
            | EventKind::Answered { .. }
            | EventKind::TopicCreated { .. }
            | EventKind::TopicEdited { .. }
            | EventKind::TopicClosed
            | EventKind::TopicReopened
            | EventKind::BotBlocked
            | EventKind::BotUnblocked => {}
        }
    }
}

impl Conversation {
    fn sent(&mut self, totals: &mut Totals, chat: Chat, waiting: Waiting) {
        totals.replies.sent += u64::from(waiting.reply_to.is_some());
        match chat {
            Chat::Private => {
                totals.messages.sent += 1;
                self.to_topic.push_back(waiting);
            }
            Chat::Topic => {
                totals.answers.sent += 1;
                self.to_user.push_back(waiting);
            }
        }
    }

    /// Records that a reply to an answer told the operators that it cannot be delivered.
    fn mark_reported(&mut self, answer: Option<MessageId>) {
        for waiting in &mut self.to_user {
            waiting.reported |= Some(waiting.message) == answer;
        }
    }

    fn reported(&self) -> usize {
        self.to_user.iter().filter(|waiting| waiting.reported).count()
    }

    /// Counts an expected message as arrived. An unexpected message is the bot's own.
    fn arrived(
        &mut self,
        totals: &mut Totals,
        chat: Chat,
        message: MessageId,
        content: &str,
        reply_to: Option<MessageId>,
    ) {
        let (queue, count) = match chat {
            Chat::Topic => (&mut self.to_topic, &mut totals.messages),
            Chat::Private => (&mut self.to_user, &mut totals.answers),
        };
        let Some(place) = queue.iter().position(|waiting| waiting.content == content) else {
            return;
        };
        let Some(waiting) = queue.remove(place) else { return };
        count.arrived += 1;
        totals.out_of_order += u64::from(place > 0);
        if waiting.reply_to.is_some() {
            totals.replies.arrived += u64::from(reply_to == waiting.reply_to);
        }
        let (private, group) = match chat {
            Chat::Topic => (waiting.message, message),
            Chat::Private => (message, waiting.message),
        };
        let (by_user, is_text) = (chat == Chat::Topic, waiting.is_text);
        self.pairs.push_back(Pair { private, group, by_user, is_text, used: false });
        if self.pairs.len() > REMEMBERED {
            self.pairs.pop_front();
        }
    }

    /// The counterpart of a message on the other side.
    fn counterpart(&mut self, chat: Chat, message: MessageId) -> Option<(Chat, MessageId)> {
        let pair = self.pairs.iter_mut().find(|pair| match chat {
            Chat::Private => pair.private == message,
            Chat::Topic => pair.group == message,
        })?;
        pair.used = true;
        Some(match chat {
            Chat::Private => (Chat::Topic, pair.group),
            Chat::Topic => (Chat::Private, pair.private),
        })
    }
}

/// Removes an item that was due; returns how many were removed.
fn remove_due<T: PartialEq>(due: &mut Vec<T>, done: &T) -> u64 {
    let Some(place) = due.iter().position(|one| one == done) else { return 0 };
    due.remove(place);
    1
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9}{:>9}", self.sent, self.arrived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: i64 = 7;

    fn sent(topic: Option<i64>, by_bot: bool, message: MessageId, text: &str) -> Event {
        let (kind, text) = ("text".to_owned(), Some(text.to_owned()));
        let kind = EventKind::Sent { message, kind, text };
        let (chat_title, actor) = (String::new(), String::new());
        Event { chat: ADA, chat_title, topic, actor, by_bot, kind }
    }

    #[test]
    fn missing_and_overtaking_messages_are_counted() {
        let mut accounting = Accounting::default();
        for (message, text) in [(1, "one"), (2, "two"), (3, "three")] {
            accounting.observe(ADA, &sent(None, false, message, text), None);
        }
        accounting.observe(ADA, &sent(Some(5), true, 11, "two"), None);
        accounting.observe(ADA, &sent(Some(5), true, 12, "one"), None);
        assert_eq!(accounting.totals.messages, Count { sent: 3, arrived: 2 });
        assert_eq!(
            (accounting.lost(), accounting.totals.out_of_order, accounting.is_complete()),
            (1, 1, false)
        );
    }

    #[test]
    fn a_confidential_message_that_arrives_is_a_leak() {
        let mut accounting = Accounting::default();
        accounting.mark_confidential("secret");
        accounting.observe(ADA, &sent(None, false, 1, "secret"), None);
        assert!(accounting.is_complete());
        accounting.observe(ADA, &sent(Some(5), true, 11, "secret"), None);
        assert_eq!((accounting.totals.leaked, accounting.is_complete()), (1, false));
    }

    #[test]
    fn messages_of_the_bot_and_commands_do_not_count() {
        let mut accounting = Accounting::default();
        accounting.observe(ADA, &sent(None, false, 1, "/start"), None);
        accounting.observe(ADA, &sent(None, true, 2, "Hello!"), None);
        assert_eq!(accounting.totals, Totals::default());
    }
}
