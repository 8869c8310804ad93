//! Tests of each rate limit.

use ports::GroupTerms;

use super::*;
use crate::engine::limits::Rank;

const LIMITS: PacingLimits = PacingLimits {
    overall_per_second: 30,
    private_per_second: 1,
    private_burst: 3,
    group: 20,
    group_period: Duration::from_mins(1),
};

/// The terms of a known user who had no slot lately.
fn quiet() -> GroupTerms {
    Rank::Quiet.terms(Class::Known, 20)
}

/// Takes slots of the group for a call that ends at once.
fn spend(pacer: &mut Pacer, rank: Rank, class: Class, slots: usize, now: Instant) {
    let permit =
        pacer.take_in_group(GroupKey::FIRST, &rank.terms(class, 20), UserId(1), slots, now);
    pacer.ended(&permit, slots, now);
}

fn after(start: Instant, seconds: f64) -> Instant {
    start + Duration::from_secs_f64(seconds)
}

#[test]
fn the_group_gets_its_limit_and_then_waits_for_the_oldest_slot() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start), Ok(20));
    let permit = pacer.take_in_group(GroupKey::FIRST, &quiet(), UserId(1), 20, start);
    assert_eq!(
        pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start),
        Err(None),
        "all are still running"
    );
    pacer.ended(&permit, 20, after(start, 2.0));
    let at = Some(after(start, 62.0));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, after(start, 3.0)), Err(at));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, after(start, 62.0)), Ok(20));
}

#[test]
fn a_heavy_lane_leaves_a_quarter_of_the_limit_to_others() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    let heavy = Rank::Heavy.terms(Class::Known, 20);
    assert_eq!(
        pacer.free_in_group(GroupKey::FIRST, &heavy, 1, start),
        Ok(5),
        "a quarter goes at once"
    );
    let mut taken = 0;
    let mut second = 0.0;
    while second < 60.0 {
        let now = after(start, second);
        if pacer.free_in_group(GroupKey::FIRST, &heavy, 1, now).is_ok() {
            spend(&mut pacer, Rank::Heavy, Class::Known, 1, now);
            taken += 1;
        }
        second += 0.25;
    }
    assert_eq!(taken, 15);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, after(start, 59.0)), Ok(5));
}

#[test]
fn a_paced_call_leaves_time_for_the_next_slot() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    let strangers = Rank::Strangers.terms(Class::Stranger, 20);
    for _ in 0..5 {
        spend(&mut pacer, Rank::Strangers, Class::Stranger, 1, start);
    }
    // Fifteen are left for a minute.
    let at = after(start, 4.0);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &strangers, 1, start), Err(Some(at)));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &strangers, 1, at), Ok(1));
    assert_eq!(
        pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start),
        Ok(15),
        "known users are not paced"
    );
}

#[test]
fn strangers_have_a_third_and_openings_a_half() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    let third = Rank::StrangersThird.terms(Class::Stranger, 20);
    spend(&mut pacer, Rank::StrangersThird, Class::Stranger, 4, start);
    spend(&mut pacer, Rank::StrangersThird, Class::Opening, 2, start);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &third, 1, after(start, 30.0)), Ok(1));
    spend(&mut pacer, Rank::StrangersThird, Class::Stranger, 1, after(start, 30.0));
    let full = Err(Some(after(start, 60.0)));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &third, 1, after(start, 40.0)), full);
    let strangers = Rank::Strangers.terms(Class::Stranger, 20);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &strangers, 1, after(start, 40.0)), Ok(1));
    let openings = Rank::Strangers.terms(Class::Opening, 20);
    spend(&mut pacer, Rank::Strangers, Class::Opening, 8, after(start, 40.0));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &openings, 1, after(start, 50.0)), full);
}

#[test]
fn a_call_that_ends_after_its_partition_was_reassigned_frees_no_extra_slots() {
    let start = Instant::now();
    let user = UserId(1);
    let mut pacer = Pacer::shared(PacingLimits { overall_per_second: 0, group: 0, ..LIMITS });
    let permit = pacer.take(Bucket::Private(user), 1, start);
    pacer.take_over(PartitionSet::ALL, start);
    pacer.ended(&permit, 1, start);
    let free = pacer.token_bucket(user, start).free(1, after(start, 60.0));
    assert_eq!(free, Ok(3));
}

#[test]
fn an_album_waits_until_it_fits_whole() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    for second in 0..15_u8 {
        spend(&mut pacer, Rank::Quiet, Class::Known, 1, after(start, f64::from(second)));
    }
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 5, after(start, 20.0)), Ok(5));
    let at = Err(Some(after(start, 64.0)));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 10, after(start, 20.0)), at);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 10, after(start, 64.0)), Ok(10));
}

#[test]
fn unused_slots_are_free_at_once() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    let permit = pacer.take_in_group(GroupKey::FIRST, &quiet(), UserId(1), 20, start);
    pacer.ended(&permit, 5, start);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start), Ok(15));
}

#[test]
fn a_user_gets_a_burst_and_then_one_a_second() {
    let (start, bucket) = (Instant::now(), Bucket::Private(UserId(1)));
    let mut pacer = Pacer::new(LIMITS);
    assert_eq!(pacer.free(bucket, 1, start), Ok(3));
    let permit = pacer.take(bucket, 3, start);
    pacer.ended(&permit, 3, start);
    assert!(matches!(pacer.free(bucket, 1, start), Err(Full::OneUser(_))));
    assert_eq!(pacer.free(bucket, 1, after(start, 1.01)), Ok(1));
    assert_eq!(
        pacer.free(Bucket::Private(UserId(2)), 1, start),
        Ok(3),
        "users do not wait for each other"
    );
}

#[test]
fn an_album_to_a_user_waits_until_the_bucket_is_idle() {
    let (start, bucket) = (Instant::now(), Bucket::Private(UserId(1)));
    let mut pacer = Pacer::new(LIMITS);
    let permit = pacer.take(bucket, 1, start);
    pacer.ended(&permit, 1, after(start, 0.5));
    assert_eq!(pacer.free(bucket, 1, after(start, 0.5)), Ok(2));
    let at = after(start, 1.5);
    assert_eq!(pacer.free(bucket, 10, after(start, 0.5)), Err(Full::OneUser(at)));
    assert_eq!(pacer.free(bucket, 10, at), Ok(3));
    let permit = pacer.take(bucket, 10, at);
    pacer.ended(&permit, 10, at);
    assert_eq!(pacer.free(bucket, 1, at), Err(Full::OneUser(after(start, 9.5))));
}

#[test]
fn a_freeze_applies_to_shared_limits_that_are_disabled() {
    let (start, user) = (Instant::now(), Bucket::Private(UserId(1)));
    let none = PacingLimits { overall_per_second: 0, private_per_second: 0, group: 0, ..LIMITS };
    let mut pacer = Pacer::shared(none);
    assert!(
        !pacer.is_limit(Bucket::Group(GroupKey::FIRST), start),
        "slots are only being requested"
    );
    pacer.freeze(Bucket::Group(GroupKey::FIRST), Duration::from_secs(4), start);
    assert!(pacer.is_limit(Bucket::Group(GroupKey::FIRST), start));
    let thaws = Some(after(start, 4.0));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, after(start, 3.0)), Err(thaws));
    assert!(pacer.free(user, 1, start).is_ok());
    assert!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, after(start, 4.0)).is_ok());
    pacer.pause_all(Duration::from_secs(9), start);
    let thaws = Full::Shared(Some(after(start, 9.0)));
    assert_eq!(pacer.free(user, 1, after(start, 8.0)), Err(thaws));
}

#[test]
fn all_chats_together_stay_under_the_overall_limit() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    for user in 0..30 {
        let bucket = Bucket::Private(UserId(user));
        assert!(pacer.free(bucket, 1, start).is_ok());
        let permit = pacer.take(bucket, 1, start);
        pacer.ended(&permit, 1, start);
    }
    assert_eq!(
        pacer.free(Bucket::Private(UserId(99)), 1, start),
        Err(Full::Shared(Some(after(start, 1.0))))
    );
    assert_eq!(pacer.free(Bucket::Free, 1, start), Ok(usize::MAX), "answers to buttons never wait");
}

#[test]
fn a_freeze_stops_its_bucket_only() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    pacer.freeze(Bucket::Group(GroupKey::FIRST), Duration::from_secs(7), start);
    assert_eq!(
        pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start),
        Err(Some(after(start, 7.0)))
    );
    assert_eq!(pacer.free(Bucket::Private(UserId(1)), 1, start), Ok(3));
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, after(start, 7.0)), Ok(20));
}

#[test]
fn a_family_of_methods_is_frozen_without_the_group() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    pacer.freeze_family(GroupKey::FIRST, Family::Edits, Duration::from_secs(40), start);
    assert_eq!(pacer.frozen(GroupKey::FIRST, Family::Edits, start), Some(after(start, 40.0)));
    assert_eq!(pacer.frozen(GroupKey::FIRST, Family::Looks, start), None);
    assert_eq!(
        pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start),
        Ok(20),
        "messages continue"
    );
    pacer.freeze_family(GroupKey::FIRST, Family::Edits, Duration::from_secs(10), start);
    assert_eq!(
        pacer.frozen(GroupKey::FIRST, Family::Edits, after(start, 20.0)),
        Some(after(start, 40.0))
    );
    assert_eq!(pacer.frozen(GroupKey::FIRST, Family::Edits, after(start, 40.0)), None);
}

#[test]
fn a_pause_of_our_own_is_not_a_rate_limit() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    assert!(pacer.is_limit(Bucket::Group(GroupKey::FIRST), start));
    pacer.pause(Bucket::Group(GroupKey::FIRST), Duration::from_secs(15), start);
    assert!(!pacer.is_limit(Bucket::Group(GroupKey::FIRST), after(start, 14.0)));
    assert!(pacer.is_limit(Bucket::Group(GroupKey::FIRST), after(start, 15.0)));
    pacer.pause_all(Duration::from_secs(20), start);
    assert!(!pacer.is_limit(Bucket::Private(UserId(1)), after(start, 19.0)));
}

#[test]
fn zero_disables_a_limit() {
    let start = Instant::now();
    let off = PacingLimits {
        overall_per_second: 0,
        private_per_second: 0,
        private_burst: 3,
        group: 0,
        ..LIMITS
    };
    let mut pacer = Pacer::new(off);
    let bucket = Bucket::Private(UserId(1));
    let permit = pacer.take(bucket, 1000, start);
    pacer.ended(&permit, 1000, start);
    assert_eq!(pacer.free(bucket, 1, start), Ok(usize::MAX));
    spend(&mut pacer, Rank::Quiet, Class::Known, 1000, start);
    assert_eq!(pacer.free_in_group(GroupKey::FIRST, &quiet(), 1, start), Ok(usize::MAX));
}

#[test]
fn idle_private_chats_are_forgotten() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    for user in 0..10_000 {
        let _ = pacer.free(Bucket::Private(UserId(user)), 1, start);
    }
    assert!(pacer.private.len() <= PRIVATE_REMEMBERED);
}
