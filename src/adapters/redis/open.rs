//! Opening the store: connection, version, lease, partitions, tasks, in this order.

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use secrecy::SecretString;
use tokio::{sync::RwLock, task::JoinHandle};

use crate::{
    adapters::cache::Cache,
    domain::{ChatId, UpdateId},
    ports::{Notebook, StoreError},
};

use super::{
    OpenError, RedisStore,
    attempts::Attempts,
    connection::Connection,
    hints::Hints,
    layout::{Keys, Partition},
    lease::Lease,
    observer::{CommandObserver, Observers, Operation},
    scripts::ADOPT,
    values::{Args, list, maybe_integer, text},
};

/// The layout written now.
const FORMAT: i64 = 1;
/// The first version that has all that the scripts need.
const OLDEST: (u32, u32) = (6, 2);

/// What can be chosen about the store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where Redis is: `redis://`, `rediss://`, `redis-sentinel://`, `redis-cluster://`.
    pub url: SecretString,
    /// What all keys begin with.
    pub prefix: String,
    /// How many conversations, and how many links, are kept in memory.
    pub cached: NonZeroUsize,
    /// How long a command may take before it counts as lost.
    pub command_limit: Duration,
    /// How long the store belongs to a process that is not heard of; a new one waits for so long after a kill.
    pub lease: Duration,
    /// The store is opened to look after it, not to run the desk: that the last run ended without
    /// closing stays remembered for the next.
    pub maintenance: bool,
    /// Is told of what happens on the connection.
    pub observer: Option<Arc<dyn CommandObserver>>,
}

impl Options {
    /// The defaults, which suit a desk of any size, for a store at `url`.
    pub fn at(url: SecretString) -> Self {
        Self {
            url,
            prefix: "support-bot".to_owned(),
            cached: NonZeroUsize::MIN.saturating_add(16_383),
            command_limit: Duration::from_millis(2_500),
            lease: Duration::from_secs(9),
            maintenance: false,
            observer: None,
        }
    }
}

impl RedisStore {
    /// Connects, and makes this process the only one on the store.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let observers = Observers(options.observer.clone());
        let connection = Connection::open(&options.url, options.command_limit, observers).await?;
        let connection = Arc::new(connection);
        check_version(&connection).await?;
        let keys = Keys::new(&options.prefix);
        let lease = Lease::new(options.lease);
        lease.take(&connection, &keys).await?;
        // From now on, so that it does not run out while the partitions are taken over.
        let tasks = spawn(&connection, &keys, &lease);
        let adopted = adopt(&connection, &keys, &lease).await;
        let Adopted { tick, epoch, notebook } = match adopted {
            Ok(adopted) => adopted,
            Err(error) => {
                tasks.iter().for_each(JoinHandle::abort);
                return Err(error);
            }
        };
        Ok(Self::with(options, connection, keys, lease, (tick, epoch, notebook), tasks))
    }

    /// Connects to look at what is stored, beside a desk that may run on it: nothing can be written.
    pub async fn peek(options: &Options) -> Result<Self, OpenError> {
        let observers = Observers(options.observer.clone());
        let connection = Connection::open(&options.url, options.command_limit, observers).await?;
        check_version(&connection).await?;
        let (keys, lease) = (Keys::new(&options.prefix), Lease::new(options.lease));
        let nothing = (0, 0, Notebook::default());
        Ok(Self::with(options, Arc::new(connection), keys, lease, nothing, Vec::new()))
    }

    fn with(
        options: &Options,
        connection: Arc<Connection>,
        keys: Keys,
        lease: Lease,
        (tick, epoch, notebook): (i64, i64, Notebook),
        tasks: Vec<JoinHandle<()>>,
    ) -> Self {
        Self {
            attempts: Attempts::new(&lease.token, tick),
            connection,
            keys,
            lease,
            cache: Cache::new(options.cached),
            hints: Hints::new(options.cached),
            unclean_after: options.maintenance && notebook.unclean,
            notebook,
            epoch: AtomicI64::new(epoch),
            probes: AtomicI64::new(0),
            closed: RwLock::new(false),
            tasks,
        }
    }
}

/// What the partitions remember.
struct Adopted {
    tick: i64,
    epoch: i64,
    notebook: Notebook,
}

/// Makes the holder of the lease the only one whose writes count, partition by partition.
async fn adopt(connection: &Connection, keys: &Keys, lease: &Lease) -> Result<Adopted, OpenError> {
    let mut adopted = Adopted { tick: 0, epoch: 0, notebook: Notebook::default() };
    let mut stamped = 0;
    for partition in Partition::all() {
        let mut args = Args::default();
        args.text(lease.token.as_str()).number(FORMAT).flag(partition == Partition::DESK);
        let base = keys.base(partition);
        let answer = connection.script_raw(&ADOPT, Operation::Upkeep, base, args, 3).await;
        let answer = answer.map_err(|error| OpenError::of(connection.at(), &error))?;
        let damaged = |error: StoreError| OpenError::Unusable {
            at: connection.at().to_owned(),
            why: error.to_string(),
        };
        let fields = list(answer).map_err(damaged)?.into_iter().map(maybe_integer);
        let fields = fields.collect::<Result<Vec<_>, _>>().map_err(damaged)?;
        let &[tick, stamp, offset, group, from, epoch, open, format] = fields.as_slice() else {
            return Err(damaged(super::errors::corrupt("a script answers something else")));
        };
        if let Some(found) = format.filter(|found| *found > FORMAT) {
            return Err(OpenError::Newer { found, known: FORMAT });
        }
        adopted.tick = adopted.tick.max(tick.unwrap_or(0)).max(stamp.unwrap_or(0));
        if stamp.is_some_and(|stamp| stamp > stamped) {
            stamped = stamp.unwrap_or(0);
            adopted.notebook.offset = offset.map(UpdateId);
        }
        if partition == Partition::DESK {
            adopted.epoch = epoch.unwrap_or(0);
            adopted.notebook.group = group.map(ChatId);
            adopted.notebook.group_moved_from = from.map(ChatId);
            adopted.notebook.unclean = open == Some(1);
        }
    }
    Ok(adopted)
}

/// What watches over the connection and keeps the lease.
fn spawn(connection: &Arc<Connection>, keys: &Keys, lease: &Lease) -> Vec<JoinHandle<()>> {
    let (one, two, three) =
        (Arc::clone(connection), Arc::clone(connection), Arc::clone(connection));
    let (keys, lease) = (keys.clone(), lease.clone());
    #[expect(clippy::disallowed_methods, reason = "they end with the store, which closes last")]
    let tasks = vec![
        tokio::spawn(async move { one.revive().await }),
        tokio::spawn(async move { two.tell().await }),
        tokio::spawn(async move { lease.keep(&three, &keys).await }),
    ];
    tasks
}

/// Refuses a server that lacks what the scripts need.
async fn check_version(connection: &Connection) -> Result<(), OpenError> {
    let mut args = Args::default();
    args.text("server");
    let info = connection.command_raw("INFO", Operation::Upkeep, args, 1).await;
    let info = info.map_err(|error| OpenError::of(connection.at(), &error))?;
    let info = text(info).unwrap_or_default();
    let version = info.lines().find_map(|line| line.strip_prefix("redis_version:"));
    let version = version.unwrap_or_default().trim();
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST { Err(OpenError::Old(version.to_owned())) } else { Ok(()) }
}
