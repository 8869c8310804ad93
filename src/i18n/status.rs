//! Renders the status report of the desk.

use std::time::Duration;

use super::{
    findings, html,
    phrase::{Argument, Phrase},
    texts::Texts,
};
use domain::{
    Alerts, Backups, Class, Firing, Language, Millis, Part, PartitionSet, Room, Status, Stored,
    Waiting,
};

impl Texts {
    /// The status report as Telegram's HTML.
    pub fn status(&self, status: &Status, language: Language) -> String {
        let lines = Phrase::status(status);
        let said = lines.iter().map(|phrase| self.fill(phrase, language, html::escape));
        said.collect::<Vec<_>>().join("\n")
    }
}

impl Phrase {
    /// The lines of the report.
    pub(super) fn status(status: &Status) -> Vec<Self> {
        let Status {
            at,
            version,
            uptime,
            in_redis,
            troubles,
            work,
            stored,
            parts,
            tracking,
            limits,
            backups,
            alerts,
        } = status;
        let mut lines = vec![Self {
            id: "desk-head",
            arguments: vec![
                ("version", Argument::Foreign((*version).to_owned())),
                ("uptime", Argument::Age(*uptime)),
            ],
        }];
        lines.push(plain(if *in_redis { "desk-in-redis" } else { "desk-in-file" }));
        if troubles.is_empty() {
            lines.push(plain("desk-well"));
        }
        lines.extend(troubles.iter().map(|(part, since)| {
            let id = match part {
                Part::Store => "desk-store-down",
                Part::Telegram => "desk-telegram-down",
                Part::Group => "desk-group-down",
            };
            Self { id, arguments: vec![("age", Argument::Age(*since))] }
        }));
        lines.extend(firing(alerts));
        lines.push(waiting(&work.inbox, *at, "desk-inbox", "desk-inbox-empty"));
        lines.extend(outbox(&work.outbox, *at));
        lines.extend(room(limits.overall, "desk-overall-left", "desk-overall-frozen"));
        lines.extend(room(limits.group, "desk-group-left", "desk-group-frozen"));
        lines.extend(work.limit_used.map(|used| {
            let arguments = findings::limit_used(used);
            Self { id: "desk-group-used", arguments }
        }));
        if *tracking {
            let reports = &work.outbox[Class::Track as usize];
            lines.push(waiting(reports, *at, "desk-tracker", "desk-tracker-empty"));
        }
        match stored {
            Some(Stored { conversations, dead }) => {
                lines.push(waiting(conversations, *at, "desk-waiting", "desk-waiting-none"));
                lines.push(match dead {
                    0 => plain("desk-dead-none"),
                    _ => Self { id: "desk-dead", arguments: vec![("count", count(*dead))] },
                });
            }
            None => lines.push(plain("desk-stored-unknown")),
        }
        lines.extend(backup(backups, *at));
        if *in_redis {
            lines.push(Self { id: "desk-parts", arguments: vec![("parts", numbers(*parts))] });
        }
        lines
    }
}

/// The firing alerts, if Alertmanager is set up. At most `NAMED` of them by name.
fn firing(alerts: &Alerts) -> Vec<Phrase> {
    const NAMED: usize = 10;
    let alerts = match alerts {
        Alerts::Unasked => return Vec::new(),
        Alerts::Unknown => return vec![plain("desk-alerts-unknown")],
        Alerts::Firing(alerts) if alerts.is_empty() => return vec![plain("desk-alerts-none")],
        Alerts::Firing(alerts) => alerts,
    };
    let named = alerts.iter().take(NAMED).map(|Firing { name, critical }| Phrase {
        id: if *critical { "desk-alert-critical" } else { "desk-alert-warning" },
        arguments: vec![("alert", Argument::Foreign(name.chars().take(64).collect()))],
    });
    let more = alerts.len().saturating_sub(NAMED);
    let more = (more > 0)
        .then(|| Phrase { id: "desk-alerts-more", arguments: vec![("count", count(more as u64))] });
    named.chain(more).collect()
}

/// The free slots of a rate limit, or how long it is frozen.
fn room(room: Option<Room>, left: &'static str, frozen: &'static str) -> Option<Phrase> {
    Some(match room? {
        Room::Left { left: free, of } => {
            Phrase { id: left, arguments: vec![("left", count(free)), ("of", count(of))] }
        }
        Room::Frozen(wait) => Phrase { id: frozen, arguments: vec![("age", Argument::Age(wait))] },
    })
}

/// The age of the last good backup, and whether a later one failed.
fn backup(backups: &Backups, now: Millis) -> Vec<Phrase> {
    let failing = backups.failing.then(|| plain("desk-backup-failed"));
    let last = backups.last.map_or_else(
        || plain("desk-backup-none"),
        |last| Phrase { id: "desk-backup", arguments: vec![("age", age(Some(last), now))] },
    );
    failing.into_iter().chain([last]).collect()
}

fn plain(id: &'static str) -> Phrase {
    Phrase { id, arguments: Vec::new() }
}

fn waiting(waiting: &Waiting, now: Millis, some: &'static str, none: &'static str) -> Phrase {
    if waiting.count == 0 {
        return plain(none);
    }
    let arguments = vec![("count", count(waiting.count)), ("age", age(waiting.oldest, now))];
    Phrase { id: some, arguments }
}

/// A line for each class with sends waiting for Telegram.
fn outbox(classes: &[Waiting; Class::ALL.len()], now: Millis) -> Vec<Phrase> {
    let busy = Class::ALL.into_iter().zip(classes).filter(|(_, waiting)| waiting.count > 0);
    let busy = busy.filter_map(|(class, waiting)| Some((name(class)?, waiting)));
    let line = |(name, waiting): (&'static str, &Waiting)| Phrase {
        id: "desk-outbox",
        arguments: vec![
            ("class", Argument::Ours(vec![name])),
            ("count", count(waiting.count)),
            ("age", age(waiting.oldest, now)),
        ],
    };
    let lines: Vec<Phrase> = busy.map(line).collect();
    if lines.is_empty() { vec![plain("desk-outbox-empty")] } else { lines }
}

/// The name of a class; `None` for reports to the tracker, which have their own line.
fn name(class: Class) -> Option<&'static str> {
    Some(match class {
        Class::Button => "desk-class-button",
        Class::ToUser => "desk-class-to-user",
        Class::Urgent => "desk-class-urgent",
        Class::Known => "desk-class-known",
        Class::Opening => "desk-class-opening",
        Class::Stranger => "desk-class-stranger",
        Class::Notice => "desk-class-notice",
        Class::Cosmetic => "desk-class-cosmetic",
        Class::Newsletter => "desk-class-newsletter",
        Class::Track => return None,
    })
}

fn count(count: u64) -> Argument {
    Argument::Count(u32::try_from(count).unwrap_or(u32::MAX))
}

fn age(oldest: Option<Millis>, now: Millis) -> Argument {
    Argument::Age(oldest.map_or(Duration::ZERO, |oldest| now.since(oldest)))
}

/// The numbers of all partitions, without ranges: there are 16 at most.
fn numbers(parts: PartitionSet) -> Argument {
    let numbers: Vec<String> = parts.iter().map(|part| part.number().to_string()).collect();
    Argument::Foreign(if numbers.is_empty() { "–".to_owned() } else { numbers.join(", ") })
}
