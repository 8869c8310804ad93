//! Slots for direct calls, which tell the owner that the store fails while it is still failing.
//!
//! Invariant: a direct call goes without a slot of the shared limits only while the store that grants them does not
//! answer, and never while it has said that a limit is full.

use std::time::Duration;

use tokio::time::Instant;

use domain::UserId;

use super::{Bucket, Full, Pacer, Permit, TokenBucket};

/// Interval between direct calls that no store has granted: far below Telegram's 30 a second, even if every process
/// on the store makes them.
const UNSHARED_INTERVAL: Duration = Duration::from_secs(10);

/// Direct calls without a grant that may follow each other after a silence: several notices may be due at once.
const UNSHARED_BURST: u32 = 3;

/// The unused bucket of direct calls that no store has granted.
pub(super) fn unshared_bucket() -> TokenBucket {
    TokenBucket::every(Some(UNSHARED_INTERVAL), UNSHARED_BURST, Instant::now())
}

impl Pacer {
    /// Takes a slot for a call to a user's private chat that no lane has asked for. `Err` says which limit is full.
    pub(in crate::engine) fn take_direct(
        &mut self,
        user: UserId,
        now: Instant,
    ) -> Result<Permit, Full> {
        let bucket = Bucket::Private(user);
        let at = match self.free(bucket, 1, now) {
            Ok(_) => return Ok(self.take(bucket, 1, now)),
            Err(Full::Shared(at)) if self.is_unanswered(now) => at,
            Err(full) => return Err(full),
        };
        if let Err(unshared_at) = self.unshared.free(1, now) {
            return Err(Full::Shared(at.or(Some(unshared_at)).min(Some(unshared_at))));
        }
        self.unshared.take(1);
        self.token_bucket(user, now).take(1);
        Ok(Permit { bucket, group: None, slots: 1, unshared: true })
    }

    /// Whether nothing but the missing answer of the store holds calls back.
    fn is_unanswered(&self, now: Instant) -> bool {
        self.overall.check_freeze(now).is_ok()
            && self.quota.as_ref().is_some_and(|quota| quota.is_unanswered(now))
    }
}

#[cfg(test)]
mod tests {
    use ports::{SlotGrant, StoreError};

    use super::*;
    use crate::engine::limits::PacingLimits;

    const OWNER: UserId = UserId(7);

    fn shared() -> Pacer {
        Pacer::shared(PacingLimits {
            overall_per_second: 30,
            private_per_second: 1,
            private_burst: 3,
            group: 20,
            group_period: Duration::from_mins(1),
        })
    }

    /// The store's next answer, to whatever is asked.
    fn answers(pacer: &mut Pacer, grant: Result<SlotGrant, StoreError>, now: Instant) {
        let quota = pacer.quota().unwrap();
        assert!(quota.next_request(now).is_some());
        quota.answered(grant.map(|grant| Some(vec![grant])), now);
    }

    fn fails(pacer: &mut Pacer, now: Instant) {
        answers(pacer, Err(StoreError::Io("gone".to_owned())), now);
    }

    #[test]
    fn a_direct_call_goes_without_a_grant_only_after_the_store_did_not_answer() {
        let (mut pacer, now) = (shared(), Instant::now());
        assert_eq!(pacer.take_direct(OWNER, now).unwrap_err(), Full::Shared(None));
        fails(&mut pacer, now);
        let permit = pacer.take_direct(OWNER, now).unwrap();
        pacer.ended(&permit, 1, now);
        let of_a_lane = pacer.free(Bucket::Private(UserId(8)), 1, now);
        assert!(of_a_lane.is_err(), "calls of lanes wait for the store");
    }

    #[test]
    fn what_went_without_a_grant_is_not_reported_to_the_store() {
        let (mut pacer, now) = (shared(), Instant::now());
        assert!(pacer.take_direct(OWNER, now).is_err());
        fails(&mut pacer, now);
        let permit = pacer.take_direct(OWNER, now).unwrap();
        pacer.ended(&permit, 1, now);
        let later = now + Duration::from_secs(1);
        let asked = pacer.quota().unwrap().next_request(later).unwrap();
        assert_eq!((asked.used, asked.unused), Default::default());
    }

    #[test]
    fn direct_calls_without_a_grant_are_few() {
        let (mut pacer, begun) = (shared(), Instant::now());
        assert!(pacer.take_direct(OWNER, begun).is_err());
        fails(&mut pacer, begun);
        let made = (0..600).filter(|second| {
            let now = begun + Duration::from_secs(*second);
            // A user each, so that no chat's own limit is what holds them back.
            let user = UserId(1000 + i64::try_from(*second).unwrap());
            let Ok(permit) = pacer.take_direct(user, now) else { return false };
            pacer.ended(&permit, 1, now);
            true
        });
        assert_eq!(made.count(), 3 + 59);
    }

    #[test]
    fn a_store_that_has_said_full_is_obeyed_even_if_it_falls_silent() {
        let (mut pacer, now) = (shared(), Instant::now());
        assert!(pacer.take_direct(OWNER, now).is_err());
        answers(&mut pacer, Ok(SlotGrant::Wait(Duration::from_secs(2))), now);
        assert!(pacer.take_direct(OWNER, now).is_err(), "it has answered");
        // The next report fails.
        pacer.quota().unwrap().freeze(true, Duration::ZERO, now);
        fails(&mut pacer, now);
        assert!(pacer.take_direct(OWNER, now + Duration::from_secs(1)).is_err(), "still full");
        assert!(pacer.take_direct(OWNER, now + Duration::from_secs(2)).is_ok());
    }

    #[test]
    fn a_pause_of_all_calls_holds_direct_calls_too() {
        let (mut pacer, now) = (shared(), Instant::now());
        assert!(pacer.take_direct(OWNER, now).is_err());
        fails(&mut pacer, now);
        let pause = Duration::from_secs(5);
        pacer.pause_all(pause, now);
        assert_eq!(pacer.take_direct(OWNER, now).unwrap_err(), Full::Shared(Some(now + pause)));
        assert!(pacer.take_direct(OWNER, now + pause).is_ok());
    }

    #[test]
    fn once_the_store_answers_again_a_grant_is_needed() {
        let (mut pacer, now) = (shared(), Instant::now());
        assert!(pacer.take_direct(OWNER, now).is_err());
        fails(&mut pacer, now);
        let later = now + Duration::from_secs(1);
        let permit = pacer.take_direct(OWNER, later).unwrap();
        pacer.ended(&permit, 1, later);
        answers(&mut pacer, Ok(SlotGrant::Taken(1)), later);
        let permit = pacer.take_direct(OWNER, later).unwrap();
        assert!(!permit.unshared);
        pacer.ended(&permit, 1, later);
    }
}
