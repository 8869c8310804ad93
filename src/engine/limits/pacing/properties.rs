//! Properties that hold for any interleaving of calls, ends, throttling and waits: no window exceeds its limit, and
//! no slot is held for longer than necessary.
//!
//! The oracle does not know windows. It records when each call began and ended. Telegram counted each message at some
//! moment in between, so an interval may contain every message whose call overlaps it.

use proptest::prelude::*;

use super::*;
use crate::engine::limits::Rank;

const LIMITS: PacingLimits = PacingLimits {
    overall_per_second: 30,
    private_per_second: 1,
    private_burst: 3,
    group: 20,
    group_period: Duration::from_mins(1),
};

#[derive(Debug, Clone)]
enum Step {
    /// Time passes.
    Pass(u64),
    /// A call starts as soon as the pacer allows it, with up to `want` messages.
    Call { to: u8, want: usize, newsletter: bool, rank: usize },
    /// One of the running calls ends, having used this many of its slots.
    End { which: usize, used: usize },
    /// Telegram throttles a bucket.
    Flood { to: u8, millis: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_000_u64).prop_map(Step::Pass),
        1 => (50_000..70_000_u64).prop_map(Step::Pass),
        10 => (0..4_u8, 1..8_usize, prop::bool::weighted(0.2), 0..Rank::ALL.len())
            .prop_map(|(to, want, newsletter, rank)| Step::Call { to, want, newsletter, rank }),
        8 => (any::<usize>(), 0..40_usize).prop_map(|(which, used)| Step::End { which, used }),
        1 => (0..4_u8, 1..5_000_u64).prop_map(|(to, millis)| Step::Flood { to, millis }),
    ]
}

fn bucket(to: u8) -> Bucket {
    if to == 0 { Bucket::Group(GroupKey::FIRST) } else { Bucket::Private(UserId(to.into())) }
}

/// Messages that Telegram counted between two moments.
#[derive(Debug, Clone, Copy)]
struct Called {
    bucket: Bucket,
    messages: usize,
    began: Instant,
    ended: Instant,
}

#[derive(Debug)]
struct World {
    pacer: Pacer,
    now: Instant,
    under_way: Vec<(Permit, Instant)>,
    called: Vec<Called>,
    floods: HashMap<Bucket, Instant>,
}

impl World {
    fn new() -> Self {
        let (pacer, now) = (Pacer::new(LIMITS), Instant::now());
        Self { pacer, now, under_way: Vec::new(), called: Vec::new(), floods: HashMap::new() }
    }

    fn play(&mut self, step: &Step) {
        match *step {
            Step::Pass(millis) => self.now += Duration::from_millis(millis),
            Step::Call { to: 0, want, rank, .. } => self.call_the_group(Rank::ALL[rank], want),
            Step::Call { to, want, newsletter, .. } => self.call(bucket(to), want, newsletter),
            Step::End { which, used } if !self.under_way.is_empty() => {
                self.end(which % self.under_way.len(), used);
            }
            Step::End { .. } => {}
            Step::Flood { to, millis } => {
                let wait = Duration::from_millis(millis);
                self.pacer.freeze(bucket(to), wait, self.now);
                let until = self.floods.entry(bucket(to)).or_insert(self.now);
                *until = (*until).max(self.now + wait);
            }
        }
    }

    /// Waits as long as the pacer demands, for a while.
    fn call_the_group(&mut self, rank: Rank, want: usize) {
        let class = match rank {
            Rank::Urgent => Class::Urgent,
            Rank::StrangersThird | Rank::Strangers => Class::Opening,
            Rank::FirstNotices | Rank::Notices => Class::Notice,
            Rank::FirstLook | Rank::Looks => Class::Cosmetic,
            Rank::Quiet | Rank::Light | Rank::Heavy => Class::Known,
        };
        let terms = rank.terms(class, 20);
        for _ in 0..4 {
            match self.pacer.free_in_group(GroupKey::FIRST, &terms, want, self.now) {
                Ok(free) => {
                    assert!(free >= want, "{free} for {want}");
                    let flood = self.floods.get(&Bucket::Group(GroupKey::FIRST)).copied();
                    assert!(flood.is_none_or(|until| until <= self.now), "Telegram asked to wait");
                    let slots = if want.is_multiple_of(2) { want } else { free.min(10) };
                    let permit = self.pacer.take_in_group(
                        GroupKey::FIRST,
                        &terms,
                        UserId(7),
                        slots,
                        self.now,
                    );
                    self.under_way.push((permit, self.now));
                    return;
                }
                Err(Some(at)) => {
                    assert!(at > self.now, "the pacer says to ask again at once");
                    self.now = at;
                }
                Err(None) => return,
            }
        }
    }

    /// Waits as long as the pacer demands. Gives up if only the end of a call can help.
    fn call(&mut self, bucket: Bucket, want: usize, newsletter: bool) {
        // Only an album may exceed a user's burst; its pause is longer accordingly.
        let want = want.min(3);
        for _ in 0..4 {
            let free = if newsletter {
                self.pacer.free_for_newsletter(bucket, want, self.now)
            } else {
                self.pacer.free(bucket, want, self.now)
            };
            match free {
                Ok(free) => {
                    assert!(free >= want, "{free} for {want}");
                    let flood = self.floods.get(&bucket).copied();
                    assert!(flood.is_none_or(|until| until <= self.now), "Telegram asked to wait");
                    let slots = if want.is_multiple_of(2) { want } else { free.min(10) };
                    self.under_way.push((self.pacer.take(bucket, slots, self.now), self.now));
                    return;
                }
                Err(Full::Shared(Some(at)) | Full::OneUser(at)) => {
                    assert!(at > self.now, "the pacer says to ask again at once");
                    self.now = at;
                    // A user's pause begins at the end of the running call.
                    if self.under_way.iter().any(|(permit, _)| permit.bucket == bucket) {
                        return;
                    }
                }
                Err(Full::Shared(None)) => {
                    assert!(!self.under_way.is_empty(), "no call is running that could end");
                    return;
                }
            }
        }
        panic!("the pacer asks to wait forever");
    }

    fn end(&mut self, which: usize, used: usize) {
        let (permit, began) = self.under_way.swap_remove(which);
        self.pacer.ended(&permit, used, self.now);
        let messages = used.min(permit.slots);
        let (bucket, ended) = (permit.bucket, self.now);
        self.called.push(Called { bucket, messages, began, ended });
    }

    /// The largest number of messages in any interval of `length`, over the calls that `of` selects.
    fn most(&self, of: impl Fn(&Called) -> bool, length: Duration) -> usize {
        let calls: Vec<&Called> = self.called.iter().filter(|call| of(call)).collect();
        let seen = |from: Instant| {
            let touches = |call: &&&Called| call.ended >= from && call.began < from + length;
            calls.iter().filter(touches).map(|call| call.messages).sum()
        };
        // An interval with the most messages can begin at the end of a call.
        calls.iter().map(|call| seen(call.ended)).max().unwrap_or(0)
    }
}

proptest! {
    // No regression file is kept: a failure prints its steps, which become a case in `tests.rs`.
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_interval_exceeds_its_limit(
        steps in prop::collection::vec(step(), 1..120)
    ) {
        let mut world = World::new();
        for step in &steps {
            world.play(step);
        }
        while !world.under_way.is_empty() {
            world.end(0, usize::MAX);
        }
        let all = world.most(|_| true, Duration::from_secs(1));
        prop_assert!(all <= 30, "{all} in a second");
        let group = world.most(|call| call.bucket == Bucket::Group(GroupKey::FIRST), Duration::from_mins(1));
        prop_assert!(group <= 20, "{group} into the group in a minute");
        for user in 1..4 {
            for seconds in [1, 2, 5, 20] {
                let length = Duration::from_secs(seconds);
                let most = world.most(|call| call.bucket == bucket(user), length);
                let limit = 3 + usize::try_from(seconds).unwrap();
                prop_assert!(most <= limit, "{most} to one user in {seconds} s");
            }
        }
        // No slot is held for longer than its period: afterwards all are free.
        world.now += Duration::from_secs(70);
        let quiet = Rank::Quiet.terms(Class::Known, 20);
        prop_assert_eq!(world.pacer.free_in_group(GroupKey::FIRST, &quiet, 1, world.now), Ok(20));
        prop_assert_eq!(world.pacer.free(bucket(1), 1, world.now), Ok(3));
    }

    #[test]
    fn newsletters_leave_a_sixth_of_each_second_to_other_sends(
        steps in prop::collection::vec(step(), 1..120)
    ) {
        let mut world = World::new();
        for step in &steps {
            // Many users, so that only the limit over all chats applies.
            let step = match *step {
                Step::Call { want, .. } => Step::Call { to: 1, want, newsletter: true, rank: 0 },
                Step::Pass(millis) => Step::Pass(millis / 40),
                Step::End { .. } | Step::Flood { .. } => step.clone(),
            };
            if let Step::Call { want, .. } = step {
                let user = Bucket::Private(UserId(100 + i64::try_from(world.called.len()).unwrap()));
                let free = world.pacer.free_for_newsletter(user, want.min(3), world.now);
                if free.is_ok() {
                    let permit = world.pacer.take(user, want.min(3), world.now);
                    world.under_way.push((permit, world.now));
                }
                continue;
            }
            world.play(&step);
        }
        while !world.under_way.is_empty() {
            world.end(0, usize::MAX);
        }
        let all = world.most(|_| true, Duration::from_secs(1));
        prop_assert!(all <= 25, "{all} of newsletters in a second");
    }
}
