//! The second step: the operators' group, with topics and rights.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    listener::{Heard, Listener},
    one_time_code,
    terminal::{NoAnswer, Terminal},
};
use crate::{
    adapters::telegram::{InspectedGroup, Sighting},
    cli::draft::Draft,
    i18n::TerminalText,
};
use domain::{ChatId, Finding, Grade};

/// Pause between two checks of the group.
const PAUSE: Duration = Duration::from_secs(2);
/// The rights that the link asks for.
const RIGHTS: &str = "manage_topics+delete_messages+pin_messages";

/// Finds the group, and waits until the desk can work in it.
pub(super) async fn find(
    terminal: &mut Terminal,
    draft: &mut Draft,
    listener: &mut Listener,
) -> anyhow::Result<()> {
    terminal.begin(TerminalText::StepGroup);
    let known = draft.has("BOT_GROUP_ID") && draft.mistakes_in(&["BOT_GROUP_ID"]).is_empty();
    let group = if known {
        terminal.say(TerminalText::FromSettings { name: "BOT_GROUP_ID" });
        ChatId(draft.settings()?.desk.group)
    } else {
        added(terminal, listener).await?
    };
    let group = until_ready(terminal, listener, group).await?;
    draft.set("BOT_GROUP_ID", group.0.to_string());
    Ok(())
}

/// Waits until the bot is added to a group that somebody at this terminal means.
async fn added(terminal: &mut Terminal, listener: &mut Listener) -> anyhow::Result<ChatId> {
    let code = one_time_code::new()?;
    let bot = listener.discovery.bot();
    let invitation = format!("https://t.me/{bot}?startgroup={code}&admin={RIGHTS}");
    terminal.say(TerminalText::GroupLink { link: &invitation });
    terminal.say(TerminalText::GroupWaiting);
    let mut candidates = Candidates::default();
    loop {
        match listener.next(terminal).await? {
            Heard::Line(line) => match line.parse() {
                Ok(id) if id < 0 => return Ok(ChatId(id)),
                Ok(_) | Err(_) => terminal.say(TerminalText::GroupNotId),
            },
            Heard::Sightings(sightings) => {
                for sighting in sightings {
                    candidates.follow(terminal, sighting, &code);
                }
                if let Some(group) = candidates.choose(terminal).await? {
                    return Ok(group);
                }
            }
        }
    }
}

/// The groups that the bot is in.
#[derive(Debug, Default)]
struct Candidates(Vec<Candidate>);

#[derive(Debug)]
struct Candidate {
    id: ChatId,
    title: String,
    /// Whether it came with the code of this terminal's link.
    has_code: bool,
    /// Whether somebody at this terminal said that it is another group.
    is_refused: bool,
}

impl Candidates {
    fn follow(&mut self, terminal: &Terminal, sighting: Sighting, expected: &str) {
        match sighting {
            Sighting::Group { id, title, code } => {
                let has_code = code.as_deref() == Some(expected);
                match self.0.iter_mut().find(|candidate| candidate.id == id) {
                    Some(candidate) => {
                        candidate.has_code |= has_code;
                        candidate.title = title;
                    }
                    None => {
                        self.0.push(Candidate { id, title, has_code, is_refused: false });
                    }
                }
            }
            Sighting::Left(id) => {
                if let Some(at) = self.0.iter().position(|candidate| candidate.id == id) {
                    let left = self.0.remove(at);
                    terminal.say(TerminalText::GroupLeft { title: &left.title });
                }
            }
            Sighting::Moved { from, to } => {
                let old = self.0.iter().position(|candidate| candidate.id == from);
                let is_known = self.0.iter().any(|candidate| candidate.id == to);
                match old {
                    Some(at) if is_known => {
                        self.0.remove(at);
                    }
                    Some(at) => self.0[at].id = to,
                    None => {}
                }
            }
            Sighting::Started { .. } => {}
        }
    }

    /// The group that is meant. Anybody can add a bot to a group, so one that comes without the code is only taken if
    /// somebody here says so.
    async fn choose(&mut self, terminal: &mut Terminal) -> Result<Option<ChatId>, NoAnswer> {
        for candidate in &mut self.0 {
            let (title, chat) = (candidate.title.as_str(), candidate.id.0);
            if candidate.has_code {
                terminal.say(TerminalText::GroupFound { title, chat });
                return Ok(Some(candidate.id));
            }
        }
        for candidate in self.0.iter_mut().filter(|candidate| !candidate.is_refused) {
            if !terminal.is_attended() {
                continue;
            }
            let (title, chat) = (candidate.title.as_str(), candidate.id.0);
            if terminal.confirm(TerminalText::AskGroup { title, chat }).await? {
                return Ok(Some(candidate.id));
            }
            candidate.is_refused = true;
        }
        Ok(None)
    }
}

/// Checks the group until the desk can work in it, and follows it to a new id.
async fn until_ready(
    terminal: &mut Terminal,
    listener: &Listener,
    mut group: ChatId,
) -> anyhow::Result<ChatId> {
    let mut told = Vec::new();
    loop {
        let InspectedGroup { mut findings, moved_to, .. } = listener.discovery.inspect(group).await;
        if let Some(to) = moved_to.filter(|to| *to != group) {
            group = to;
            terminal.say(TerminalText::GroupMoved { chat: to.0 });
            continue;
        }
        findings.retain(|finding| finding.grade() != Grade::Ok);
        if findings.is_empty() {
            terminal.say(TerminalText::GroupReady);
            return Ok(group);
        }
        let can_work = findings.iter().all(|finding| finding.grade() == Grade::Warn);
        if findings != told {
            for finding in &findings {
                if *finding == Finding::GroupWithoutTopics {
                    terminal.say(TerminalText::GroupTopics);
                } else {
                    terminal.report(finding);
                }
            }
            terminal.say(if can_work {
                TerminalText::GroupWaitsOrSkip
            } else {
                TerminalText::GroupWaits
            });
            told = findings;
        }
        if can_work && !terminal.is_attended() {
            return Ok(group);
        }
        tokio::select! {
            line = terminal.line() => {
                let line = line?;
                if let Some(id) = line.parse().ok().filter(|id: &i64| *id < 0) {
                    group = ChatId(id);
                } else if can_work {
                    return Ok(group);
                }
            }
            () = sleep(PAUSE) => {}
        }
    }
}
