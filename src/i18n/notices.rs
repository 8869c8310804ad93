//! Renders notices to the owner.

use super::{
    html,
    phrase::{Argument, Phrase},
    texts::Texts,
    words,
};
use domain::{ChatId, Language, Millis, Need, Notice, Panic};

impl Texts {
    /// The notice as Telegram's HTML, with the number of suppressed notices of the same kind.
    pub fn notice(&self, notice: &Notice, kept_back: u32, language: Language) -> String {
        let say = |phrase: &Phrase| self.fill(phrase, language, html::escape);
        let words = say(&Phrase::of_notice(notice));
        if kept_back == 0 {
            return words;
        }
        format!("{words}\n\n{}", say(&Phrase::of_kept_back(kept_back)))
    }
}

impl Phrase {
    pub(super) fn of_notice(notice: &Notice) -> Self {
        let (id, arguments) = match notice {
            Notice::Crashed(panic) => ("owner-crashed", place_of(panic)),
            Notice::Panicked(panic) => ("owner-panicked", place_of(panic)),
            Notice::Ended { began, task } => {
                ("owner-ended", vec![("task", code(task)), ("moment", moment(*began))])
            }
            Notice::Killed { began } => ("owner-killed", vec![("moment", moment(*began))]),
            Notice::MonitoringSilent { since } => {
                ("owner-monitoring-silent", vec![("time", time(*since))])
            }
            Notice::MonitoringBack { at } => ("owner-monitoring-back", vec![("time", time(*at))]),
            Notice::Begun { need, since } => (begun(*need), vec![("moment", moment(*since))]),
            Notice::Over { need, at } => (over(*need), vec![("moment", moment(*at))]),
            Notice::GivenUp { count } => {
                ("owner-given-up", vec![("count", Argument::Count(*count))])
            }
            Notice::GroupMoved { from, to } => {
                ("owner-group-moved", vec![("from", id(*from)), ("to", id(*to))])
            }
            Notice::Damaged => ("owner-damaged", Vec::new()),
        };
        Self { id, arguments }
    }

    pub(super) fn of_kept_back(count: u32) -> Self {
        Self { id: "owner-kept-back", arguments: vec![("kept", Argument::Count(count))] }
    }
}

fn begun(need: Need) -> &'static str {
    match need {
        Need::Store => "owner-store-begun",
        Need::Group => "owner-group-begun",
        Need::Token => "owner-token-begun",
        Need::Webhook => "owner-webhook-begun",
        Need::Backup => "owner-backup-begun",
        Need::Disk => "owner-disk-begun",
        Need::Tracker => "owner-tracker-begun",
        Need::Stuck => "owner-stuck-begun",
    }
}

fn over(need: Need) -> &'static str {
    match need {
        Need::Store => "owner-store-over",
        Need::Group => "owner-group-over",
        Need::Token => "owner-token-over",
        Need::Webhook => "owner-webhook-over",
        Need::Backup => "owner-backup-over",
        Need::Disk => "owner-disk-over",
        Need::Tracker => "owner-tracker-over",
        Need::Stuck => "owner-stuck-over",
    }
}

fn place_of(panic: &Panic) -> Vec<(&'static str, Argument)> {
    let Panic { line, task, at, file } = panic;
    vec![("place", code(line)), ("task", code(task)), ("moment", moment(*at)), ("file", code(file))]
}

fn id(chat: ChatId) -> Argument {
    Argument::Foreign(chat.0.to_string())
}

fn moment(at: Millis) -> Argument {
    Argument::Foreign(at.written())
}

fn time(at: Millis) -> Argument {
    Argument::Foreign(at.time())
}

/// A name from our own code, of bounded length.
fn code(name: &str) -> Argument {
    Argument::Foreign(words::name(name).unwrap_or_else(|| "?".to_owned()))
}
