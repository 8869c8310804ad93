//! The simulated Telegram: who is there, what was written, what the bot is yet to learn.
//!
//! Everything in here is synchronous and is called with the one lock held; nothing costs more as
//! the world grows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde_json::{Map, Value};
use tokio::sync::{Notify, broadcast};

use super::{CallLog, Chat, ChatKind, File, Message, Updates, User};
use crate::simulator::{
    clock::{Clock, Millis, seconds},
    events::{Event, EventKind},
    faults::Faults,
    limits::Limiter,
    options::Options,
};

/// A button that was pressed and is to be answered.
#[derive(Debug)]
pub(in crate::simulator) struct Callback {
    pub(in crate::simulator) at: Millis,
    pub(in crate::simulator) chat: i64,
    pub(in crate::simulator) topic: Option<i64>,
}

/// All there is.
#[derive(Debug)]
pub(in crate::simulator) struct World {
    pub(in crate::simulator) clock: Arc<Clock>,
    pub(in crate::simulator) me: User,
    pub(in crate::simulator) users: HashMap<i64, User>,
    pub(in crate::simulator) chats: HashMap<i64, Chat>,
    pub(in crate::simulator) updates: Updates,
    pub(in crate::simulator) limiter: Limiter,
    pub(in crate::simulator) faults: Faults,
    pub(in crate::simulator) calls: CallLog,
    /// By scope (its JSON) and language.
    pub(in crate::simulator) commands: BTreeMap<(String, String), Value>,
    /// The bot's name, descriptions and menu button, as it set them.
    pub(in crate::simulator) profile: Map<String, Value>,
    pub(in crate::simulator) callbacks: HashMap<String, Callback>,
    pub(in crate::simulator) answers: Vec<(String, Value)>,
    pub(in crate::simulator) files: HashMap<String, File>,
    /// What is in those that the bot has uploaded.
    pub(in crate::simulator) contents: HashMap<String, Vec<u8>>,
    pub(in crate::simulator) random: fastrand::Rng,
    /// Whether privacy mode is off.
    pub(in crate::simulator) reads_groups: bool,
    pub(super) history: usize,
    private_messages: i64,
    unique: i64,
    events: broadcast::Sender<Event>,
}

impl World {
    pub(in crate::simulator) fn new(
        options: &Options,
        clock: Arc<Clock>,
        arrived: Arc<Notify>,
        events: broadcast::Sender<Event>,
    ) -> Self {
        let id = options.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
        let me = User::bot(id, &options.bot_name, &options.bot_username);
        Self {
            users: HashMap::from([(id, me.clone())]),
            me,
            chats: HashMap::new(),
            updates: Updates::new(options.update_retention, arrived),
            limiter: Limiter::new(options.limits),
            faults: Faults::default(),
            calls: CallLog::new(options.call_log),
            commands: BTreeMap::new(),
            profile: Map::new(),
            callbacks: HashMap::new(),
            answers: Vec::new(),
            files: HashMap::new(),
            contents: HashMap::new(),
            random: fastrand::Rng::with_seed(7),
            reads_groups: options.can_read_all_group_messages,
            history: options.history_per_chat.max(1),
            private_messages: 0,
            unique: 1_000,
            events,
            clock,
        }
    }

    pub(in crate::simulator) fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(in crate::simulator) fn date(&self) -> i64 {
        seconds(self.now())
    }

    /// A number that was not given out before.
    pub(in crate::simulator) fn unique(&mut self) -> i64 {
        self.unique += 1;
        self.unique
    }

    /// Messages of all private chats share one sequence, each group has its own: as at Telegram.
    pub(in crate::simulator) fn next_message_id(&mut self, chat: i64) -> i64 {
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

    pub(in crate::simulator) fn message(&self, chat: i64, id: i64) -> Option<&Message> {
        self.chats.get(&chat)?.messages.get(&id)
    }

    pub(in crate::simulator) fn message_mut(&mut self, chat: i64, id: i64) -> Option<&mut Message> {
        self.chats.get_mut(&chat)?.messages.get_mut(&id)
    }

    /// Whether anybody listens to events.
    pub(in crate::simulator) fn is_watched(&self) -> bool {
        self.events.receiver_count() > 0
    }

    /// Tells listeners, if there are any.
    pub(in crate::simulator) fn emit(
        &self,
        chat: i64,
        topic: Option<i64>,
        actor: i64,
        kind: EventKind,
    ) {
        if !self.is_watched() {
            return;
        }
        let actor_name = self.users.get(&actor).map(User::full_name).unwrap_or_default();
        let chat_title = match self.chats.get(&chat) {
            Some(place) if place.kind != ChatKind::Private => place.title.clone(),
            Some(_) | None => self.users.get(&chat).map(User::full_name).unwrap_or_default(),
        };
        let by_bot = actor == self.me.id;
        let event = Event { chat, chat_title, topic, actor: actor_name, by_bot, kind };
        // Nobody listening any more is fine.
        let _unheard = self.events.send(event);
    }

    /// Removes messages; those that were not there are passed over.
    pub(in crate::simulator) fn delete(&mut self, chat: i64, ids: &[i64], actor: i64) -> usize {
        let Some(place) = self.chats.get_mut(&chat) else { return 0 };
        let mut topic = None;
        let mut gone = Vec::new();
        for id in ids {
            if let Some(message) = place.messages.remove(id) {
                topic = message.topic;
                gone.push(*id);
            }
        }
        place.pinned.retain(|id| !gone.contains(id));
        let count = gone.len();
        if count > 0 {
            self.emit(chat, topic, actor, EventKind::Deleted { messages: gone });
        }
        count
    }
}
