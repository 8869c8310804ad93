//! The options that a simulator starts with.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

/// How the simulator is set up. Start from `Options::default()`.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address it listens on.
    pub host: Ipv4Addr,
    /// Its port; 0 takes a free one.
    pub port: u16,
    /// The bot's token; its number is the bot's id.
    pub token: String,
    /// The bot's first name.
    pub bot_name: String,
    /// The bot's username, without `@`.
    pub bot_username: String,
    /// Whether privacy mode is off, as `getMe` reports it.
    pub can_read_all_group_messages: bool,
    /// Whether private chats with the bot have topics, which users open as they like.
    pub private_topics: bool,
    /// How often the bot may call; see [`Limits`].
    pub limits: Limits,
    /// The longest that `getUpdates` waits, whatever it is asked for.
    pub longest_poll: Duration,
    /// Added to every answer.
    pub latency: Duration,
    /// How long an update that nobody confirms is kept.
    pub update_retention: Duration,
    /// Messages kept per chat; older ones are forgotten.
    pub history_per_chat: usize,
    /// Calls kept in the log that `Simulator::calls` shows.
    pub call_log: usize,
    /// Factor on the pauses before a webhook's retries; 1.0 is Telegram's pace.
    pub webhook_pace: f64,
    /// Certificates in PEM format of authorities to trust in addition to the public ones.
    pub authorities: Vec<Vec<u8>>,
    /// Who may use the control API under `/control/`.
    pub control: Control,
    /// Host names for webhooks and their addresses; other names are looked up in DNS.
    pub names: Vec<(String, IpAddr)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST,
            port: 0,
            token: "123456789:AAFsimulated-token-of-thirty-five-c".to_owned(),
            bot_name: "Support".to_owned(),
            bot_username: "support_bot".to_owned(),
            can_read_all_group_messages: true,
            private_topics: false,
            limits: Limits::telegram(),
            longest_poll: Duration::from_secs(50),
            latency: Duration::ZERO,
            update_retention: Duration::from_hours(24),
            history_per_chat: 100_000,
            call_log: 10_000,
            webhook_pace: 1.0,
            authorities: Vec::new(),
            control: Control::Off,
            names: Vec::new(),
        }
    }
}

/// Who may use the control API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// Nobody. A test in the same process uses the actors.
    Off,
    /// Programs on this machine, whatever address the simulator listens on.
    ThisMachine,
    /// Anyone who reaches the port.
    Anyone,
}

/// At most `count` messages within any `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Messages.
    pub count: usize,
    /// The window that slides.
    pub per: Duration,
}

/// A message every `every`, with `burst` of them at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The pace in the long run.
    pub every: Duration,
    /// Messages that may go at once.
    pub burst: u32,
}

/// How often the bot may call before it is answered `429`.
///
/// Sends, copies, forwards, edits, pins and everything about topics count; `copyMessages`,
/// `forwardMessages` and `sendMediaGroup` count once per message. A batch larger than a whole
/// window passes when the window is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For one private chat.
    pub private: Option<Bucket>,
    /// For one group with all of its topics.
    pub group: Option<Window>,
    /// For all chats together.
    pub overall: Option<Window>,
}

impl Limits {
    /// What is known of Telegram's own.
    pub const fn telegram() -> Self {
        Self {
            private: Some(Bucket { every: Duration::from_secs(1), burst: 5 }),
            group: Some(Window { count: 20, per: Duration::from_mins(1) }),
            overall: Some(Window { count: 30, per: Duration::from_secs(1) }),
        }
    }

    /// None at all.
    pub const fn off() -> Self {
        Self { private: None, group: None, overall: None }
    }
}
