//! The fourth step: how updates arrive, where the store is, and the languages.

use super::{
    options::{Options, StoreKind},
    terminal::Terminal,
};
use crate::{
    cli::{draft::Draft, exit::UsageError},
    i18n::SetupText,
};
use domain::Language;

/// Settings that say where Redis is.
const REDIS: [&str; 2] = ["REDIS_URL", "REDIS_HOST"];

/// Asks for what is neither set nor given by an option.
pub(super) async fn make(
    terminal: &mut Terminal,
    draft: &mut Draft,
    options: &Options,
) -> anyhow::Result<()> {
    terminal.begin(SetupText::StepSettings);
    updates(terminal, draft, options).await?;
    store(terminal, draft, options).await?;
    let code = terminal.language.code();
    let choices = default_first(terminal.language);
    for (name, given, question) in [
        (
            "OPERATORS_LANGUAGE",
            options.operators_language,
            SetupText::AskOperatorsLanguage { code },
        ),
        ("DEFAULT_LANGUAGE", options.default_language, SetupText::AskDefaultLanguage { code }),
    ] {
        if let Some(language) = given {
            draft.set(name, language.code());
        } else if draft.has(name) {
            terminal.say(SetupText::FromSettings { name });
        } else if terminal.is_attended() {
            draft.set(name, terminal.choose(question, &choices).await?);
        } else {
            draft.set(name, code);
        }
    }
    Ok(())
}

/// Takes the address of the webhook from the options. Fails if it cannot be used.
pub(super) fn take_webhook(draft: &mut Draft, options: &Options) -> anyhow::Result<()> {
    let Some(url) = &options.webhook else { return Ok(()) };
    draft.set("WEBHOOK_ENABLED", "true");
    draft.set("WEBHOOK_URL", url.as_str());
    if let Some(mistake) = draft.mistakes_in(&["WEBHOOK_URL"]).first() {
        return Err(UsageError(format!("--webhook: {mistake}")).into());
    }
    Ok(())
}

/// The languages to choose from, each once. The first is the default.
fn default_first(default: Language) -> Vec<(&'static str, &'static str)> {
    let others = Language::ALL.into_iter().filter(|language| *language != default);
    [default].into_iter().chain(others).map(|language| (language.code(), language.code())).collect()
}

async fn updates(
    terminal: &mut Terminal,
    draft: &mut Draft,
    options: &Options,
) -> anyhow::Result<()> {
    if options.webhook.is_some() {
        return Ok(());
    }
    if draft.has("WEBHOOK_ENABLED") {
        terminal.say(SetupText::FromSettings { name: "WEBHOOK_ENABLED" });
        return Ok(());
    }
    let choices = [("1", false), ("2", true)];
    let wants_webhook =
        terminal.is_attended() && terminal.choose(SetupText::AskUpdates, &choices).await?;
    if !wants_webhook {
        return Ok(());
    }
    draft.set("WEBHOOK_ENABLED", "true");
    loop {
        let answer = terminal.ask(SetupText::AskWebhookUrl).await?;
        draft.set("WEBHOOK_URL", answer);
        if accepted(terminal, draft, "WEBHOOK_URL") {
            return Ok(());
        }
    }
}

async fn store(
    terminal: &mut Terminal,
    draft: &mut Draft,
    options: &Options,
) -> anyhow::Result<()> {
    let in_redis = REDIS.into_iter().find(|name| draft.has(name));
    let kind = match (options.store, in_redis) {
        (Some(StoreKind::Sqlite), Some(name)) => {
            anyhow::bail!("--store sqlite contradicts {name}, which is set: remove {name} first")
        }
        (_, Some(name)) => {
            terminal.say(SetupText::FromSettings { name });
            return Ok(());
        }
        (Some(kind), None) => kind,
        (None, None) if terminal.is_attended() => {
            let choices = [("1", StoreKind::Sqlite), ("2", StoreKind::Redis)];
            terminal.choose(SetupText::AskStore, &choices).await?
        }
        (None, None) => StoreKind::Sqlite,
    };
    if kind == StoreKind::Sqlite {
        return Ok(());
    }
    if !terminal.is_attended() {
        return Err(terminal.no_answer(SetupText::NeedsRedisUrl).into());
    }
    loop {
        let url = terminal.ask_hidden(SetupText::AskRedisUrl).await?;
        draft.set("REDIS_URL", url);
        if accepted(terminal, draft, "REDIS_URL") {
            return Ok(());
        }
    }
}

/// Whether an answer can be used. If not, says why and forgets it.
fn accepted(terminal: &Terminal, draft: &mut Draft, name: &'static str) -> bool {
    let mistakes = draft.mistakes_in(&[name]);
    for mistake in &mistakes {
        terminal.say_mistake(mistake);
    }
    if !mistakes.is_empty() {
        draft.reject(name);
    }
    mistakes.is_empty()
}
