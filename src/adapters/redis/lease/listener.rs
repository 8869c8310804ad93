//! Receives the messages of other processes: about updates stored for this process, and about released partitions.
//!
//! A connection on which nothing is sent may die undetected, and fred gives up a subscription that it could not renew.
//! So the listener regularly sends a message to itself, and reconnects if that message does not arrive. Listening only
//! saves time: anything missed is found at the next renewal of a lease.

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

use domain::Partition;

use crate::adapters::redis::{client::observer::Operation, script::arguments::Args};

use super::lease_manager::LeaseManager;

/// Number of messages to itself within the length of a lease.
const SELF_MESSAGES: u32 = 4;
/// Time limit for connecting.
const CONNECT_LIMIT: Duration = Duration::from_secs(8);

/// Prefix of a message to itself.
const SELF_PREFIX: &str = "here ";

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
            let _lost = self.listen_until_lost(&channel).await;
            tokio::time::sleep(self.leases.length / SELF_MESSAGES).await;
        }
    }

    async fn listen_until_lost(&self, channel: &str) -> Result<(), Error> {
        let subscriber = self.connection.subscriber()?;
        let (mut messages, mut reconnects) = (subscriber.message_rx(), subscriber.reconnect_rx());
        let _connected = Connected(subscriber.connect());
        let Ok(connected) =
            tokio::time::timeout(CONNECT_LIMIT, subscriber.wait_for_connect()).await
        else {
            return Ok(());
        };
        connected?;
        subscriber.subscribe(channel).await?;
        let own_message = format!("{SELF_PREFIX}{}", self.leases.token);
        let pause = self.leases.length / SELF_MESSAGES;
        let mut tick = tokio::time::interval_at(Instant::now() + pause, pause);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut expected = false;
        loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Ok(message) => expected &= !self.handle_message(&message, &own_message),
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return Ok(()),
                },
                Ok(_) = reconnects.recv() => subscriber.subscribe(channel).await?,
                _ = tick.tick() => {
                    if expected {
                        return Ok(());
                    }
                    // If this message cannot be sent, its absence says nothing about the listening connection.
                    expected = self.publish(channel, &own_message).await;
                }
            }
        }
    }

    /// Handles a message. Whether it is this process's own.
    fn handle_message(&self, message: &Message, own_message: &str) -> bool {
        let Some(text) = message.value.as_string() else { return false };
        match text.parse::<i64>() {
            Ok(number) if (0..16).contains(&number) => {
                self.leases.report_inbox_update(Partition::of_number(number));
            }
            Err(_) if text.starts_with(SELF_PREFIX) => return text == own_message,
            // Another process has released a partition.
            Ok(_) | Err(_) => self.leases.partition_released.notify_one(),
        }
        false
    }

    async fn publish(&self, channel: &str, text: &str) -> bool {
        let mut args = Args::from(channel);
        args.text(text);
        self.connection.command_raw("PUBLISH", Operation::Upkeep, args, 1).await.is_ok()
    }
}
