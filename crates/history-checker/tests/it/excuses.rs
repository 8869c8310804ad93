//! Hand-written histories: the repeats and losses that each kind of fault excuses, and those it does not.

use history_checker::{Destination, Entry, Event, FaultKind, Side, Violation, check};

/// A history under construction. Time stands still until `wait` advances it.
struct Script {
    entries: Vec<Entry>,
    at: u64,
    call: u64,
}

const USER: i64 = 1;

impl Script {
    fn new() -> Self {
        let mut script = Self { entries: Vec::new(), at: 0, call: 0 };
        let (name, seed, processes, calls_at_once) = ("script".to_owned(), 0, 2, 2);
        script.add(Event::Begins { name, seed, processes, calls_at_once });
        script
    }

    fn add(&mut self, event: Event) {
        self.entries.push(Entry { at: self.at, event });
    }

    fn wait(&mut self) -> &mut Self {
        self.at += 5_000;
        self
    }

    fn wrote(&mut self, update: i64, side: Side, topic: Option<i64>) -> &mut Self {
        self.add(Event::Wrote { update, message: update.to_string(), user: USER, side, topic });
        self
    }

    fn handed_out(&mut self, update: i64) -> &mut Self {
        self.add(Event::HandedOut { update });
        self
    }

    fn confirmed(&mut self, update: i64) -> &mut Self {
        self.add(Event::Confirmed { update });
        self
    }

    /// A user's message that the desk has confirmed.
    fn received(&mut self, update: i64) -> &mut Self {
        self.wrote(update, Side::ToTopic, None).handed_out(update).confirmed(update)
    }

    fn calls(&mut self, act: impl Fn(u64) -> Event) -> &mut Self {
        self.call += 1;
        let call = self.call;
        self.add(Event::Called { call, method: "copyMessage".to_owned() });
        self.add(act(call));
        self.add(Event::Answered { call, ok: true, lost: false });
        self
    }

    fn opens(&mut self, topic: i64) -> &mut Self {
        self.calls(|call| Event::Opened { call, user: USER, topic })
    }

    fn delivers(&mut self, update: i64, topic: i64) -> &mut Self {
        let destination = Destination::Topic(topic);
        self.calls(|call| Event::Delivered { call, message: update.to_string(), destination })
    }

    fn fault_begins(&mut self, kind: FaultKind) -> &mut Self {
        let process = None;
        self.add(Event::FaultBegins { fault: 1, kind, process });
        self
    }

    fn fault_strikes(&mut self) -> &mut Self {
        self.add(Event::FaultStruck { fault: 1 });
        self
    }

    fn fault_ends(&mut self) -> &mut Self {
        self.add(Event::FaultEnds { fault: 1 });
        self
    }

    fn violations(&mut self) -> Vec<Violation> {
        self.add(Event::Ends);
        check(&self.entries).violations
    }
}

/// A desk with one topic and one message in it.
fn with_one_message() -> Script {
    let mut script = Script::new();
    script.received(1).opens(70).delivers(1, 70);
    script
}

fn is_repeated(found: &[Violation]) -> bool {
    matches!(found, [Violation::Repeated { .. }])
}

#[test]
fn a_kill_excuses_a_repeat_of_the_last_call_and_of_no_earlier_one() {
    let kill = FaultKind::Kill;
    let last = with_one_message()
        .received(2)
        .delivers(2, 70)
        .fault_begins(kill)
        .fault_ends()
        .delivers(2, 70)
        .violations();
    assert_eq!(last, []);
    let revived = with_one_message()
        .received(2)
        .delivers(2, 70)
        .fault_begins(kill)
        .fault_ends()
        .delivers(1, 70)
        .violations();
    assert!(is_repeated(&revived), "{revived:?}");
    let again = with_one_message()
        .fault_begins(kill)
        .fault_ends()
        .delivers(1, 70)
        .delivers(1, 70)
        .violations();
    assert!(is_repeated(&again), "{again:?}");
    let after = with_one_message()
        .fault_begins(kill)
        .fault_ends()
        .received(2)
        .delivers(2, 70)
        .delivers(2, 70)
        .violations();
    assert!(is_repeated(&after), "{after:?}");
}

#[test]
fn an_orderly_stop_and_a_frozen_store_excuse_no_repeat() {
    for kind in [FaultKind::Stop, FaultKind::StoreFrozen] {
        let found = with_one_message().fault_begins(kind).fault_ends().delivers(1, 70).violations();
        assert!(is_repeated(&found), "{kind:?}: {found:?}");
    }
    let found =
        with_one_message().fault_begins(FaultKind::Cut).fault_ends().delivers(1, 70).violations();
    assert_eq!(found, []);
}

#[test]
fn a_topic_may_be_opened_twice_at_a_kill_but_only_one_is_used() {
    let mut script = Script::new();
    script
        .received(1)
        .opens(70)
        .fault_begins(FaultKind::Kill)
        .fault_ends()
        .opens(71)
        .delivers(1, 71);
    assert_eq!(script.violations(), []);
    let mut used = with_one_message();
    used.fault_begins(FaultKind::Kill).fault_ends().opens(71).received(2).delivers(2, 71);
    let found = used.violations();
    assert!(matches!(found[..], [Violation::TwoTopics { .. }, Violation::Repeated { .. }]));
}

#[test]
fn a_frozen_process_may_repeat_the_first_call_that_another_has_made() {
    let frozen = FaultKind::Freeze;
    let mut script = with_one_message();
    script
        .received(2)
        .received(3)
        .fault_begins(frozen)
        .delivers(2, 70)
        .delivers(3, 70)
        .fault_ends();
    assert_eq!(script.delivers(2, 70).violations(), []);
    let mut script = with_one_message();
    script
        .received(2)
        .received(3)
        .fault_begins(frozen)
        .delivers(2, 70)
        .delivers(3, 70)
        .fault_ends();
    let found = script.delivers(3, 70).violations();
    assert!(is_repeated(&found), "{found:?}");
}

#[test]
fn an_emptied_store_excuses_the_loss_of_earlier_messages_only() {
    let emptied = FaultKind::StoreEmptied;
    let mut script = with_one_message();
    // Message 2 is lost, message 3 is delivered from memory, and message 4 is forgotten and delivered to the desk
    // again.
    script.received(2).received(3).wrote(4, Side::ToTopic, None).handed_out(4).delivers(4, 70);
    script.wait().fault_begins(emptied).delivers(3, 70).handed_out(4).confirmed(4).fault_ends();
    script.opens(71).delivers(4, 71).received(5).delivers(5, 71);
    // An answer in the forgotten topic.
    script.wrote(6, Side::ToUser, Some(70)).handed_out(6).confirmed(6);
    assert_eq!(script.violations(), []);

    let found = with_one_message()
        .fault_begins(emptied)
        .received(2)
        .fault_strikes()
        .fault_ends()
        .violations();
    assert_eq!(found, [], "perhaps before");
    let found = with_one_message()
        .fault_begins(emptied)
        .fault_strikes()
        .received(2)
        .fault_ends()
        .violations();
    assert!(matches!(found[..], [Violation::Lost { .. }]), "{found:?}");
    let found = with_one_message()
        .received(2)
        .delivers(2, 70)
        .fault_begins(emptied)
        .fault_ends()
        .delivers(1, 70)
        .violations();
    assert!(is_repeated(&found), "confirmed before: {found:?}");
    let mut script = with_one_message();
    script.fault_begins(emptied).fault_ends().opens(71).received(2).wrote(
        3,
        Side::ToUser,
        Some(71),
    );
    let found = script.delivers(2, 71).handed_out(3).confirmed(3).violations();
    assert!(matches!(found[..], [Violation::Lost { .. }]), "in the new topic: {found:?}");
    let mut script = with_one_message();
    script.fault_begins(emptied).fault_ends().received(2).received(3).opens(71).delivers(3, 71);
    let found = script.delivers(2, 71).violations();
    assert!(matches!(found[..], [Violation::Disordered { .. }]), "{found:?}");
    let mut script = with_one_message();
    script.fault_begins(emptied).fault_ends().received(2).opens(71).delivers(2, 71).received(3);
    let found = script.opens(72).delivers(3, 72).violations();
    assert!(found.iter().any(|one| matches!(one, Violation::TwoTopics { .. })), "{found:?}");
}

#[test]
fn a_failover_excuses_the_loss_of_the_last_second_only() {
    let failover = FaultKind::Failover;
    let found =
        with_one_message().wait().received(2).fault_begins(failover).fault_ends().violations();
    assert_eq!(found, []);
    let found =
        with_one_message().received(2).wait().fault_begins(failover).fault_ends().violations();
    assert!(matches!(found[..], [Violation::Lost { .. }]), "{found:?}");
    let found =
        with_one_message().wait().fault_begins(failover).fault_ends().delivers(1, 70).violations();
    assert!(is_repeated(&found), "{found:?}");
}

#[test]
fn numbers_begin_at_one_again_in_an_empty_store() {
    let start = |script: &mut Script, user: i64, number: i64| {
        let (update, message) = (1000 + user, format!("Start of {user}"));
        script.add(Event::Wrote { update, message, user, side: Side::ToNumber, topic: None });
        script.handed_out(update).confirmed(update);
        script.calls(|call| Event::Numbered { call, user, number });
    };
    let mut script = Script::new();
    start(&mut script, 1, 1);
    start(&mut script, 2, 2);
    script.fault_begins(FaultKind::StoreEmptied).fault_ends();
    start(&mut script, 3, 1);
    assert_eq!(script.violations(), []);

    let mut script = Script::new();
    start(&mut script, 1, 1);
    start(&mut script, 2, 1);
    let found = script.violations();
    assert!(matches!(found[..], [Violation::DuplicateNumber { number: 1, .. }]), "{found:?}");
    let mut script = Script::new();
    start(&mut script, 1, 1);
    start(&mut script, 2, 3);
    let found = script.violations();
    assert!(matches!(found[..], [Violation::SkippedNumber { number: 2, .. }]), "{found:?}");
}

#[test]
fn a_lost_answer_excuses_one_repeat() {
    let lost = |script: &mut Script| {
        script.received(2).delivers(2, 70);
        if let Some(Entry { event: Event::Answered { ok, lost, .. }, .. }) =
            script.entries.last_mut()
        {
            (*ok, *lost) = (false, true);
        }
    };
    let mut script = with_one_message();
    lost(&mut script);
    assert_eq!(script.delivers(2, 70).violations(), []);
    let mut script = with_one_message();
    lost(&mut script);
    let found = script.delivers(2, 70).delivers(2, 70).violations();
    assert!(is_repeated(&found), "{found:?}");
}
