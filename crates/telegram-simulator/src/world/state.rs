//! The simulated Telegram: users, chats, and the updates that wait for the bot.
//!
//! Everything here is synchronous and runs with the one lock held. Nothing becomes slower as the world grows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde_json::{Map, Value};
use tokio::sync::{Notify, broadcast};

use super::{CallLog, Chat, ChatKind, File, Message, Updates, User};
use crate::{
    clock::{Clock, Millis, seconds},
    events::{Event, EventKind},
    faults::Faults,
    limits::Limiter,
    options::Options,
    records::Records,
};

/// A pressed button that the bot has not answered yet.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) at: Millis,
    pub(crate) chat: i64,
    pub(crate) topic: Option<i64>,
}

/// Everything that the simulated Telegram knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Arc<Clock>,
    pub(crate) me: User,
    pub(crate) users: HashMap<i64, User>,
    pub(crate) chats: HashMap<i64, Chat>,
    pub(crate) updates: Updates,
    pub(crate) limiter: Limiter,
    pub(crate) faults: Faults,
    pub(crate) calls: CallLog,
    pub(crate) records: Records,
    /// The number of the call that is being carried out, while the lock is held for it.
    pub(crate) current_call: Option<u64>,
    /// By scope (its JSON) and language.
    pub(crate) commands: BTreeMap<(String, String), Value>,
    /// The bot's name, descriptions and menu button, as it set them.
    pub(crate) profile: Map<String, Value>,
    pub(crate) callbacks: HashMap<String, Callback>,
    pub(crate) answers: Vec<(String, Value)>,
    pub(crate) files: HashMap<String, File>,
    /// The contents of the files that the bot has uploaded.
    pub(crate) contents: HashMap<String, Vec<u8>>,
    pub(crate) random: fastrand::Rng,
    /// Whether privacy mode is off.
    pub(crate) reads_groups: bool,
    /// Whether private chats have topics.
    pub(crate) private_topics: bool,
    pub(super) history: usize,
    private_messages: i64,
    unique: i64,
    events: broadcast::Sender<Event>,
}

impl World {
    pub(crate) fn new(
        options: &Options,
        clock: Arc<Clock>,
        arrived: Arc<Notify>,
        events: broadcast::Sender<Event>,
    ) -> Self {
        let id = options.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
        let me = User::bot(id, &options.bot_name, &options.bot_username);
        let records = Records::default();
        Self {
            users: HashMap::from([(id, me.clone())]),
            me,
            chats: HashMap::new(),
            updates: Updates::new(options.update_retention, arrived, records.clone()),
            limiter: Limiter::new(options.limits),
            faults: Faults::default(),
            calls: CallLog::new(options.call_log),
            records,
            current_call: None,
            commands: BTreeMap::new(),
            profile: Map::new(),
            callbacks: HashMap::new(),
            answers: Vec::new(),
            files: HashMap::new(),
            contents: HashMap::new(),
            random: fastrand::Rng::with_seed(7),
            reads_groups: options.can_read_all_group_messages,
            private_topics: options.private_topics,
            history: options.history_per_chat.max(1),
            private_messages: 0,
            unique: 1_000,
            events,
            clock,
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(crate) fn date(&self) -> i64 {
        seconds(self.now())
    }

    /// A number that was not used before.
    pub(crate) fn unique(&mut self) -> i64 {
        self.unique += 1;
        self.unique
    }

    /// Messages of all private chats share one sequence, each group has its own: as at Telegram.
    pub(crate) fn next_message_id(&mut self, chat: i64) -> i64 {
        match self.chats.get_mut(&chat) {
            Some(chat) if chat.kind != ChatKind::Private => {
                chat.next_message += 1;
                chat.next_message
            }
            Some(_) | None => {
                self.private_messages += 1;
                self.private_messages
            }
        }
    }

    pub(crate) fn message(&self, chat: i64, id: i64) -> Option<&Message> {
        self.chats.get(&chat)?.messages.get(&id)
    }

    pub(crate) fn message_mut(&mut self, chat: i64, id: i64) -> Option<&mut Message> {
        self.chats.get_mut(&chat)?.messages.get_mut(&id)
    }

    /// Whether anybody listens to events.
    pub(crate) fn is_watched(&self) -> bool {
        self.events.receiver_count() > 0
    }

    /// Sends an event to the listeners, if there are any.
    pub(crate) fn emit(&self, chat: i64, topic: Option<i64>, actor: i64, kind: EventKind) {
        if !self.is_watched() {
            return;
        }
        let actor_name = self.users.get(&actor).map(User::full_name).unwrap_or_default();
        let chat_title = match self.chats.get(&chat) {
            Some(entry) if entry.kind != ChatKind::Private => entry.title.clone(),
            Some(_) | None => self.users.get(&chat).map(User::full_name).unwrap_or_default(),
        };
        let by_bot = actor == self.me.id;
        let event = Event { chat, chat_title, topic, actor: actor_name, by_bot, kind };
        // The last listener may have left in the meantime.
        let _no_listener = self.events.send(event);
    }

    /// Removes messages and counts those that existed.
    pub(crate) fn delete(&mut self, chat: i64, ids: &[i64], actor: i64) -> usize {
        let Some(entry) = self.chats.get_mut(&chat) else { return 0 };
        let mut topic = None;
        let mut gone = Vec::new();
        for id in ids {
            if let Some(message) = entry.messages.remove(id) {
                topic = message.topic;
                gone.push(*id);
            }
        }
        entry.pinned.retain(|id| !gone.contains(id));
        let count = gone.len();
        if count > 0 {
            self.emit(chat, topic, actor, EventKind::Deleted { messages: gone });
        }
        count
    }
}
