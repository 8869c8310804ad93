//! `support-bot doctor`: what is well, what is not, and what to click.

use std::{process::ExitCode, sync::Arc};

use crate::{
    adapters::{
        sqlite::{self, OpenError, SqliteStore},
        telegram::{Finding, Unobserved, Verdict, inspect},
    },
    app,
    config::Settings,
    domain::{ChatId, UserId},
    i18n::Texts,
    ports::{Store as _, SystemClock},
};

/// Checks everything; fails if the desk cannot work.
pub(super) fn doctor(settings: &Settings) -> anyhow::Result<ExitCode> {
    let client = app::client(settings, Arc::new(Unobserved))?;
    let owner = i64::try_from(settings.desk.owner).ok().map(UserId);
    let runtime = super::runtime()?;
    let (group, webhook) = (ChatId(settings.desk.group), settings.webhook.as_ref());
    let own = webhook.map(|webhook| &webhook.url);
    let inspected = runtime.block_on(inspect(&client, group, owner, own, &SystemClock));
    let mut worst = Verdict::Ok;
    for Finding { verdict, what, click, .. } in inspected.findings {
        report(verdict, &what, click.as_deref());
        worst = worst.max(verdict);
    }
    let (verdict, what, click) = runtime.block_on(store(settings));
    report(verdict, &what, click);
    worst = worst.max(verdict);
    match Texts::load(settings.texts.folder.as_deref()) {
        Ok(_) => report(Verdict::Ok, "the texts can be used", None),
        Err(mistakes) => {
            report(
                Verdict::Fail,
                &format!("the texts in TEXTS_DIR have mistakes:\n{mistakes}"),
                None,
            );
            worst = Verdict::Fail;
        }
    }
    println!(
        "{}",
        match worst {
            Verdict::Ok => "All is well.",
            Verdict::Warn => "The desk works, but not as well as it could.",
            Verdict::Fail => "The desk cannot work yet.",
        }
    );
    Ok(if worst == Verdict::Fail { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn report(verdict: Verdict, what: &str, click: Option<&str>) {
    let mark = match verdict {
        Verdict::Ok => "ok  ",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
    };
    println!("{mark}  {what}");
    if let Some(click) = click {
        println!("      -> {click}");
    }
}

/// Whether the store can be written. A running desk holds it, which is proof enough.
async fn store(settings: &Settings) -> (Verdict, String, Option<&'static str>) {
    let folder = &settings.store.folder;
    let options = sqlite::Options { maintenance: true, ..sqlite::Options::default() };
    let store = match SqliteStore::open(folder, &options) {
        Ok(store) => store,
        Err(OpenError::Running(_)) => {
            return (Verdict::Ok, "the store is in use by the running desk".to_owned(), None);
        }
        Err(error) => return (Verdict::Fail, error.to_string(), None),
    };
    let probe = store.probe().await;
    let closed = store.close(std::time::Duration::from_secs(10)).await;
    match probe.and(closed) {
        Ok(()) => (Verdict::Ok, format!("the store in {} can be written", folder.display()), None),
        Err(error) => {
            (Verdict::Fail, error.to_string(), Some("make room, or choose another DATA_DIR"))
        }
    }
}
