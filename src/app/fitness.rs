//! Whether the desk can work, asked before it opens.

use std::time::Duration;

use tracing::warn;

use crate::{
    adapters::telegram::{BotProfile, Check, Client, Finding, Inspected, Verdict, inspect},
    config::Settings,
    domain::{ChatId, UserId},
    ports::Clock,
    telemetry::{Metrics, Probe, Readiness, events},
};

use super::StartError;

/// A group moves once in its life; a server that says more is not followed for ever.
const MOVES_FOLLOWED: u32 = 5;

/// Checks whether the desk can work, as `doctor` does: fails on what cannot, warns of the rest. Returns who the bot
/// is, and the id that the operators' group has now.
pub(super) async fn fit(
    client: &Client,
    mut group: ChatId,
    settings: &Settings,
    (metrics, readiness): (&Metrics, &Readiness),
    clock: &dyn Clock,
) -> Result<(BotProfile, ChatId), StartError> {
    let owner = i64::try_from(settings.desk.owner).ok().map(UserId);
    let mut pause = Duration::from_millis(500);
    let mut moves = 0;
    let own = settings.webhook.as_ref().map(|webhook| &webhook.url);
    loop {
        let Inspected { findings, bot, moved_to } = inspect(client, group, owner, own, clock).await;
        if let Some(to) = moved_to.filter(|to| *to != group) {
            warn!(
                group = to.0,
                "the operators' group moved while the desk was closed; following it"
            );
            group = to;
            moves += 1;
            if moves > MOVES_FOLLOWED {
                return Err(StartError::Unfit("the operators' group moves on and on".to_owned()));
            }
            continue;
        }
        let bad =
            |found: &&Finding| found.check == Check::Connection && found.verdict == Verdict::Fail;
        if let Some(found) = findings.iter().find(bad) {
            readiness.unready(Probe::Telegram, &found.what);
            events::unreachable(metrics, &found.what);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(15));
            continue;
        }
        // A webhook of the desk's own is set at once.
        let moot = |found: &&Finding| own.is_some() && found.check == Check::Webhook;
        for found in findings.iter().filter(|found| found.verdict == Verdict::Warn && !moot(found))
        {
            warn!(check = ?found.check, what = %in_words(found), "the desk works, but not as well as it could");
        }
        let failures: Vec<String> =
            findings.iter().filter(|found| found.verdict == Verdict::Fail).map(in_words).collect();
        return match bot {
            Some(bot) if failures.is_empty() => {
                readiness.ready(Probe::Group);
                Ok((bot, group))
            }
            _ => Err(StartError::Unfit(failures.join("\n"))),
        };
    }
}

fn in_words(found: &Finding) -> String {
    match &found.click {
        Some(click) => format!("{}: {}", found.what, click),
        None => found.what.clone(),
    }
}
