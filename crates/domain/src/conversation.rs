//! One user and the desk: everything that is remembered between two updates.

use std::collections::BTreeMap;

use super::{
    ChatId, Draft, Firsts, Language, Mailing, MessageId, Millis, NewsletterId, Notes, Outcome,
    Received, Request, ScenePlace, Text, TopicId, UserId, Welcome, WelcomeEnd, is_blank,
    recent::remember, seen_name,
};

/// A conversation. Stored whole, under its revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Whose it is.
    pub user: UserId,
    /// Raised by one with each stored change; a change to an outdated revision is refused.
    pub revision: Revision,
    /// How the user calls themselves.
    pub profile: Profile,
    /// The language the user chose.
    pub language: Option<Language>,
    /// When the user was first seen.
    pub since: Millis,
    /// The topic in the operators' group.
    pub topic: Topic,
    /// Topics that it had before and that were lost, the last one at the end: operators may still see them.
    pub former: Vec<TopicId>,
    /// The name that the topic has at Telegram.
    pub title_shown: Option<String>,
    /// The pinned card in the topic.
    pub card: Option<MessageId>,
    /// What the card shows, hashed.
    pub card_shown: u32,
    /// Nothing that the user does reaches the operators.
    pub banned: bool,
    /// Nothing that the operators write reaches the user.
    pub silent: bool,
    /// The pinned notice that says so.
    pub silent_notice: Option<MessageId>,
    /// What operators write among themselves.
    pub notes: Notes,
    /// Who was told in the topic that posts as these channels do not reach the user, the last told last.
    pub channels_told: Vec<ChatId>,
    /// Telegram lets us write to the user.
    pub reachable: bool,
    /// The topic of the private chat in which the user has written last, where private chats have topics.
    pub thread: Option<TopicId>,
    /// When the user wrote what is still unanswered.
    pub waiting_since: Option<Millis>,
    /// Where the welcome is, if it was ever played.
    pub welcome: Option<Welcome>,
    /// When the welcome goes on by itself.
    pub due: Option<Millis>,
    /// What the user has answered, by question.
    pub answers: BTreeMap<String, String>,
    /// The time zone that the user has chosen.
    pub zone: Option<String>,
    /// What the user has come with last.
    pub request: Option<Request>,
    /// What the welcome has said while there was no topic to tell it in.
    pub untold: Vec<String>,
    /// What the user has done once.
    pub firsts: Firsts,
    /// The day on which the user was last seen, in UTC, if it is not that of the first time.
    pub seen: Option<Millis>,
    /// What the user has received of newsletters, the oldest first.
    pub received: Vec<Received>,
    /// The newsletter that the user, who looks after the desk, writes.
    pub draft: Option<Draft>,
    /// Those that the user has started, the oldest first.
    pub mailings: Vec<Mailing>,
}

/// Counts the stored changes of a conversation; zero was never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub i64);

/// What a user tells about themselves by writing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// First and last name.
    pub name: String,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
    /// Telegram's `language_code`.
    pub language_code: Option<String>,
}

/// Where a conversation's topic is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Not opened yet, or found deleted: the next send opens it.
    None,
    /// Open.
    Open(TopicId),
    /// Closed, by an operator: the user's next message opens it.
    Closed(TopicId),
}

impl Topic {
    /// The topic, open or closed.
    pub fn id(self) -> Option<TopicId> {
        match self {
            Self::None => None,
            Self::Open(id) | Self::Closed(id) => Some(id),
        }
    }
}

/// A conversation at a glance, as metrics count it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The user waits for an answer.
    WaitingOperator,
    /// The user was answered, or never wrote.
    WaitingUser,
    /// Closed.
    Closed,
    /// Banned.
    Banned,
    /// Blocked the bot or is gone.
    Unreachable,
}

impl State {
    /// All of them; the position is what stores keep.
    pub const ALL: [Self; 5] =
        [Self::WaitingOperator, Self::WaitingUser, Self::Closed, Self::Banned, Self::Unreachable];
}

impl Conversation {
    /// A conversation with someone never seen before.
    pub fn new(user: UserId, profile: Profile, now: Millis) -> Self {
        Self {
            user,
            revision: Revision::default(),
            profile,
            language: None,
            since: now,
            topic: Topic::None,
            former: Vec::new(),
            title_shown: None,
            card: None,
            card_shown: 0,
            banned: false,
            silent: false,
            silent_notice: None,
            notes: Notes::default(),
            channels_told: Vec::new(),
            reachable: true,
            thread: None,
            waiting_since: None,
            welcome: None,
            due: None,
            answers: BTreeMap::new(),
            zone: None,
            request: None,
            untold: Vec::new(),
            firsts: Firsts::default(),
            seen: None,
            received: Vec::new(),
            draft: None,
            mailings: Vec::new(),
        }
    }

    /// Whether this is its topic, or was.
    pub fn knows(&self, topic: TopicId) -> bool {
        self.topic.id() == Some(topic) || self.former.contains(&topic)
    }

    /// The user did something.
    pub fn saw(&mut self, now: Millis) {
        const DAY: i64 = 86_400_000;
        let today = Millis(now.0 - now.0.rem_euclid(DAY));
        if self.seen.unwrap_or(self.since) < today {
            self.seen = Some(today);
        }
    }

    /// What is known of a newsletter.
    pub fn received(&self, newsletter: NewsletterId) -> Option<&Received> {
        self.received.iter().find(|received| received.newsletter == newsletter)
    }

    /// A newsletter has this outcome from now on; `None` leaves what is known of its copies.
    pub fn receive(
        &mut self,
        newsletter: NewsletterId,
        outcome: Outcome,
        copies: Option<Vec<MessageId>>,
        now: Millis,
    ) {
        let before = self.received(newsletter);
        let at = before.map_or(now, |before| before.at);
        let known = || before.map(|before| before.copies.clone()).unwrap_or_default();
        let copies = copies.unwrap_or_else(known);
        Received::remember(&mut self.received, Received { newsletter, outcome, copies, at });
    }

    /// A newsletter that the user has started.
    pub fn mailing(&self, id: NewsletterId) -> Option<&Mailing> {
        self.mailings.iter().find(|mailing| mailing.id == id)
    }

    /// The same, to be changed.
    pub fn mailing_mut(&mut self, id: NewsletterId) -> Option<&mut Mailing> {
        self.mailings.iter_mut().find(|mailing| mailing.id == id)
    }

    /// What metrics count it as.
    pub fn state(&self) -> State {
        if self.banned {
            State::Banned
        } else if !self.reachable {
            State::Unreachable
        } else if self.waiting_since.is_some() {
            State::WaitingOperator
        } else if matches!(self.topic, Topic::Closed(_)) {
            State::Closed
        } else {
            State::WaitingUser
        }
    }

    /// The language the user is spoken to in.
    pub fn speaks(&self, default: Language) -> Language {
        let theirs = || self.profile.language_code.as_deref().and_then(Language::parse);
        self.language.or_else(theirs).unwrap_or(default)
    }

    /// The name that the topic should have, as the card has it: Telegram takes 1 to 128 characters, which it counts in UTF-16.
    pub fn title(&self) -> String {
        let mut units = 0;
        let fits = |letter: &char| {
            units += letter.len_utf16();
            units <= 128
        };
        let title = seen_name(&self.profile.name)
            .map(|name| name.chars().take_while(fits).collect::<String>())
            .filter(|title| !is_blank(title));
        title.unwrap_or_else(|| self.plain_title())
    }

    /// A name that Telegram takes for certain, also of those whose own shows nothing.
    pub fn plain_title(&self) -> String {
        format!("#{}", self.user)
    }

    /// The card that the topic should show.
    pub fn card_text(&self, default: Language) -> Text {
        Text::Card {
            name: self.title(),
            user: self.user,
            username: self.profile.username.clone(),
            language: self.speaks(default),
            since: self.since,
            banned: self.banned,
            silent: self.silent,
            reachable: self.reachable,
        }
    }

    /// Whether it is new that posts as this channel do not reach the user. From now on it is not.
    pub fn tell_of_channel(&mut self, channel: ChatId) -> bool {
        const REMEMBERED: usize = 8;
        remember(&mut self.channels_told, channel, REMEMBERED)
    }

    /// Ends the welcome where it is. Returns how, if it was still going on.
    pub fn end_welcome(&mut self, how: WelcomeEnd) -> Option<WelcomeEnd> {
        self.due = None;
        let welcome = self.welcome.as_mut()?;
        let place = std::mem::replace(&mut welcome.place, ScenePlace::Over);
        (place != ScenePlace::Over).then_some(how)
    }

    /// Operators have closed what the user came with.
    pub fn close_request(&mut self) {
        if let Some(request) = &mut self.request {
            request.closed = true;
        }
    }

    /// The request has this number, if it is the `nth` of the user's.
    pub fn number(&mut self, nth: u32, number: i64) {
        if let Some(request) = self.request.as_mut().filter(|request| request.nth == nth) {
            request.number = Some(number);
        }
    }

    /// The number of the request, if it has one.
    pub fn request_number(&self) -> Option<i64> {
        self.request.and_then(|request| request.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Conversation {
        let profile = Profile { name: name.to_owned(), ..Profile::default() };
        Conversation::new(UserId(7), profile, Millis(0))
    }

    #[test]
    fn titles_fit_into_what_telegram_takes() {
        assert_eq!(named(" Ada ").title(), "Ada");
        assert_eq!(named("  ").title(), "#7");
        assert_eq!(named("\u{3164}").title(), "#7", "a name that shows nothing is none");
        assert_eq!(named("\u{202e}adA \u{2800}").title(), "adA");
        assert_eq!(
            named(&format!("{}Ada", "\u{3164}".repeat(200))).title(),
            "#7",
            "cut to nothing"
        );
        assert_eq!(named(&"x".repeat(200)).title().len(), 128);
        let wide = named(&"\u{1f9d1}".repeat(200)).title();
        assert_eq!(wide.encode_utf16().count(), 128);
    }
}
