//! The second step: the operators' group, with topics and rights.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{
    listener::{Heard, Listener},
    one_time_code,
    terminal::Terminal,
};
use crate::{
    adapters::telegram::{InspectedGroup, Sighting},
    cli::draft::Draft,
    i18n::SetupText,
};
use domain::{ChatId, Finding, Grade};

/// Pause between two checks of the group.
const PAUSE: Duration = Duration::from_secs(2);
/// Time in which the code of a link may follow the news that the bot was added.
const CODE_DELAY: Duration = Duration::from_secs(3);
/// Number of groups that are listed at most.
const LISTED: usize = 9;
/// The rights that the link asks for.
const RIGHTS: &str = "manage_topics+delete_messages+pin_messages";

/// Finds the group, and waits until the desk can work in it.
pub(super) async fn find(
    terminal: &mut Terminal,
    draft: &mut Draft,
    listener: &mut Listener,
) -> anyhow::Result<()> {
    terminal.begin(SetupText::StepGroup);
    let known = draft.has("BOT_GROUP_ID") && draft.mistakes_in(&["BOT_GROUP_ID"]).is_empty();
    let mut candidates = Candidates::default();
    let group = if known {
        terminal.say(SetupText::FromSettings { name: "BOT_GROUP_ID" });
        ChatId(draft.settings()?.desk.group)
    } else {
        added(terminal, listener, &mut candidates).await?
    };
    let group = until_ready(terminal, listener, group, &candidates).await?;
    draft.set("BOT_GROUP_ID", group.0.to_string());
    Ok(())
}

/// Waits until the bot is added to a group that somebody at this terminal means.
async fn added(
    terminal: &mut Terminal,
    listener: &mut Listener,
    candidates: &mut Candidates,
) -> anyhow::Result<ChatId> {
    let code = one_time_code::new()?;
    let bot = listener.discovery.bot();
    let invitation = format!("https://t.me/{bot}?startgroup={code}&admin={RIGHTS}");
    terminal.say(SetupText::GroupLink { link: &invitation });
    terminal.say(SetupText::GroupWaiting);
    listener.begin();
    loop {
        let Some(heard) = listener.next_before(terminal, candidates.list_at).await? else {
            candidates.list(terminal);
            continue;
        };
        match heard {
            Heard::Line(line) => match candidates.meant(&line) {
                Some(group) => return Ok(group),
                None => terminal.say(SetupText::GroupNotId),
            },
            Heard::Sightings(sightings) => {
                for sighting in sightings {
                    candidates.follow(terminal, sighting, &code);
                }
                if let Some(Candidate { id, title, .. }) = candidates.invited() {
                    terminal.say(SetupText::GroupFound { title, chat: id.0 });
                    return Ok(*id);
                }
            }
        }
    }
}

/// The groups that the bot is in.
#[derive(Debug, Default)]
struct Candidates {
    all: Vec<Candidate>,
    /// When to list them, if none comes with the code until then.
    list_at: Option<Instant>,
    /// Those of the newest list, by number: a number goes on meaning the group that was shown beside it.
    listed: Vec<ChatId>,
}

#[derive(Debug)]
struct Candidate {
    id: ChatId,
    title: String,
    /// Whether it came with the code of this terminal's link.
    has_code: bool,
}

impl Candidates {
    fn follow(&mut self, terminal: &Terminal, sighting: Sighting, expected: &str) {
        match sighting {
            Sighting::Group { id, title, code } => {
                let has_code = code.as_deref() == Some(expected);
                if let Some(known) = self.all.iter_mut().find(|known| known.id == id) {
                    known.has_code |= has_code;
                    known.title = title;
                } else {
                    self.all.push(Candidate { id, title, has_code });
                    self.list_at = Some(Instant::now() + CODE_DELAY);
                }
            }
            Sighting::Left(id) => {
                if let Some(at) = self.all.iter().position(|candidate| candidate.id == id) {
                    let left = self.all.remove(at);
                    terminal.say(SetupText::GroupLeft { title: &left.title });
                }
            }
            Sighting::Moved { from, to } => {
                for listed in self.listed.iter_mut().filter(|listed| **listed == from) {
                    *listed = to;
                }
                let old = self.all.iter().position(|candidate| candidate.id == from);
                let is_known = self.all.iter().any(|candidate| candidate.id == to);
                match old {
                    Some(at) if is_known => {
                        self.all.remove(at);
                    }
                    Some(at) => self.all[at].id = to,
                    None => {}
                }
            }
            Sighting::Started { .. } => {}
        }
    }

    /// The group that was added by the link of this terminal.
    fn invited(&self) -> Option<&Candidate> {
        self.all.iter().find(|candidate| candidate.has_code)
    }

    /// The group that a line means: by its id, or by its number in the list.
    fn meant(&self, line: &str) -> Option<ChatId> {
        match line.parse::<i64>().ok()? {
            id if id < 0 => Some(ChatId(id)),
            number => self.listed.get(usize::try_from(number).ok()?.checked_sub(1)?).copied(),
        }
    }

    /// Lists the groups. Anybody can add a bot to a group, so one that comes without the code is only taken if somebody
    /// here says so.
    fn list(&mut self, terminal: &Terminal) {
        self.list_at = None;
        if !terminal.is_attended() || self.all.is_empty() {
            return;
        }
        terminal.say(SetupText::GroupsFound);
        for (number, Candidate { id, title, .. }) in (1..).zip(self.all.iter().take(LISTED)) {
            terminal.say(SetupText::GroupListed { number, title, chat: id.0 });
        }
        terminal.say(SetupText::GroupsWhich);
        self.listed = self.all.iter().take(LISTED).map(|candidate| candidate.id).collect();
    }
}

/// Checks the group until the desk can work in it, and follows it to a new id. Another group may be named meanwhile.
async fn until_ready(
    terminal: &mut Terminal,
    listener: &Listener,
    mut group: ChatId,
    candidates: &Candidates,
) -> anyhow::Result<ChatId> {
    // The group whose title has been said.
    let mut named = candidates.invited().map(|candidate| candidate.id);
    let mut told = None;
    loop {
        let InspectedGroup { title, mut findings, moved_to } =
            listener.discovery.inspect(group).await;
        if let Some(to) = moved_to.filter(|to| *to != group) {
            named = named.map(|named| if named == group { to } else { named });
            group = to;
            terminal.say(SetupText::GroupMoved { chat: to.0 });
            continue;
        }
        if let Some(title) = title.filter(|_| named != Some(group)) {
            terminal.say(SetupText::GroupNamed { title: &title, chat: group.0 });
            named = Some(group);
        }
        findings.retain(|finding| finding.grade() != Grade::Ok);
        if findings.is_empty() {
            terminal.say(SetupText::GroupReady);
            return Ok(group);
        }
        let can_work = findings.iter().all(|finding| finding.grade() == Grade::Warn);
        let waits = if can_work { SetupText::GroupWaitsOrSkip } else { SetupText::GroupWaits };
        if told.as_ref() != Some(&findings) {
            for finding in &findings {
                report(terminal, finding, group, listener.discovery.bot());
            }
            terminal.say(waits);
            told = Some(findings);
        }
        if can_work && !terminal.is_attended() {
            return Ok(group);
        }
        tokio::select! {
            line = terminal.line() => {
                let line = line?;
                if line.is_empty() && can_work {
                    return Ok(group);
                }
                if let Some(other) = candidates.meant(&line) {
                    (group, told) = (other, None);
                } else {
                    if !line.is_empty() {
                        terminal.say(SetupText::GroupNotId);
                    }
                    terminal.say(waits);
                }
            }
            () = sleep(PAUSE) => {}
        }
    }
}

/// Says what the check of the group has found.
fn report(terminal: &Terminal, finding: &Finding, group: ChatId, bot: &str) {
    let chat = group.0;
    if let Finding::GroupUnseen { why, .. } = finding {
        terminal.report_as(finding.grade(), SetupText::GroupUnseen { chat, why, bot });
    } else if let Finding::NoGroup { .. } = finding {
        terminal.report_as(finding.grade(), SetupText::GroupOtherKind { chat });
    } else if *finding == Finding::GroupWithoutTopics {
        terminal.say(SetupText::GroupTopics);
    } else {
        terminal.report(finding);
    }
}
