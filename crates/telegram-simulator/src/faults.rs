//! Faults: which calls fail, how, and how many of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

/// A fault: what goes wrong, with which calls.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The calls that it may affect.
    pub on: Matcher,
    /// What happens to them.
    pub what: What,
    /// How many of them.
    pub times: Times,
}

impl Fault {
    /// Affects the first matching call.
    pub fn once(on: Matcher, what: What) -> Self {
        Self { on, what, times: Times::N(1) }
    }

    /// Affects every matching call.
    pub fn always(on: Matcher, what: What) -> Self {
        Self { on, what, times: Times::Always }
    }
}

/// Which calls a fault may affect: `Matcher::any()`, or narrower.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    methods: Vec<String>,
    chat: Option<i64>,
}

impl Matcher {
    /// Every call.
    pub fn any() -> Self {
        Self::default()
    }

    /// Calls of one method, in any case of letters.
    pub fn method(name: &str) -> Self {
        Self::methods([name])
    }

    /// Calls of several methods.
    pub fn methods<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { methods: names.into_iter().map(str::to_ascii_lowercase).collect(), chat: None }
    }

    /// Only those whose `chat_id` is this.
    #[must_use]
    pub fn in_chat(self, chat: i64) -> Self {
        Self { chat: Some(chat), ..self }
    }

    fn matches(&self, method: &str, chat: Option<i64>) -> bool {
        (self.methods.is_empty()
            || self.methods.iter().any(|name| name.eq_ignore_ascii_case(method)))
            && (self.chat.is_none() || self.chat == chat)
    }
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// `429`; the chat stays refused until the time has passed.
    Throttle {
        /// Seconds.
        retry_after: u64,
    },
    /// A gateway's answer instead of Telegram's: this status with a page of HTML.
    Status(u16, String),
    /// The call is carried out after this delay.
    Slow(Duration),
    /// The connection closes; the call has had no effect.
    CutBefore,
    /// The connection closes; the call has had its effect.
    CutAfter,
    /// A refusal in Telegram's form.
    Error {
        /// `error_code` and the HTTP status.
        code: u16,
        /// `description`.
        description: String,
    },
    /// What was sent to a topic arrives in General, and the answer has no `message_thread_id`.
    LandInGeneral,
    /// A deleted topic is answered `TOPIC_DELETED` instead of `message thread not found`.
    SayTopicDeleted,
    /// A closed topic refuses the bot with `TOPIC_CLOSED` though it is an administrator.
    RefuseClosedTopics,
}

/// How many of the matching calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Times {
    /// The first calls, up to this number.
    N(u64),
    /// All of them.
    Always,
    /// This share of them, drawn with a seed.
    Share(f64, u64),
}

/// A fault in effect. It stays in effect when the handle is dropped.
#[derive(Debug, Clone)]
pub struct FaultHandle {
    state: Arc<State>,
}

impl FaultHandle {
    /// Ends the fault.
    pub fn remove(&self) {
        self.state.removed.store(true, Ordering::Relaxed);
    }

    /// How many calls it has affected.
    pub fn count(&self) -> u64 {
        self.state.count.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
struct State {
    removed: AtomicBool,
    count: AtomicU64,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    random: fastrand::Rng,
    state: Arc<State>,
}

/// The faults in effect, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Armed>);

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) -> FaultHandle {
        let seed = if let Times::Share(_, seed) = fault.times { seed } else { 0 };
        let state = Arc::new(State::default());
        let handle = FaultHandle { state: Arc::clone(&state) };
        self.0.push(Armed { fault, random: fastrand::Rng::with_seed(seed), state });
        handle
    }

    /// The first wanted fault that affects this call; counts it.
    pub(crate) fn next_for(
        &mut self,
        method: &str,
        chat: Option<i64>,
        wanted: impl Fn(&What) -> bool,
    ) -> Option<What> {
        if self.0.is_empty() {
            return None;
        }
        self.0.retain(|armed| !armed.state.removed.load(Ordering::Relaxed));
        for armed in &mut self.0 {
            if !wanted(&armed.fault.what) || !armed.fault.on.matches(method, chat) {
                continue;
            }
            let count = armed.state.count.load(Ordering::Relaxed);
            let applies = match armed.fault.times {
                Times::N(most) => count < most,
                Times::Always => true,
                Times::Share(share, _) => armed.random.f64() < share,
            };
            if applies {
                armed.state.count.store(count + 1, Ordering::Relaxed);
                return Some(armed.fault.what.clone());
            }
        }
        None
    }
}

impl What {
    /// Whether it changes how topics answer, rather than ending the call.
    pub(crate) fn is_about_topics(&self) -> bool {
        matches!(self, Self::LandInGeneral | Self::SayTopicDeleted | Self::RefuseClosedTopics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_applies_only_to_matching_calls_and_so_many_times() {
        let mut faults = Faults::default();
        let on = Matcher::method("SendMessage").in_chat(5);
        let handle = faults.inject(Fault { on, what: What::CutBefore, times: Times::N(1) });
        assert_eq!(faults.next_for("sendMessage", Some(4), |_| true), None);
        assert_eq!(faults.next_for("getMe", Some(5), |_| true), None);
        assert_eq!(faults.next_for("sendMessage", Some(5), |_| true), Some(What::CutBefore));
        assert_eq!(faults.next_for("sendMessage", Some(5), |_| true), None);
        assert_eq!(handle.count(), 1);
    }

    #[test]
    fn a_share_of_calls_fails_and_none_after_removal() {
        let mut faults = Faults::default();
        let times = Times::Share(0.25, 7);
        let handle = faults.inject(Fault { on: Matcher::any(), what: What::CutAfter, times });
        for _ in 0..1000 {
            faults.next_for("x", None, |_| true);
        }
        assert!((200..300).contains(&handle.count()), "{}", handle.count());
        handle.remove();
        assert_eq!(faults.next_for("x", None, |_| true), None);
    }
}
