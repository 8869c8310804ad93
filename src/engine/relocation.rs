//! Asks Telegram whether the operators' group has another id, when an update says so.
//!
//! Invariant: the group moves only to the id that Telegram names when it refuses the present one. Anyone who has the
//! webhook's secret can forge an update, so what one says is a reason to ask, and nothing more.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::telemetry::{StoreOperation, owner};
use domain::ChatId;
use ports::{Commit, Messenger, SendError, Store};

use super::Desk;

/// Delay between two questions, no matter how many updates give a reason to ask.
const PAUSE: Duration = Duration::from_secs(15);

/// The loop that asks Telegram.
#[derive(Debug)]
pub struct Relocation<S, M> {
    desk: Arc<Desk<S, M>>,
}

impl<S: Store, M: Messenger> Relocation<S, M> {
    /// Creates it for this desk's group.
    pub fn new(desk: Arc<Desk<S, M>>) -> Self {
        Self { desk }
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(self, intake: CancellationToken) {
        tokio::select! {
            () = intake.cancelled() => {}
            () = self.ask_whenever_told() => {}
        }
    }

    async fn ask_whenever_told(&self) {
        let mut said = self.desk.said_to_have_moved.subscribe();
        while said.changed().await.is_ok() {
            // An update arrives for each end of a move; the second brings nothing new.
            let told = *said.borrow_and_update();
            while told == Some(self.desk.group()) {
                let answered = self.ask(self.desk.group()).await;
                tokio::time::sleep(PAUSE).await;
                if answered {
                    break;
                }
            }
        }
    }

    /// Asks Telegram. Returns whether it has answered.
    async fn ask(&self, group: ChatId) -> bool {
        let Self { desk } = self;
        match desk.messenger.has_topics(group).await {
            Err(SendError::Migrated(to)) if to != group => {
                let moved = Commit { group: Some(desk.group_move(to)), ..Commit::default() };
                let write = || desk.store.commit(vec![moved.clone()]);
                desk.until_stored(StoreOperation::Commit, write).await;
                desk.group_moved(to);
                true
            }
            Err(SendError::Unavailable { .. } | SendError::Throttled(_)) => false,
            Ok(_) | Err(_) => {
                owner::group_has_not_moved();
                true
            }
        }
    }
}
