//! Conversations that always have messages waiting: how much of the limit the desk uses, for many and for one.

use std::time::{Duration, Instant};

use tokio::time::{Instant as Deadline, timeout_at};

use super::{
    desk::{ALLOWED, Arrivals, Desk, Setup, WINDOW},
    log::by_method,
    measured::{Measured, Row},
};

/// Duration of the measured span.
const SPAN: Duration = Duration::from_mins(4);
/// Conversations in the first scenario.
const CONVERSATIONS: usize = 40;
/// Messages of each conversation that wait all the time.
const WAITING: usize = 4;
/// Share of the limit that many conversations use at least.
const DRAINED: f64 = 0.95;
/// Share of the limit that one conversation alone uses at least.
const ALONE: f64 = 0.75;
/// What a rate may miss its bound by, because messages are whole.
const ROUNDING: f64 = 0.98;

/// What was delivered within the span.
struct Delivered {
    messages: usize,
    /// Slots of the group's limit that calls took, by method.
    slots: String,
    measured: Measured,
}

/// Many conversations with a backlog.
pub(super) async fn drain(setup: Setup) -> Measured {
    let Delivered { messages, slots, mut measured } = play(&setup, CONVERSATIONS, &[]).await;
    let allowed = allowed();
    let share = messages as f64 / allowed as f64;
    measured.rows.push(Row::bounded(
        format!("drain: {CONVERSATIONS} known conversations with a backlog, messages delivered / allowed"),
        "≥ 0.95",
        format!("{share:.3} ({messages} / {allowed}; {slots})"),
        share >= DRAINED,
    ));
    measured
}

/// One conversation with a backlog. It may exceed what one user may write, which is not measured here.
pub(super) async fn alone(setup: Setup) -> Measured {
    let Delivered { messages, slots, mut measured } = play(&setup, 1, &[("FLOOD", "0")]).await;
    let (minutes, limit) = (SPAN.as_secs_f64() / WINDOW.as_secs_f64(), ALLOWED as f64);
    let rate = messages as f64 / minutes;
    measured.rows.push(Row::bounded(
        "alone: one conversation with a backlog, messages a minute",
        "≥ 15, less 2 %",
        format!("{rate:.2} (in {minutes} minutes: {slots})"),
        rate >= limit * ALONE * ROUNDING,
    ));
    measured
}

/// Messages that Telegram allows within the span, whose length is whole windows: no sequence of calls has more.
fn allowed() -> usize {
    let windows = SPAN.as_secs() / WINDOW.as_secs();
    ALLOWED * usize::try_from(windows).unwrap()
}

async fn play(setup: &Setup, conversations: usize, settings: &[(&str, &str)]) -> Delivered {
    let (desk, mut arrivals) = Desk::open(setup, conversations, settings).await;
    // The first window is not measured: its slots go at once, as after any silence.
    let from = desk.begun + WINDOW;
    let to = from + SPAN;
    tokio::select! {
        () = keep_waiting(&desk, &mut arrivals, to) => {}
        () = desk.answers(setup.random(0)) => {}
    }
    Delivered {
        messages: desk.log.arrivals("backlog ", from, to),
        slots: by_method(desk.log.calls(from, to)),
        measured: desk.measured(),
    }
}

/// Each user writes again as soon as a message of theirs has arrived.
async fn keep_waiting(desk: &Desk, arrivals: &mut Arrivals, until: Instant) {
    let mut serial = 0;
    let mut write = |user: usize| {
        serial += 1;
        desk.person(user).writes(&format!("backlog {user} {serial}"));
    };
    for _ in 0..WAITING {
        for user in 0..desk.topics().len() {
            write(user);
        }
    }
    while let Ok(Some(text)) = timeout_at(Deadline::from_std(until), arrivals.recv()).await {
        let user = text.strip_prefix("backlog ").and_then(|rest| rest.split_once(' '));
        if let Some((user, _)) = user {
            write(user.parse().unwrap());
        }
    }
}
