//! The state that the server, the actors and the webhook share.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use crate::{events::Event, faults::FaultHandle, options::Options, server::Wires, world::World};

/// What the server, the actors and the webhook share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) arrived: Arc<Notify>,
    pub(crate) wires: Arc<Wires>,
    pub(crate) stop: CancellationToken,
    /// The faults that were set over the control API.
    pub(crate) faults: Mutex<Vec<FaultHandle>>,
    world: Mutex<World>,
    events: broadcast::Sender<Event>,
}

impl Shared {
    pub(crate) fn new(
        options: Options,
        arrived: Arc<Notify>,
        world: World,
        events: broadcast::Sender<Event>,
    ) -> Self {
        Self {
            options,
            arrived,
            wires: Arc::new(Wires::default()),
            stop: CancellationToken::new(),
            faults: Mutex::default(),
            world: Mutex::new(world),
            events,
        }
    }

    /// The world. Hold it for microseconds only: every call and every actor needs it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that happens from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Queues an update, with an id if it has none; returns that id.
    pub(crate) fn push_update(&self, mut update: Value) -> i64 {
        let mut world = self.world();
        let now = world.now();
        if update.get("update_id").is_none() && update.is_object() {
            update["update_id"] = world.updates.next_update_id().into();
        }
        world.updates.push_raw(&update.to_string(), now)
    }
}

/// Runs a task beside the others; it ends with the token of [`Shared`].
#[expect(clippy::disallowed_methods, reason = "a server of its own, stopped by its own token")]
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}
