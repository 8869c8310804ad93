//! Tests of each rate limit.

use super::*;

const LIMITS: PacingLimits = PacingLimits {
    overall_per_second: 30,
    private_per_second: 1,
    private_burst: 3,
    group: 20,
    group_period: Duration::from_mins(1),
};

fn after(start: Instant, seconds: f64) -> Instant {
    start + Duration::from_secs_f64(seconds)
}

#[test]
fn the_group_gets_its_limit_and_then_waits_for_the_oldest_slot() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    assert_eq!(pacer.free(Bucket::Group, 1, start), Ok(20));
    let permit = pacer.take(Bucket::Group, 20, start);
    assert_eq!(
        pacer.free(Bucket::Group, 1, start),
        Err(Full::Shared(None)),
        "all are still running"
    );
    pacer.ended(&permit, 20, after(start, 2.0));
    assert_eq!(
        pacer.free(Bucket::Group, 1, after(start, 3.0)),
        Err(Full::Shared(Some(after(start, 62.0))))
    );
    assert_eq!(pacer.free(Bucket::Group, 1, after(start, 62.0)), Ok(20));
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
        let permit = pacer.take(Bucket::Group, 1, start);
        pacer.ended(&permit, 1, after(start, f64::from(second)));
    }
    assert_eq!(pacer.free(Bucket::Group, 5, after(start, 20.0)), Ok(5));
    assert_eq!(
        pacer.free(Bucket::Group, 10, after(start, 20.0)),
        Err(Full::Shared(Some(after(start, 64.0))))
    );
    assert_eq!(pacer.free(Bucket::Group, 10, after(start, 64.0)), Ok(10));
}

#[test]
fn unused_slots_are_free_at_once() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    let permit = pacer.take(Bucket::Group, 20, start);
    pacer.ended(&permit, 5, start);
    assert_eq!(pacer.free(Bucket::Group, 1, start), Ok(15));
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
    assert!(!pacer.is_limit(Bucket::Group, start), "slots are only being requested");
    pacer.freeze(Bucket::Group, Duration::from_secs(4), start);
    assert!(pacer.is_limit(Bucket::Group, start));
    let thaws = Full::Shared(Some(after(start, 4.0)));
    assert_eq!(pacer.free(Bucket::Group, 1, after(start, 3.0)), Err(thaws));
    assert!(pacer.free(user, 1, start).is_ok());
    assert!(pacer.free(Bucket::Group, 1, after(start, 4.0)).is_ok());
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
    pacer.freeze(Bucket::Group, Duration::from_secs(7), start);
    assert_eq!(pacer.free(Bucket::Group, 1, start), Err(Full::Shared(Some(after(start, 7.0)))));
    assert_eq!(pacer.free(Bucket::Private(UserId(1)), 1, start), Ok(3));
    assert_eq!(pacer.free(Bucket::Group, 1, after(start, 7.0)), Ok(20));
}

#[test]
fn cosmetic_calls_share_the_groups_limit_and_are_frozen_separately() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    pacer.freeze(Bucket::Cosmetic, Duration::from_secs(40), start);
    let thaws = Err(Full::Shared(Some(after(start, 40.0))));
    assert_eq!(pacer.free(Bucket::Cosmetic, 1, start), thaws);
    assert!(pacer.is_limit(Bucket::Cosmetic, start));
    assert_eq!(pacer.free(Bucket::Group, 1, start), Ok(20), "messages continue");
    let permit = pacer.take(Bucket::Cosmetic, 15, start);
    assert_eq!(pacer.free(Bucket::Group, 1, start), Ok(5), "both count against one limit");
    pacer.ended(&permit, 15, start);
    pacer.freeze(Bucket::Group, Duration::from_secs(70), start);
    let thaws = Err(Full::Shared(Some(after(start, 70.0))));
    assert_eq!(pacer.free(Bucket::Cosmetic, 1, after(start, 65.0)), thaws);
    let mut pacer = Pacer::new(LIMITS);
    pacer.pause(Bucket::Cosmetic, Duration::from_secs(5), start);
    assert!(
        pacer.free(Bucket::Group, 1, start).is_err(),
        "the bot may not work in the group at all"
    );
}

#[test]
fn a_pause_of_our_own_is_not_a_rate_limit() {
    let start = Instant::now();
    let mut pacer = Pacer::new(LIMITS);
    assert!(pacer.is_limit(Bucket::Group, start));
    pacer.pause(Bucket::Group, Duration::from_secs(15), start);
    assert!(!pacer.is_limit(Bucket::Group, after(start, 14.0)));
    assert!(pacer.is_limit(Bucket::Group, after(start, 15.0)));
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
    for bucket in [Bucket::Group, Bucket::Private(UserId(1))] {
        let permit = pacer.take(bucket, 1000, start);
        pacer.ended(&permit, 1000, start);
        assert_eq!(pacer.free(bucket, 1, start), Ok(usize::MAX));
    }
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
