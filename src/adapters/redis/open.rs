//! Opens the store: for this process alone, together with other processes, or read-only.

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use secrecy::SecretString;
use tokio::sync::{Mutex, RwLock};

use crate::adapters::cache::Cache;

use super::{
    archive::restore_target::refuse_unfinished,
    client::{
        connection::Connection,
        observer::{CommandObserver, Observers, Operation},
    },
    commit::{hints::Hints, idempotency::IdempotencyKeys},
    errors::OpenError,
    lease::{lease_manager::LeaseManager, leases::Leases},
    script::{
        arguments::{Args, text},
        layout::Keys,
    },
    store::RedisStore,
};

/// The oldest version of Redis that supports all commands of the scripts.
const OLDEST: (u32, u32) = (6, 2);

/// Settings of the store.
#[derive(Debug, Clone)]
pub struct Options {
    /// The URL of Redis: `redis://`, `rediss://`, `redis-sentinel://` or `redis-cluster://`.
    pub url: SecretString,
    /// The prefix of all keys.
    pub prefix: String,
    /// Limit of cached conversations, and of cached links.
    pub cached: NonZeroUsize,
    /// Time limit for a command.
    pub command_limit: Duration,
    /// Length of a lease. After a kill, other processes take the partitions when their leases have expired.
    pub lease: Duration,
    /// Identifies this process to the others, and its leases. Must never have been used before. If `None`, a random
    /// token is used.
    pub token: Option<String>,
    /// Tokens of processes that are certainly dead: their partitions are taken at once, without waiting for the leases
    /// to expire. If a process is alive after all, it can write nothing, but until it detects that it lost its
    /// partitions, both processes send the same calls.
    pub dead: Vec<String>,
    /// The store is opened for maintenance, not to run the bot: the marker of an unclean end stays for the next process
    /// that runs it.
    pub maintenance: bool,
    /// Receives the events of the connection.
    pub observer: Option<Arc<dyn CommandObserver>>,
}

impl Options {
    /// The defaults for a store at `url`; they suit any size.
    pub fn at(url: SecretString) -> Self {
        Self {
            url,
            prefix: "support-bot".to_owned(),
            cached: NonZeroUsize::MIN.saturating_add(16_383),
            command_limit: Duration::from_millis(2_500),
            lease: Duration::from_secs(8),
            token: None,
            dead: Vec::new(),
            maintenance: false,
            observer: None,
        }
    }
}

impl RedisStore {
    /// Connects, and makes this process the only one on the store. It holds all partitions when this returns.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let mut store = Self::connect(options, false).await?;
        refuse_unfinished(&store.connection, &store.keys).await?;
        // Renews from now on, so that no lease expires during the wait for the other partitions.
        let keeper = store.keeper.clone();
        store.spawn(async move { keeper.keep().await });
        store.unclean = !store.keeper.take_all().await?.is_empty();
        store.unclean_after = options.maintenance && store.unclean;
        Ok(store)
    }

    /// Connects, and joins the processes on the store: partitions are assigned and revoked while it runs.
    pub async fn join(options: &Options) -> Result<Self, OpenError> {
        let mut store = Self::connect(options, true).await?;
        check_master(&store.connection).await?;
        refuse_unfinished(&store.connection, &store.keys).await?;
        store.keeper.look().await?;
        let (one, two) = (store.keeper.clone(), store.keeper.clone());
        let channel = store.keys.channel();
        store.spawn(async move { one.share().await });
        store.spawn(async move { two.listen(channel).await });
        Ok(store)
    }

    /// Connects read-only, next to a bot that may be running on the store.
    pub async fn peek(options: &Options) -> Result<Self, OpenError> {
        Self::connect(options, false).await
    }

    async fn connect(options: &Options, shared: bool) -> Result<Self, OpenError> {
        let observers = Observers(options.observer.clone());
        let connection = Connection::open(&options.url, options.command_limit, observers).await?;
        let connection = Arc::new(connection);
        check_version(&connection).await?;
        let keys = Keys::new(&options.prefix);
        let leases = Leases::new(options.lease, options.token.clone(), options.dead.clone());
        let leases = Arc::new(leases);
        let attempts = Arc::new(IdempotencyKeys::new(&leases.token));
        let cache = Arc::new(Cache::new(options.cached));
        let keeper = LeaseManager {
            connection: Arc::clone(&connection),
            keys: keys.clone(),
            leases: Arc::clone(&leases),
            cache: Arc::clone(&cache),
            attempts: Arc::clone(&attempts),
        };
        let mut store = Self {
            connection: Arc::clone(&connection),
            keys,
            leases,
            keeper,
            cache,
            hints: Hints::new(options.cached),
            attempts,
            unclean: false,
            shared,
            probes: AtomicI64::new(0),
            learnt: Mutex::default(),
            unclean_after: false,
            closed: RwLock::new(false),
            tasks: Vec::new(),
        };
        let again = Arc::clone(&connection);
        store.spawn(async move { connection.revive().await });
        store.spawn(async move { again.tell().await });
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

/// Fails if the server is a replica of Redis. A process that joins writes nothing at first, so no refused write would
/// show it.
async fn check_master(connection: &Connection) -> Result<(), OpenError> {
    let info = info(connection, "replication").await?;
    let replica = info.lines().any(|line| line.trim() == "role:slave");
    if replica { Err(OpenError::Replica { at: connection.at().to_owned() }) } else { Ok(()) }
}

/// One section of the server's `INFO`.
async fn info(connection: &Connection, section: &str) -> Result<String, OpenError> {
    let mut args = Args::default();
    args.text(section);
    let info = connection.command_raw("INFO", Operation::Upkeep, args, 1).await;
    let info = info.map_err(|error| OpenError::of(connection.at(), &error))?;
    Ok(text(info).unwrap_or_default())
}

/// Fails if the server is too old for the scripts.
pub(super) async fn check_version(connection: &Connection) -> Result<(), OpenError> {
    let info = info(connection, "server").await?;
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    let version = version.unwrap_or_default().trim();
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST { Err(OpenError::Old(version.to_owned())) } else { Ok(()) }
}
