//! What the server, the actors, the control API and the webhook share.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;

use super::{
    control::InjectedFaults, events::Event, options::Options, server::Wires, world::World,
};

/// What the server, the actors and the webhook share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) arrived: Arc<Notify>,
    pub(crate) wires: Arc<Wires>,
    pub(crate) stop: CancellationToken,
    pub(crate) injected: InjectedFaults,
    pub(crate) world: Mutex<World>,
    pub(crate) events: broadcast::Sender<Event>,
}

impl Shared {
    /// The world, for as long as a few microseconds.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::disallowed_methods, reason = "a server of its own, stopped by its own token")]
pub(crate) fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    drop(tokio::spawn(task));
}

/// Queues an update, with an id if it has none.
pub(crate) fn push_update(shared: &Shared, mut update: Value) -> i64 {
    let mut world = shared.world();
    let now = world.now();
    if update.get("update_id").is_none() && update.is_object() {
        update["update_id"] = world.updates.take_id().into();
    }
    world.updates.push_raw(&update.to_string(), now)
}
