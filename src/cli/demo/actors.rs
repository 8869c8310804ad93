//! The people of the demo, and the simulated Telegram that they use.

use std::{io, time::Duration};

use telegram_simulator::{
    Group, Limits, Operator, Options, Person, Rights, SeenMessage, Simulator, UserSpec, Window,
};

/// A minute of the limits in this demo.
pub(super) const MINUTE: Duration = Duration::from_secs(1);

/// The rate limit of the group in this demo: Telegram's number of messages, in less time.
const GROUP_WINDOW: Window = Window { count: 20, per: MINUTE };

/// Number of messages to keep per chat, so that the demo can run for days.
const HISTORY: usize = 400;

/// Exactly the rights that the bot needs in the group.
const RIGHTS: Rights =
    Rights { manage_topics: true, delete_messages: true, pin_messages: true, ..Rights::none() };

const OWNER: i64 = 4_000_000_001;

/// A person who writes to the bot.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) name: &'static str,
    pub(super) person: Person,
}

impl User {
    /// The last message on the user's phone that contains this text.
    pub(super) fn finds(&self, text: &str) -> Option<SeenMessage> {
        last_containing(self.person.chat(), text)
    }
}

/// A simulated Telegram and all its people.
#[derive(Debug)]
pub(super) struct Actors {
    pub(super) telegram: Simulator,
    pub(super) group: Group,
    pub(super) ada: User,
    pub(super) ivan: User,
    pub(super) grace: User,
    pub(super) olga: Operator,
    /// All users, including those of the random traffic.
    pub(super) users: Vec<User>,
    pub(super) colleagues: Vec<Operator>,
}

impl Actors {
    /// Starts a Telegram on a free local port. Groups have no rate limit until one is set.
    pub(super) async fn gather() -> io::Result<Self> {
        let limits = Limits { group: None, ..Limits::telegram() };
        let options =
            Options { limits, history_per_chat: HISTORY, call_log: 100, ..Options::default() };
        let telegram = Simulator::start(options).await?;
        let group = telegram.forum("Support");
        group.set_bot_rights(RIGHTS);
        telegram.user(UserSpec::named("Owner").with_id(OWNER)).starts();
        let user = |id, name: &'static str, language: &str| {
            let language_code = Some(language.to_owned());
            let username = name.is_ascii().then(|| name.to_lowercase());
            let spec = UserSpec { username, language_code, ..UserSpec::named(name).with_id(id) };
            User { name, person: telegram.user(spec) }
        };
        let colleague = |id, name| group.operator(UserSpec::named(name).with_id(id));
        let (ada, ivan) = (user(1001, "Ada", "en"), user(1002, "Иван", "ru"));
        let grace = user(1003, "Grace", "en");
        let more = [user(1004, "Пётр", "ru"), user(1005, "Marie", "en"), user(1006, "Tim", "en")];
        let users = [ada.clone(), ivan.clone(), grace.clone()].into_iter().chain(more).collect();
        let olga = colleague(2001, "Olga");
        let colleagues = vec![olga.clone(), colleague(2002, "Max")];
        Ok(Self { telegram, group, ada, ivan, grace, olga, users, colleagues })
    }

    /// The owner's user id.
    pub(super) fn owner() -> i64 {
        OWNER
    }

    /// Sets the group's rate limit. What was sent before does not count.
    pub(super) fn limit_the_group(&self) {
        self.telegram.set_limits(Limits { group: Some(GROUP_WINDOW), ..Limits::telegram() });
    }

    /// Ends the group's rate limit.
    pub(super) fn leave_the_group_unlimited(&self) {
        self.telegram.set_limits(Limits { group: None, ..Limits::telegram() });
    }

    /// The current topic of a user.
    pub(super) fn topic(&self, user: &User) -> Option<i64> {
        let mut topics = self.group.topics().into_iter();
        topics.find(|topic| !topic.deleted && topic.name.contains(user.name)).map(|topic| topic.id)
    }

    /// The user of a topic.
    pub(super) fn user_of_topic(&self, topic: i64) -> Option<&User> {
        let topic = self.group.topics().into_iter().find(|known| known.id == topic)?;
        self.users.iter().find(|user| topic.name.contains(user.name))
    }

    /// A user by the id of their chat.
    pub(super) fn user(&self, chat: i64) -> Option<&User> {
        self.users.iter().find(|user| user.person.id() == chat)
    }

    /// The messages in a user's topic, oldest first.
    pub(super) fn topic_messages(&self, user: &User) -> Vec<SeenMessage> {
        self.topic(user).map(|topic| self.group.messages(topic)).unwrap_or_default()
    }

    /// The last message in a user's topic that contains this text.
    pub(super) fn in_topic(&self, user: &User, text: &str) -> Option<SeenMessage> {
        last_containing(self.topic_messages(user), text)
    }
}

fn last_containing(messages: Vec<SeenMessage>, text: &str) -> Option<SeenMessage> {
    messages
        .into_iter()
        .rev()
        .find(|message| message.text.as_deref().is_some_and(|said| said.contains(text)))
}
