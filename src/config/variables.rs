//! Describes every variable once. The parser takes the defaults from here, and a test compares `.env.example` with
//! it.

use Requirement::{Default, Optional, Required};

/// Whether a variable must be set, and its value if it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// The program does not start without a value.
    Required,
    /// The default value.
    Default(&'static str),
    /// No value: the feature is off.
    Optional,
}

/// A variable of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// The variable's name.
    pub name: &'static str,
    /// The unit or form of the value.
    pub unit: &'static str,
    /// Whether it must be set.
    pub requirement: Requirement,
    /// The value is a secret: it is never shown, and `NAME_FILE` may name a file that holds it.
    pub secret: bool,
    /// The effect of the variable.
    pub consequence: &'static str,
}

const fn plain(
    name: &'static str,
    unit: &'static str,
    requirement: Requirement,
    consequence: &'static str,
) -> Variable {
    Variable { name, unit, requirement, secret: false, consequence }
}

const fn secret(
    name: &'static str,
    unit: &'static str,
    requirement: Requirement,
    consequence: &'static str,
) -> Variable {
    Variable { name, unit, requirement, secret: true, consequence }
}

/// Whether a name is a setting, or that of a setting's file.
pub(in crate::config) fn is_setting(name: &str) -> bool {
    VARIABLES.iter().any(|variable| {
        let of_file = || variable.secret && name.strip_suffix("_FILE") == Some(variable.name);
        variable.name == name || of_file()
    })
}

/// The variable that names the file with the value of a secret: `NAME_FILE` for `NAME`.
pub fn file_variable(name: &str) -> String {
    format!("{name}_FILE")
}

/// The variable that excludes this one: `NAME_FILE` for `NAME`, and `NAME` for `NAME_FILE`.
pub fn counterpart(name: &str) -> String {
    name.strip_suffix("_FILE").map_or_else(|| file_variable(name), str::to_owned)
}

/// The words that a switch takes, in any case.
pub(in crate::config) const BOOLEAN: &str = "true or false (also yes or no, on or off, 1 or 0)";

/// All variables, required ones first.
pub const VARIABLES: &[Variable] = &[
    secret("BOT_TOKEN", "token from @BotFather", Required, "The bot that users write to"),
    plain(
        "BOT_DEV_ID",
        "user id",
        Required,
        "The owner of the desk. They must have written to the bot once; `doctor` checks that the bot may write to them",
    ),
    plain(
        "BOT_ADMIN_IDS",
        "user ids, separated by commas",
        Optional,
        "The administrators, who may use the desk's commands in their private chats with the bot, as the owner always may. Each must have written to the bot once",
    ),
    plain(
        "BOT_GROUP_ID",
        "chat id, begins with -100",
        Required,
        "The operators' group: a supergroup with topics, in which the bot is an administrator",
    ),
    plain(
        "BOT_EMOJI_ID",
        "custom emoji id",
        Optional,
        "The icon of new topics; Telegram's plain icon if not set",
    ),
    plain(
        "BOT_API_URL",
        "URL",
        Default("https://api.telegram.org"),
        "The Bot API server: Telegram's, or your own, or a test server. The token is sent to it, so http:// is refused except on this machine or in a private network",
    ),
    secret(
        "HTTPS_PROXY",
        "URL",
        Optional,
        "The proxy through which Telegram, TGTrack and Sentry are reached: http://, https://, socks5:// or socks5h:// (which leaves the lookup of names to the proxy), with user:password@ before the host if it asks for them. Servers with http:// are reached directly",
    ),
    secret("ALL_PROXY", "URL", Optional, "The proxy if HTTPS_PROXY is not set"),
    plain(
        "NO_PROXY",
        "hosts, separated by commas",
        Optional,
        "What is reached without the proxy: host names (with all names below them), IP addresses, or networks such as 10.0.0.0/8",
    ),
    plain(
        "SSL_CERT_FILE",
        "file",
        Optional,
        "Certificates, in PEM format, of authorities that are trusted besides the built-in ones and the system's: for a proxy that inspects traffic, or a Bot API server or Redis of your own",
    ),
    plain("SSL_CERT_DIR", "folder", Optional, "A folder of such files"),
    plain(
        "PREFER_IPV4",
        BOOLEAN,
        Default("false"),
        "Whether servers that have an IPv4 address are reached only by that: for a network where IPv6 connects, but then breaks",
    ),
    plain(
        "DATA_DIR",
        "folder",
        Default("./data"),
        "Everything that must survive a restart is here: keep it on a local disk, and back it up with `support-bot backup`",
    ),
    secret(
        "REDIS_URL",
        "URL",
        Optional,
        "Keeps the store in this Redis instead of DATA_DIR: redis://user:password@host:6379/0, rediss:// for TLS, redis-sentinel:// or redis-cluster://. Without TLS it is refused except on this machine or in a private network. It needs appendonly yes and maxmemory-policy noeviction",
    ),
    plain(
        "REDIS_HOST",
        "host name or address",
        Optional,
        "Keeps the store in the Redis on this host; with the settings below, this replaces REDIS_URL",
    ),
    plain("REDIS_PORT", "port, 1 to 65535", Default("6379"), "The port of Redis at REDIS_HOST"),
    plain(
        "REDIS_DB",
        "number, 0 to 255",
        Default("0"),
        "The database of Redis at REDIS_HOST; desks that share a Redis need a database each",
    ),
    plain("REDIS_USERNAME", "word", Optional, "The user of Redis at REDIS_HOST"),
    secret("REDIS_PASSWORD", "text", Optional, "The password of Redis at REDIS_HOST"),
    plain("REDIS_TLS", BOOLEAN, Default("false"), "Whether Redis at REDIS_HOST speaks TLS"),
    plain(
        "REDIS_ACCEPT_LOSS",
        BOOLEAN,
        Default("false"),
        "Whether Redis may lose what is stored: turns off the warnings about missing persistence and evicted keys",
    ),
    plain(
        "REDIS_IGNORE_OLD_USERS",
        BOOLEAN,
        Default("false"),
        "Starts the desk although Redis holds users of the old bot who were never imported. Until you run `support-bot import`, their bans have no effect, and each of them gets a new topic",
    ),
    plain(
        "OPS_HOST",
        "IP address",
        Default("127.0.0.1"),
        "The address where /metrics, /healthz and /readyz listen; they need no password, so keep them off the internet",
    ),
    plain(
        "OPS_PORT",
        "port, 0 to 65535",
        Default("9464"),
        "The port of /metrics, /healthz and /readyz; 0 takes any free one",
    ),
    plain(
        "OPS_ALLOWED_HOSTS",
        "host names, separated by commas",
        Optional,
        "Names such as desk.example.org under which /metrics, /healthz and /readyz may be requested. IP addresses, names without a dot and names that end in .localhost, .local, .internal, .lan or .svc are always accepted; others are refused, because a web page could point them here",
    ),
    secret(
        "WATCHDOG_TOKEN",
        "16 to 256 characters without spaces",
        Optional,
        "The token that Alertmanager sends with its watchdog to /watchdog; when the watchdog stops coming, the owner is told that monitoring is blind",
    ),
    plain(
        "ALERTMANAGER_URL",
        "URL",
        Optional,
        "The Alertmanager that /status asks which alerts are firing; http:// is refused except on this machine or in a private network",
    ),
    plain("LOG_FORMAT", "pretty or json", Default("pretty"), "The format of log records"),
    plain(
        "RUST_LOG",
        "log filter",
        Default("info"),
        "What is logged: error, warn, info, debug (a line for each update), or a level per module, such as info,support_bot::engine=debug",
    ),
    secret(
        "SENTRY_DSN",
        "URL",
        Optional,
        "Where errors and panics are reported, without texts, names or tokens; off if not set",
    ),
    plain(
        "SENTRY_ENVIRONMENT",
        "word",
        Default("production"),
        "The environment in Sentry, to tell several desks apart",
    ),
    plain(
        "OPERATORS_LANGUAGE",
        "en or ru",
        Default("en"),
        "The language of cards and notices in the operators' group",
    ),
    plain(
        "DEFAULT_LANGUAGE",
        "en or ru",
        Default("en"),
        "The language for users whose Telegram is set to one that the bot does not speak",
    ),
    plain(
        "TEXTS_DIR",
        "folder",
        Optional,
        "Texts that replace the built-in ones without a rebuild; checked at the start",
    ),
    plain(
        "WELCOME_FILE",
        "file",
        Optional,
        "The welcome that is played to anyone who presses Start; checked at the start. Without it, they get a plain greeting",
    ),
    plain(
        "PACE_OVERALL_PER_SECOND",
        "messages a second, 0 to 10000; 0 = no limit",
        Default("30"),
        "Telegram's limit for the whole bot; a higher value earns 429 unless Telegram has granted the bot more",
    ),
    plain(
        "PACE_PRIVATE_PER_SECOND",
        "messages a second, 0 to 1000; 0 = no limit",
        Default("1"),
        "Telegram's limit for one user's chat",
    ),
    plain(
        "PACE_PRIVATE_BURST",
        "messages, 1 to 100",
        Default("3"),
        "How many messages one user may be sent at once after a pause",
    ),
    plain(
        "PACE_GROUP_PER_MINUTE",
        "messages a minute, 0 to 10000; 0 = no limit",
        Default("20"),
        "Telegram's limit for the whole operators' group, topics and edits included",
    ),
    plain(
        "KNOWN_FOR_DAYS",
        "days, 1 to 3650",
        Default("30"),
        "For how long a user is known after an operator's answer: when messages wait for the group's limit, those of known users go first",
    ),
    plain(
        "SEND_CONCURRENCY",
        "calls, 1 to 1024",
        Default("64"),
        "How many calls to Telegram may be under way at once",
    ),
    plain(
        "ALBUM_WINDOW_MS",
        "milliseconds, 100 to 10000",
        Default("700"),
        "How long to wait for all pieces of an album; a longer wait delays albums, a shorter one splits them",
    ),
    plain(
        "FLOOD",
        "messages, edits and reactions a minute, 0 to 1000; 0 = no limit",
        Default("20"),
        "Past this rate, what a user writes is held; it all goes to the topic together when they pause for a minute, or after five minutes at the latest",
    ),
    plain(
        "DRAIN_SECONDS",
        "seconds, 1 to 600",
        Default("20"),
        "How long a stop waits for calls under way; the rest resumes at the next start. Give the supervisor a longer limit",
    ),
    plain(
        "POLL_TIMEOUT_SECONDS",
        "seconds, 1 to 50",
        Default("30"),
        "How long Telegram may hold a poll open when there is nothing new",
    ),
    plain(
        "REQUEST_TIMEOUT_SECONDS",
        "seconds, 1 to 300",
        Default("20"),
        "How long any other call to Telegram may take before it is tried again",
    ),
    plain(
        "LINK_RETENTION_DAYS",
        "days, 2 to 3650",
        Default("30"),
        "How long replies, edits and reactions can follow a message to its copy; at least 2, because Telegram lets users edit for 48 hours",
    ),
    plain(
        "INBOX_LIMIT",
        "updates, 100 to 1000000",
        Default("2000"),
        "How many updates may wait here before no more are accepted; Telegram keeps the rest for a day",
    ),
    plain(
        "WEBHOOK_ENABLED",
        BOOLEAN,
        Default("false"),
        "Whether Telegram pushes updates to WEBHOOK_URL; otherwise the desk polls, which needs no public address",
    ),
    plain(
        "WEBHOOK_URL",
        "URL without a path",
        Optional,
        "The public https address that Telegram pushes to, with port 443, 80, 88 or 8443: the address of the proxy in front",
    ),
    plain(
        "WEBHOOK_PATH",
        "path",
        Default("/webhook"),
        "The path of the webhook, the same in public and on this machine; the desk answers nothing else on WEBAPP_PORT",
    ),
    plain(
        "WEBAPP_HOST",
        "IP address",
        Default("0.0.0.0"),
        "The address where the webhook listens; 127.0.0.1 if the proxy is on this machine",
    ),
    plain(
        "WEBAPP_PORT",
        "port, 1 to 65535",
        Default("8080"),
        "The port where the webhook listens, without encryption: the proxy in front has the certificate",
    ),
    secret(
        "WEBHOOK_SECRET",
        "16 to 256 of A-Z a-z 0-9 _ -",
        Optional,
        "The secret that Telegram sends with each update; derived from BOT_TOKEN if not set, so all replicas have the same",
    ),
    plain(
        "WEBHOOK_MAX_CONNECTIONS",
        "updates, 1 to 100",
        Default("40"),
        "How many updates Telegram may push at once",
    ),
    plain(
        "WEBHOOK_CERTIFICATE",
        "file",
        Optional,
        "A certificate of your own, in PEM format, that Telegram should trust; not needed if a public authority has signed it",
    ),
    plain(
        "WEBHOOK_DROP_PENDING",
        BOOLEAN,
        Default("false"),
        "Whether each start drops the updates that wait at Telegram: what users wrote while the desk was stopped is then lost",
    ),
    plain(
        "TGTRACK_ENABLED",
        BOOLEAN,
        Default("false"),
        "Whether each /start, each user who blocks the bot or comes back, and the goals in WELCOME_FILE are reported to TGTrack",
    ),
    secret(
        "TGTRACK_API_KEY",
        "key from TGTrack",
        Optional,
        "The key of the bot at TGTrack; without it nothing can be reported",
    ),
    plain(
        "TGTRACK_URL",
        "URL",
        Default("https://bot-api.tgtrack.ru"),
        "TGTrack's server. The key is sent to it, so http:// is refused except on this machine or in a private network",
    ),
];
