//! `support-bot doctor`: checks what the desk depends on, and says how to fix what fails.

use std::{process::ExitCode, sync::Arc};

use crate::{
    adapters::{
        telegram::{Unobserved, inspect},
        tgtrack::{TgTrack, TgTrackError},
        welcome::WelcomeFile,
    },
    app::{self, IMPORT_FIRST, OLD_USERS, Reading, open_store},
    config::{self, Settings},
    i18n::Texts,
};
use domain::{ChatId, Finding, Grade, Language, UserId};
use ports::{Clock as _, SystemClock};

use super::{common::runtime, healthcheck, limit_use::limit_used};

/// Runs all checks; fails if the desk cannot work.
pub(super) fn doctor(settings: &Settings) -> anyhow::Result<ExitCode> {
    let client = app::client(settings, Arc::new(Unobserved))?;
    let owner = i64::try_from(settings.desk.owner).ok().map(UserId);
    let runtime = runtime()?;
    let (group, webhook) = (ChatId(settings.desk.group), settings.webhook.as_ref());
    let own = webhook.map(|webhook| &webhook.url);
    let inspected = runtime.block_on(inspect(&client, group, owner, own, &SystemClock));
    let (own_texts, built_in) = (Texts::load(settings.texts.folder.as_deref()), Texts::load(None)?);
    let words = own_texts.as_ref().unwrap_or(&built_in);
    let mut worst = Grade::Ok;
    let running = healthcheck::reachable(settings.ops.address);
    let used = runtime.block_on(limit_used(running, SystemClock.now())).map(Finding::LimitUsed);
    for finding in inspected.findings.into_iter().chain(used) {
        let (what, remedy) = words.finding(&finding, Language::English);
        report(finding.grade(), &what, remedy.as_deref());
        worst = worst.max(finding.grade());
    }
    let (grade, what, remedy) = runtime.block_on(store(settings));
    report(grade, &what, remedy);
    worst = worst.max(grade);
    if runtime.block_on(old_users_wait(settings)) {
        report(Grade::Fail, OLD_USERS, Some(IMPORT_FIRST));
        worst = Grade::Fail;
    }
    match own_texts {
        Ok(_) => report(Grade::Ok, "the texts can be used", None),
        Err(mistakes) => {
            report(
                Grade::Fail,
                &format!("the texts in TEXTS_DIR have mistakes:\n{mistakes}"),
                None,
            );
            worst = Grade::Fail;
        }
    }
    if let Some(file) = &settings.texts.welcome {
        match WelcomeFile::load(file, None) {
            Ok(_) => report(Grade::Ok, "the welcome can be played", None),
            Err(mistakes) => {
                let what = format!("the welcome in WELCOME_FILE has mistakes:\n{mistakes}");
                report(Grade::Fail, &what, None);
                worst = Grade::Fail;
            }
        }
    }
    if let Some((grade, what, remedy)) = runtime.block_on(tracker(settings)) {
        report(grade, &what, remedy);
        worst = worst.max(grade);
    }
    println!(
        "{}",
        match worst {
            Grade::Ok => "All is well.",
            Grade::Warn => "The desk works, but not as well as it could.",
            Grade::Fail => "The desk cannot work yet.",
        }
    );
    Ok(if worst == Grade::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report(grade: Grade, what: &str, remedy: Option<&str>) {
    let mark = match grade {
        Grade::Ok => "ok  ",
        Grade::Warn => "warn",
        Grade::Fail => "FAIL",
    };
    println!("{mark}  {what}");
    if let Some(remedy) = remedy {
        println!("      -> {remedy}");
    }
}

/// Whether the store can be written. If a running desk holds it, that is proof enough.
async fn store(settings: &Settings) -> (Grade, String, Option<&'static str>) {
    let (place, remedy) = match &settings.store.redis {
        Some(_) => ("the store in Redis".to_owned(), "check the log of Redis"),
        None => (
            format!("the store in {}", settings.store.folder.display()),
            "free some space, or choose another DATA_DIR",
        ),
    };
    let found = match open_store(settings).await {
        Ok(store) => {
            let probe = store.probe().await;
            let closed = store.close(std::time::Duration::from_secs(10)).await;
            match probe.and(closed) {
                Ok(()) => format!("{place} can be written"),
                Err(error) => return (Grade::Fail, error.to_string(), Some(remedy)),
            }
        }
        Err(error) if error.is_running() => "the store is in use by the running desk".to_owned(),
        Err(error) => return (Grade::Fail, error.to_string(), None),
    };
    let risks = risks(settings).await;
    if risks.is_empty() {
        (Grade::Ok, found, None)
    } else {
        let remedy = "if what is stored may be lost, set REDIS_ACCEPT_LOSS=true";
        (Grade::Warn, risks.join("\n      "), Some(remedy))
    }
}

/// Whether the tracker can be reached. The desk works without it.
async fn tracker(settings: &Settings) -> Option<(Grade, String, Option<&'static str>)> {
    let config::TgTrack { url, key } = settings.tgtrack.as_ref()?;
    let reached = match app::network(settings)
        .map_err(|_unusable| TgTrackError::Http)
        .and_then(|network| TgTrack::new(url, key, &network))
    {
        Ok(tracker) => tracker.reach().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    Some(match reached {
        Ok(()) => (Grade::Ok, "TGTrack can be reached".to_owned(), None),
        Err(why) => {
            let remedy =
                "check TGTRACK_URL and this machine's outgoing connections; reports wait for a day";
            (Grade::Warn, format!("TGTrack cannot be reached: {why}"), Some(remedy))
        }
    })
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
