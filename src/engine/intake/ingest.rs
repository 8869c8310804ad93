//! Takes updates in: stores them first and acknowledges them afterwards.
//!
//! Invariant: when [`Ingest::accept`] returns `Ok`, every update of the batch is on disk, so the caller may
//! acknowledge it to Telegram. The offset never exceeds the greatest stored update id plus one.

use std::{ops::RangeInclusive, sync::Arc};

use tokio::sync::{mpsc, oneshot};

use crate::{
    engine::{Desk, decide::IncomingBatch, instrumentation},
    telemetry::{Source, timestamp},
};
use domain::{InboxLane, UpdateId, fnv1a_64};
use ports::{Decoder, RawUpdate, Store, StoreError};

use super::inbox_capacity::InboxCapacity;

/// The valid range of Telegram's update ids. An id outside it would spoil the offset for good.
const VALID_IDS: RangeInclusive<i64> = 1..=(1 << 52);

/// The result of an accepted batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The offset of the next `getUpdates` call.
    pub offset: Option<UpdateId>,
    /// The number of new updates.
    pub new: usize,
}

/// Accepts updates from polling and from the webhook. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    desk: Arc<Desk>,
    decoder: Arc<dyn Decoder>,
    worker: mpsc::UnboundedSender<IncomingBatch>,
    capacity: Arc<InboxCapacity>,
}

impl Ingest {
    /// Creates the intake. `capacity` is that of the inbox.
    pub(in crate::engine) fn new(
        desk: Arc<Desk>,
        decoder: Arc<dyn Decoder>,
        worker: mpsc::UnboundedSender<IncomingBatch>,
        capacity: Arc<InboxCapacity>,
    ) -> Self {
        Self { desk, decoder, worker, capacity }
    }

    /// The store that updates are written to.
    pub(in crate::engine) fn store(&self) -> &Arc<dyn Store> {
        &self.desk.store
    }

    /// Waits until the inbox has room. Meanwhile Telegram keeps the updates, for up to 24 hours.
    pub async fn wait_for_room(&self) {
        self.capacity.wait_for_room().await;
    }

    /// Whether the inbox is full. A push must then be refused; Telegram repeats it.
    pub fn is_full(&self) -> bool {
        self.capacity.is_full()
    }

    /// Stores a batch in order, together with the next offset. On an error nothing was stored, and the caller
    /// requests the same updates again.
    pub async fn accept(
        &self,
        batch: Vec<String>,
        previous: Option<UpdateId>,
        source: Source,
    ) -> Result<Accepted, StoreError> {
        let desk = &self.desk;
        let now = desk.now();
        let groups = desk.groups();
        let mut newest = None;
        let mut kinds = Vec::with_capacity(batch.len());
        let mut updates = Vec::with_capacity(batch.len());
        for raw in batch {
            let envelope = self.decoder.envelope(&raw, &groups);
            let number = envelope.update.filter(|UpdateId(id)| VALID_IDS.contains(id));
            newest = newest.max(number);
            kinds.push(envelope.kind);
            // An update without an id is stored under an id that Telegram never uses.
            let update = number.unwrap_or_else(|| id_from_text(&raw));
            let lane = if number.is_some() { envelope.lane } else { InboxLane::Desk };
            updates.push(RawUpdate { update, lane, raw });
        }
        let offset = match source {
            // Without ids in the batch, the next offset remains `previous`.
            Source::Polling => {
                newest.map(|UpdateId(id)| UpdateId(id.saturating_add(1))).or(previous)
            }
            // Pushed updates of different chats arrive in no particular order, so an update implies nothing about
            // earlier ones.
            Source::Webhook => None,
        };
        let (answer, stored) = oneshot::channel();
        let incoming = IncomingBatch { updates, offset, received: now, answer };
        self.worker.send(incoming).map_err(|_ended| StoreError::Closed)?;
        let new = stored.await.map_err(|_ended| StoreError::Closed)??;
        for kind in &kinds {
            desk.metrics
                .updates
                .received
                .of((source, instrumentation::update_type(*kind)))
                .increment(1);
        }
        desk.metrics.updates.duplicate.increment((kinds.len() - new) as u64);
        desk.metrics.updates.last_timestamp.set(timestamp(now.0));
        Ok(Accepted { offset, new })
    }
}

/// The id for an update that has none. Equal texts get equal ids.
fn id_from_text(raw: &str) -> UpdateId {
    UpdateId(-i64::try_from(fnv1a_64(raw.bytes()) >> 1).unwrap_or(i64::MAX).max(1))
}
