//! The HTTP client that reports to TGTrack.

use std::{fmt, time::Duration};

use reqwest::{
    Url,
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use crate::network::Network;
use domain::{Track, UserId};
use ports::{TrackError, TrackTrouble, Tracker};

use super::answer;

/// Time limit for connecting.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Time limit for a whole report.
const LIMIT: Duration = Duration::from_secs(10);

/// Size limit of an answer, in bytes. TGTrack's answers have about a hundred.
const LONGEST_ANSWER: usize = 64 << 10;

/// Why reporting cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TgTrackError {
    /// The URL with the key is not valid.
    #[error("TGTRACK_URL and TGTRACK_API_KEY do not form a valid address")]
    Address,
    /// The HTTP client could not be set up.
    #[error("the HTTP client for TGTrack cannot be set up")]
    Http,
}

/// Sends reports to TGTrack.
pub struct TgTrack {
    http: reqwest::Client,
    base: Url,
    update: Url,
    goal: Url,
}

impl fmt::Debug for TgTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The other URLs contain the key.
        f.debug_struct("TgTrack").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Goal<'a> {
    user_id: String,
    target: &'a str,
}

impl TgTrack {
    /// Creates a client for this server and key, reached through this network. It does not connect yet.
    pub fn new(base: &Url, key: &SecretString, network: &Network) -> Result<Self, TgTrackError> {
        let builder = network
            .client(base)
            .connect_timeout(CONNECT_LIMIT)
            .timeout(LIMIT)
            .redirect(Policy::none())
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_mins(1));
        let url = |method: &str| {
            let base = base.as_str().trim_end_matches('/');
            let url = Url::parse(&format!("{base}/v1/{}/{method}", key.expose_secret()));
            url.map_err(|_invalid| TgTrackError::Address)
        };
        Ok(Self {
            http: builder.build().map_err(|_names_an_address| TgTrackError::Http)?,
            base: base.clone(),
            update: url("on_telegram_webhook")?,
            goal: url("send_reach_goal")?,
        })
    }

    /// Checks that a server answers at the address. The key is not sent.
    pub async fn reach(&self) -> Result<(), TrackError> {
        self.http.get(self.base.clone()).send().await.map(drop).map_err(|error| failed(&error))
    }

    async fn post(&self, url: &Url, body: Vec<u8>) -> Result<(), TrackError> {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        let request = self.http.post(url.clone()).header(CONTENT_TYPE, JSON).body(body);
        let mut answer = request.send().await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let retry_after = answer.headers().get(RETRY_AFTER).cloned();
        let mut bytes = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|error| failed(&error))? {
            if part.len() > LONGEST_ANSWER - bytes.len() {
                // An answer this long is not from TGTrack, whatever its status.
                bytes.clear();
                break;
            }
            bytes.extend_from_slice(&part);
        }
        answer::read(status, retry_after.as_ref().and_then(|wait| wait.to_str().ok()), &bytes)
    }
}

#[ports::async_trait]
impl Tracker for TgTrack {
    async fn report(&self, user: UserId, track: &Track) -> Result<(), TrackError> {
        match track {
            Track::Update(raw) => self.post(&self.update, raw.0.clone().into_bytes()).await,
            Track::Goal(target) => {
                let goal = Goal { user_id: user.0.to_string(), target };
                let refused = TrackError::Refused { status: 0, code: None };
                let body = serde_json::to_vec(&goal).map_err(|_never| refused)?;
                self.post(&self.goal, body).await
            }
        }
    }
}

/// Converts an error, without the client's message, which contains the URL.
fn failed(error: &reqwest::Error) -> TrackError {
    let why = if error.is_timeout() { TrackTrouble::Timeout } else { TrackTrouble::Network };
    TrackError::NotNow { why, wait: None }
}
