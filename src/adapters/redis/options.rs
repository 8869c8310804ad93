//! The settings of the store.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use secrecy::SecretString;

use crate::network::Authorities;

use super::{
    client::{
        connection::Connection,
        observer::{CommandObserver, OptionalObserver},
        startup_checks::check_version,
    },
    errors::OpenError,
};

/// Settings of the store.
#[derive(Debug, Clone)]
pub struct Options {
    /// The URL of Redis: `redis://`, `rediss://`, `redis-sentinel://` or `redis-cluster://`.
    pub url: SecretString,
    /// Authorities that may have signed the server's certificate, besides the common ones. They count only with TLS.
    pub authorities: Authorities,
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
            authorities: Authorities::default(),
            prefix: "support-bot".to_owned(),
            cached: NonZeroUsize::MIN.saturating_add(8_191),
            command_limit: Duration::from_millis(2_500),
            lease: Duration::from_secs(8),
            token: None,
            dead: Vec::new(),
            maintenance: false,
            observer: None,
        }
    }

    /// Connects to a server that is recent enough.
    pub(super) async fn connect(&self) -> Result<Arc<Connection>, OpenError> {
        let observer = OptionalObserver(self.observer.clone());
        let server = (&self.url, &self.authorities);
        let connection = Connection::open(server, self.command_limit, observer).await?;
        check_version(&connection).await?;
        Ok(Arc::new(connection))
    }
}
