//! Opens the store: for this process alone, together with other processes, or read-only.

use std::sync::{Arc, atomic::AtomicI64};

use tokio::sync::{Mutex, RwLock};

use crate::adapters::cache::Cache;

use super::{
    client::startup_checks::{check_master, refuse_unfinished_load},
    commit::{idempotency::IdempotencyKeys, topic_hints::TopicHintCache},
    errors::OpenError,
    lease::{lease_manager::LeaseManager, leases::Leases, ticks::Ticks},
    options::Options,
    script::layout::Keys,
    store::RedisStore,
};

impl RedisStore {
    /// Connects, and makes this process the only one on the store. It holds all partitions when this returns.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let mut store = Self::connect(options, false).await?;
        refuse_unfinished_load(&store.connection, &store.keys).await?;
        // Renews from now on, so that no lease expires during the wait for the other partitions.
        let manager = store.lease_manager.clone();
        store.spawn(async move { manager.keep_renewing().await });
        store.unclean = !store.lease_manager.acquire_all().await?.is_empty();
        store.unclean_after = options.maintenance && store.unclean;
        Ok(store)
    }

    /// Connects, and joins the processes on the store: partitions are assigned and revoked while it runs.
    pub async fn join(options: &Options) -> Result<Self, OpenError> {
        let mut store = Self::connect(options, true).await?;
        check_master(&store.connection).await?;
        refuse_unfinished_load(&store.connection, &store.keys).await?;
        store.lease_manager.check_format().await?;
        let (balancer, listener) = (store.lease_manager.clone(), store.lease_manager.clone());
        let channel = store.keys.channel();
        store.spawn(async move { balancer.keep_balancing().await });
        store.spawn(async move { listener.listen(channel).await });
        Ok(store)
    }

    /// Connects read-only, next to a bot that may be running on the store.
    pub async fn open_read_only(options: &Options) -> Result<Self, OpenError> {
        Self::connect(options, false).await
    }

    async fn connect(options: &Options, shared: bool) -> Result<Self, OpenError> {
        let connection = options.connect().await?;
        let keys = Keys::new(&options.prefix);
        let leases = Leases::new(options.lease, options.token.clone(), options.dead.clone());
        let leases = Arc::new(leases);
        let idempotency = IdempotencyKeys::new(&leases.token);
        let ticks = Arc::new(Ticks::new());
        let cache = Arc::new(Cache::new(options.cached));
        let lease_manager = LeaseManager {
            connection: Arc::clone(&connection),
            keys: keys.clone(),
            leases: Arc::clone(&leases),
            cache: Arc::clone(&cache),
            ticks: Arc::clone(&ticks),
        };
        let mut store = Self {
            connection: Arc::clone(&connection),
            keys,
            leases,
            lease_manager,
            cache,
            topic_hints: TopicHintCache::new(options.cached),
            idempotency,
            ticks,
            unclean: false,
            shared,
            probes: AtomicI64::new(0),
            stored_requests: Mutex::default(),
            unclean_after: false,
            closed: RwLock::new(false),
            tasks: Vec::new(),
        };
        let watched = Arc::clone(&connection);
        store.spawn(async move { connection.replace_dead().await });
        store.spawn(async move { watched.report_changes().await });
        Ok(store)
    }

    /// Runs a background task until the store is closed or dropped.
    fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the tasks end with the store, which closes last"
        )]
        self.tasks.push(tokio::spawn(task));
    }
}
