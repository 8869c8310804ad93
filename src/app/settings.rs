//! Translates the settings into the types of the parts that they configure.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;

use crate::network::Authorities;
use crate::{
    adapters::{
        redis,
        telegram::{CallObserver, Client, Endpoint, EndpointError, TimeLimits},
        tgtrack::{TgTrack, TgTrackError},
    },
    config::{self, Settings},
    engine::{DeskSettings, PacingLimits},
    network::{self, InvalidNetwork, Network},
};
use domain::{HoldTimes, Language, Roles, UserId};
use ports::Tracker;

/// How the settings say that servers on the internet are reached.
pub fn network(settings: &Settings) -> Result<Network, InvalidNetwork> {
    let config::Network { proxy, certificate_file, certificate_folder, prefer_ipv4 } =
        &settings.network;
    let proxy = proxy.as_ref().map(|proxy| network::Proxy {
        setting: proxy.setting,
        url: proxy.url.clone(),
        except: proxy.except.clone(),
    });
    Network::new(&network::Options {
        proxy,
        certificate_file: certificate_file.clone(),
        certificate_folder: certificate_folder.clone(),
        prefer_ipv4: *prefer_ipv4,
    })
}

/// Options for a store in the Redis at this URL, which is trusted as other servers are.
pub fn redis_options(settings: &Settings, url: SecretString) -> redis::Options {
    let network = &settings.network;
    let (file, folder) = (network.certificate_file.clone(), network.certificate_folder.clone());
    let authorities = Authorities { file, folder };
    redis::Options { authorities, ..redis::Options::at(url) }
}

/// Time limit for connecting to Telegram.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Creates a client for the configured Bot API server.
pub fn client(
    settings: &Settings,
    observer: Arc<dyn CallObserver>,
) -> Result<Client, EndpointError> {
    let telegram = &settings.telegram;
    let endpoint = Endpoint { base: telegram.api_url.clone(), token: telegram.token.clone() };
    let limits = TimeLimits { connect: CONNECT_LIMIT, call: telegram.request_timeout };
    let network = network(settings).map_err(|error| EndpointError::Http(error.to_string()))?;
    Client::new(&endpoint, limits, observer, network)
}

/// Creates the tracker, if one is configured.
pub(super) fn tracker(settings: &Settings) -> Result<Option<Arc<dyn Tracker>>, TgTrackError> {
    let Some(config::TgTrack { url, key }) = &settings.tgtrack else { return Ok(None) };
    let network = network(settings).map_err(|_unusable| TgTrackError::Http)?;
    Ok(Some(Arc::new(TgTrack::new(url, key, &network)?)))
}

/// The desk's language for a language of the settings.
pub(super) fn language(language: config::Language) -> Language {
    match language {
        config::Language::En => Language::English,
        config::Language::Ru => Language::Russian,
    }
}

/// The roles of the settings. The settings reject an id that does not fit.
pub(super) fn roles(settings: &Settings) -> Roles {
    let user = |id: u64| UserId(i64::try_from(id).unwrap_or_default());
    let config::Desk { owner, administrators, .. } = &settings.desk;
    let others = administrators.iter().copied().filter(|id| id != owner);
    Roles { owner: user(*owner), administrators: others.map(user).collect() }
}

/// The settings of the engine.
pub(super) fn engine(settings: &Settings) -> DeskSettings {
    let Settings { desk, texts, store, pace, limits, .. } = settings;
    let Roles { owner, administrators } = roles(settings);
    DeskSettings {
        topic_icon: desk.topic_icon.clone(),
        operators_language: language(texts.operators),
        default_language: language(texts.fallback),
        pacing: PacingLimits {
            overall_per_second: pace.overall_per_second.unwrap_or(0),
            private_per_second: pace.private_per_second.unwrap_or(0),
            private_burst: pace.private_burst,
            group: pace.group_per_minute.unwrap_or(0),
            group_period: pace.group_period,
        },
        known_for: pace.known_for,
        send_concurrency: limits.send_concurrency,
        album_window: limits.album_window,
        flood: limits.flood,
        hold_times: limits
            .hold_times
            .map_or_else(HoldTimes::default, |(pause, longest)| HoldTimes { pause, longest }),
        inbox_limit: limits.inbox,
        administrators: std::iter::once(owner).chain(administrators).collect(),
        link_retention: store.link_retention,
    }
}
