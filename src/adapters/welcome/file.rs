//! Reads the file as a whole: hours, time zone, goals and steps.

use std::{collections::HashMap, path::Path, sync::Arc};

use domain::{Goals, Hours, MAXIMUM, Scene};

use super::{
    super::toml_file::{Reading, Table, Value},
    check, pictures,
    steps::{Day, Draft, Named, draft, goal},
    zones,
};

type Read = (Scene, HashMap<String, Arc<[u8]>>);

/// Reads the scene from a file, and the pictures from its folder; `None` after a mistake.
pub(super) fn read<'a>(
    reading: &mut Reading<'a>,
    table: &Table<'a>,
    folder: &Path,
) -> Option<Read> {
    reading.only(table, &["time_zone", "open_topic", "hours", "goals", "step"]);
    let open_topic = reading.flag(table, "open_topic").unwrap_or(false);
    let mut zones = vec![home(reading, table)];
    let day = hours(reading, table);
    let goals = goals(reading, table);
    let steps = reading.list(table, "step");
    if steps.is_empty() {
        reading.mistake(&(0..0), "there is no [[step]]: nothing would be played");
    }
    let drafts: Vec<Draft> = steps.iter().filter_map(|step| draft(reading, step, &day)).collect();
    check::amounts(reading, &drafts);
    let contents = contents(reading, &drafts, folder);
    for Named { name, at } in drafts.iter().flat_map(Draft::zones) {
        if zones::zone(name).is_none() {
            reading.mistake(at, no_zone(name));
        } else if !zones.contains(name) {
            zones.push(name.clone());
        }
    }
    if zones.len() > MAXIMUM.zones {
        let what = format!("there are more than {} time zones", MAXIMUM.zones);
        reading.mistake(&(0..0), what);
    }
    if drafts.len() < steps.len() {
        // What is never reached shows only when all steps can be used.
        check::targets(reading, &drafts, &names(steps));
        return None;
    }
    let steps = check::placed(reading, drafts);
    if reading.has_mistakes() {
        return None;
    }
    let shape = check::shape(&steps);
    Some((Scene { open_topic, shape, zones, steps, goals }, contents))
}

/// The names of all steps, also of those with mistakes.
fn names<'s>(steps: &'s [Value<'_>]) -> Vec<&'s str> {
    let name = |step: &'s Value<'_>| step.get_ref().as_table()?.get("name")?.get_ref().as_str();
    let mut names: Vec<&str> = steps.iter().filter_map(name).collect();
    names.sort_unstable();
    names
}

fn no_zone(name: &str) -> String {
    format!("there is no time zone `{name}`: write it like Europe/Moscow, or UTC")
}

/// The time zone of users who have not chosen one.
fn home<'a>(reading: &mut Reading<'a>, table: &Table<'a>) -> String {
    let name = reading.text(table, "time_zone").unwrap_or("UTC").to_owned();
    if zones::zone(&name).is_none() {
        let at = table.get("time_zone").map_or(0..0, Value::span);
        reading.mistake(&at, no_zone(&name));
    }
    name
}

fn hours<'a>(reading: &mut Reading<'a>, table: &Table<'a>) -> Day {
    let mut day = Day::new();
    let Some(value) = table.get("hours") else { return day };
    let Some(hours) = reading.table(value, "hours") else { return day };
    for (name, value) in hours {
        let name = name.get_ref().to_string();
        if let Some(hours) = value.get_ref().as_str().and_then(part_of_day) {
            day.insert(name, hours);
        } else {
            let what = format!("`{name}` must be a part of the day, like \"05:00-12:00\"");
            reading.mistake(&value.span(), what);
        }
    }
    day
}

/// The goals to report to the tracker, other than those of buttons.
fn goals<'a>(reading: &mut Reading<'a>, table: &Table<'a>) -> Goals {
    const KEYS: [&str; 2] = ["first_message", "phone_shared"];
    let Some(value) = table.get("goals") else { return Goals::default() };
    let Some(goals) = reading.table(value, "goals") else { return Goals::default() };
    reading.only(goals, &KEYS);
    let [first_message, phone_shared] =
        KEYS.map(|key| goal(reading, goals, key).map(|goal| goal.name));
    Goals { first_message, phone_shared }
}

fn part_of_day(text: &str) -> Option<Hours> {
    let (from, to) = text.split_once('-')?;
    let hours = Hours { from: minute(from.trim())?, to: minute(to.trim())? };
    (hours.from != hours.to).then_some(hours)
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = (minute < 60).then_some(hour * 60 + minute)?;
    (hour <= 24 && minutes <= 24 * 60).then_some(minutes)
}

fn contents(
    reading: &mut Reading<'_>,
    drafts: &[Draft],
    folder: &Path,
) -> HashMap<String, Arc<[u8]>> {
    let mut contents = HashMap::new();
    for Named { name, at } in drafts.iter().filter_map(Draft::picture) {
        match pictures::read(folder, name) {
            Ok(content) => {
                contents.insert(name.clone(), content);
            }
            Err(why) => reading.mistake(at, why),
        }
    }
    contents
}
