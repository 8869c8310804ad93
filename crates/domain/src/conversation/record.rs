//! The record of a conversation: its fields and its revision. The types of the fields are in the other files here.

use std::time::Duration;

use super::{
    Authoring, Flood, Moderation, Notes, Profile, Request, Topic, TopicState, WelcomeProgress,
};
use crate::{
    Firsts, Language, MessageId, Millis, NewsletterId, Received, Recipient, RecipientOutcome,
    Standing, Text, TopicId, UserId,
};

/// A conversation. Stored as a whole, under its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The user.
    pub user: UserId,
    /// Rises by one with each stored change; a change based on an outdated revision is rejected.
    pub revision: Revision,
    /// The user's profile at Telegram.
    pub profile: Profile,
    /// The language that the user chose.
    pub language: Option<Language>,
    /// When the user was first seen.
    pub since: Millis,
    /// The day on which the user was last seen, in UTC, if later than the day of `since`.
    pub last_seen: Option<Millis>,
    /// Whether Telegram lets the bot write to the user.
    pub reachable: bool,
    /// The topic of the private chat in which the user last wrote, if private chats have topics.
    pub thread: Option<TopicId>,
    /// When the user wrote the first message that is still unanswered.
    pub waiting_since: Option<Millis>,
    /// The day on which an operator last answered, in UTC.
    pub answered: Option<Millis>,
    /// The topic in the operators' group.
    pub topic: TopicState,
    /// What operators have forbidden.
    pub moderation: Moderation,
    /// The operators' notes in the topic.
    pub notes: Notes,
    /// Progress in the welcome.
    pub welcome: WelcomeProgress,
    /// The user's latest request.
    pub request: Option<Request>,
    /// Goals that the user can reach only once.
    pub firsts: Firsts,
    /// Newsletters that the user received, oldest first.
    pub received: Vec<Received>,
    /// Newsletters that the user, the owner or an administrator, writes.
    pub authoring: Authoring,
    /// The user's flood, if one is under way.
    pub flood: Option<Flood>,
    /// Operators have dropped everything that the user wrote up to this moment and that had not reached them.
    pub dropped_until: Option<Millis>,
}

/// Number of stored changes of a conversation; zero means never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub i64);

/// The state of a conversation, as metrics count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The user waits for an answer.
    WaitingOperator,
    /// The user was answered, or never wrote.
    WaitingUser,
    /// An operator closed the conversation.
    Closed,
    /// The user is banned.
    Banned,
    /// The user blocked the bot, or deleted the account.
    Unreachable,
}

impl State {
    /// All states. Stores keep the position in this list, so the order must not change.
    pub const ALL: [Self; 5] =
        [Self::WaitingOperator, Self::WaitingUser, Self::Closed, Self::Banned, Self::Unreachable];
}

impl Conversation {
    /// Creates the conversation of a user who was never seen before.
    pub fn new(user: UserId, profile: Profile, now: Millis) -> Self {
        Self {
            user,
            revision: Revision::default(),
            profile,
            language: None,
            since: now,
            last_seen: None,
            reachable: true,
            thread: None,
            waiting_since: None,
            answered: None,
            topic: TopicState::default(),
            moderation: Moderation::default(),
            notes: Notes::default(),
            welcome: WelcomeProgress::default(),
            request: None,
            firsts: Firsts::default(),
            received: Vec::new(),
            authoring: Authoring::default(),
            flood: None,
            dropped_until: None,
        }
    }

    /// Records that the user was active.
    pub(crate) fn record_activity(&mut self, now: Millis) {
        let today = day(now);
        if self.last_activity() < today {
            self.last_seen = Some(today);
        }
    }

    /// Records that an operator answered.
    pub(crate) fn record_answer(&mut self, now: Millis) {
        self.answered = self.answered.max(Some(day(now)));
    }

    /// Returns how well the operators know the user: an answer counts for `known_for`.
    pub fn standing(&self, now: Millis, known_for: Duration) -> Standing {
        let answered = self.answered.is_some_and(|day| now.since(day) <= known_for + DAY);
        if answered {
            Standing::Known
        } else if self.topic.current == Topic::None {
            Standing::New
        } else {
            Standing::Stranger
        }
    }

    /// Returns when the user was last active, exact to the day.
    fn last_activity(&self) -> Millis {
        self.last_seen.unwrap_or(self.since)
    }

    /// Returns the outcome of a newsletter for this user, if it is known.
    pub fn received(&self, newsletter: NewsletterId) -> Option<&Received> {
        Received::of(&self.received, newsletter)
    }

    /// Records the outcome of a newsletter; `copies: None` keeps the copies known so far.
    pub fn receive(
        &mut self,
        newsletter: NewsletterId,
        outcome: RecipientOutcome,
        copies: Option<Vec<MessageId>>,
        now: Millis,
    ) {
        let before = self.received(newsletter);
        let at = before.map_or(now, |before| before.at);
        let known = || before.map(|before| before.copies.clone()).unwrap_or_default();
        let copies = copies.unwrap_or_else(known);
        Received::remember(&mut self.received, Received { newsletter, outcome, copies, at });
    }

    /// Returns what newsletters look at. `default` is the language for users whose own language is unknown.
    pub fn recipient(&self, default: Language) -> Recipient<'_> {
        Recipient {
            since: self.since,
            last_active: self.last_activity(),
            language: self.language_or(default),
            answers: &self.welcome.answers,
            reachable: self.reachable && !self.moderation.banned,
            received: &self.received,
        }
    }

    /// Records that operators closed the request.
    pub(crate) fn close_request(&mut self) {
        if let Some(request) = &mut self.request {
            request.closed = true;
        }
    }

    /// Sets the number of the request, if the latest request is the user's `nth`.
    pub fn set_request_number(&mut self, nth: u32, number: i64) {
        if let Some(request) = self.request.as_mut().filter(|request| request.nth == nth) {
            request.number = Some(number);
        }
    }

    /// Returns the number of the request, if it has one.
    pub fn request_number(&self) -> Option<i64> {
        self.request.and_then(|request| request.number)
    }

    /// Returns the state, as metrics count it.
    pub fn state(&self) -> State {
        if self.moderation.banned {
            State::Banned
        } else if !self.reachable {
            State::Unreachable
        } else if self.waiting_since.is_some() {
            State::WaitingOperator
        } else if matches!(self.topic.current, Topic::Closed(_)) {
            State::Closed
        } else {
            State::WaitingUser
        }
    }

    /// Returns the language of the bot's messages to the user; `default` if the user's own is unknown.
    pub fn language_or(&self, default: Language) -> Language {
        self.language.or_else(|| self.profile.language()).unwrap_or(default)
    }

    /// Returns the name that topic and card should show.
    pub fn title(&self) -> String {
        self.profile.title().unwrap_or_else(|| self.plain_title())
    }

    /// Returns a name that Telegram certainly accepts, for users whose own name is invisible.
    pub fn plain_title(&self) -> String {
        format!("#{}", self.user)
    }

    /// Returns the card that the topic should show.
    pub fn card_text(&self, default: Language) -> Text {
        Text::Card {
            name: self.title(),
            user: self.user,
            username: self.profile.username.clone(),
            language: self.language_or(default),
            since: self.since,
            banned: self.moderation.banned,
            silent: self.moderation.silent,
            reachable: self.reachable,
        }
    }
}

const DAY: Duration = Duration::from_hours(24);

/// The beginning of the day, in UTC.
fn day(now: Millis) -> Millis {
    const DAY: i64 = 86_400_000;
    Millis(now.0 - now.0.rem_euclid(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_known_for_some_days_after_an_answer() {
        let days = |days: u64| Duration::from_hours(24 * days);
        let at = |days: i64| Millis(86_400_000 * days + 5);
        let mut conversation = Conversation::new(UserId(7), Profile::default(), at(0));
        assert_eq!(conversation.standing(at(0), days(30)), Standing::New);
        conversation.topic.current = Topic::Open(TopicId(5));
        assert_eq!(conversation.standing(at(0), days(30)), Standing::Stranger);
        conversation.record_answer(at(1));
        assert_eq!(conversation.standing(at(31), days(30)), Standing::Known);
        assert_eq!(conversation.standing(at(32), days(30)), Standing::Stranger);
        conversation.topic.current = Topic::None;
        assert_eq!(conversation.standing(at(32), days(30)), Standing::New);
    }

    #[test]
    fn a_user_without_a_visible_name_is_shown_by_number() {
        let named = |name: &str| {
            let profile = Profile { name: name.to_owned(), ..Profile::default() };
            Conversation::new(UserId(7), profile, Millis(0)).title()
        };
        assert_eq!([named("Ada"), named("\u{3164}")], ["Ada", "#7"]);
    }
}
