//! A conversation: everything that is stored about one user between two updates.

use std::collections::BTreeMap;

use super::recent::remember;
use crate::{
    ChatId, Draft, Firsts, Language, MessageId, Millis, Newsletter, NewsletterId, Notes, Received,
    RecipientOutcome, Request, ScenePlace, Text, TopicId, UserId, Welcome, WelcomeEnd, is_blank,
    seen_name,
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
    /// The topic in the operators' group.
    pub topic: Topic,
    /// Former topics, which were lost, the latest last. Operators may still see them.
    pub former: Vec<TopicId>,
    /// The topic's name as it is at Telegram.
    pub title_shown: Option<String>,
    /// The pinned card in the topic.
    pub card: Option<MessageId>,
    /// Hash of the card's content.
    pub card_shown: u32,
    /// Whether the user is banned: nothing that the user does reaches the operators.
    pub banned: bool,
    /// Whether silent mode is on: nothing that the operators write reaches the user.
    pub silent: bool,
    /// The pinned notice of silent mode.
    pub silent_notice: Option<MessageId>,
    /// The operators' notes in the topic.
    pub notes: Notes,
    /// Channels for which the topic already has the notice that their posts do not reach the user, the latest last.
    pub channels_told: Vec<ChatId>,
    /// Whether Telegram lets the bot write to the user.
    pub reachable: bool,
    /// The topic of the private chat in which the user last wrote, if private chats have topics.
    pub thread: Option<TopicId>,
    /// When the user wrote the first message that is still unanswered.
    pub waiting_since: Option<Millis>,
    /// Progress of the welcome, if it was ever played.
    pub welcome: Option<Welcome>,
    /// When the welcome continues by itself.
    pub due: Option<Millis>,
    /// The user's answers, by question.
    pub answers: BTreeMap<String, String>,
    /// The time zone that the user chose.
    pub zone: Option<String>,
    /// The user's latest request.
    pub request: Option<Request>,
    /// Lines of the welcome that operators have not seen, because there was no topic yet.
    pub untold: Vec<String>,
    /// Goals that the user can reach only once.
    pub firsts: Firsts,
    /// The day on which the user was last seen, in UTC, if later than the day of `since`.
    pub seen: Option<Millis>,
    /// Newsletters that the user received, oldest first.
    pub received: Vec<Received>,
    /// The newsletter that the user, the owner or an administrator, is writing.
    pub draft: Option<Draft>,
    /// Newsletters that the user started, oldest first.
    pub mailings: Vec<Newsletter>,
}

/// Number of stored changes of a conversation; zero means never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub i64);

/// A user's profile, as it comes with each update.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// First and last name.
    pub name: String,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
    /// Telegram's `language_code`.
    pub language_code: Option<String>,
}

/// Life cycle of a conversation's topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Not opened yet, or found deleted: the next send opens it.
    None,
    /// The topic is open.
    Open(TopicId),
    /// An operator closed the topic: the user's next message reopens it.
    Closed(TopicId),
}

impl Topic {
    /// Returns the topic, open or closed.
    pub fn id(self) -> Option<TopicId> {
        match self {
            Self::None => None,
            Self::Open(id) | Self::Closed(id) => Some(id),
        }
    }
}

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

    /// Whether this is or was the conversation's topic.
    pub fn knows(&self, topic: TopicId) -> bool {
        self.topic.id() == Some(topic) || self.former.contains(&topic)
    }

    /// Records that the user was active.
    pub fn saw(&mut self, now: Millis) {
        const DAY: i64 = 86_400_000;
        let today = Millis(now.0 - now.0.rem_euclid(DAY));
        if self.seen.unwrap_or(self.since) < today {
            self.seen = Some(today);
        }
    }

    /// Returns the outcome of a newsletter for this user, if it is known.
    pub fn received(&self, newsletter: NewsletterId) -> Option<&Received> {
        self.received.iter().find(|received| received.newsletter == newsletter)
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

    /// Returns a newsletter that the user started.
    pub fn mailing(&self, id: NewsletterId) -> Option<&Newsletter> {
        self.mailings.iter().find(|mailing| mailing.id == id)
    }

    /// Returns a newsletter that the user started, for changes.
    pub fn mailing_mut(&mut self, id: NewsletterId) -> Option<&mut Newsletter> {
        self.mailings.iter_mut().find(|mailing| mailing.id == id)
    }

    /// Returns the state, as metrics count it.
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

    /// Returns the language of the bot's messages to the user.
    pub fn speaks(&self, default: Language) -> Language {
        let theirs = || self.profile.language_code.as_deref().and_then(Language::parse);
        self.language.or_else(theirs).unwrap_or(default)
    }

    /// Returns the name that topic and card should show. Telegram accepts 1 to 128 characters, counted in UTF-16 units.
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
            language: self.speaks(default),
            since: self.since,
            banned: self.banned,
            silent: self.silent,
            reachable: self.reachable,
        }
    }

    /// Records that the topic has the notice about posts as this channel. Whether that is new.
    pub fn tell_of_channel(&mut self, channel: ChatId) -> bool {
        const REMEMBERED: usize = 8;
        remember(&mut self.channels_told, channel, REMEMBERED)
    }

    /// Ends the welcome where it is. Returns `how` if it was still in progress.
    pub fn end_welcome(&mut self, how: WelcomeEnd) -> Option<WelcomeEnd> {
        self.due = None;
        let welcome = self.welcome.as_mut()?;
        let place = std::mem::replace(&mut welcome.place, ScenePlace::Over);
        (place != ScenePlace::Over).then_some(how)
    }

    /// Records that operators closed the request.
    pub fn close_request(&mut self) {
        if let Some(request) = &mut self.request {
            request.closed = true;
        }
    }

    /// Sets the number of the request, if the latest request is the user's `nth`.
    pub fn number(&mut self, nth: u32, number: i64) {
        if let Some(request) = self.request.as_mut().filter(|request| request.nth == nth) {
            request.number = Some(number);
        }
    }

    /// Returns the number of the request, if it has one.
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
        assert_eq!(named("\u{3164}").title(), "#7", "an invisible name counts as none");
        assert_eq!(named("\u{202e}adA \u{2800}").title(), "adA");
        assert_eq!(
            named(&format!("{}Ada", "\u{3164}".repeat(200))).title(),
            "#7",
            "only the invisible part fits"
        );
        assert_eq!(named(&"x".repeat(200)).title().len(), 128);
        let wide = named(&"\u{1f9d1}".repeat(200)).title();
        assert_eq!(wide.encode_utf16().count(), 128);
    }
}
