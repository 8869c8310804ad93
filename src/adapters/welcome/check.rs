//! Checks that span steps: amounts, lengths, and that every target exists and every step is reachable.

use std::collections::{HashMap, HashSet};

use crate::i18n;
use domain::{Choice, MAXIMUM, Saying, SceneAct, SceneLine, SceneStep, Words, fnv1a_32};

use super::{
    super::toml_file::{Reading, suggestion},
    steps::{Button, Does, Draft, Named, Spoken},
};

/// The longest name and number that a text can be filled with, in UTF-16 units.
const LONGEST: [(&str, usize); 2] = [(SceneLine::NAME, 130), (SceneLine::NUMBER, 19)];
/// Length limits: Telegram's for a text and for a caption, and ours for a button label that fits on a phone.
const TEXT: usize = 4096;
const CAPTION: usize = 1024;
const LABEL: usize = 64;

/// Checks the number of steps, questions and buttons.
pub(super) fn amounts(r: &mut Reading<'_>, drafts: &[Draft]) {
    if let Some(over) = drafts.get(MAXIMUM.steps) {
        r.mistake(&over.at, format!("there are more than {} steps", MAXIMUM.steps));
    }
    let mut questions = HashSet::new();
    for draft in drafts {
        let Does::Say { words, picture, ask, buttons } = &draft.does else { continue };
        let limit = if picture.is_some() { CAPTION } else { TEXT };
        if let Some(words) = words {
            formatted(r, words, limit);
        }
        let Some(ask) = ask else { continue };
        r.key(&ask.at, &ask.name, MAXIMUM.key);
        if !questions.insert(ask.name.as_str()) {
            r.mistake(&ask.at, format!("two steps ask the question `{}`", ask.name));
        }
        if questions.len() == MAXIMUM.questions + 1 {
            r.mistake(&ask.at, format!("there are more than {} questions", MAXIMUM.questions));
        }
        if let Some(over) = buttons.get(MAXIMUM.choices) {
            let what = format!("there are more than {} buttons", MAXIMUM.choices);
            r.mistake(&over.answer.at, what);
        }
        let mut answers = HashSet::new();
        for Button { answer, label, .. } in buttons {
            if !answers.insert(answer.name.as_str()) {
                r.mistake(&answer.at, format!("two buttons have the answer `{}`", answer.name));
            }
            for words in [&label.words.english, &label.words.russian] {
                if length(words) > LABEL {
                    r.mistake(&label.at, format!("a label has more than {LABEL} characters"));
                }
            }
        }
    }
}

/// Checks a text as Telegram would.
fn formatted(r: &mut Reading<'_>, Spoken { words, at }: &Spoken, limit: usize) {
    for (code, words) in [("en", &words.english), ("ru", &words.russian)] {
        let mut longest = words.clone();
        for (place, most) in LONGEST {
            longest = longest.replace(place, &"W".repeat(most));
        }
        if let Some(strange) = longest.split_once('{') {
            let strange = strange.1.split_once('}').map_or(strange.1, |(inside, _)| inside);
            let strange: String = strange.chars().take(20).collect();
            let what = format!(
                "{code}: there is no {{{strange}}}; {}",
                suggestion(&strange, &["name", "number"])
            );
            r.mistake(at, what);
        }
        match i18n::visible(&longest) {
            Err(why) => r.mistake(at, format!("{code}: {why}")),
            Ok(seen) if length(seen.trim()) > limit => {
                let what = format!(
                    "{code}: with the longest name it has {} characters, but Telegram takes {limit}",
                    length(&seen)
                );
                r.mistake(at, what);
            }
            Ok(seen) if seen.trim().is_empty() => {
                r.mistake(at, format!("{code}: the text has no visible characters"));
            }
            Ok(_) => {}
        }
    }
}

fn length(words: &str) -> usize {
    words.encode_utf16().count()
}

/// Checks that every target is one of these names.
pub(super) fn targets(r: &mut Reading<'_>, drafts: &[Draft], names: &[&str]) {
    for target in drafts.iter().flat_map(Draft::targets) {
        if !names.contains(&target.name.as_str()) {
            r.mistake(&target.at, no_step(&target.name, names));
        }
    }
}

fn no_step(name: &str, names: &[&str]) -> String {
    format!("no step has the name `{name}`; {}", suggestion(name, names))
}

/// Replaces the names of steps by their positions.
pub(super) fn placed(r: &mut Reading<'_>, drafts: Vec<Draft>) -> Vec<SceneStep> {
    let mut places: HashMap<String, usize> = HashMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        if let Some(Named { name, at }) = &draft.name
            && places.insert(name.clone(), place).is_some()
        {
            r.mistake(at, format!("two steps have the name `{name}`"));
        }
    }
    let spans: Vec<_> = drafts.iter().map(|draft| draft.at.clone()).collect();
    let to = |r: &mut Reading<'_>, Named { name, at }: &Named| {
        let mut names: Vec<&str> = places.keys().map(String::as_str).collect();
        names.sort_unstable();
        let place = places.get(name).copied();
        if place.is_none() {
            r.mistake(at, no_step(name, &names));
        }
        place.unwrap_or(usize::MAX)
    };
    let mut steps = Vec::with_capacity(drafts.len());
    for (place, Draft { when, does, .. }) in drafts.into_iter().enumerate() {
        let act = match does {
            Does::Wait(time) => SceneAct::Wait(time),
            Does::End => SceneAct::End,
            Does::Go(target) => {
                let goes = to(r, &target);
                if goes <= place {
                    r.mistake(&target.at, "the `goto` of a step leads back and would never end; only the `goto` of a button may lead back");
                }
                SceneAct::Go(goes)
            }
            Does::Say { words, picture, ask, buttons } => {
                let none = Words { english: String::new(), russian: String::new() };
                let words = words.map_or(none, |spoken| spoken.words);
                let saying = Saying { words, picture: picture.map(|picture| picture.name) };
                match ask {
                    None => SceneAct::Say(saying),
                    Some(Named { name: question, .. }) => {
                        let choice = |Button { answer, label, goes, zone, goal }: Button| Choice {
                            answer: answer.name,
                            label: label.words,
                            goes: goes.map(|goes| to(r, &goes)),
                            zone: zone.map(|zone| zone.name),
                            goal: goal.map(|goal| goal.name),
                        };
                        let choices = buttons.into_iter().map(choice).collect();
                        SceneAct::Ask { saying, question, choices }
                    }
                }
            }
        };
        steps.push(SceneStep { when, act });
    }
    let reached = reached(&steps);
    for (place, at) in spans.iter().enumerate() {
        if !reached.contains(&place) {
            r.mistake(at, "this step is never reached: nothing before it leads here");
        }
    }
    steps
}

/// The positions of all reachable steps.
fn reached(steps: &[SceneStep]) -> HashSet<usize> {
    let (mut reached, mut open) = (HashSet::new(), vec![0]);
    while let Some(place) = open.pop() {
        let Some(step) = steps.get(place) else { continue };
        if !reached.insert(place) {
            continue;
        }
        if !step.when.is_always() {
            open.push(place + 1);
        }
        match &step.act {
            SceneAct::Say(_) | SceneAct::Wait(_) => open.push(place + 1),
            SceneAct::Ask { choices, .. } => {
                open.extend(choices.iter().map(|choice| choice.goes.unwrap_or(place + 1)));
            }
            SceneAct::Go(to) => open.push(*to),
            SceneAct::End => {}
        }
    }
    reached
}

/// A checksum of the scene's structure, which changes when stored positions in it lose their meaning.
pub(super) fn shape(steps: &[SceneStep]) -> u32 {
    let mut words = Vec::new();
    let mut add = |word: &str| words.extend(word.bytes().chain([0]));
    for step in steps {
        match &step.act {
            SceneAct::Say(_) => add("say"),
            SceneAct::Wait(_) => add("wait"),
            SceneAct::Go(to) => add(&format!("go {to}")),
            SceneAct::End => add("end"),
            SceneAct::Ask { question, choices, .. } => {
                add("ask");
                add(question);
                for choice in choices {
                    add(&choice.answer);
                }
            }
        }
    }
    fnv1a_32(words)
}
