//! Updates that wait for the bot: one queue for polling, one lane per chat for a webhook.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tokio::sync::Notify;

use crate::{
    clock::{Millis, millis},
    records::{Record, Records},
};

/// Kinds that a bot gets only if it names them in `allowed_updates`.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// An update as it will be delivered.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: i64,
    pub(crate) at: Millis,
    /// Updates of one lane are delivered to a webhook one after another.
    pub(crate) lane: i64,
    pub(crate) text: Arc<str>,
}

/// Where updates are pushed to.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    /// In PEM format: trusted in addition to the known authorities.
    pub(crate) certificate: Option<Vec<u8>>,
    pub(crate) max_connections: usize,
    pub(crate) last_error: Option<(i64, String)>,
    /// When the server last failed to learn of updates.
    pub(crate) unsynchronized: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct Updates {
    queue: VecDeque<Stored>,
    lanes: HashMap<i64, VecDeque<Stored>>,
    ready: VecDeque<i64>,
    next_id: i64,
    /// Whether an update that came with its own id is waiting.
    foreign: bool,
    allowed: Option<HashSet<String>>,
    retention: Millis,
    arrived: Arc<Notify>,
    records: Records,
    /// Raised by each `getUpdates`, so that the one before notices.
    pub(crate) poll: u64,
    pub(crate) webhook: Option<Webhook>,
    /// Raised whenever the webhook changes, so that deliveries under way notice.
    pub(crate) webhook_epoch: u64,
}

impl Updates {
    pub(crate) fn new(retention: Duration, arrived: Arc<Notify>, records: Records) -> Self {
        Self {
            queue: VecDeque::new(),
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            next_id: 700_000_000,
            foreign: false,
            allowed: None,
            retention: millis(retention),
            arrived,
            records,
            poll: 0,
            webhook: None,
            webhook_epoch: 0,
        }
    }

    /// Whether the bot has asked for a kind.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(allowed) => allowed.contains(kind),
            None => !ON_REQUEST.contains(&kind),
        }
    }

    /// Sets the kinds the bot wants; an empty list is the default set.
    pub(crate) fn allow(&mut self, kinds: &[Value]) {
        let kinds: HashSet<String> =
            kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        self.allowed = (!kinds.is_empty()).then_some(kinds);
    }

    pub(crate) fn allowed(&self) -> Option<Vec<&str>> {
        self.allowed.as_ref().map(|kinds| kinds.iter().map(String::as_str).collect())
    }

    pub(crate) fn push(&mut self, kind: &str, lane: i64, value: &Value, now: Millis) {
        if self.wants(kind) {
            let id = self.next_update_id();
            let text = format!("{{\"update_id\":{id},\"{kind}\":{value}}}");
            self.queue(Stored { id, at: now, lane, text: text.into() });
        }
    }

    /// Queues any text; its own `update_id`, if it has one, is what confirms it.
    pub(crate) fn push_raw(&mut self, text: &str, now: Millis) -> i64 {
        let own =
            serde_json::from_str::<Value>(text).ok().and_then(|value| value["update_id"].as_i64());
        let next = self.next_update_id();
        let id = own.unwrap_or(next);
        self.foreign |= own.is_some();
        self.queue(Stored { id, at: now, lane: id, text: text.into() });
        id
    }

    /// The id of the next update.
    pub(crate) fn next_update_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    /// What `getUpdates` answers, after it has confirmed what its offset says.
    pub(crate) fn poll(&mut self, offset: i64, limit: usize, now: Millis) -> Vec<Arc<str>> {
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            while self.queue.len() > keep {
                self.confirm_first();
            }
        } else {
            while self.queue.front().is_some_and(|stored| stored.id < offset) {
                self.confirm_first();
            }
            if self.foreign {
                self.queue.retain(|stored| stored.id >= offset);
                self.foreign = !self.queue.is_empty();
            }
        }
        self.expire(now);
        let found = self.queue.iter().take(limit);
        found
            .map(|stored| {
                self.records.add(|| Record::HandedOut { update: stored.id });
                Arc::clone(&stored.text)
            })
            .collect()
    }

    pub(crate) fn pending(&self) -> usize {
        self.queue.len() + self.lanes.values().map(VecDeque::len).sum::<usize>()
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.lanes.clear();
        self.ready.clear();
    }

    /// Wakes the polls and the webhook that wait for updates.
    pub(crate) fn wake(&self) {
        self.arrived.notify_waiters();
    }

    /// Changes from polling to a webhook, from one webhook to another, or back.
    pub(crate) fn set_webhook(&mut self, webhook: Option<Webhook>) {
        let mut waiting: Vec<Stored> = self.queue.drain(..).collect();
        waiting.extend(self.lanes.drain().flat_map(|(_, lane)| lane));
        waiting.sort_by_key(|stored| stored.id);
        self.ready.clear();
        self.webhook = webhook;
        self.webhook_epoch += 1;
        self.poll += 1;
        for stored in waiting {
            self.store(stored);
        }
        self.wake();
    }

    /// A lane whose first update is to be delivered now.
    pub(crate) fn next_lane(&mut self) -> Option<i64> {
        self.ready.pop_front()
    }

    /// The first update of a lane; nothing if the lane is done or its updates were too old.
    pub(crate) fn next_in_lane(&mut self, lane: i64, now: Millis) -> Option<Stored> {
        let queue = self.lanes.get_mut(&lane)?;
        while queue.front().is_some_and(|stored| stored.at + self.retention <= now) {
            queue.pop_front();
        }
        if queue.is_empty() {
            self.lanes.remove(&lane);
            return None;
        }
        queue.front().cloned()
    }

    /// Confirms an update that the webhook has accepted.
    pub(crate) fn delivered(&mut self, lane: i64, id: i64) {
        if let Some(queue) = self.lanes.get_mut(&lane)
            && queue.front().is_some_and(|stored| stored.id == id)
        {
            queue.pop_front();
            self.records.add(|| Record::Confirmed { update: id });
        }
    }

    /// Confirms the first update of the queue.
    fn confirm_first(&mut self) {
        if let Some(Stored { id: update, .. }) = self.queue.pop_front() {
            self.records.add(|| Record::Confirmed { update });
        }
    }

    /// Records the updates that wait already, for a listener that has just come.
    pub(crate) fn record_waiting(&self) {
        for Stored { id: update, text, .. } in
            self.queue.iter().chain(self.lanes.values().flatten())
        {
            self.records.add(|| Record::Queued { update: *update, content: Arc::clone(text) });
        }
    }

    /// Adds a new update.
    fn queue(&mut self, stored: Stored) {
        let Stored { id: update, text, .. } = &stored;
        self.records.add(|| Record::Queued { update: *update, content: Arc::clone(text) });
        self.store(stored);
    }

    fn store(&mut self, stored: Stored) {
        if self.webhook.is_none() {
            self.queue.push_back(stored);
        } else {
            let lane = stored.lane;
            let queue = self.lanes.entry(lane).or_default();
            queue.push_back(stored);
            // A lane that holds more already is being delivered, or is ready.
            if queue.len() == 1 {
                self.ready.push_back(lane);
            }
        }
        self.wake();
    }

    fn expire(&mut self, now: Millis) {
        while self.queue.front().is_some_and(|stored| stored.at + self.retention <= now) {
            self.queue.pop_front();
        }
    }
}
