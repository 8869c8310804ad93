//! Receives the messages of other processes: about updates stored for this process, and about released partitions.
//!
//! A connection on which nothing is sent may die undetected, and fred gives up a subscription that it could not renew.
//! So the listener regularly sends a message to itself, and reconnects if that message does not arrive. Listening only
//! saves time: anything missed is found at the next renewal of a lease.

use domain::Partition;
use std::time::Duration;

use fred::{
    error::Error,
    interfaces::{ClientLike as _, EventInterface as _, PubsubInterface as _},
    types::{ConnectHandle, Message},
};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior},
};

use crate::adapters::redis::{client::observer::Operation, script::arguments::Args};

use super::lease_manager::LeaseManager;

/// Number of messages to itself within the length of a lease.
const WORDS: u32 = 4;
/// Time limit for connecting.
const LIMIT: Duration = Duration::from_secs(8);

/// Prefix of a message to itself.
const HERE: &str = "here ";

/// A connection that closes when it is dropped.
struct Connected(ConnectHandle);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl LeaseManager {
    /// Listens on `channel`. Ends with its task.
    pub(in crate::adapters::redis) async fn listen(&self, channel: String) {
        loop {
            // An error does not matter: the next connection may succeed.
            let _deaf = self.listen_until_deaf(&channel).await;
            tokio::time::sleep(self.leases.length / WORDS).await;
        }
    }

    async fn listen_until_deaf(&self, channel: &str) -> Result<(), Error> {
        let subscriber = self.connection.subscriber()?;
        let (mut heard, mut made) = (subscriber.message_rx(), subscriber.reconnect_rx());
        let _connected = Connected(subscriber.connect());
        let Ok(connected) = tokio::time::timeout(LIMIT, subscriber.wait_for_connect()).await else {
            return Ok(());
        };
        connected?;
        subscriber.subscribe(channel).await?;
        let own = format!("{HERE}{}", self.leases.token);
        let pause = self.leases.length / WORDS;
        let mut tick = tokio::time::interval_at(Instant::now() + pause, pause);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut expected = false;
        loop {
            tokio::select! {
                message = heard.recv() => match message {
                    Ok(message) => expected &= !self.hear(&message, &own),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Ok(()),
                },
                Ok(_) = made.recv() => subscriber.subscribe(channel).await?,
                _ = tick.tick() => {
                    if expected {
                        return Ok(());
                    }
                    // If this message cannot be sent, its absence says nothing about the listening connection.
                    expected = self.say(channel, &own).await;
                }
            }
        }
    }

    /// Handles a message. Whether it is this process's own.
    fn hear(&self, message: &Message, own: &str) -> bool {
        let Some(word) = message.value.as_string() else { return false };
        match word.parse::<i64>() {
            Ok(number) if (0..16).contains(&number) => {
                self.leases.arrived(Partition::of_number(number));
            }
            Err(_) if word.starts_with(HERE) => return word == own,
            // Another process has released a partition.
            Ok(_) | Err(_) => self.leases.nudge.notify_one(),
        }
        false
    }

    async fn say(&self, channel: &str, word: &str) -> bool {
        let mut args = Args::from(channel);
        args.text(word);
        self.connection.command_raw("PUBLISH", Operation::Upkeep, args, 1).await.is_ok()
    }
}
