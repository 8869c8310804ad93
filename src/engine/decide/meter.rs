//! Counts what each user has written in the last minute.
//!
//! It is kept in memory only: after a restart the count begins anew. An update that is decided again, because its
//! conversation had changed, counts once. Users who are idle are forgotten.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use domain::{Event, Millis, UpdateId, UserAct, UserEvent, UserId, fnv1a_64};

/// The period of the rate.
const PERIOD: Duration = Duration::from_mins(1);
/// Writes kept beyond the rate, so that one of them is recognized when it is decided again.
const SPARE: usize = 64;
/// Users in one half of the memory.
const USERS: usize = 8_192;

/// The writes of the last minute, by user.
#[derive(Debug)]
pub(super) struct Meter {
    /// Writes per minute that are allowed; 0 allows all.
    rate: usize,
    /// Users who wrote since `turned`, and those who wrote in the period before and not since.
    present: HashMap<UserId, VecDeque<Write>>,
    past: HashMap<UserId, VecDeque<Write>>,
    turned: Millis,
}

/// One message, edit or reaction, or one album.
#[derive(Debug, Clone, Copy)]
struct Write {
    key: u64,
    at: Millis,
}

impl Meter {
    pub(super) fn new(rate: u32) -> Self {
        let rate = usize::try_from(rate).unwrap_or(usize::MAX);
        Self { rate, present: HashMap::new(), past: HashMap::new(), turned: Millis(0) }
    }

    /// Counts an event. Whether its user has written more than the rate allows in the minute before `at`, the event
    /// included. `now` is the time of the desk.
    pub(super) fn is_over_rate(
        &mut self,
        event: &Event,
        update: UpdateId,
        at: Millis,
        now: Millis,
    ) -> bool {
        let Event::User(UserEvent { user, act, .. }) = event else { return false };
        let key = match act {
            UserAct::Wrote(content) => match &content.album {
                // The pieces of an album are one message to those who read it.
                Some(album) => fnv1a_64(album.0.bytes()),
                None => update.0.cast_unsigned(),
            },
            UserAct::Edited(_) | UserAct::Reacted { .. } => update.0.cast_unsigned(),
            UserAct::Happened(_)
            | UserAct::Started
            | UserAct::AskedForHelp
            | UserAct::AskedForLanguages
            | UserAct::Commanded(_)
            | UserAct::Pressed { .. }
            | UserAct::Left
            | UserAct::Returned => return false,
        };
        self.rate > 0 && self.count(*user, Write { key, at }, now) > self.rate
    }

    /// Adds a write. Returns how many the user made in the minute up to it.
    fn count(&mut self, user: UserId, write: Write, now: Millis) -> usize {
        if now.since(self.turned) >= PERIOD || self.present.len() >= USERS {
            self.past = std::mem::take(&mut self.present);
            self.turned = now;
        }
        let known = self.present.remove(&user).or_else(|| self.past.remove(&user));
        let mut writes = known.unwrap_or_default();
        let begin = write.at.before(PERIOD);
        let place = writes.iter().position(|known| known.key == write.key).unwrap_or_else(|| {
            writes.retain(|known| known.at > begin);
            if writes.len() >= self.rate.saturating_add(SPARE) {
                writes.pop_front();
            }
            writes.push_back(write);
            writes.len() - 1
        });
        let before = writes.iter().take(place).filter(|known| known.at > begin).count();
        self.present.insert(user, writes);
        before + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{AlbumId, Content, ContentKind, Fingerprint, MessageId, Profile, Role, Transfer};

    fn content(album: Option<&str>) -> Content {
        Content {
            message: MessageId(1),
            kind: ContentKind::Text,
            transfer: Transfer::Copy,
            album: album.map(|album| AlbumId(album.to_owned())),
            reply: None,
            fingerprint: Fingerprint::default(),
            body: None,
            own_phone: false,
            forwarded: false,
            elsewhere: None,
            links: Vec::new(),
        }
    }

    fn event(user: i64, act: UserAct) -> Event {
        let (user, role, profile, thread) = (UserId(user), Role::User, Profile::default(), None);
        Event::User(UserEvent { user, role, profile, thread, act })
    }

    fn wrote() -> UserAct {
        UserAct::Wrote(content(None))
    }

    /// Counts acts of user 7, one after the other, a second apart.
    fn over(meter: &mut Meter, acts: impl IntoIterator<Item = UserAct>) -> Vec<bool> {
        let each = (0..).zip(acts).map(|(number, act)| {
            let at = Millis(number * 1_000);
            meter.is_over_rate(&event(7, act), UpdateId(number), at, at)
        });
        each.collect()
    }

    #[test]
    fn messages_edits_and_reactions_past_the_rate_are_over_it() {
        let reacted = UserAct::Reacted { message: MessageId(1), reaction: None };
        let acts = [wrote(), UserAct::Edited(content(None)), reacted, wrote(), wrote()];
        assert_eq!(over(&mut Meter::new(3), acts.clone()), [false, false, false, true, true]);
        assert_eq!(over(&mut Meter::new(0), acts), [false; 5], "off");
        let others = [UserAct::Started, UserAct::AskedForHelp, UserAct::Left, wrote()];
        assert_eq!(over(&mut Meter::new(1), others), [false; 4]);
    }

    #[test]
    fn an_album_counts_once() {
        let piece = |album| UserAct::Wrote(content(Some(album)));
        let acts =
            [piece("a"), piece("a"), piece("a"), piece("b"), piece("b"), piece("a"), wrote()];
        let judged = over(&mut Meter::new(1), acts);
        assert_eq!(judged, [false, false, false, true, true, false, true]);
    }

    #[test]
    fn the_rate_is_that_of_the_last_minute_and_of_one_user() {
        let mut meter = Meter::new(2);
        let mut wrote_at = |user, update, second: i64| {
            let at = Millis(second * 1_000);
            meter.is_over_rate(&event(user, wrote()), UpdateId(update), at, at)
        };
        assert_eq!(
            [wrote_at(7, 1, 0), wrote_at(7, 2, 30), wrote_at(7, 3, 59)],
            [false, false, true]
        );
        assert!(!wrote_at(8, 4, 59), "another user");
        assert!(wrote_at(7, 5, 60), "the second and the third are less than a minute ago");
        assert!(!wrote_at(7, 6, 120), "one is");
    }

    #[test]
    fn an_update_that_is_decided_again_counts_once() {
        let mut meter = Meter::new(2);
        let mut decided =
            |update| meter.is_over_rate(&event(7, wrote()), UpdateId(update), Millis(0), Millis(0));
        assert_eq!([1, 2, 1, 2, 1, 2].map(&mut decided), [false; 6]);
        assert_eq!([3, 3, 2].map(&mut decided), [true, true, false]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut meter = Meter::new(20);
        for number in 0..100_000 {
            meter.is_over_rate(&event(number, wrote()), UpdateId(number), Millis(0), Millis(0));
        }
        assert!(meter.present.len() + meter.past.len() <= 2 * USERS);
        for number in 0..10_000 {
            meter.is_over_rate(&event(7, wrote()), UpdateId(number), Millis(0), Millis(0));
        }
        assert!(meter.present[&UserId(7)].len() <= 20 + SPARE);
        let later = Millis(600_000);
        for update in 0..2 {
            let later = later.plus(PERIOD * update);
            meter.is_over_rate(&event(8, wrote()), UpdateId(update.into()), later, later);
        }
        assert_eq!(meter.present.len() + meter.past.len(), 1, "idle users are forgotten");
    }
}
