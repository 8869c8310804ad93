//! The startup checks: whether the desk can work.

use std::time::Duration;

use tracing::{info, warn};

use crate::{
    adapters::telegram::{BotProfile, Client, Inspected, inspect},
    config::Settings,
    i18n::Texts,
    telemetry::{Metrics, Probe, Readiness, events, owner},
};
use domain::{Backoff, ChatId, Check, Finding, Grade, Language};
use ports::Clock;

use super::{StartError, settings};

/// A group migrates once in its life; a server that reports more migrations than this is not followed.
const MAX_MIGRATIONS: u32 = 5;
/// Back-off of the checks while Telegram cannot be reached.
const BACKOFF: Backoff = Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(15) };

/// The same checks as those of `doctor`, and where their results are shown.
pub(super) struct StartupChecks<'a> {
    pub(super) client: &'a Client,
    pub(super) settings: &'a Settings,
    pub(super) metrics: &'a Metrics,
    pub(super) readiness: &'a Readiness,
    pub(super) clock: &'a dyn Clock,
    pub(super) texts: &'a Texts,
}

impl StartupChecks<'_> {
    /// Runs the checks until Telegram can be reached, and follows the operators' group if it has migrated. Fails if
    /// the desk cannot work, and logs warnings otherwise. Returns the bot's identity and the group's current id.
    pub(super) async fn run(&self, mut group: ChatId) -> Result<(BotProfile, ChatId), StartError> {
        let owner = settings::roles(self.settings).owner;
        let webhook = self.settings.webhook.as_ref().map(|webhook| &webhook.url);
        let (mut failures, mut migrations) = (0, 0);
        loop {
            let Inspected { findings, bot, moved_to } =
                inspect(self.client, Some(group), Some(owner), webhook, self.clock).await;
            if let Some(to) = moved_to.filter(|to| *to != group) {
                owner::group_moved(self.metrics, group.0, to.0);
                group = to;
                migrations += 1;
                if migrations > MAX_MIGRATIONS {
                    let why = "the operators' group has moved too often";
                    return Err(StartError::Unfit(why.to_owned()));
                }
                continue;
            }
            if let Some(unreachable) = findings.iter().find(|finding| is_unreachable(finding)) {
                let (what, _) = self.texts.finding(unreachable, Language::English);
                self.readiness.unready(Probe::Telegram, &what);
                events::unreachable(self.metrics, &self.text(unreachable));
                tokio::time::sleep(BACKOFF.delay(failures)).await;
                failures += 1;
                continue;
            }
            return Ok((self.evaluate(&findings, bot)?, group));
        }
    }

    /// Fails if a check has failed, and logs what deserves attention.
    fn evaluate(
        &self,
        findings: &[Finding],
        bot: Option<BotProfile>,
    ) -> Result<BotProfile, StartError> {
        // The desk sets its own webhook anyway, or removes one that prevents polling, and says so.
        let is_moot = |finding: &Finding| finding.check() == Check::Webhook;
        let warnings = findings.iter().filter(|finding| finding.grade() == Grade::Warn);
        for finding in warnings.filter(|finding| !is_moot(finding)) {
            warn!(check = ?finding.check(), what = %self.text(finding), "the desk works, but not as well as it could");
        }
        // Not a problem, but worth a log line.
        for finding in findings.iter().filter(|finding| **finding == Finding::PrivateTopics) {
            info!(check = ?finding.check(), what = %self.text(finding), "the bot is allowed more than a desk needs");
        }
        let failures = findings.iter().filter(|finding| finding.grade() == Grade::Fail);
        let failures: Vec<String> = failures.map(|finding| self.text(finding)).collect();
        match bot {
            Some(bot) if failures.is_empty() => {
                self.readiness.ready(Probe::Group);
                // The first long poll of a quiet desk lasts for half a minute: what Telegram has answered now counts.
                self.readiness.ready(Probe::Telegram);
                Ok(bot)
            }
            Some(_) | None => Err(StartError::Unfit(failures.join("\n"))),
        }
    }

    /// The text for the log, which is in English.
    fn text(&self, finding: &Finding) -> String {
        match self.texts.finding(finding, Language::English) {
            (what, Some(remedy)) => format!("{what} {remedy}"),
            (what, None) => what,
        }
    }
}

/// Whether Telegram cannot be reached, so that the checks must be repeated.
fn is_unreachable(finding: &Finding) -> bool {
    finding.check() == Check::Connection && finding.grade() == Grade::Fail
}
