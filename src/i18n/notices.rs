//! Renders notices to the owner.

use super::{
    html,
    phrase::{Argument, Phrase},
    sanitize,
    texts::Texts,
};
use domain::{ChatId, Incident, Language, Millis, Notice, Panic};

impl Texts {
    /// The notice as Telegram's HTML, with the number of suppressed notices of the same kind.
    pub fn notice(&self, notice: &Notice, suppressed: u32, language: Language) -> String {
        let say = |phrase: &Phrase| self.fill(phrase, language, html::escape);
        let words = say(&Phrase::notice(notice));
        if suppressed == 0 {
            return words;
        }
        format!("{words}\n\n{}", say(&Phrase::suppressed(suppressed)))
    }
}

impl Phrase {
    pub(super) fn notice(notice: &Notice) -> Self {
        let (id, arguments) = match notice {
            Notice::Crashed(panic) => ("owner-crashed", place_of(panic)),
            Notice::Panicked(panic) => ("owner-panicked", place_of(panic)),
            Notice::Ended { began, task } => {
                ("owner-ended", vec![("task", code(task)), ("moment", moment(*began))])
            }
            Notice::StoodStill { task, at, file } => (
                "owner-stood-still",
                vec![("task", code(task)), ("moment", moment(*at)), ("file", code(file))],
            ),
            Notice::Killed { began } => ("owner-killed", vec![("moment", moment(*began))]),
            Notice::MonitoringSilent { since } => {
                ("owner-monitoring-silent", vec![("time", time(*since))])
            }
            Notice::MonitoringBack { at } => ("owner-monitoring-back", vec![("time", time(*at))]),
            Notice::Begun { need, since } => (begun(*need), vec![("moment", moment(*since))]),
            Notice::StoreDenies { since } => {
                ("owner-store-denies", vec![("moment", moment(*since))])
            }
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

    pub(super) fn suppressed(count: u32) -> Self {
        Self { id: "owner-kept-back", arguments: vec![("kept", Argument::Count(count))] }
    }
}

fn begun(need: Incident) -> &'static str {
    match need {
        Incident::Store => "owner-store-begun",
        Incident::Group => "owner-group-begun",
        Incident::Token => "owner-token-begun",
        Incident::Webhook => "owner-webhook-begun",
        Incident::Backup => "owner-backup-begun",
        Incident::Disk => "owner-disk-begun",
        Incident::Tracker => "owner-tracker-begun",
        Incident::Stuck => "owner-stuck-begun",
        Incident::Limit => "owner-limit-begun",
        Incident::Alerts => "owner-alerts-begun",
    }
}

fn over(need: Incident) -> &'static str {
    match need {
        Incident::Store => "owner-store-over",
        Incident::Group => "owner-group-over",
        Incident::Token => "owner-token-over",
        Incident::Webhook => "owner-webhook-over",
        Incident::Backup => "owner-backup-over",
        Incident::Disk => "owner-disk-over",
        Incident::Tracker => "owner-tracker-over",
        Incident::Stuck => "owner-stuck-over",
        Incident::Limit => "owner-limit-over",
        Incident::Alerts => "owner-alerts-over",
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
    Argument::Moment(at)
}

fn time(at: Millis) -> Argument {
    Argument::Foreign(at.time())
}

/// A name from our own code, of bounded length.
fn code(name: &str) -> Argument {
    Argument::Foreign(sanitize::name(name).unwrap_or_else(|| "?".to_owned()))
}
