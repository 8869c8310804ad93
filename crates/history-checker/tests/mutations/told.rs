//! Hand-written histories: the repeats and losses that each kind of fault excuses, and those it does not.

use history_checker::{Destination, Entry, Event, FaultKind, Side, Violation, judge};

/// A history under construction. Time stands still until `passes` advances it.
struct Told {
    entries: Vec<Entry>,
    at: u64,
    call: u64,
}

const USER: i64 = 1;

impl Told {
    fn new() -> Self {
        let mut told = Self { entries: Vec::new(), at: 0, call: 0 };
        let (name, seed, processes, calls_at_once) = ("told".to_owned(), 0, 2, 2);
        told.says(Event::Begins { name, seed, processes, calls_at_once });
        told
    }

    fn says(&mut self, event: Event) {
        self.entries.push(Entry { at: self.at, event });
    }

    fn passes(&mut self) -> &mut Self {
        self.at += 5_000;
        self
    }

    fn wrote(&mut self, update: i64, side: Side, topic: Option<i64>) -> &mut Self {
        self.says(Event::Wrote { update, message: update.to_string(), user: USER, side, topic });
        self
    }

    fn handed(&mut self, update: i64) -> &mut Self {
        self.says(Event::HandedOut { update });
        self
    }

    fn confirmed(&mut self, update: i64) -> &mut Self {
        self.says(Event::Confirmed { update });
        self
    }

    /// A user's message that the desk has confirmed.
    fn taken(&mut self, update: i64) -> &mut Self {
        self.wrote(update, Side::ToTopic, None).handed(update).confirmed(update)
    }

    fn calls(&mut self, act: impl Fn(u64) -> Event) -> &mut Self {
        self.call += 1;
        let call = self.call;
        self.says(Event::Called { call, method: "copyMessage".to_owned() });
        self.says(act(call));
        self.says(Event::Answered { call, ok: true, lost: false });
        self
    }

    fn opens(&mut self, topic: i64) -> &mut Self {
        self.calls(|call| Event::Opened { call, user: USER, topic })
    }

    fn delivers(&mut self, update: i64, topic: i64) -> &mut Self {
        let place = Destination::Topic(topic);
        self.calls(|call| Event::Delivered { call, message: update.to_string(), place })
    }

    fn begins(&mut self, kind: FaultKind) -> &mut Self {
        let process = None;
        self.says(Event::FaultBegins { fault: 1, kind, process });
        self
    }

    fn strikes(&mut self) -> &mut Self {
        self.says(Event::FaultStruck { fault: 1 });
        self
    }

    fn ends(&mut self) -> &mut Self {
        self.says(Event::FaultEnds { fault: 1 });
        self
    }

    fn found(&mut self) -> Vec<Violation> {
        self.says(Event::Ends);
        judge(&self.entries).violations
    }
}

/// A desk with one topic and one message in it.
fn open() -> Told {
    let mut told = Told::new();
    told.taken(1).opens(70).delivers(1, 70);
    told
}

fn is_repeated(found: &[Violation]) -> bool {
    matches!(found, [Violation::Repeated { .. }])
}

#[test]
fn the_last_call_before_a_kill_may_be_made_again_and_none_before_it() {
    let kill = FaultKind::Kill;
    let last = open().taken(2).delivers(2, 70).begins(kill).ends().delivers(2, 70).found();
    assert_eq!(last, []);
    let revived = open().taken(2).delivers(2, 70).begins(kill).ends().delivers(1, 70).found();
    assert!(is_repeated(&revived), "{revived:?}");
    let again = open().begins(kill).ends().delivers(1, 70).delivers(1, 70).found();
    assert!(is_repeated(&again), "{again:?}");
    let after = open().begins(kill).ends().taken(2).delivers(2, 70).delivers(2, 70).found();
    assert!(is_repeated(&after), "{after:?}");
}

#[test]
fn an_orderly_stop_and_a_store_that_is_frozen_excuse_nothing() {
    for kind in [FaultKind::Stop, FaultKind::StoreFrozen] {
        let found = open().begins(kind).ends().delivers(1, 70).found();
        assert!(is_repeated(&found), "{kind:?}: {found:?}");
    }
    let found = open().begins(FaultKind::Cut).ends().delivers(1, 70).found();
    assert_eq!(found, []);
}

#[test]
fn a_topic_that_was_being_opened_may_be_opened_again_and_one_of_the_two_is_used() {
    let mut told = Told::new();
    told.taken(1).opens(70).begins(FaultKind::Kill).ends().opens(71).delivers(1, 71);
    assert_eq!(told.found(), []);
    let mut used = open();
    used.begins(FaultKind::Kill).ends().opens(71).taken(2).delivers(2, 71);
    let found = used.found();
    assert!(matches!(found[..], [Violation::TwoTopics { .. }, Violation::Repeated { .. }]));
}

#[test]
fn what_a_frozen_process_was_about_to_do_may_come_after_another_has_done_it() {
    let frozen = FaultKind::Freeze;
    let mut told = open();
    told.taken(2).taken(3).begins(frozen).delivers(2, 70).delivers(3, 70).ends();
    assert_eq!(told.delivers(2, 70).found(), []);
    let mut told = open();
    told.taken(2).taken(3).begins(frozen).delivers(2, 70).delivers(3, 70).ends();
    let found = told.delivers(3, 70).found();
    assert!(is_repeated(&found), "{found:?}");
}

#[test]
fn a_store_that_is_emptied_loses_what_it_had_and_nothing_that_comes_after() {
    let emptied = FaultKind::StoreEmptied;
    let mut told = open();
    // Message 2 is lost, message 3 is delivered from memory, and message 4 is forgotten and delivered to the desk
    // again.
    told.taken(2).taken(3).wrote(4, Side::ToTopic, None).handed(4).delivers(4, 70);
    told.passes().begins(emptied).delivers(3, 70).handed(4).confirmed(4).ends();
    told.opens(71).delivers(4, 71).taken(5).delivers(5, 71);
    // An answer in the forgotten topic.
    told.wrote(6, Side::ToUser, Some(70)).handed(6).confirmed(6);
    assert_eq!(told.found(), []);

    let found = open().begins(emptied).taken(2).strikes().ends().found();
    assert_eq!(found, [], "perhaps before");
    let found = open().begins(emptied).strikes().taken(2).ends().found();
    assert!(matches!(found[..], [Violation::Lost { .. }]), "{found:?}");
    let found = open().taken(2).delivers(2, 70).begins(emptied).ends().delivers(1, 70).found();
    assert!(is_repeated(&found), "confirmed before: {found:?}");
    let mut told = open();
    told.begins(emptied).ends().opens(71).taken(2).wrote(3, Side::ToUser, Some(71));
    let found = told.delivers(2, 71).handed(3).confirmed(3).found();
    assert!(matches!(found[..], [Violation::Lost { .. }]), "in the new topic: {found:?}");
    let mut told = open();
    told.begins(emptied).ends().taken(2).taken(3).opens(71).delivers(3, 71);
    let found = told.delivers(2, 71).found();
    assert!(matches!(found[..], [Violation::Disordered { .. }]), "{found:?}");
    let mut told = open();
    told.begins(emptied).ends().taken(2).opens(71).delivers(2, 71).taken(3);
    let found = told.opens(72).delivers(3, 72).found();
    assert!(found.iter().any(|one| matches!(one, Violation::TwoTopics { .. })), "{found:?}");
}

#[test]
fn a_failover_may_lose_the_last_moment_and_nothing_before() {
    let failover = FaultKind::Failover;
    let found = open().passes().taken(2).begins(failover).ends().found();
    assert_eq!(found, []);
    let found = open().taken(2).passes().begins(failover).ends().found();
    assert!(matches!(found[..], [Violation::Lost { .. }]), "{found:?}");
    let found = open().passes().begins(failover).ends().delivers(1, 70).found();
    assert!(is_repeated(&found), "{found:?}");
}

#[test]
fn numbers_begin_anew_where_the_store_does() {
    let start = |told: &mut Told, user: i64, number: i64| {
        let (update, message) = (1000 + user, format!("Start of {user}"));
        told.says(Event::Wrote { update, message, user, side: Side::ToNumber, topic: None });
        told.handed(update).confirmed(update);
        told.calls(|call| Event::Numbered { call, user, number });
    };
    let mut told = Told::new();
    start(&mut told, 1, 1);
    start(&mut told, 2, 2);
    told.begins(FaultKind::StoreEmptied).ends();
    start(&mut told, 3, 1);
    assert_eq!(told.found(), []);

    let mut told = Told::new();
    start(&mut told, 1, 1);
    start(&mut told, 2, 1);
    let found = told.found();
    assert!(matches!(found[..], [Violation::NumberTwice { number: 1, .. }]), "{found:?}");
    let mut told = Told::new();
    start(&mut told, 1, 1);
    start(&mut told, 2, 3);
    let found = told.found();
    assert!(matches!(found[..], [Violation::NumberSkipped { number: 2, .. }]), "{found:?}");
}

#[test]
fn an_answer_that_was_lost_excuses_one_call_more() {
    let lost = |told: &mut Told| {
        told.taken(2).delivers(2, 70);
        if let Some(Entry { event: Event::Answered { ok, lost, .. }, .. }) = told.entries.last_mut()
        {
            (*ok, *lost) = (false, true);
        }
    };
    let mut told = open();
    lost(&mut told);
    assert_eq!(told.delivers(2, 70).found(), []);
    let mut told = open();
    lost(&mut told);
    let found = told.delivers(2, 70).delivers(2, 70).found();
    assert!(is_repeated(&found), "{found:?}");
}
