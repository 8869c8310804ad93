//! A conversation seen from both sides, so that a story works for either direction.

use serde_json::Value;
use telegram_simulator::{Content, Person, SeenMessage};

use super::Desk;

/// A user, a topic and the desk between them; each side has already said something.
pub(crate) struct Dialogue {
    pub(crate) desk: Desk,
    pub(crate) user: Person,
    pub(crate) topic: i64,
}

/// The side that speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    User,
    Operator,
}

/// Both directions.
pub(crate) const BOTH: [Who; 2] = [Who::User, Who::Operator];

impl Who {
    /// The other side.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::User => Self::Operator,
            Self::Operator => Self::User,
        }
    }
}

impl Dialogue {
    /// Starts a conversation at a Telegram without limits.
    pub(crate) async fn start() -> Self {
        Self::at(Desk::start().await).await
    }

    /// Starts a conversation at this desk.
    pub(crate) async fn at(desk: Desk) -> Self {
        let user = desk.user(1001, "Ada");
        user.writes("hello");
        desk.settle().await;
        let topic = desk.topic();
        desk.operator.writes_in(topic, "hi");
        desk.settle().await;
        Self { desk, user, topic }
    }

    /// Sends a message; returns its id on the speaker's side.
    pub(crate) fn says(&self, who: Who, content: impl Into<Content>) -> i64 {
        match who {
            Who::User => self.user.sends(content.into()),
            Who::Operator => self.desk.operator.sends_in(self.topic, content.into()),
        }
    }

    /// Replies to a message on the speaker's side.
    pub(crate) fn answers(&self, who: Who, to: i64, content: impl Into<Content>) -> i64 {
        match who {
            Who::User => self.user.replies_to(to, content),
            Who::Operator => self.desk.operator.replies_in(self.topic, to, content),
        }
    }

    /// Replies to a quoted part of a message.
    pub(crate) fn quotes(&self, who: Who, to: i64, words: &str, content: &str) -> i64 {
        match who {
            Who::User => self.user.quotes(to, words, content),
            Who::Operator => self.desk.operator.quotes_in(self.topic, to, words, content),
        }
    }

    /// Sends an album; returns its `media_group_id` and the ids of its pieces.
    pub(crate) fn sends_album(&self, who: Who, pieces: Vec<Content>) -> (String, Vec<i64>) {
        match who {
            Who::User => self.user.sends_album(pieces),
            Who::Operator => self.desk.operator.sends_album_in(self.topic, pieces),
        }
    }

    /// Sends one more piece of an album.
    pub(crate) fn sends_late(&self, who: Who, album: &str, piece: Content) -> i64 {
        match who {
            Who::User => self.user.sends_late(album, piece),
            Who::Operator => self.desk.operator.sends_late_in(self.topic, album, piece),
        }
    }

    /// Replies with an album.
    pub(crate) fn answers_with_album(&self, who: Who, to: i64, pieces: Vec<Content>) -> Vec<i64> {
        let (_, ids) = match who {
            Who::User => self.user.replies_with_album(to, pieces),
            Who::Operator => self.desk.operator.replies_with_album_in(self.topic, to, pieces),
        };
        ids
    }

    /// Edits a message on the speaker's side.
    pub(crate) fn edits(&self, who: Who, message: i64, content: impl Into<Content>) {
        let found = match who {
            Who::User => self.user.edits(message, content),
            Who::Operator => self.desk.operator.edits(message, content),
        };
        assert!(found, "{who:?} has no message {message}");
    }

    /// Sets or removes a reaction.
    pub(crate) fn reacts(&self, who: Who, message: i64, emoji: Option<&str>) {
        let found = match who {
            Who::User => self.user.reacts(message, emoji),
            Who::Operator => self.desk.operator.reacts(message, emoji),
        };
        assert!(found, "{who:?} sees no message {message}");
    }

    /// Deletes a message on the speaker's side.
    pub(crate) fn deletes(&self, who: Who, message: i64) {
        let found = match who {
            Who::User => self.user.deletes(message),
            Who::Operator => self.desk.operator.deletes(message),
        };
        assert!(found, "{who:?} sees no message {message}");
    }

    /// The copies that a side has received, oldest first.
    pub(crate) fn copies_for(&self, to: Who) -> Vec<SeenMessage> {
        match to {
            Who::User => self.user.sees(),
            Who::Operator => self.desk.relayed(self.topic),
        }
    }

    /// The last copy that a side has received.
    pub(crate) fn last_copy_for(&self, to: Who) -> SeenMessage {
        self.copies_for(to).pop().unwrap()
    }

    /// The texts and captions that a side has received.
    pub(crate) fn texts_for(&self, to: Who) -> Vec<String> {
        self.copies_for(to).into_iter().filter_map(|message| message.text).collect()
    }

    /// A message as this side sees it.
    pub(crate) fn seen_by(&self, side: Who, message: i64) -> SeenMessage {
        let chat = match side {
            Who::User => self.user.chat(),
            Who::Operator => self.desk.group.messages(self.topic),
        };
        let found = chat.into_iter().find(|seen| seen.id == message);
        found.unwrap_or_else(|| panic!("{side:?} sees no message {message}"))
    }

    /// Sends a message and waits for its copy.
    pub(crate) async fn relays(&self, who: Who, content: impl Into<Content>) -> SeenMessage {
        self.says(who, content);
        self.desk.settle().await;
        self.last_copy_for(who.other())
    }

    /// The desk's own messages to the operators, without the card.
    pub(crate) fn notice_texts(&self) -> Vec<String> {
        let notices = self.desk.notices(self.topic).into_iter();
        let texts = notices.filter_map(|notice| notice.text);
        texts.filter(|text| text.starts_with('◆')).collect()
    }

    /// Stops the program during `story`, so that everything in it arrives at once afterwards.
    pub(crate) async fn while_stopped(&mut self, story: impl FnOnce(&Self)) {
        self.desk.close().await;
        story(self);
        self.desk.open().await;
        self.desk.settle().await;
    }

    /// How often the bot has called these methods.
    pub(crate) fn calls(&self, methods: &[&str]) -> u64 {
        let calls = self.desk.telegram.calls();
        methods.iter().map(|method| calls.count(method)).sum()
    }
}

/// Everything visible in a message except its position. The second field of an animation is left out: Telegram repeats
/// it as a document for old bots.
pub(crate) fn contents(message: &SeenMessage) -> (Value, Option<Value>) {
    let mut content = message.content.clone();
    if let Some(fields) = content.as_object_mut().filter(|fields| fields.contains_key("animation"))
    {
        fields.remove("document");
    }
    (content, message.forward_origin.clone())
}
