//! `support-bot dead`: lists, shows, replays and drops dead letters.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use clap::Subcommand;

use crate::{
    adapters::{codec::effect, sqlite::ReadOnlyStore},
    app::{Reading, open_store},
    config::Settings,
};
use domain::DeadId;
use ports::{Commit, DeadLetter, Origin, Store};

use super::{common::runtime, fields::fields, output::outln};

/// The actions on dead letters.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Lists dead letters, without their contents.
    List,
    /// Shows a dead letter with its contents, which may be private messages.
    Show {
        /// The number of the dead letter, as listed.
        id: i64,
    },
    /// Puts a dead letter back into its queue to be tried again. The desk must be stopped; while it runs, operators
    /// press the button in the topic.
    Replay {
        /// The number of the dead letter, as listed; without it, all of them.
        id: Option<i64>,
    },
    /// Deletes a dead letter for good. The desk must be stopped.
    Drop {
        /// The number of the dead letter, as listed.
        id: i64,
    },
}

/// Dead letters per read.
const PAGE: usize = 100;

pub(super) fn dead(settings: &Settings, action: &Action) -> anyhow::Result<ExitCode> {
    match action {
        Action::List => runtime()?.block_on(list(settings))?,
        Action::Show { id } => runtime()?.block_on(show(settings, DeadId(*id)))?,
        Action::Replay { id } => {
            runtime()?.block_on(change(settings, async |store| replay(store, *id).await))?;
        }
        Action::Drop { id } => {
            runtime()?.block_on(change(settings, async |store| {
                if !store.drop_dead(DeadId(*id)).await? {
                    bail!("there is no dead letter {id}");
                }
                outln!("dropped {id}");
                Ok(())
            }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(settings: &Settings) -> anyhow::Result<()> {
    let reading = Reading::open(settings).await?;
    let mut after = None;
    loop {
        let letters = reading.dead(after, PAGE).await?;
        let Some(last) = letters.last() else { break };
        after = Some(last.id());
        for letter in &letters {
            outln!("{}", summary(letter));
        }
    }
    if after.is_none() {
        outln!("no dead letters");
    }
    Ok(())
}

async fn show(settings: &Settings, id: DeadId) -> anyhow::Result<()> {
    let letter = Reading::open(settings).await?.dead_letter(id).await?;
    let letter = letter.with_context(|| format!("there is no dead letter {id}"))?;
    outln!("{}", summary(&letter));
    match &letter.origin {
        Origin::Update(item) => outln!("{}", item.update.raw),
        Origin::Send(item) => {
            let stored = effect::encode(&item.queued.effect)?;
            outln!("{}", fields(&serde_json::from_str(&stored)?));
        }
    }
    Ok(())
}

fn summary(letter: &DeadLetter) -> String {
    let from = match &letter.origin {
        Origin::Update(item) => format!("update {}", item.update.update),
        Origin::Send(item) => format!("send of conversation {}", item.queued.lane.user),
    };
    format!("{}\t{from}\t{}", letter.id(), letter.reason)
}

async fn replay(store: &dyn Store, id: Option<i64>) -> anyhow::Result<()> {
    let mut ids: Vec<DeadId> = id.map(DeadId).into_iter().collect();
    if let Some(id) = id {
        store
            .dead_letter(DeadId(id))
            .await?
            .with_context(|| format!("there is no dead letter {id}"))?;
    } else {
        let mut after = None;
        loop {
            let page = store.dead(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id());
            ids.extend(page.iter().map(DeadLetter::id));
        }
    }
    store.commit(vec![Commit { retried: ids.clone(), ..Commit::default() }]).await?;
    outln!("put back: {}; tried again when the desk starts", ids.len());
    Ok(())
}

/// Opens the store for a change; fails if a running desk holds it.
async fn change(
    settings: &Settings,
    change: impl AsyncFnOnce(&dyn Store) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if settings.store.redis.is_none() {
        // A folder without a store is a mistake in the settings; do not create a store there.
        ReadOnlyStore::find(&settings.store.folder)?;
    }
    let store = match open_store(settings).await {
        Err(error) if error.is_running() => bail!(
            "the desk is running and holds the store: press \"Try again\" under the notice in the topic, or stop the desk first"
        ),
        store => store?,
    };
    let outcome = change(&*store).await;
    store.close(Duration::from_secs(10)).await?;
    outcome
}
