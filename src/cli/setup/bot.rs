//! The first step: the token, and the bot that it belongs to.

use std::sync::Arc;

use super::terminal::Terminal;
use crate::{
    adapters::telegram::{Discovery, Unobserved},
    app,
    cli::draft::Draft,
    i18n::SetupText,
};
use domain::Finding;

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
        match Discovery::begin(client).await {
            Ok(discovery) => {
                terminal.say(SetupText::BotFound { bot: discovery.bot() });
                return Ok(discovery);
            }
            Err(finding) => {
                if finding != Finding::TokenUnknown {
                    if let Finding::Unreachable { why } = &finding {
                        terminal.report_as(finding.grade(), SetupText::Unreachable { why });
                    } else {
                        terminal.report(&finding);
                    }
                    anyhow::bail!(terminal.words(SetupText::Kept));
                }
                terminal.report_as(finding.grade(), SetupText::TokenUnknown);
                draft.reject("BOT_TOKEN");
            }
        }
    }
}
