//! What the bot in Python keeps in its Redis: only read.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use secrecy::SecretString;

use ports::StoreError;

use super::{
    OpenError,
    connection::Connection,
    errors::corrupt,
    observer::{Observers, Operation},
    values::{Args, list, maybe, text},
};

const USERS: &str = "users";
const COUNTER: &str = "request_id_counter";
/// So many users are asked for at once.
const PAGE: usize = 200;
const LIMIT: Duration = Duration::from_secs(10);

/// The Redis of the old bot.
#[derive(Debug)]
pub struct OldBot(Arc<Connection>);

/// What stands under an id: text, unless it is none.
pub type Entry = (Option<String>, Option<String>);

impl OldBot {
    /// Connects.
    pub async fn open(url: &SecretString) -> Result<Self, OpenError> {
        Ok(Self(Arc::new(Connection::open(url, LIMIT, Observers::default()).await?)))
    }

    /// All users, in no order; one that changes meanwhile may be there twice.
    pub async fn users(&self) -> Result<Vec<Entry>, StoreError> {
        let (mut users, mut cursor) = (Vec::new(), "0".to_owned());
        loop {
            let mut args = Args::default();
            args.text(USERS).text(cursor).text("COUNT").count(PAGE);
            let answer = list(self.0.command("HSCAN", Operation::Read, args).await?)?;
            let mut answer = answer.into_iter();
            let mut field =
                || answer.next().ok_or_else(|| corrupt("an answer of Redis is cut off"));
            cursor = text(field()?)?;
            let mut found = list(field()?)?.into_iter();
            while let (Some(id), Some(json)) = (found.next(), found.next()) {
                users.push((maybe(id).ok().flatten(), maybe(json).ok().flatten()));
            }
            if cursor == "0" {
                return Ok(users);
            }
        }
    }

    /// Whose each of these topics is, as its index says.
    pub async fn owners(&self, topics: &[i64]) -> Result<Vec<Option<String>>, StoreError> {
        let mut owners = Vec::with_capacity(topics.len());
        for some in topics.chunks(PAGE) {
            let asked = some.iter().map(|topic| {
                let mut args = Args::default();
                args.text(format!("{USERS}_index_{topic}"));
                self.0.command("GET", Operation::Read, args)
            });
            owners.extend(
                try_join_all(asked).await?.into_iter().map(|one| maybe(one).ok().flatten()),
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
