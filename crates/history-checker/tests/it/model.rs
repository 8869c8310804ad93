//! A model of a correct desk, which records its history. The choices decide about users, kills and lost answers.

use std::collections::{BTreeMap, VecDeque};

use history_checker::{Destination, Entry, Event, FaultKind, Side};

const USERS: i64 = 3;
pub(crate) const CALLS_AT_ONCE: u64 = 3;

/// A call in progress and the number of messages of its lane that it sends; 0 if it opens the topic.
struct Work {
    call: u64,
    messages: usize,
}

#[derive(Default)]
struct Lane {
    waiting: VecDeque<String>,
    work: Option<Work>,
}

/// The state of the desk and of its Telegram.
#[derive(Default)]
pub(crate) struct Desk {
    entries: Vec<Entry>,
    lanes: BTreeMap<(i64, Side), Lane>,
    topics: BTreeMap<i64, i64>,
    numbers: BTreeMap<i64, i64>,
    written: BTreeMap<(i64, Side), u64>,
    /// Updates that wait for the desk.
    queued: Vec<(i64, i64, Side, String)>,
    /// Updates that were sent to the desk and are not confirmed.
    handed_out: Vec<(i64, i64, Side, String)>,
    last: i64,
}

impl Desk {
    /// Records the history that these choices give. It is complete and without violations.
    pub(crate) fn history(choices: &[u8]) -> Vec<Entry> {
        let mut desk = Self::default();
        let (processes, seed) = (1, 0);
        let name = "a model".to_owned();
        desk.add(Event::Begins { name, seed, processes, calls_at_once: CALLS_AT_ONCE });
        for pair in choices.chunks(2) {
            let [what, who] = pair else { continue };
            desk.step(*what, i64::from(*who));
        }
        for user in 0..USERS {
            desk.write(user, Side::ToTopic);
            desk.write(user, Side::ToNumber);
        }
        desk.drain();
        for user in 0..USERS {
            desk.write(user, Side::ToUser);
            desk.write(user, Side::ToTopic);
        }
        desk.drain();
        desk.add(Event::Ends);
        desk.entries
    }

    fn step(&mut self, what: u8, who: i64) {
        let user = who % USERS;
        let side = if who % 2 == 0 { Side::ToTopic } else { Side::ToUser };
        match what % 16 {
            0..3 => self.write(user, Side::ToTopic),
            3..5 => self.write(user, Side::ToUser),
            5 => self.write(user, Side::ToNumber),
            6 => self.hand_out(),
            7 | 8 => self.confirm(),
            9 => self.kill(who % 4),
            10 => self.advance((user, side), true),
            _ => self.advance((user, side), false),
        }
    }

    fn add(&mut self, event: Event) {
        let at = self.entries.len() as u64 * 3;
        self.entries.push(Entry { at, event });
    }

    fn next_id(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    fn write(&mut self, user: i64, side: Side) {
        let topic = self.topics.get(&user).copied().filter(|_| side == Side::ToUser);
        let count = self.written.entry((user, side)).or_default();
        if (side == Side::ToUser && topic.is_none()) || (side == Side::ToNumber && *count > 0) {
            return;
        }
        *count += 1;
        let message = format!("{user} {side:?} #{count}");
        let update = self.next_id();
        self.queued.push((update, user, side, message.clone()));
        self.add(Event::Wrote { update, message, user, side, topic });
    }

    fn hand_out(&mut self) {
        let queued = std::mem::take(&mut self.queued);
        self.handed_out.extend(queued);
        let updates: Vec<i64> = self.handed_out.iter().map(|(update, ..)| *update).collect();
        for update in updates {
            self.add(Event::HandedOut { update });
        }
    }

    fn confirm(&mut self) {
        for (update, user, side, message) in std::mem::take(&mut self.handed_out) {
            self.add(Event::Confirmed { update });
            // Numbers go into the user's chat, like answers.
            let lane = if side == Side::ToNumber { Side::ToUser } else { side };
            self.lanes.entry((user, lane)).or_default().waiting.push_back(message);
        }
    }

    /// Begins the lane's next call with its effects, or ends the call in progress: its answer is stored or lost.
    fn advance(&mut self, key: (i64, Side), is_lost: bool) {
        let in_progress = self.lanes.values().filter(|lane| lane.work.is_some()).count() as u64;
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        if let Some(Work { call, messages }) = lane.work.take() {
            if !is_lost {
                lane.waiting.drain(..messages);
            }
            self.add(Event::Answered { call, ok: !is_lost, lost: is_lost });
        } else if !lane.waiting.is_empty() && in_progress < CALLS_AT_ONCE {
            self.begin(key);
        }
    }

    fn begin(&mut self, key: (i64, Side)) {
        let (user, side) = key;
        let number = self.next_id();
        let call = number.unsigned_abs();
        self.add(Event::Called { call, method: "copyMessages".to_owned() });
        let topic = self.topics.get(&user).copied();
        let mut work = Work { call, messages: 0 };
        if side == Side::ToTopic && topic.is_none() {
            // The desk knows the topic only after the answer. The model may record it at once.
            self.topics.insert(user, number);
            self.add(Event::Opened { call, user, topic: number });
        } else {
            let destination = topic.filter(|_| side == Side::ToTopic).map(Destination::Topic);
            let destination = destination.unwrap_or(Destination::User(user));
            let waiting: Vec<String> = self.lanes[&key].waiting.iter().take(2).cloned().collect();
            work.messages = waiting.len();
            for message in waiting {
                if message.contains("ToNumber") {
                    let next = i64::try_from(self.numbers.len()).unwrap() + 1;
                    let number = *self.numbers.entry(user).or_insert(next);
                    self.add(Event::Numbered { call, user, number });
                } else {
                    self.add(Event::Delivered { call, message, destination });
                }
            }
        }
        self.lanes.get_mut(&key).unwrap().work = Some(work);
    }

    /// Kills the process. Calls in progress are repeated, although some were answered; their outcomes were not
    /// stored.
    fn kill(&mut self, answered: i64) {
        let fault = self.next_id().unsigned_abs();
        let (kind, process) = (FaultKind::Kill, Some(0));
        let works: Vec<Work> = self.lanes.values_mut().filter_map(|one| one.work.take()).collect();
        for (at, work) in (0..).zip(works) {
            if at < answered {
                self.add(Event::Answered { call: work.call, ok: true, lost: false });
            }
        }
        self.add(Event::FaultBegins { fault, kind, process });
        self.add(Event::FaultEnds { fault });
    }

    fn drain(&mut self) {
        self.hand_out();
        self.confirm();
        while let Some(key) = self.lanes.iter().find_map(|(key, lane)| {
            (lane.work.is_some() || !lane.waiting.is_empty()).then_some(*key)
        }) {
            self.advance(key, false);
            // Other calls may have to end before this lane can begin its next call.
            let keys: Vec<_> = self.lanes.keys().copied().collect();
            for key in keys {
                if self.lanes[&key].work.is_some() {
                    self.advance(key, false);
                }
            }
        }
    }
}
