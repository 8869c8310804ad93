//! A store on a Redis that can be killed at any moment.

use std::{sync::Arc, time::Duration};

use ports::{Restore, Snapshot, Store, StoreError, copy};
use support_bot::adapters::redis::{RedisStore, RestoreTarget};

use super::server::Server;
use crate::contract::{Archived, Backend};

/// A server of its own with a store on it.
pub(crate) struct Stored {
    pub(crate) server: Server,
    store: Arc<RedisStore>,
}

impl Stored {
    pub(crate) async fn on(server: Server) -> Self {
        let store = RedisStore::open(&server.options()).await.unwrap();
        Self { server, store: Arc::new(store) }
    }
}

impl Backend for Stored {
    type Store = RedisStore;

    async fn open() -> Self {
        Self::on(Server::start()).await
    }

    const CASES: u32 = 8;

    fn store(&self) -> &RedisStore {
        &self.store
    }

    fn shared(&self) -> Arc<RedisStore> {
        Arc::clone(&self.store)
    }

    fn refuses(&self, refuses: bool) {
        let replicas = if refuses { "1" } else { "0" };
        self.server.ask(&["CONFIG", "SET", "min-replicas-to-write", replicas]);
    }

    /// Kills both the process and the server; data that the server holds only in memory is lost.
    async fn kill(self) -> Self {
        let Self { mut server, store } = self;
        drop(store);
        server.kill();
        server.restart();
        Self::on(server).await
    }

    async fn reopen(self) -> Self {
        match self.store.close(Duration::from_secs(10)).await {
            Ok(()) | Err(StoreError::Closed) => {}
            Err(error) => panic!("{error}"),
        }
        Self::on(self.server).await
    }
}

impl Archived for Stored {
    async fn snapshot(&self) -> impl Snapshot {
        RedisStore::open_read_only(&self.server.options()).await.unwrap().snapshot().await.unwrap()
    }

    async fn filled(from: &mut impl Snapshot) -> Self {
        let server = Server::start();
        let blank = RestoreTarget::open(&server.options()).await.unwrap();
        copy(from, Box::new(blank)).await.unwrap();
        Self::on(server).await
    }

    async fn refusal(self) -> (Self, Option<String>) {
        self.store.close(Duration::from_secs(10)).await.unwrap();
        let blank = RestoreTarget::open(&self.server.options()).await;
        let refused = match blank {
            Ok(blank) => {
                Box::new(blank).abandon().await;
                None
            }
            Err(error) => Some(error.to_string()),
        };
        (Self::on(self.server).await, refused)
    }
}
