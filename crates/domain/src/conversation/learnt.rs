//! What the desk learns about a conversation from the results of calls.

use super::Conversation;
use crate::{MessageId, Millis, NewsletterId, Panel, RecipientOutcome, TopicId};

/// Something learnt about a conversation from the result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Learnt {
    /// The conversation's topic was opened.
    TopicOpened {
        /// The topic.
        topic: TopicId,
        /// The topic's name.
        title: String,
    },
    /// This topic was deleted.
    TopicLost(TopicId),
    /// The topic has this name now.
    TitleShown(String),
    /// The card is shown.
    CardShown {
        /// The message.
        card: MessageId,
        /// Hash of the card's content.
        hash: u32,
    },
    /// The card was deleted.
    CardLost,
    /// This message is the pinned notice of silent mode.
    SilentNotice(MessageId),
    /// Telegram does not let the bot write to the user.
    Unreachable,
    /// This topic of the private chat was deleted.
    ThreadLost(TopicId),
    /// The request was given a number.
    Number {
        /// The ordinal of the request among the user's requests, from 1.
        nth: u32,
        /// The request's number.
        number: i64,
    },
    /// The outcome of a newsletter for the user is known.
    Mailed {
        /// The newsletter.
        newsletter: NewsletterId,
        /// The outcome.
        outcome: RecipientOutcome,
        /// The messages of the newsletter in the user's chat; `None` keeps those known so far.
        copies: Option<Vec<MessageId>>,
        /// When the outcome became known.
        at: Millis,
    },
    /// This message shows a control panel for a draft or a newsletter of the user.
    Panel {
        /// The subject of the panel.
        panel: Panel,
        /// The message.
        message: MessageId,
    },
}

impl Conversation {
    /// Returns the conversation updated with something learnt.
    #[must_use]
    pub fn learn(mut self, learnt: Learnt) -> Self {
        match learnt {
            Learnt::TopicOpened { topic, title } => {
                self.topic.opened(topic, title);
                self.moderation.silent_notice = None;
            }
            Learnt::TopicLost(topic) => {
                if self.topic.lost(topic) {
                    self.moderation.silent_notice = None;
                }
            }
            Learnt::TitleShown(title) => self.topic.title = Some(title),
            Learnt::CardShown { card, hash } => {
                self.topic.card = Some(card);
                self.topic.card_hash = hash;
            }
            Learnt::CardLost => self.topic.card = None,
            Learnt::SilentNotice(message) => {
                self.moderation.silent_notice = self.moderation.silent.then_some(message);
            }
            Learnt::Unreachable => self.reachable = false,
            // Another topic, in which the user wrote in the meantime, stays.
            Learnt::ThreadLost(thread) => {
                self.thread = self.thread.filter(|known| *known != thread);
            }
            Learnt::Number { nth, number } => self.set_request_number(nth, number),
            Learnt::Mailed { newsletter, outcome, copies, at } => {
                self.reachable &= outcome != RecipientOutcome::Blocked;
                self.receive(newsletter, outcome, copies, at);
            }
            Learnt::Panel { panel, message } => self.authoring.set_panel(panel, message),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, UserId};

    #[test]
    fn the_latest_five_lost_topics_are_remembered() {
        let mut conversation = Conversation::new(UserId(7), Profile::default(), Millis(0));
        let open = |topic| Learnt::TopicOpened { topic: TopicId(topic), title: String::new() };
        for topic in 1..=6 {
            conversation = conversation.learn(open(topic));
            assert!(!conversation.topic.former.contains(&TopicId(topic)));
            conversation = conversation.learn(Learnt::TopicLost(TopicId(topic)));
        }
        assert_eq!(conversation.topic.former, [2, 3, 4, 5, 6].map(TopicId));
        assert!(
            conversation.topic.includes(TopicId(2)) && !conversation.topic.includes(TopicId(1))
        );
        // A topic is lost only once, and a former topic that is opened again is no longer a former one.
        conversation = conversation.learn(Learnt::TopicLost(TopicId(3)));
        assert_eq!(conversation.topic.former, [2, 3, 4, 5, 6].map(TopicId));
        conversation = conversation.learn(open(4));
        assert_eq!(conversation.topic.former, [2, 3, 5, 6].map(TopicId));
        assert!(conversation.topic.includes(TopicId(4)));
    }
}
