//! The validated settings.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use crate::{
    config::{
        checks::{administrators, allowed_hosts, api_url, custom_emoji, dsn, group, owner, token},
        mistakes::{Mistake, Mistakes},
        network::network,
        paths::{data_dir, texts_dir, welcome_file},
        reader::Reader,
        redis::{Redis, redis},
        rust_log::log_filter,
        source::Source,
        spelling::without_effect,
        tgtrack::{TgTrack, tgtrack},
        values::{Language, LogFormat},
        watchdog::{alertmanager, watchdog_token},
        webhook::{Webhook, webhook},
    },
    network,
};

/// All settings. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bot and its connection to Telegram.
    pub telegram: Telegram,
    /// How servers on the internet are reached.
    pub network: network::Options,
    /// The webhook; `None` for polling.
    pub webhook: Option<Webhook>,
    /// The people of the desk.
    pub desk: Desk,
    /// Languages and texts.
    pub texts: Texts,
    /// The store and how long it keeps data.
    pub store: Store,
    /// Rate limits.
    pub pace: Pace,
    /// Limits on concurrency, waiting updates and time.
    pub limits: Limits,
    /// The service that counts where users come from; `None` if it is off.
    pub tgtrack: Option<TgTrack>,
    /// The address of `/metrics` and the health checks.
    pub ops: Ops,
    /// `WATCHDOG_TOKEN`: authenticates Alertmanager; `None` if no watchdog alert is expected.
    pub watchdog: Option<SecretString>,
    /// `ALERTMANAGER_URL`: where `/status` asks for firing alerts; `None` if it asks nowhere.
    pub alertmanager: Option<Url>,
    /// Log format and filter.
    pub logs: Logs,
    /// Error reporting; `None` if it is off.
    pub sentry: Option<Sentry>,
    /// Warnings: names that look like misspelled settings, and settings without effect.
    pub warnings: Vec<String>,
}

/// The bot and its connection to Telegram.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// `BOT_TOKEN`.
    pub token: SecretString,
    /// `BOT_API_URL`.
    pub api_url: Url,
    /// `POLL_TIMEOUT_SECONDS`.
    pub poll_timeout: Duration,
    /// `REQUEST_TIMEOUT_SECONDS`.
    pub request_timeout: Duration,
}

/// The people of the desk.
#[derive(Debug, Clone)]
pub struct Desk {
    /// `BOT_DEV_ID`: the owner's user id.
    pub owner: u64,
    /// `BOT_ADMIN_IDS`: the user ids of the administrators other than the owner.
    pub administrators: Vec<u64>,
    /// `BOT_GROUP_ID`: the operators' group.
    pub group: i64,
    /// `BOT_EMOJI_ID`: the icon of new topics.
    pub topic_icon: Option<String>,
}

/// Languages and texts.
#[derive(Debug, Clone)]
pub struct Texts {
    /// `OPERATORS_LANGUAGE`.
    pub operators: Language,
    /// `DEFAULT_LANGUAGE`: for users whose language has no texts.
    pub fallback: Language,
    /// `TEXTS_DIR`: texts that replace the built-in ones.
    pub folder: Option<PathBuf>,
    /// `WELCOME_FILE`: the welcome; `None` for a plain greeting.
    pub welcome: Option<PathBuf>,
}

/// The store and how long it keeps data.
#[derive(Debug, Clone)]
pub struct Store {
    /// `DATA_DIR`.
    pub folder: PathBuf,
    /// `REDIS_URL` or `REDIS_HOST`: if set, the store is in Redis and not in the folder.
    pub redis: Option<Redis>,
    /// `LINK_RETENTION_DAYS`, as a duration.
    pub link_retention: Duration,
}

/// Rate limits; `None` switches a limit off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// `PACE_OVERALL_PER_SECOND`.
    pub overall_per_second: Option<u32>,
    /// `PACE_PRIVATE_PER_SECOND`.
    pub private_per_second: Option<u32>,
    /// `PACE_PRIVATE_BURST`.
    pub private_burst: u32,
    /// `PACE_GROUP_PER_MINUTE`.
    pub group_per_minute: Option<u32>,
    /// The minute of `group_per_minute`. No variable sets it; the demo shortens it.
    pub group_period: Duration,
    /// `KNOWN_FOR_DAYS`, as a duration: how long an operator's answer makes a user known.
    pub known_for: Duration,
}

/// Limits on concurrency, waiting updates and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `SEND_CONCURRENCY`: concurrent calls to Telegram.
    pub send_concurrency: usize,
    /// `INBOX_LIMIT`: waiting updates at which backpressure begins.
    pub inbox: usize,
    /// `ALBUM_WINDOW_MS`: wait for the remaining pieces of an album.
    pub album_window: Duration,
    /// `FLOOD`: messages, edits and reactions of one user a minute past which they are held; 0 holds nothing.
    pub flood: u32,
    /// The pause that ends a hold, and the longest hold; `None` for those that the documents name. No variable sets
    /// it; tests and the demo shorten them.
    pub hold_times: Option<(Duration, Duration)>,
    /// `DRAIN_SECONDS`: time limit for work in progress when the desk stops.
    pub drain: Duration,
    /// A loop that has not turned for this long counts as stuck. It is far above the longest turn. No variable sets it;
    /// tests shorten it.
    pub stuck: Duration,
}

/// The address of `/metrics` and the health checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ops {
    /// `OPS_HOST` and `OPS_PORT`.
    pub address: SocketAddr,
    /// `OPS_ALLOWED_HOSTS`: host names with dots that requests may use.
    pub allowed_hosts: Vec<String>,
}

/// Log format and filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `RUST_LOG`.
    pub filter: String,
}

/// Error reporting.
#[derive(Debug, Clone)]
pub struct Sentry {
    /// `SENTRY_DSN`.
    pub dsn: SecretString,
    /// `SENTRY_ENVIRONMENT`.
    pub environment: String,
}

const LANGUAGES: &[(&str, Language)] = &[("en", Language::En), ("ru", Language::Ru)];
const FORMATS: &[(&str, LogFormat)] = &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)];
const DAY: u64 = 24 * 60 * 60;
const GROUP_PERIOD: Duration = Duration::from_mins(1);
const STUCK: Duration = Duration::from_mins(2);

impl Settings {
    /// Reads and checks all settings. Reports all mistakes at once.
    pub fn load(source: &dyn Source) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(source);
        let read = Self::read(&mut reader);
        let unknown = without_effect(source);
        let mistakes = source.mistakes().iter().cloned().chain(reader.mistakes);
        let mistakes: Vec<Mistake> = mistakes.collect();
        match read {
            Some(mut settings) if mistakes.is_empty() => {
                settings.warnings.extend(source.warnings().iter().cloned());
                settings.warnings.extend(unknown.iter().map(ToString::to_string));
                Ok(settings)
            }
            // A missing variable may be present under a misspelled name.
            _ => Err(Mistakes(mistakes.into_iter().chain(unknown).collect())),
        }
    }

    /// Reads every variable, even after a mistake. `None` means that a mistake was reported.
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let token = token(r);
        let (owner, administrators, group) = (owner(r), administrators(r), group(r));
        let topic_icon = custom_emoji(r);
        let api_url = api_url(r);
        let network = network(r);
        let folder = data_dir(r);
        let mut warnings = Vec::new();
        let redis = redis(r, &mut warnings);
        let ops = ops(r);
        let address = ops.as_ref().map(|ops| ops.address);
        let webhook = webhook(r, api_url.as_ref(), address, &mut warnings);
        let tgtrack = tgtrack(r, &mut warnings);
        let (watchdog, alertmanager) = (watchdog_token(r), alertmanager(r));
        let logs = logs(r);
        let sentry = sentry(r);
        let texts = texts(r);
        let pace = pace(r);
        let limits = limits(r);
        let poll_timeout = r.number("POLL_TIMEOUT_SECONDS", 1..=50).map(Duration::from_secs);
        let request_timeout = r.number("REQUEST_TIMEOUT_SECONDS", 1..=300).map(Duration::from_secs);
        let days = r.number("LINK_RETENTION_DAYS", 2..=3650);
        let (poll_timeout, request_timeout) = (poll_timeout?, request_timeout?);
        Some(Self {
            telegram: Telegram { token: token?, api_url: api_url?, poll_timeout, request_timeout },
            network: network?,
            webhook,
            desk: Desk {
                owner: owner?,
                administrators: administrators?,
                group: group?,
                topic_icon,
            },
            texts: texts?,
            store: Store {
                folder: folder?,
                redis,
                link_retention: Duration::from_secs(days.map(|days: u64| days * DAY)?),
            },
            pace: pace?,
            limits: limits?,
            tgtrack,
            ops: ops?,
            watchdog,
            alertmanager,
            logs: logs?,
            sentry,
            warnings,
        })
    }
}

fn ops(r: &mut Reader<'_>) -> Option<Ops> {
    let host = r.text("OPS_HOST").and_then(|host| {
        let parsed = host.parse::<IpAddr>().ok();
        if parsed.is_none() {
            let wrong = format!("is {host:?}, which is not an IP address");
            r.mistake(
                "OPS_HOST",
                &wrong,
                "write 127.0.0.1 for this machine, 0.0.0.0 for all networks",
            );
        }
        parsed
    });
    let port = r.number("OPS_PORT", 0..=u16::MAX);
    let allowed_hosts = allowed_hosts(r);
    Some(Ops { address: SocketAddr::new(host?, port?), allowed_hosts: allowed_hosts? })
}

fn logs(r: &mut Reader<'_>) -> Option<Logs> {
    let format = r.word("LOG_FORMAT", FORMATS);
    let filter = log_filter(r);
    Some(Logs { format: format?, filter: filter? })
}

fn sentry(r: &mut Reader<'_>) -> Option<Sentry> {
    let dsn = dsn(r);
    let environment = r.text("SENTRY_ENVIRONMENT");
    Some(Sentry { dsn: dsn?, environment: environment? })
}

fn texts(r: &mut Reader<'_>) -> Option<Texts> {
    let operators = r.word("OPERATORS_LANGUAGE", LANGUAGES);
    let fallback = r.word("DEFAULT_LANGUAGE", LANGUAGES);
    let folder = texts_dir(r);
    let welcome = welcome_file(r);
    Some(Texts { operators: operators?, fallback: fallback?, folder, welcome })
}

fn pace(r: &mut Reader<'_>) -> Option<Pace> {
    let limit = |limit: u32| (limit > 0).then_some(limit);
    let overall = r.number("PACE_OVERALL_PER_SECOND", 0..=10_000).map(limit);
    let private = r.number("PACE_PRIVATE_PER_SECOND", 0..=1_000).map(limit);
    let burst = r.number("PACE_PRIVATE_BURST", 1..=100);
    let group = r.number("PACE_GROUP_PER_MINUTE", 0..=10_000).map(limit);
    let known_for = r.number("KNOWN_FOR_DAYS", 1..=3650).map(|days: u64| days * DAY);
    if let (Some(Some(overall)), Some(Some(private))) = (overall, private)
        && private > overall
    {
        r.mistake(
            "PACE_PRIVATE_PER_SECOND and PACE_OVERALL_PER_SECOND",
            "contradict each other: one user would be sent more than all users together",
            "lower the first or raise the second",
        );
    }
    Some(Pace {
        overall_per_second: overall?,
        private_per_second: private?,
        private_burst: burst?,
        group_per_minute: group?,
        group_period: GROUP_PERIOD,
        known_for: Duration::from_secs(known_for?),
    })
}

fn limits(r: &mut Reader<'_>) -> Option<Limits> {
    let send_concurrency = r.number("SEND_CONCURRENCY", 1..=1024);
    let album_window = r.number("ALBUM_WINDOW_MS", 100..=10_000).map(Duration::from_millis);
    let drain = r.number("DRAIN_SECONDS", 1..=600).map(Duration::from_secs);
    let flood = r.number("FLOOD", 0..=1_000);
    let inbox = r.number("INBOX_LIMIT", 100..=1_000_000);
    Some(Limits {
        send_concurrency: send_concurrency?,
        inbox: inbox?,
        album_window: album_window?,
        flood: flood?,
        hold_times: None,
        drain: drain?,
        stuck: STUCK,
    })
}
