//! Reads a single step of the file. Its targets are still names.

use std::{collections::BTreeMap, ops::Range, time::Duration};

use domain::{Hours, MAXIMUM, When, Words};

use super::super::toml_file::{Reading, Table, Value, suggestion};

/// The parts of the day, by name.
pub(super) type Day = BTreeMap<String, Hours>;

/// A name in the file, and its position.
#[derive(Debug)]
pub(super) struct Named {
    pub name: String,
    pub at: Range<usize>,
}

/// A step that was read.
#[derive(Debug)]
pub(super) struct Draft {
    pub at: Range<usize>,
    pub name: Option<Named>,
    pub when: When,
    pub does: Does,
}

/// The action of a step.
#[derive(Debug)]
pub(super) enum Does {
    Say { words: Option<Spoken>, picture: Option<Named>, ask: Option<Named>, buttons: Vec<Button> },
    Wait(Duration),
    Go(Named),
    End,
}

/// A text in each language, and its position.
#[derive(Debug)]
pub(super) struct Spoken {
    pub words: Words,
    pub at: Range<usize>,
}

/// A button that was read.
#[derive(Debug)]
pub(super) struct Button {
    pub answer: Named,
    pub label: Spoken,
    pub goes: Option<Named>,
    pub zone: Option<Named>,
    pub goal: Option<Named>,
}

const KEYS: &[&str] = &["name", "when", "text", "picture", "ask", "button", "wait", "goto", "end"];

impl Draft {
    /// The time zones that the step names.
    pub(super) fn zones(&self) -> impl Iterator<Item = &Named> {
        let buttons: &[Button] = match &self.does {
            Does::Say { buttons, .. } => buttons,
            Does::Wait(_) | Does::Go(_) | Does::End => &[],
        };
        buttons.iter().filter_map(|button| button.zone.as_ref())
    }

    /// The steps that the step leads to.
    pub(super) fn targets(&self) -> Vec<&Named> {
        match &self.does {
            Does::Say { buttons, .. } => {
                buttons.iter().filter_map(|button| button.goes.as_ref()).collect()
            }
            Does::Go(target) => vec![target],
            Does::Wait(_) | Does::End => Vec::new(),
        }
    }

    /// The picture that the step names.
    pub(super) fn picture(&self) -> Option<&Named> {
        match &self.does {
            Does::Say { picture, .. } => picture.as_ref(),
            Does::Wait(_) | Does::Go(_) | Does::End => None,
        }
    }
}

/// Reads a step; `None` after a mistake that makes it unusable.
pub(super) fn draft<'a>(r: &mut Reading<'a>, step: &Value<'a>, day: &Day) -> Option<Draft> {
    let at = step.span();
    let table = r.table(step, "step")?;
    r.only(table, KEYS);
    let (name, when) = (named(r, table, "name"), when(r, table, day));
    let words = table.get("text").map(|text| spoken(r, text, "text"));
    let picture = named(r, table, "picture");
    let ask = named(r, table, "ask");
    let buttons: Vec<_> = r.list(table, "button").iter().map(|one| button(r, one)).collect();
    let says = words.is_some() || picture.is_some();
    let acts =
        [says, table.contains_key("wait"), table.contains_key("goto"), table.contains_key("end")];
    if acts.iter().filter(|does| **does).count() != 1 {
        r.mistake(&at, "a step does one thing: text (or picture), wait, goto, or end = true");
        return None;
    }
    if ask.is_some() != table.contains_key("button") || !says && ask.is_some() {
        let what =
            "a question needs all three: a text, `ask`, and a [[step.button]] for each answer";
        r.mistake(&at, what);
        return None;
    }
    let does = if says {
        let words = match words {
            Some(words) => Some(words?),
            None => None,
        };
        Does::Say { words, picture, ask, buttons: buttons.into_iter().collect::<Option<_>>()? }
    } else if let Some(value) = table.get("wait") {
        // After a wrong time, the other steps are checked all the same.
        Does::Wait(wait(r, value).unwrap_or(MAXIMUM.wait))
    } else if table.contains_key("goto") {
        Does::Go(named(r, table, "goto")?)
    } else {
        if r.flag(table, "end") == Some(false) {
            r.mistake(&at, "`end = false` does nothing; remove the step");
        }
        Does::End
    };
    Some(Draft { at, name, when, does })
}

fn named<'a>(r: &mut Reading<'a>, table: &Table<'a>, key: &str) -> Option<Named> {
    let name = r.text(table, key)?.to_owned();
    Some(Named { name, at: table.get(key).map_or(0..0, Value::span) })
}

fn when<'a>(r: &mut Reading<'a>, table: &Table<'a>, day: &Day) -> When {
    let mut when = When::default();
    let Some(value) = table.get("when") else { return when };
    let Some(table) = r.table(value, "when") else { return when };
    r.only(table, &["language", "hours"]);
    when.language = r.language(table, "language");
    let names: Vec<&str> = day.keys().map(String::as_str).collect();
    for part in r.list(table, "hours") {
        let name = part.get_ref().as_str().unwrap_or_default();
        if let Some(hours) = day.get(name) {
            when.hours.push(*hours);
        } else {
            let what = format!("[hours] has no `{name}`; {}", suggestion(name, &names));
            r.mistake(&part.span(), what);
        }
    }
    when
}

/// Reads a text in each language.
fn spoken<'a>(r: &mut Reading<'a>, value: &Value<'a>, key: &str) -> Option<Spoken> {
    let table = r.table(value, key)?;
    r.only(table, &["en", "ru"]);
    let mut text = |code: &str| {
        let text = r.text(table, code).map(str::to_owned);
        if !table.contains_key(code) {
            r.mistake(&value.span(), format!("`{key}.{code}` is missing"));
        }
        text
    };
    let (english, russian) = (text("en"), text("ru"));
    Some(Spoken { words: Words { english: english?, russian: russian? }, at: value.span() })
}

fn button<'a>(r: &mut Reading<'a>, value: &Value<'a>) -> Option<Button> {
    let table = r.table(value, "button")?;
    r.only(table, &["answer", "label", "goto", "time_zone", "goal"]);
    for key in ["answer", "label"] {
        if !table.contains_key(key) {
            r.mistake(&value.span(), format!("the button lacks `{key}`"));
        }
    }
    let answer = named(r, table, "answer");
    if let Some(answer) = &answer {
        r.key(&answer.at, &answer.name, MAXIMUM.key);
    }
    let label = table.get("label").and_then(|label| spoken(r, label, "label"));
    let (goes, zone) = (named(r, table, "goto"), named(r, table, "time_zone"));
    let goal = goal(r, table, "goal");
    Some(Button { answer: answer?, label: label?, goes, zone, goal })
}

/// Reads the name of one of the tracker's goals.
pub(super) fn goal<'a>(r: &mut Reading<'a>, table: &Table<'a>, key: &str) -> Option<Named> {
    let goal = named(r, table, key)?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    if goal.name.chars().count() > MAXIMUM.goal || !goal.name.chars().all(plain) {
        let most = MAXIMUM.goal;
        let what = format!(
            "`{key}` must be the name of a goal as the tracker knows it: at most {most} letters, digits and _ - . :"
        );
        r.mistake(&goal.at, what);
    }
    Some(goal)
}

fn wait<'a>(r: &mut Reading<'a>, value: &Value<'a>) -> Option<Duration> {
    let time = value.get_ref().as_str().and_then(|text| {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number: u64 = number.parse().ok()?;
        let seconds = match unit {
            "s" => number,
            "m" => number.checked_mul(60)?,
            "h" => number.checked_mul(60 * 60)?,
            "d" => number.checked_mul(24 * 60 * 60)?,
            _ => return None,
        };
        Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero() && *time <= MAXIMUM.wait)
    });
    if time.is_none() {
        r.mistake(
            &value.span(),
            "`wait` must be a time from \"1s\" to \"30d\": \"35s\", \"10m\", \"2h\"",
        );
    }
    time
}
