//! The checks themselves.

use std::sync::Arc;

use crate::{
    adapters::{
        telegram::{Unobserved, inspect},
        tgtrack::{TgTrack, TgTrackError},
        welcome::WelcomeFile,
    },
    app::{self, Reading, open_store},
    cli::{common::runtime, draft::Draft, healthcheck::reachable},
    config::{self, Settings},
    i18n::{DoctorText, Texts},
};
use domain::{ChatId, Finding, Grade, UserId};
use ports::{Clock as _, SystemClock};

use super::{limit_use::limit_used, report::Report};

/// Time limit for closing the store, which was only opened to be tried.
const CLOSE_LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// Checks everything that the settings allow to be checked.
pub(super) fn run(report: &mut Report, settings: &Settings, draft: &Draft) -> anyhow::Result<()> {
    let own_texts = Texts::load(settings.texts.folder.as_deref());
    let own_texts = own_texts.map(|texts| report.speak(texts));
    let runtime = runtime()?;
    if draft.has("BOT_TOKEN") {
        runtime.block_on(telegram(report, settings, draft))?;
    }
    let running = reachable(settings.ops.address);
    if let Some(used) = runtime.block_on(limit_used(running, SystemClock.now())) {
        report.find(&Finding::LimitUsed(used));
    }
    runtime.block_on(store(report, settings));
    if runtime.block_on(old_users_wait(settings)) {
        report.say("import", Grade::Fail, DoctorText::ImportFirst);
    }
    match own_texts {
        Ok(()) => report.say("texts", Grade::Ok, DoctorText::TextsOk),
        Err(mistakes) => {
            let why = mistakes.to_string();
            report.say("texts", Grade::Fail, DoctorText::TextsFail { why: &why });
        }
    }
    if let Some(file) = &settings.texts.welcome {
        match WelcomeFile::load(file, None) {
            Ok(_) => report.say("welcome", Grade::Ok, DoctorText::WelcomeOk),
            Err(mistakes) => {
                let why = mistakes.to_string();
                report.say("welcome", Grade::Fail, DoctorText::WelcomeFail { why: &why });
            }
        }
    }
    runtime.block_on(tracker(report, settings));
    Ok(())
}

/// Everything at Telegram. A group or owner that is not known is left out: its mistake has been reported.
async fn telegram(report: &mut Report, settings: &Settings, draft: &Draft) -> anyhow::Result<()> {
    let client = app::client(settings, Arc::new(Unobserved))?;
    let group = draft.has("BOT_GROUP_ID").then_some(ChatId(settings.desk.group));
    let owner = i64::try_from(settings.desk.owner).ok().map(UserId);
    let owner = owner.filter(|_| draft.has("BOT_DEV_ID"));
    let webhook = settings.webhook.as_ref().map(|webhook| &webhook.url);
    let inspected = inspect(&client, group, owner, webhook, &SystemClock).await;
    for finding in &inspected.findings {
        report.find(finding);
    }
    Ok(())
}

/// Whether the store can be written. If a running desk holds it, that is proof enough.
async fn store(report: &mut Report, settings: &Settings) {
    let folder = settings.store.folder.display().to_string();
    let in_redis = settings.store.redis.is_some();
    let place = if in_redis { "Redis" } else { folder.as_str() };
    let failed = |why: &str, report: &mut Report| {
        let text =
            if in_redis { DoctorText::RedisFails { why } } else { DoctorText::FolderFails { why } };
        report.say("store", Grade::Fail, text);
    };
    let found = match open_store(settings).await {
        Ok(store) => {
            let probe = store.probe().await;
            if let Err(error) = probe.and(store.close(CLOSE_LIMIT).await) {
                return failed(&error.to_string(), report);
            }
            DoctorText::StoreOk { place }
        }
        Err(error) if error.is_running() => DoctorText::StoreInUse,
        Err(error) => {
            let why = error.to_string();
            return report.say("store", Grade::Fail, DoctorText::StoreClosed { why: &why });
        }
    };
    let risks = risks(settings).await.join("\n");
    if risks.is_empty() {
        report.say("store", Grade::Ok, found);
    } else {
        report.say("store", Grade::Warn, DoctorText::StoreRisks { why: &risks });
    }
}

/// Whether the tracker can be reached. The desk works without it.
async fn tracker(report: &mut Report, settings: &Settings) {
    let Some(config::TgTrack { url, key }) = &settings.tgtrack else { return };
    let tracker = app::network(settings)
        .map_err(|_unusable| TgTrackError::Http)
        .and_then(|network| TgTrack::new(url, key, &network));
    let reached = match tracker {
        Ok(tracker) => tracker.reach().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match reached {
        Ok(()) => report.say("tgtrack", Grade::Ok, DoctorText::TrackerOk),
        Err(why) => {
            report.say("tgtrack", Grade::Warn, DoctorText::TrackerFail { why: &why });
        }
    }
}

/// Whether users of the old bot must be imported first. If the store cannot be read, the check of the store reports
/// it.
async fn old_users_wait(settings: &Settings) -> bool {
    match Reading::open(settings).await {
        Ok(reading) => reading.old_users_wait(settings, &SystemClock).await.unwrap_or(false),
        Err(_) => false,
    }
}

/// How the Redis that holds the store could lose data, unless the settings accept that.
async fn risks(settings: &Settings) -> Vec<String> {
    if settings.store.redis.as_ref().is_none_or(|redis| redis.accept_loss) {
        return Vec::new();
    }
    match Reading::open(settings).await {
        Ok(Reading::Redis(redis)) => {
            let risks = redis.health().await.map(|health| health.risks());
            risks.unwrap_or_default().iter().map(ToString::to_string).collect()
        }
        Ok(Reading::Sqlite(_)) | Err(_) => Vec::new(),
    }
}
