//! Reads the data of the old bot, written in Python, from its Redis; never writes.

use std::{sync::Arc, time::Duration};

use fred::{error::Error, types::Value};
use futures_util::future::try_join_all;

use ports::StoreError;

use crate::adapters::redis::{
    client::{
        connection::{ATTEMPTS, Connection},
        observer::{Operation, OptionalObserver},
    },
    errors::{OpenError, store_error},
    options::Options,
    script::{
        answers::{list, maybe, scan_page},
        arguments::Args,
    },
    store::RedisStore,
};

const USERS: &str = "users";
const COUNTER: &str = "request_id_counter";
/// The cursor at the beginning of a scan, and at its end.
const CURSOR_START: &str = "0";
/// Number of users read together.
const PAGE_SIZE: usize = 200;
/// Number of users read together by `has`, and limit of its reads.
const PROBE_PAGE_SIZE: usize = 20;
const PROBE_PAGES: usize = 500;
const COMMAND_LIMIT: Duration = Duration::from_secs(10);

/// The Redis of the old bot.
#[derive(Debug)]
pub struct OldBot(Arc<Connection>);

impl RedisStore {
    /// The old bot that may have kept its users in the same Redis.
    pub fn old_bot(&self) -> OldBot {
        OldBot(Arc::clone(&self.connection))
    }
}

/// A user's id and record; `None` in place of a value that is not text.
pub type Entry = (Option<String>, Option<String>);

impl OldBot {
    /// Connects to the server that the options name.
    pub async fn open(options: &Options) -> Result<Self, OpenError> {
        let server = (&options.url, &options.authorities);
        let observer = OptionalObserver::default();
        Ok(Self(Arc::new(Connection::open(server, COMMAND_LIMIT, observer).await?)))
    }

    /// All users, in no order. A user that changes meanwhile may occur twice. `on_progress` receives the
    /// number of users read.
    pub async fn users(
        &self,
        mut on_progress: impl FnMut(usize),
    ) -> Result<Vec<Entry>, StoreError> {
        let (mut users, mut cursor) = (Vec::new(), CURSOR_START.to_owned());
        loop {
            let page = self.page(cursor, PAGE_SIZE).await.map_err(|error| store_error(&error))?;
            let (next, found) = entries(page)?;
            users.extend(found);
            on_progress(users.len());
            cursor = next;
            if cursor == CURSOR_START {
                return Ok(users);
            }
        }
    }

    /// Whether there is a user that `wanted` accepts, among about the first 10,000. A key of that name that has another
    /// type, or that may not be read, belongs to another program.
    pub async fn has(
        &self,
        wanted: impl Fn(&str, Option<&str>) -> bool,
    ) -> Result<bool, StoreError> {
        let mut cursor = CURSOR_START.to_owned();
        for _ in 0..PROBE_PAGES {
            let page = match self.page(cursor, PROBE_PAGE_SIZE).await {
                Ok(page) => page,
                Err(error) if is_foreign_key(&error) => return Ok(false),
                Err(error) => return Err(store_error(&error)),
            };
            let (next, found) = entries(page)?;
            let ours =
                |(id, json): &Entry| wanted(id.as_deref().unwrap_or_default(), json.as_deref());
            if found.iter().any(ours) {
                return Ok(true);
            }
            cursor = next;
            if cursor == CURSOR_START {
                break;
            }
        }
        Ok(false)
    }

    async fn page(&self, cursor: String, count: usize) -> Result<Value, Error> {
        let mut args = Args::default();
        args.text(USERS).text(cursor).text("COUNT").count(count);
        self.0.command_raw("HSCAN", Operation::Read, args, ATTEMPTS).await
    }

    /// The user of each topic, according to the old bot's index.
    pub async fn owners(&self, topics: &[i64]) -> Result<Vec<Option<String>>, StoreError> {
        let mut owners = Vec::with_capacity(topics.len());
        for some in topics.chunks(PAGE_SIZE) {
            let reads = some.iter().map(|topic| {
                let mut args = Args::default();
                args.text(format!("{USERS}_index_{topic}"));
                self.0.command("GET", Operation::Read, args)
            });
            owners.extend(
                try_join_all(reads).await?.into_iter().map(|one| maybe(one).ok().flatten()),
            );
        }
        Ok(owners)
    }

    /// The number of the last request.
    pub async fn requests(&self) -> Result<Option<String>, StoreError> {
        let mut args = Args::default();
        args.text(COUNTER);
        Ok(maybe(self.0.command("GET", Operation::Read, args).await?).ok().flatten())
    }
}

/// The next cursor, and the users of a page.
fn entries(page: Value) -> Result<(String, Vec<Entry>), StoreError> {
    let (cursor, found) = scan_page(page)?;
    let (mut found, mut users) = (list(found)?.into_iter(), Vec::new());
    while let (Some(id), Some(json)) = (found.next(), found.next()) {
        users.push((maybe(id).ok().flatten(), maybe(json).ok().flatten()));
    }
    Ok((cursor, users))
}

fn is_foreign_key(error: &Error) -> bool {
    ["WRONGTYPE", "NOPERM"].iter().any(|code| error.details().starts_with(code))
}
