//! One connection to Redis: bounds the time of each command, and repeats those that are safe to repeat.
//!
//! This module does what fred leaves to its users: fred has no time limits by default, repeats commands that may have
//! been done, keeps any number of them in memory, and does not detect a frozen server as long as it is written to.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use fred::{
    clients::{Client, SubscriberClient},
    error::{Error, ErrorKind},
    interfaces::{ClientLike, LuaInterface},
    socket2::TcpKeepalive,
    types::{
        Builder, ClusterHash, ConnectHandle, CustomCommand, Value,
        config::{Config, ReconnectPolicy, ServerConfig},
    },
};
use futures_util::FutureExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{Notify, broadcast::error::RecvError};

use ports::StoreError;

use crate::network::{Authorities, tls};

use crate::adapters::redis::{
    errors::{OpenError, is_denial, is_unanswered, store_error},
    script::{arguments::Args, scripts::Script},
};

use super::observer::{ClusterEvent, Operation, OptionalObserver};

/// Time limit for making a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// Time limit for the first connection, its handshake included.
const FIRST_CONNECT_LIMIT: Duration = Duration::from_secs(8);
/// Limit of commands that wait to be sent.
const BUFFER_LIMIT: usize = 10_000;
/// Number of attempts for a command that was not answered.
pub(in crate::adapters::redis) const ATTEMPTS: u32 = 3;
/// Delay before a command is sent again.
const RETRY_DELAY: Duration = Duration::from_millis(50);
/// Number of consecutive unanswered commands after which the connection counts as dead.
const DEAD_AFTER: u32 = 2;

/// A connection, and the state that detects when it is dead.
#[derive(Debug)]
pub(in crate::adapters::redis) struct Connection {
    client: Client,
    handle: Mutex<ConnectHandle>,
    address: String,
    unanswered: AtomicU32,
    dead: Notify,
    /// The last refusal of the desk's password or user, while there is no connection because of it. fred keeps commands
    /// until they time out, as if Redis did not answer.
    denial: Mutex<Option<Error>>,
    observer: OptionalObserver,
}

/// A request to Redis.
enum Request {
    Script(&'static Script, String, Args),
    Command(&'static str, Args),
}

impl Connection {
    /// Connects to the server at a URL, which with TLS shows a certificate of these authorities or a common one. No
    /// command takes longer than `limit`.
    pub(in crate::adapters::redis) async fn open(
        (url, authorities): (&SecretString, &Authorities),
        limit: Duration,
        observer: OptionalObserver,
    ) -> Result<Self, OpenError> {
        let config = config(url.expose_secret(), authorities)
            .map_err(|error| OpenError::of("the address given", &error))?;
        let address = addresses(&config.server);
        let failed = |error: Error| OpenError::of(&address, &error);
        let client = client(config, limit).map_err(failed)?;
        let first = tokio::time::timeout(FIRST_CONNECT_LIMIT, client.init()).await;
        let timed_out = |_late| Err(Error::new(ErrorKind::Timeout, "no connection"));
        let handle = first.unwrap_or_else(timed_out).map_err(failed)?;
        let handle = Mutex::new(handle);
        let (unanswered, dead) = (AtomicU32::new(0), Notify::new());
        let denial = Mutex::new(None);
        Ok(Self { client, handle, address, unanswered, dead, denial, observer })
    }

    /// A client for a second connection that receives published messages; not connected yet.
    pub(in crate::adapters::redis) fn subscriber(&self) -> Result<SubscriberClient, Error> {
        Builder::from_config(self.client.client_config())
            .set_policy(policy())
            .with_performance_config(|performance| {
                performance.default_command_timeout = CONNECT_LIMIT;
            })
            .with_connection_config(|connection| {
                connection.connection_timeout = CONNECT_LIMIT;
                connection.internal_command_timeout = CONNECT_LIMIT;
            })
            .build_subscriber_client()
    }

    /// Reports an event to the observer.
    pub(in crate::adapters::redis) fn report(&self, event: ClusterEvent) {
        self.observer.cluster_event(event);
    }

    /// The address, without user and password.
    pub(in crate::adapters::redis) fn address(&self) -> &str {
        &self.address
    }

    /// Runs a script on the slot of `key`. A script without an answer is repeated: scripts are idempotent.
    pub(in crate::adapters::redis) async fn script(
        &self,
        script: &'static Script,
        operation: Operation,
        key: String,
        args: Args,
    ) -> Result<Value, StoreError> {
        self.script_raw(script, operation, key, args, ATTEMPTS).await.map_err(|e| store_error(&e))
    }

    /// Like [`Connection::script`], with fred's error, and with at most `attempts` attempts.
    pub(in crate::adapters::redis) async fn script_raw(
        &self,
        script: &'static Script,
        operation: Operation,
        key: String,
        args: Args,
        attempts: u32,
    ) -> Result<Value, Error> {
        self.with_attempts(operation, attempts, &Request::Script(script, key, args)).await
    }

    /// Runs a command that is safe to repeat.
    pub(in crate::adapters::redis) async fn command(
        &self,
        name: &'static str,
        operation: Operation,
        args: Args,
    ) -> Result<Value, StoreError> {
        self.command_raw(name, operation, args, ATTEMPTS).await.map_err(|error| store_error(&error))
    }

    /// Like [`Connection::command`], with fred's error, and with at most `attempts` attempts.
    pub(in crate::adapters::redis) async fn command_raw(
        &self,
        name: &'static str,
        operation: Operation,
        args: Args,
        attempts: u32,
    ) -> Result<Value, Error> {
        self.with_attempts(operation, attempts, &Request::Command(name, args)).await
    }

    async fn with_attempts(
        &self,
        operation: Operation,
        attempts: u32,
        request: &Request,
    ) -> Result<Value, Error> {
        let mut made = 0;
        loop {
            let started = Instant::now();
            let answer = self.attempt(request).await.map_err(|error| self.denial_behind(error));
            self.observer.command_ended(operation, answer.as_ref().err(), started.elapsed());
            self.count_unanswered(&answer);
            made += 1;
            match answer {
                Err(error) if made < attempts && is_unanswered(&error) => {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                answer => return answer,
            }
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Value, Error> {
        match request {
            Request::Script(script, key, args) => {
                let hash = script.hash().to_owned();
                match self.client.evalsha(hash, key.clone(), args.values()).await {
                    // Redis has restarted, or its scripts were flushed.
                    Err(error) if error.details().starts_with("NOSCRIPT") => {
                        self.client.eval(script.source(), key.clone(), args.values()).await
                    }
                    answer => answer,
                }
            }
            Request::Command(name, args) => {
                let command = CustomCommand::new_static(name, ClusterHash::FirstKey, false);
                self.client.custom(command, args.values()).await
            }
        }
    }

    /// The refusal that kept a command from being answered, if there is one; otherwise the error itself.
    fn denial_behind(&self, error: Error) -> Error {
        let denial = self.denial.lock().unwrap_or_else(PoisonError::into_inner);
        denial.clone().filter(|_| is_unanswered(&error)).unwrap_or(error)
    }

    fn set_denial(&self, denial: Option<Error>) {
        *self.denial.lock().unwrap_or_else(PoisonError::into_inner) = denial;
    }

    fn is_denied(&self) -> bool {
        self.denial.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Counts unanswered commands: the only sign of a frozen server, or of a network that drops everything.
    fn count_unanswered(&self, answer: &Result<Value, Error>) {
        match answer {
            Err(error) if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Auth) => {
                if self.unanswered.fetch_add(1, Ordering::Relaxed) + 1 >= DEAD_AFTER {
                    self.dead.notify_one();
                }
            }
            Err(error) if is_unanswered(error) => {}
            Ok(_) => {
                self.unanswered.store(0, Ordering::Relaxed);
                self.set_denial(None);
            }
            Err(_) => self.unanswered.store(0, Ordering::Relaxed),
        }
    }

    /// Reconnects whenever the connection counts as dead. Ends with its task.
    pub(in crate::adapters::redis) async fn replace_dead(&self) {
        loop {
            self.dead.notified().await;
            if self.is_denied() {
                self.observer.denied();
            } else {
                self.observer.reconnecting();
            }
            // fred's own task ends after an unexpected error; without a new one, no command is ever answered again.
            {
                let mut handle = self.handle();
                if handle.is_finished() {
                    *handle = self.client.connect();
                }
            }
            let reconnection = self.client.force_reconnection();
            // If this fails, the next unanswered commands trigger it again.
            let _tried = tokio::time::timeout(FIRST_CONNECT_LIMIT, reconnection).await;
            // Commands that went unanswered meanwhile belong to the old connection.
            self.unanswered.store(0, Ordering::Relaxed);
            let _meanwhile = self.dead.notified().now_or_never();
        }
    }

    /// Reports connections that fred itself makes or loses. Ends with its task.
    pub(in crate::adapters::redis) async fn report_changes(&self) {
        use fred::interfaces::EventInterface as _;
        let (mut lost, mut made) = (self.client.error_rx(), self.client.reconnect_rx());
        loop {
            tokio::select! {
                biased;
                lost = lost.recv() => match lost {
                    Ok((error, _server)) => {
                        self.set_denial(Some(error).filter(is_denial));
                        self.observer.connected(false);
                        if self.is_denied() {
                            self.observer.denied();
                        }
                    }
                    Err(RecvError::Lagged(_)) => self.observer.connected(false),
                    Err(RecvError::Closed) => return,
                },
                made = made.recv() => match made {
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        self.set_denial(None);
                        self.observer.connected(true);
                    }
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }

    fn handle(&self) -> MutexGuard<'_, ConnectHandle> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the connection in order.
    pub(in crate::adapters::redis) async fn close(&self) {
        let quit = tokio::time::timeout(CONNECT_LIMIT, self.client.quit()).await;
        // An error does not matter: the connection is not used again.
        drop(quit);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.handle().abort();
    }
}

/// What a URL says. Its TLS is ours: fred's own trusts only the system's store, and fails where there is none, as in the
/// image.
fn config(url: &str, authorities: &Authorities) -> Result<Config, Error> {
    let (with_tls, rest) = match url.split_at_checked("rediss".len()) {
        Some((scheme, rest)) => (scheme.eq_ignore_ascii_case("rediss"), rest),
        None => (false, url),
    };
    if !with_tls {
        return Config::from_url(url);
    }
    let mut config = Config::from_url(&format!("redis{rest}"))?;
    let tls = tls(authorities).map_err(|error| Error::new(ErrorKind::Tls, error.to_string()))?;
    config.tls = Some(tls.into());
    Ok(config)
}

fn client(mut config: Config, limit: Duration) -> Result<Client, Error> {
    // The first connection must report its failure; later ones are retried until they succeed.
    config.fail_fast = true;
    Builder::from_config(config)
        .with_performance_config(|performance| performance.default_command_timeout = limit)
        .with_connection_config(|connection| {
            connection.connection_timeout = CONNECT_LIMIT;
            connection.internal_command_timeout = CONNECT_LIMIT;
            // A command that was sent may have taken effect: only callers know whether it is safe to repeat.
            connection.max_command_attempts = 1;
            // No redirections: a command for a slot that is moving fails and is repeated later. The other node has only
            // some of the keys, and fred can mistake the answer to another command for the answer to `ASKING`. fred
            // still learns the new node of a moved slot.
            connection.max_redirections = 0;
            connection.max_command_buffer_len = BUFFER_LIMIT;
            connection.reconnect_on_auth_error = true;
            connection.tcp.nodelay = Some(true);
            let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(15));
            connection.tcp.keepalive = Some(keepalive);
        })
        .set_policy(policy())
        .build()
}

/// Retries a connection until it succeeds.
fn policy() -> ReconnectPolicy {
    ReconnectPolicy::new_exponential(0, 50, 2_000, 2)
}

/// The addresses of the servers, without user and password.
fn addresses(server: &ServerConfig) -> String {
    server
        .hosts()
        .iter()
        .map(|host| format!("{}:{}", host.host, host.port))
        .collect::<Vec<_>>()
        .join(", ")
}
