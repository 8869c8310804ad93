//! Generates light random traffic until the demo is stopped.

use std::time::{Duration, Instant};

use fastrand::Rng;

use telegram_simulator::{Content, Operator};

use super::{
    accounting::Pair,
    recorder::{Recorder, TimedOut},
};

/// Intervals of the status line: on a terminal, elsewhere during the time `AT_FIRST`, and elsewhere later.
const STATUS_ON_TERMINAL: Duration = Duration::from_secs(1);
const STATUS_AT_FIRST: Duration = Duration::from_secs(10);
const STATUS_LATER: Duration = Duration::from_mins(5);
const AT_FIRST: Duration = Duration::from_mins(1);

/// Number of distinct file names: the simulated Telegram remembers every file.
const FILES: u64 = 500;

const QUESTIONS: [&str; 8] = [
    "Where is my order",
    "How do I return order",
    "I never got an invoice for order",
    "Can I change the address of order",
    "Где мой заказ",
    "Как отменить заказ",
    "Пришлите, пожалуйста, чек на заказ",
    "Two pieces are missing in order",
];
const ANSWERS: [&str; 5] = [
    "It will be shipped today, number",
    "I have checked: everything is fine with",
    "Our colleagues are looking into",
    "Всё в порядке, заказ",
    "You will get an e-mail within the hour about",
];
const REACTIONS: [&str; 4] = ["👍", "❤", "🔥", "🙏"];

/// Generates traffic until the future is dropped.
pub(super) async fn generate(recorder: &mut Recorder, random: &mut Rng) -> Result<(), TimedOut> {
    let begun = Instant::now();
    let mut last_status = begun;
    let mut number = 10_000;
    loop {
        number += 1;
        act_randomly(recorder, random, number);
        recorder.observe_for(Duration::from_millis(random.u64(300..1500))).await;
        if recorder.transcript.terminal.is_unread() {
            return Ok(());
        }
        let is_terminal = recorder.transcript.terminal.is_terminal();
        let every = match (is_terminal, begun.elapsed() < AT_FIRST) {
            (true, _) => STATUS_ON_TERMINAL,
            (false, true) => STATUS_AT_FIRST,
            (false, false) => STATUS_LATER,
        };
        if last_status.elapsed() >= every {
            last_status = Instant::now();
            let line = status(recorder);
            let terminal = &mut recorder.transcript.terminal;
            if is_terminal { terminal.transient(&line) } else { terminal.set_line(&line) }
        }
    }
}

fn status(recorder: &Recorder) -> String {
    let totals = &recorder.accounting.totals;
    format!(
        "{:6.0}  messages {} → {} · answers {} → {} · edits {} · reactions {} · on the way {}",
        recorder.transcript.second(),
        totals.messages.sent,
        totals.messages.arrived,
        totals.answers.sent,
        totals.answers.arrived,
        totals.edits.arrived,
        totals.reactions.arrived,
        recorder.accounting.in_transit(),
    )
}

/// A random action of a random person.
fn act_randomly(recorder: &Recorder, random: &mut Rng, number: u64) {
    let Some(user) = random.choice(&recorder.actors.users) else { return };
    let pairs = recorder.accounting.pairs(user.person.id());
    let unused = |by_user: bool| -> Option<Pair> {
        pairs
            .iter()
            .rev()
            .find(|pair| pair.by_user == by_user && !pair.used && pair.is_text)
            .copied()
    };
    let operator = random.choice(&recorder.actors.colleagues);
    let answer = operator.zip(recorder.actors.topic(user));
    let question = format!("{} {number}?", random.choice(QUESTIONS).unwrap_or_default());
    let text = format!("{} {number}.", random.choice(ANSWERS).unwrap_or_default());
    match (random.u8(0..100), answer) {
        (0..35, _) | (_, None) => drop(user.person.writes(&question)),
        (35..41, _) => drop(user.person.sends_album(photos(random, &question, number))),
        (41..51, _) => match unused(false) {
            Some(pair) => drop(user.person.replies_to(pair.private, question.as_str())),
            None => drop(user.person.writes(&question)),
        },
        (51..56, _) => {
            if let Some(pair) = unused(true) {
                user.person.edits(pair.private, question.as_str());
            }
        }
        (56..61, _) => {
            if let Some(pair) = unused(false) {
                user.person.reacts(pair.private, random.choice(REACTIONS));
            }
        }
        (kind, Some((operator, topic))) => {
            answer_randomly(operator, topic, kind, &text, unused(true), unused(false), random);
        }
    }
}

fn answer_randomly(
    operator: &Operator,
    topic: i64,
    kind: u8,
    text: &str,
    theirs: Option<Pair>,
    ours: Option<Pair>,
    random: &mut Rng,
) {
    match (kind, theirs, ours) {
        (61..76, Some(pair), _) => drop(operator.replies_in(topic, pair.group, text)),
        (76..82, Some(pair), _) => drop(operator.reacts(pair.group, random.choice(REACTIONS))),
        (82..86, _, Some(pair)) => drop(operator.edits(pair.group, text)),
        _ => drop(operator.writes_in(topic, text)),
    }
}

fn photos(random: &mut Rng, caption: &str, number: u64) -> Vec<Content> {
    let photo = |piece| Content::photo(&format!("photo-{}-{piece}", number % FILES));
    let mut album: Vec<Content> = (0..random.u64(2..5)).map(photo).collect();
    if let Some(first) = album.first_mut() {
        *first = first.clone().caption(caption);
    }
    album
}
