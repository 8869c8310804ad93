//! The third step: the owner, who is whoever brings back the code of this terminal.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    listener::{Heard, Listener},
    one_time_code,
    terminal::Terminal,
};
use crate::cli::draft::Draft;
use crate::{adapters::telegram::Sighting, i18n::SetupText};
use domain::{Finding, Grade, UserId};

/// Pause between two tries to reach the owner.
const PAUSE: Duration = Duration::from_secs(2);

/// Finds the owner, and waits until the bot can write to them.
pub(super) async fn find(
    terminal: &mut Terminal,
    draft: &mut Draft,
    listener: &mut Listener,
) -> anyhow::Result<()> {
    terminal.begin(SetupText::StepOwner);
    let known = draft.has("BOT_DEV_ID") && draft.mistakes_in(&["BOT_DEV_ID"]).is_empty();
    if known {
        terminal.say(SetupText::FromSettings { name: "BOT_DEV_ID" });
    } else {
        let owner = started(terminal, draft, listener).await?;
        draft.set("BOT_DEV_ID", owner.0.to_string());
    }
    until_reached(terminal, draft, listener).await
}

/// Waits until somebody presses Start with the code, or an id is typed.
async fn started(
    terminal: &mut Terminal,
    draft: &mut Draft,
    listener: &mut Listener,
) -> anyhow::Result<UserId> {
    let expected = one_time_code::new()?;
    let invitation = format!("https://t.me/{}?start={expected}", listener.discovery.bot());
    terminal.say(SetupText::OwnerLink { link: &invitation });
    terminal.say(SetupText::OwnerWaiting);
    listener.begin();
    loop {
        match listener.next(terminal).await? {
            Heard::Line(line) => {
                if typed(terminal, draft, &line) {
                    return Ok(UserId(line.parse()?));
                }
            }
            Heard::Sightings(sightings) => {
                for sighting in sightings {
                    if let Sighting::Started { user, name, code } = sighting
                        && code == expected
                    {
                        terminal.say(SetupText::OwnerFound { name: &name, user: user.0 });
                        return Ok(user);
                    }
                }
            }
        }
    }
}

/// Takes an id that was typed. Returns whether it can be one; if not, says so.
fn typed(terminal: &Terminal, draft: &mut Draft, line: &str) -> bool {
    draft.set("BOT_DEV_ID", line);
    let is_id = draft.mistakes_in(&["BOT_DEV_ID"]).is_empty();
    if !is_id {
        draft.reject("BOT_DEV_ID");
        terminal.say(SetupText::OwnerNotId);
    }
    is_id
}

/// Waits until the bot can write to the owner. Another id may be typed meanwhile.
async fn until_reached(
    terminal: &mut Terminal,
    draft: &mut Draft,
    listener: &Listener,
) -> anyhow::Result<()> {
    let mut told = None;
    loop {
        let owner = UserId(i64::try_from(draft.settings()?.desk.owner)?);
        let finding = listener.discovery.reach(owner).await;
        if finding.grade() == Grade::Ok {
            terminal.report(&finding);
            return Ok(());
        }
        if told.as_ref() != Some(&(owner, finding.clone())) {
            if finding == Finding::OwnerUnreached {
                let bot = listener.discovery.bot();
                let text = SetupText::OwnerUnreached { user: owner.0, bot };
                terminal.report_as(finding.grade(), text);
            } else {
                terminal.report(&finding);
            }
            terminal.say(SetupText::OwnerWaits);
            told = Some((owner, finding));
        }
        tokio::select! {
            line = terminal.line() => {
                let line = line?;
                if line.is_empty() {
                    terminal.say(SetupText::OwnerWaits);
                } else if !typed(terminal, draft, &line) {
                    draft.set("BOT_DEV_ID", owner.0.to_string());
                }
            }
            () = sleep(PAUSE) => {}
        }
    }
}
