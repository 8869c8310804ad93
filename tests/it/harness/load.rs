//! Users and operators who write continuously, and the account of what arrived.
//!
//! Each text names its conversation, side and number, so that losses, repeats and wrong order are visible.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use telegram_simulator::{Content, Group, Operator, Person, Simulator};

use super::spec;

/// A crowd whose behaviour depends only on its seed.
pub(crate) struct Load {
    people: Vec<Dialogue>,
    random: fastrand::Rng,
}

struct Dialogue {
    person: Person,
    name: String,
    asked: u64,
    answered: u64,
    own: Vec<i64>,
}

/// What happened to the messages, taken when everything has settled.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Messages written, both directions.
    pub(crate) written: u64,
    /// Copies beyond the first, both directions.
    pub(crate) repeats: u64,
    /// Batches of these copies: each is the repeat of one call.
    pub(crate) repeated_batches: u64,
    /// Calls that repeat an earlier one, successful or not.
    pub(crate) repeated_calls: u64,
    /// Topics beyond one for each conversation.
    pub(crate) spare_topics: usize,
    /// Descriptions of missing messages and of messages out of order.
    pub(crate) wrong: Vec<String>,
    /// Descriptions of messages out of order.
    pub(crate) disordered: Vec<String>,
    /// The numbers of the missing messages, by conversation and side.
    pub(crate) lost: BTreeMap<String, Vec<u64>>,
}

impl Load {
    /// Creates this number of people, with behaviour drawn from a seed.
    pub(crate) fn new(telegram: &Simulator, people: usize, seed: u64) -> Self {
        let person = |number: usize| {
            let name = format!("Person{number:03}");
            let id = 700_000 + i64::try_from(number).unwrap();
            let person = telegram.user(spec(id, &name, "en"));
            Dialogue { person, name, asked: 0, answered: 0, own: Vec::new() }
        };
        Self { people: (0..people).map(person).collect(), random: fastrand::Rng::with_seed(seed) }
    }

    /// Lets one person write something, or an operator answer one.
    pub(crate) fn step(&mut self, group: &Group, operator: &Operator) {
        let random = &mut self.random;
        let index = random.usize(..self.people.len());
        let dialogue = &mut self.people[index];
        match random.u8(..10) {
            0..6 => dialogue.asks(random),
            6 => {
                let size = random.usize(2..5);
                let pieces = (0..size).map(|_| Content::photo("p").caption(&dialogue.question()));
                let pieces = pieces.collect();
                dialogue.own.extend(dialogue.person.sends_album(pieces).1);
            }
            _ => dialogue.is_answered(group, operator, random),
        }
    }

    /// Lets the crowd write for a while, fast enough to keep the program busy.
    pub(crate) async fn writes_for(&mut self, group: &Group, operator: &Operator, lasts: Duration) {
        let until = Instant::now() + lasts;
        while Instant::now() < until {
            for _ in 0..3 {
                self.step(group, operator);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Lets everybody write one text.
    pub(crate) fn round(&mut self) {
        for dialogue in &mut self.people {
            let text = dialogue.question();
            dialogue.own.push(dialogue.person.writes(&text));
        }
    }

    /// Whether each message has arrived at least once.
    pub(crate) fn arrived(&self, group: &Group) -> bool {
        self.missing(group) == 0
    }

    /// How many messages have not arrived.
    pub(crate) fn missing(&self, group: &Group) -> u64 {
        let questions = questions(group);
        let missing = |dialogue: &Dialogue| {
            let asked =
                questions.get(&dialogue.name).into_iter().flatten().map(|(_, number)| *number);
            let asked = asked.collect::<HashSet<u64>>().len() as u64;
            let answered = dialogue.answers().into_iter().collect::<HashSet<u64>>().len() as u64;
            dialogue.asked - asked + dialogue.answered - answered
        };
        self.people.iter().map(missing).sum()
    }

    /// The number of messages written so far, by conversation and side.
    pub(crate) fn written(&self) -> BTreeMap<String, u64> {
        self.people.iter().flat_map(Dialogue::written).collect()
    }

    /// Compares what was written with what arrived.
    pub(crate) fn account(&self, telegram: &Simulator, group: &Group) -> Account {
        let mut account = Account::default();
        let questions = questions(group);
        let mut topics = HashSet::new();
        for dialogue in &self.people {
            let seen: Vec<u64> = questions.get(&dialogue.name).map_or_else(Vec::new, |seen| {
                topics.extend(seen.iter().map(|(topic, _)| *topic));
                seen.iter().map(|(_, number)| *number).collect()
            });
            let [(questions, asked), (answers, answered)] = dialogue.written();
            account.side(&questions, asked, &seen);
            account.side(&answers, answered, &dialogue.answers());
        }
        let people = self.people.iter().filter(|dialogue| dialogue.asked > 0).count();
        account.spare_topics = group.topics().len().saturating_sub(people);
        account.repeated_calls = repeated_calls(telegram);
        account
    }
}

impl Dialogue {
    /// The number of messages written so far, by side.
    fn written(&self) -> [(String, u64); 2] {
        let name = &self.name;
        [
            (format!("questions of {name}"), self.asked),
            (format!("answers to {name}"), self.answered),
        ]
    }

    fn question(&mut self) -> String {
        self.asked += 1;
        format!("{} asks #{}", self.name, self.asked)
    }

    fn asks(&mut self, random: &mut fastrand::Rng) {
        let text = self.question();
        let earlier = random.choice(&self.own).copied().filter(|_| random.u8(..4) == 0);
        self.own.push(match earlier {
            Some(earlier) => self.person.replies_to(earlier, text.as_str()),
            None => self.person.writes(&text),
        });
    }

    fn is_answered(&mut self, group: &Group, operator: &Operator, random: &mut fastrand::Rng) {
        let topic = group.topics().into_iter().rev().find(|topic| topic.name.contains(&self.name));
        let Some(topic) = topic else { return };
        let asks = format!("{} asks", self.name);
        let messages = group.messages(topic.id);
        let copies = messages.iter().filter(|message| {
            message.from_bot && message.text.as_ref().is_some_and(|text| text.starts_with(&asks))
        });
        // A topic is empty if the bot was killed before it stored the topic.
        let copies: Vec<i64> = copies.map(|message| message.id).collect();
        let Some(copy) = random.choice(&copies) else { return };
        self.answered += 1;
        let text = format!("{} is answered #{}", self.name, self.answered);
        if random.u8(..4) == 0 {
            operator.replies_in(topic.id, *copy, text.as_str());
        } else {
            operator.writes_in(topic.id, &text);
        }
    }

    /// The numbers of the answers that the person sees.
    fn answers(&self) -> Vec<u64> {
        let mark = format!("{} is answered #", self.name);
        let reads = self.person.reads();
        reads.iter().filter_map(|text| text.strip_prefix(&mark)?.parse().ok()).collect()
    }
}

impl Account {
    fn side(&mut self, what: &str, written: u64, seen: &[u64]) {
        self.written += written;
        let distinct: HashSet<u64> = seen.iter().copied().collect();
        self.repeats += (seen.len() - distinct.len()) as u64;
        self.repeated_batches += seen.windows(2).filter(|pair| pair[1] <= pair[0]).count() as u64;
        let lost: Vec<u64> = (1..=written).filter(|number| !distinct.contains(number)).collect();
        if !lost.is_empty() {
            self.wrong.push(format!("{what}: lost {lost:?}"));
            self.lost.insert(what.to_owned(), lost);
        }
        let mut firsts = HashSet::new();
        let firsts: Vec<u64> =
            seen.iter().copied().filter(|number| firsts.insert(*number)).collect();
        if !firsts.is_sorted() {
            self.disordered.push(format!("{what}: out of order: {seen:?}"));
            self.wrong.extend(self.disordered.last().cloned());
        }
    }
}

/// The questions in the group, oldest first, by person: the topic and the number of each.
fn questions(group: &Group) -> BTreeMap<String, Vec<(Option<i64>, u64)>> {
    let mut questions: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for message in group.everything().into_iter().filter(|message| message.from_bot) {
        let text = message.text.unwrap_or_default();
        if let Some((name, number)) = text.split_once(" asks #")
            && let Ok(number) = number.parse()
        {
            questions.entry(name.to_owned()).or_default().push((message.topic, number));
        }
    }
    questions
}

/// Calls that contain a message of an earlier call.
fn repeated_calls(telegram: &Simulator) -> u64 {
    let mut known = HashSet::new();
    let mut repeated = 0;
    for call in telegram.calls().recent {
        if !call.method.starts_with("copy") && !call.method.starts_with("forward") {
            continue;
        }
        let from = call.parameters.get("from_chat_id").map(ToString::to_string);
        let one = call.parameters.get("message_id").into_iter().cloned();
        let many = call.parameters.get("message_ids").and_then(|ids| ids.as_array()).cloned();
        let ids: Vec<_> = one.chain(many.unwrap_or_default()).map(|id| id.to_string()).collect();
        if ids.into_iter().filter(|id| !known.insert((from.clone(), id.clone()))).count() > 0 {
            repeated += 1;
        }
    }
    repeated
}
