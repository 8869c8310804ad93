//! The settings, checked.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use crate::config::{
    checks::{
        administrators, allowed_hosts, api_url, custom_emoji, data_dir, dsn, group, log_filter,
        owner, texts_dir, token, welcome_file,
    },
    mistakes::Mistakes,
    reader::Reader,
    redis::{Redis, redis},
    source::Source,
    spelling::doubt,
    tgtrack::{TgTrack, tgtrack},
    values::{Language, LogFormat},
    watchdog::{alertmanager, watchdog_token},
    webhook::{Webhook, webhook},
};

/// Everything that can be set. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The bot and how to reach Telegram.
    pub telegram: Telegram,
    /// Where updates are pushed to; `None` for polling.
    pub webhook: Option<Webhook>,
    /// Who works at the desk.
    pub desk: Desk,
    /// Languages and texts.
    pub texts: Texts,
    /// Where everything is kept.
    pub store: Store,
    /// How fast to send.
    pub pace: Pace,
    /// How much and how long.
    pub limits: Limits,
    /// What counts where users come from; `None` if nothing does.
    pub tgtrack: Option<TgTrack>,
    /// Where `/metrics` and the health checks listen.
    pub ops: Ops,
    /// `WATCHDOG_TOKEN`: what Alertmanager shows; `None` if its watchdog is not expected.
    pub watchdog: Option<SecretString>,
    /// `ALERTMANAGER_URL`: where `/status` asks what fires; `None` for nowhere.
    pub alertmanager: Option<Url>,
    /// What is logged and how.
    pub logs: Logs,
    /// Where errors are reported; `None` for nowhere.
    pub sentry: Option<Sentry>,
    /// Names that look like settings but are not, and settings without effect, in words.
    pub warnings: Vec<String>,
}

/// The bot and how to reach Telegram.
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

/// Who works at the desk.
#[derive(Debug, Clone)]
pub struct Desk {
    /// `BOT_DEV_ID`: the owner's user id.
    pub owner: u64,
    /// `BOT_ADMIN_IDS`: the user ids of the administrators beside the owner.
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
    /// `DEFAULT_LANGUAGE`: for users whose own we do not speak.
    pub fallback: Language,
    /// `TEXTS_DIR`: texts that replace the built-in ones.
    pub folder: Option<PathBuf>,
    /// `WELCOME_FILE`: the welcome; `None` for a mere greeting.
    pub welcome: Option<PathBuf>,
}

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct Store {
    /// `DATA_DIR`.
    pub folder: PathBuf,
    /// `REDIS_URL` or `REDIS_HOST`: the store is there instead of in the folder.
    pub redis: Option<Redis>,
    /// `LINK_RETENTION_DAYS`, as a duration.
    pub link_retention: Duration,
}

/// How fast to send; `None` switches a limit off.
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
}

/// How much and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `SEND_CONCURRENCY`: calls to Telegram at once.
    pub send_concurrency: usize,
    /// `INBOX_LIMIT`: updates waiting before no more are taken in.
    pub inbox: usize,
    /// `ALBUM_WINDOW_MS`: how long the pieces of an album are waited for.
    pub album_window: Duration,
    /// `DRAIN_SECONDS`: how long a stop waits for what is under way.
    pub drain: Duration,
}

/// Where `/metrics` and the health checks listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ops {
    /// `OPS_HOST` and `OPS_PORT`.
    pub address: SocketAddr,
    /// `OPS_ALLOWED_HOSTS`: names with dots by which requests may come.
    pub allowed_hosts: Vec<String>,
}

/// What is logged and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// `LOG_FORMAT`.
    pub format: LogFormat,
    /// `RUST_LOG`.
    pub filter: String,
}

/// Where errors are reported.
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

impl Settings {
    /// Reads and checks everything; reports all mistakes at once.
    pub fn load(source: &dyn Source) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(source);
        let read = Self::read(&mut reader);
        let names = source.names();
        let doubts = names.iter().filter_map(|name| doubt(name));
        match read {
            Some(mut settings) if reader.mistakes.is_empty() => {
                settings.warnings.extend(doubts.map(|doubt| doubt.to_string()));
                Ok(settings)
            }
            // What is missing may be there under a misspelled name.
            _ => Err(Mistakes(reader.mistakes.into_iter().chain(doubts).collect())),
        }
    }

    /// Reads every variable before giving up on any; `None` only with a mistake.
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let token = token(r);
        let (owner, administrators, group) = (owner(r), administrators(r), group(r));
        let topic_icon = custom_emoji(r);
        let api_url = api_url(r);
        let folder = data_dir(r);
        let redis = redis(r);
        let ops = ops(r);
        let mut warnings = Vec::new();
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
    })
}

fn limits(r: &mut Reader<'_>) -> Option<Limits> {
    let send_concurrency = r.number("SEND_CONCURRENCY", 1..=1024);
    let album_window = r.number("ALBUM_WINDOW_MS", 100..=10_000).map(Duration::from_millis);
    let drain = r.number("DRAIN_SECONDS", 1..=600).map(Duration::from_secs);
    let inbox = r.number("INBOX_LIMIT", 100..=1_000_000);
    Some(Limits {
        send_concurrency: send_concurrency?,
        inbox: inbox?,
        album_window: album_window?,
        drain: drain?,
    })
}
