//! The first step: the token, and the bot that it belongs to.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::terminal::{NoAnswer, Terminal};
use crate::{
    adapters::telegram::{Client, Discovery, Unobserved},
    app,
    cli::draft::Draft,
    i18n::SetupText,
};
use domain::Finding;

/// Pause between two tries to reach Telegram.
const PAUSE: Duration = Duration::from_secs(3);

/// Asks for the token until Telegram knows it.
pub(super) async fn find(terminal: &mut Terminal, draft: &mut Draft) -> anyhow::Result<Discovery> {
    terminal.begin(SetupText::StepBot);
    loop {
        if draft.has("BOT_TOKEN") {
            terminal.say(SetupText::FromSettings { name: "BOT_TOKEN" });
        } else if !terminal.is_attended() {
            return Err(terminal.no_answer(SetupText::NeedsToken).into());
        } else {
            let token = terminal.ask_hidden(SetupText::AskToken).await?;
            draft.set("BOT_TOKEN", token);
        }
        if !draft.mistakes_in(&["BOT_TOKEN"]).is_empty() {
            terminal.say(SetupText::TokenMalformed);
            draft.reject("BOT_TOKEN");
            continue;
        }
        let client = app::client(&draft.settings()?, Arc::new(Unobserved))?;
        if let Some(discovery) = reached(terminal, client).await? {
            terminal.say(SetupText::BotFound { bot: discovery.bot() });
            return Ok(discovery);
        }
        terminal.report_as(Finding::TokenUnknown.grade(), SetupText::TokenUnknown);
        draft.reject("BOT_TOKEN");
    }
}

/// Waits until Telegram answers; `None` if it does not know the token. If nobody is there, one try must do.
async fn reached(terminal: &mut Terminal, client: Client) -> Result<Option<Discovery>, NoAnswer> {
    let mut told = None;
    loop {
        let finding = match Discovery::begin(client.clone()).await {
            Ok(discovery) => return Ok(Some(discovery)),
            Err(Finding::TokenUnknown) => return Ok(None),
            Err(finding) => finding,
        };
        if !terminal.is_attended() {
            return Err(terminal.failure(&finding));
        }
        if told.as_ref() != Some(&finding) {
            terminal.report(&finding);
            if told.is_none() {
                terminal.say(SetupText::BotWaits);
            }
            told = Some(finding);
        }
        tokio::select! {
            line = terminal.line() => drop(line?),
            () = sleep(PAUSE) => {}
        }
    }
}
