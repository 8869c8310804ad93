//! Sixty users write for the first time at once; known users write after them.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::time::{Instant as Deadline, sleep_until, timeout_at};

use super::{
    desk::{ALLOWED, Arrivals, Desk, Setup, WINDOW},
    log::{Arrival, GroupCall},
    measured::{Measured, Row, Wait},
};

/// Users who write for the first time.
const STRANGERS: usize = 60;
/// Messages of each of them.
const EACH: usize = 3;
/// The time within which they write all of these.
const WITHIN: Duration = Duration::from_millis(900);
/// Known users; an operator has answered them.
const KNOWN: usize = 5;
/// When a known user writes, in seconds after the strangers began.
const AFTER: [u64; 3] = [5, 60, 180];
/// Bound of the wait of a known user.
const KNOWN_WITHIN: Duration = Duration::from_secs(15);
/// Calls that open a conversation: the topic, the card, the words.
const OPENING: usize = 3;
/// How much longer than its calls need the k-th stranger may wait.
const FACTOR: f64 = 1.2;
/// Time limit of the scenario. The first words of all may take 60 x 3 calls at 20 a minute, times 1.2, and what others use.
const AT_MOST: Duration = Duration::from_mins(13);

/// A stranger's first words.
struct FirstWords {
    arrival: Arrival,
    topic: i64,
    /// Calls for them, up to these words: at most three.
    calls: usize,
}

/// The calls until a time, by what they were for.
#[derive(Debug, Default, Clone, Copy)]
struct Used {
    /// In topics of known users.
    known: usize,
    /// Of strangers after their first words: their later messages, notices and looks.
    later: usize,
    /// In no topic.
    general: usize,
}

/// Plays the scenario.
pub(super) async fn strangers(setup: Setup) -> Measured {
    let (mut desk, mut arrivals) = Desk::open(&setup, KNOWN, &[]).await;
    let strangers: Vec<usize> = (0..STRANGERS).map(|_| desk.stranger()).collect();
    let play = async {
        tokio::join!(
            all_write(&desk, &strangers),
            known_users_write(&desk),
            until_all_are_heard(&desk, &mut arrivals),
        );
    };
    tokio::select! {
        () = play => {}
        () = desk.answers(setup.random(0)) => {}
    }
    let mut measured = desk.measured();
    for (user, after) in AFTER.into_iter().enumerate() {
        let waits = desk.log.waits(&format!("known {user}"), desk.begun, Instant::now());
        let wait = waits.into_iter().next().unwrap();
        measured.rows.push(Row::bounded(
            format!("strangers: a known user writes {after} s after 60 strangers, s"),
            "< 15",
            wait.to_string(),
            wait.is_below(KNOWN_WITHIN),
        ));
    }
    measured.rows.extend(first_words(&desk, &strangers));
    measured
}

fn text(stranger: usize, message: usize) -> String {
    format!("stranger {stranger} {message}")
}

/// All strangers write in turn, one message in each round.
async fn all_write(desk: &Desk, strangers: &[usize]) {
    let all = u32::try_from(EACH * STRANGERS).unwrap();
    let mut number = 0;
    for message in 0..EACH {
        for stranger in strangers {
            sleep_until(Deadline::from_std(desk.begun + WITHIN * number / all)).await;
            desk.person(*stranger).writes(&text(*stranger, message));
            number += 1;
        }
    }
}

async fn known_users_write(desk: &Desk) {
    for (user, after) in AFTER.into_iter().enumerate() {
        sleep_until(Deadline::from_std(desk.begun + Duration::from_secs(after))).await;
        desk.person(user).writes(&format!("known {user}"));
    }
}

/// Waits for the first words of all strangers and the messages of the known users.
async fn until_all_are_heard(desk: &Desk, arrivals: &mut Arrivals) {
    let mut missing = STRANGERS + AFTER.len();
    let until = Deadline::from_std(desk.begun + AT_MOST);
    while missing > 0 {
        let Ok(Some(text)) = timeout_at(until, arrivals.recv()).await else { return };
        let first = text.starts_with("stranger ") && text.ends_with(" 0");
        missing -= usize::from(first || text.starts_with("known "));
    }
}

/// The rows about the first words of all strangers.
fn first_words(desk: &Desk, strangers: &[usize]) -> Vec<Row> {
    let calls = desk.log.calls(desk.begun, Instant::now());
    let begun = desk.log.written(&text(strangers[0], 0)).unwrap();
    let mut heard: Vec<FirstWords> = strangers
        .iter()
        .filter_map(|stranger| desk.log.arrival(&text(*stranger, 0)))
        .map(|arrival| {
            let topic = arrival.topic.unwrap();
            let before = |(number, call): &&(u64, GroupCall)| {
                call.topic == Some(topic) && *number <= arrival.call
            };
            FirstWords { arrival, topic, calls: calls.iter().filter(before).count().min(OPENING) }
        })
        .collect();
    // The k-th stranger is the k-th to be heard: no order between conversations is promised.
    heard.sort_unstable_by_key(|words| words.arrival.at);
    let worst = |others: fn(&Used) -> usize| {
        let mut needed = 0;
        let ratios = heard.iter().enumerate().map(|(at, words)| {
            needed += words.calls;
            let used = used_by_others(desk, &calls, &heard, words.arrival.at);
            let limit = ALLOWED as f64 / WINDOW.as_secs_f64();
            let took = words.arrival.at.saturating_duration_since(begun).as_secs_f64();
            ((limit * took - others(&used) as f64) / needed as f64, at + 1)
        });
        ratios.max_by(|one, other| one.0.total_cmp(&other.0)).unwrap_or((f64::INFINITY, 0))
    };
    let (ratio, k) = worst(|used| used.known + used.later + used.general);
    let (strict, strict_k) = worst(|used| used.known);
    let end = heard.last().map_or(begun, |words| words.arrival.at);
    let used = used_by_others(desk, &calls, &heard, end);
    let last = Wait { took: end.saturating_duration_since(begun), ended: true };
    let first = heard.first().map_or(last, |words| Wait {
        took: words.arrival.at.saturating_duration_since(begun),
        ended: true,
    });
    let count = heard.len();
    vec![
        Row::bounded(
            "strangers: first words of the k-th of 60, worst ratio to their share of the limit",
            "≤ 1.2",
            format!("{ratio:.2} (k = {k}; {count} of {STRANGERS} heard)"),
            ratio <= FACTOR && count == STRANGERS,
        ),
        Row::plain(
            "strangers: the same, with only the calls for known users as others'",
            format!("{strict:.2} (k = {strict_k})"),
        ),
        Row::plain(
            "strangers: first words of the first / of the last, s",
            format!("{first} / {last} (first words of {count} took {} calls)", openings(&heard)),
        ),
        Row::plain(
            "strangers: slots until then for known users / later ones of strangers / in no topic",
            format!("{} / {} / {}", used.known, used.later, used.general),
        ),
    ]
}

fn openings(heard: &[FirstWords]) -> usize {
    heard.iter().map(|words| words.calls).sum()
}

/// What others than the strangers' first words have used of the limit until a time. The openings of strangers who are
/// not heard yet belong to nobody: they make those who are heard wait, and no bound makes room for them.
fn used_by_others(
    desk: &Desk,
    calls: &[(u64, GroupCall)],
    heard: &[FirstWords],
    until: Instant,
) -> Used {
    let words: HashMap<i64, u64> =
        heard.iter().map(|words| (words.topic, words.arrival.call)).collect();
    let mut used = Used::default();
    for (number, call) in calls.iter().filter(|(_, call)| call.at <= until) {
        match call.topic {
            None => used.general += call.slots,
            Some(topic) if desk.topics().contains(&topic) => used.known += call.slots,
            Some(topic) => {
                used.later += words.get(&topic).map_or(0, |words| match number.cmp(words) {
                    std::cmp::Ordering::Less => 0,
                    // The first words may travel with later messages.
                    std::cmp::Ordering::Equal => call.slots - 1,
                    std::cmp::Ordering::Greater => call.slots,
                });
            }
        }
    }
    used
}
