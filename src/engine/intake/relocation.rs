//! Asks Telegram for the group's new id after an update says that the group has moved.
//!
//! Invariant: the desk accepts a new id only from Telegram's answer that refuses the present one. Anyone who has the
//! webhook's secret can forge an update, so an update is a reason to ask and nothing more.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use crate::{
    engine::Desk,
    telemetry::{StoreOperation, owner},
};
use domain::{ChatId, GroupKey};
use ports::{Commit, Messenger, SendError};

/// Minimum delay between two questions, however many updates give a reason to ask.
const PAUSE: Duration = Duration::from_secs(15);

/// The loop that asks Telegram.
#[derive(Debug)]
pub struct Relocation {
    desk: Arc<Desk>,
    messenger: Arc<dyn Messenger>,
}

impl Relocation {
    /// Creates the loop for this desk.
    pub fn new(desk: Arc<Desk>, messenger: Arc<dyn Messenger>) -> Self {
        Self { desk, messenger }
    }

    /// Runs until `intake` is cancelled.
    pub async fn run(self, intake: CancellationToken) {
        tokio::select! {
            () = intake.cancelled() => {}
            () = self.ask_after_updates() => {}
        }
    }

    async fn ask_after_updates(&self) {
        let mut suspected = self.desk.said_to_have_moved.subscribe();
        while suspected.changed().await.is_ok() {
            // A move causes an update in the old chat and another in the new one. The second adds nothing.
            let Some((group, from)) = *suspected.borrow_and_update() else { continue };
            while self.desk.groups().chat(group) == from {
                let answered = self.ask(group, from).await;
                tokio::time::sleep(PAUSE).await;
                if answered {
                    break;
                }
            }
        }
    }

    /// Asks Telegram. Returns whether it has answered.
    async fn ask(&self, group: GroupKey, from: ChatId) -> bool {
        let Self { desk, messenger } = self;
        match messenger.has_topics(from).await {
            Err(SendError::Migrated(to)) if to != from => {
                let moved = Some(desk.groups.move_of(group, to, desk.now()));
                let moved = Commit { group: moved, ..Commit::default() };
                let write = || desk.store.commit(vec![moved.clone()]);
                desk.until_stored(StoreOperation::Commit, write).await;
                desk.group_moved(group, to);
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
