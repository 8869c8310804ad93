//! The first step: the token, and the bot that it belongs to.

use std::sync::Arc;

use super::terminal::Terminal;
use crate::{
    adapters::telegram::{Discovery, Unobserved},
    app,
    cli::draft::Draft,
    i18n::TerminalText,
};
use domain::Finding;

/// Asks for the token until Telegram knows it.
pub(super) async fn find(terminal: &mut Terminal, draft: &mut Draft) -> anyhow::Result<Discovery> {
    terminal.begin(TerminalText::StepBot);
    loop {
        if draft.has("BOT_TOKEN") {
            terminal.say(TerminalText::FromSettings { name: "BOT_TOKEN" });
        } else if !terminal.is_attended() {
            return Err(terminal.no_answer(TerminalText::NeedsToken).into());
        } else {
            let token = terminal.ask_hidden(TerminalText::AskToken).await?;
            draft.set("BOT_TOKEN", token);
        }
        if !draft.mistakes_in(&["BOT_TOKEN"]).is_empty() {
            terminal.say(TerminalText::TokenMalformed);
            draft.reject("BOT_TOKEN");
            continue;
        }
        let client = app::client(&draft.settings()?, Arc::new(Unobserved))?;
        match Discovery::begin(client).await {
            Ok(discovery) => {
                terminal.say(TerminalText::BotFound { bot: discovery.bot() });
                return Ok(discovery);
            }
            Err(finding) => {
                terminal.report(&finding);
                if finding != Finding::TokenUnknown {
                    anyhow::bail!(terminal.words(TerminalText::Kept));
                }
                draft.reject("BOT_TOKEN");
            }
        }
    }
}
