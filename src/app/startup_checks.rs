//! The startup check: whether the desk can work.

use std::time::Duration;

use tracing::{info, warn};

use crate::{
    adapters::telegram::{BotProfile, Client, Inspected, inspect},
    config::Settings,
    i18n::Texts,
    telemetry::{Metrics, Probe, Readiness, events, owner},
};
use domain::{Backoff, ChatId, Check, Finding, Grade, Language, UserId};
use ports::Clock;

use super::StartError;

/// A group moves once in its life; a server that reports more moves than this is not followed.
const MOVES_FOLLOWED: u32 = 5;

/// Back-off while Telegram cannot be reached.
const BACKOFF: Backoff = Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(15) };

/// Runs the same checks as `doctor`. Fails if the desk cannot work, and logs warnings otherwise. Returns the bot's
/// identity and the current id of the operators' group.
pub(super) async fn fit(
    client: &Client,
    mut group: ChatId,
    settings: &Settings,
    (metrics, readiness): (&Metrics, &Readiness),
    (clock, texts): (&dyn Clock, &Texts),
) -> Result<(BotProfile, ChatId), StartError> {
    let owned_by = i64::try_from(settings.desk.owner).ok().map(UserId);
    let mut failures = 0;
    let mut moves = 0;
    let own = settings.webhook.as_ref().map(|webhook| &webhook.url);
    loop {
        let Inspected { findings, bot, moved_to } =
            inspect(client, group, owned_by, own, clock).await;
        if let Some(to) = moved_to.filter(|to| *to != group) {
            owner::group_moved(metrics, group.0, to.0);
            group = to;
            moves += 1;
            if moves > MOVES_FOLLOWED {
                return Err(StartError::Unfit(
                    "the operators' group has moved too often".to_owned(),
                ));
            }
            continue;
        }
        let bad =
            |found: &&Finding| found.check() == Check::Connection && found.grade() == Grade::Fail;
        if let Some(found) = findings.iter().find(bad) {
            let (what, _) = texts.finding(found, Language::English);
            readiness.unready(Probe::Telegram, &what);
            events::unreachable(metrics, &what);
            tokio::time::sleep(BACKOFF.delay(failures)).await;
            failures += 1;
            continue;
        }
        // Moot if the desk sets its own webhook anyway.
        let moot = |found: &&Finding| own.is_some() && found.check() == Check::Webhook;
        for found in findings.iter().filter(|found| found.grade() == Grade::Warn && !moot(found)) {
            warn!(check = ?found.check(), what = %in_words(found, texts), "the desk works, but not as well as it could");
        }
        // Not a problem, but worth a log line.
        for found in findings.iter().filter(|found| **found == Finding::PrivateTopics) {
            info!(check = ?found.check(), what = %in_words(found, texts), "the bot is allowed more than a desk needs");
        }
        let failures = findings.iter().filter(|found| found.grade() == Grade::Fail);
        let failures: Vec<String> = failures.map(|found| in_words(found, texts)).collect();
        return match bot {
            Some(bot) if failures.is_empty() => {
                readiness.ready(Probe::Group);
                // The first long poll of a quiet desk lasts for half a minute: what Telegram has answered now counts.
                readiness.ready(Probe::Telegram);
                Ok((bot, group))
            }
            _ => Err(StartError::Unfit(failures.join("\n"))),
        };
    }
}

/// The text for the log, which is in English.
fn in_words(found: &Finding, texts: &Texts) -> String {
    match texts.finding(found, Language::English) {
        (what, Some(remedy)) => format!("{what} {remedy}"),
        (what, None) => what,
    }
}
