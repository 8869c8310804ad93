//! What a send has taught about a conversation, and what that changes.

use super::{Conversation, MessageId, Millis, NewsletterId, Outcome, Panel, Topic, TopicId};

/// What a send has taught about a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Learnt {
    /// Its topic was opened.
    TopicOpened {
        /// The topic.
        topic: TopicId,
        /// The name it was given.
        title: String,
    },
    /// This topic is gone.
    TopicLost(TopicId),
    /// The topic has this name now.
    TitleShown(String),
    /// The card is shown.
    CardShown {
        /// The message.
        card: MessageId,
        /// What it shows, hashed.
        hash: u32,
    },
    /// The card is gone.
    CardLost,
    /// The notice of the silent mode.
    SilentNotice(MessageId),
    /// Telegram does not let us write to the user.
    Unreachable,
    /// This topic of the private chat is gone.
    ThreadLost(TopicId),
    /// The request has a number now.
    Number {
        /// Which of the user's it is.
        nth: u32,
        /// Its number.
        number: i64,
    },
    /// What became of a newsletter for the user.
    Mailed {
        /// Which.
        newsletter: NewsletterId,
        /// What became of it.
        outcome: Outcome,
        /// The messages that brought it; `None` if those known stay.
        copies: Option<Vec<MessageId>>,
        /// When.
        at: Millis,
    },
    /// A draft or a newsletter of the user's is shown by this message.
    Panel {
        /// Which.
        panel: Panel,
        /// The message.
        message: MessageId,
    },
}

impl Conversation {
    /// The conversation with what a send has taught.
    #[must_use]
    pub fn learn(mut self, learnt: Learnt) -> Self {
        match learnt {
            Learnt::TopicOpened { topic, title } => {
                self.topic = Topic::Open(topic);
                self.forget_shown();
                self.title_shown = Some(title);
            }
            // Another topic, opened meanwhile, stays.
            Learnt::TopicLost(topic) if self.topic.id() == Some(topic) => {
                self.topic = Topic::None;
                self.forget_shown();
            }
            Learnt::TopicLost(_) => {}
            Learnt::TitleShown(title) => self.title_shown = Some(title),
            Learnt::CardShown { card, hash } => {
                self.card = Some(card);
                self.card_shown = hash;
            }
            Learnt::CardLost => self.card = None,
            Learnt::SilentNotice(message) => self.silent_notice = self.silent.then_some(message),
            Learnt::Unreachable => self.reachable = false,
            // Another one, written in meanwhile, stays.
            Learnt::ThreadLost(thread) => {
                self.thread = self.thread.filter(|known| *known != thread);
            }
            Learnt::Number { nth, number } => self.number(nth, number),
            Learnt::Mailed { newsletter, outcome, copies, at } => {
                self.reachable &= outcome != Outcome::Blocked;
                self.receive(newsletter, outcome, copies, at);
            }
            Learnt::Panel { panel, message } => self.shown_by(panel, message),
        }
        self
    }

    fn shown_by(&mut self, panel: Panel, message: MessageId) {
        match panel {
            Panel::Draft => {
                if let Some(draft) = &mut self.draft {
                    draft.panel = Some(message);
                }
            }
            Panel::Mailing(id) => {
                if let Some(mailing) = self.mailing_mut(id) {
                    mailing.panel = Some(message);
                }
            }
        }
    }

    fn forget_shown(&mut self) {
        self.title_shown = None;
        self.card = None;
        self.silent_notice = None;
        self.channels_told.clear();
    }
}
