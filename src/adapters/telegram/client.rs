//! The transport: sends one request and sorts the answer into what a caller must distinguish.
//!
//! teloxide's own client is not used: it sleeps for ten seconds on a 5xx, drops the error code and
//! puts response bodies into errors. Here every call ends within its time limit, and nothing prints the token.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use reqwest::{
    StatusCode, Url,
    header::{CONTENT_TYPE, DATE, HeaderValue},
    multipart::{Form, Part},
    redirect::Policy,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{
    api::method::{Method, NAMES},
    call_error::{ApiError, CallError, CallOutcome},
};
use crate::network::Network;
use domain::Millis;

/// The Bot API server and the bot's credentials.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The Bot API server, `https://api.telegram.org` or another.
    pub base: Url,
    /// The bot's token.
    pub token: SecretString,
}

/// Time limits of calls.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// Limit for connecting.
    pub connect: Duration,
    /// Limit for a whole call, from the first byte sent to the last byte received.
    pub call: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), call: Duration::from_secs(30) }
    }
}

/// Observes every call, for metrics and health.
pub trait CallObserver: fmt::Debug + Send + Sync + 'static {
    /// A call begins.
    fn begun(&self) {}

    /// A call has ended or was cancelled. Pairs with `begun`.
    fn over(&self) {}

    /// An answer had this `Date`; the call has taken `took` so far.
    fn dated(&self, _date: Millis, _took: Duration) {}

    /// A call has ended with this outcome. Not called if it was cancelled.
    fn called(&self, method: &'static str, outcome: CallOutcome, took: Duration);
}

/// An observer that ignores everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl CallObserver for Unobserved {
    fn called(&self, _method: &'static str, _outcome: CallOutcome, _took: Duration) {}
}

/// Why a client could not be created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The address is not a valid `http` or `https` base URL.
    #[error("the address of the Bot API server is not a usable http or https URL")]
    Address,
    /// The token is empty or has characters that no token contains.
    #[error("the bot token is malformed: expected digits, a colon, then letters and digits")]
    Token,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// Makes calls to the Bot API. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

/// Size limit in bytes for the answer to a poll: room for 100 updates, each far larger than any real one.
const LONGEST_POLL: usize = 64 << 20;

/// Size limit in bytes for any other answer. The largest is that to an album.
const LONGEST_ANSWER: usize = 2 << 20;

struct Shared {
    network: Network,
    calls: Line,
    /// Long polls have their own connections: a poll that hangs must not delay a send.
    polls: Line,
    urls: HashMap<&'static str, Url>,
    observer: Arc<dyn CallObserver>,
    limits: TimeLimits,
}

/// A connection pool and the size limit in bytes for answers on it.
struct Line {
    http: reqwest::Client,
    longest: usize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URLs contain the token.
        f.debug_struct("Client").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client for a server that is reached through this network. It does not connect yet.
    pub fn new(
        endpoint: &Endpoint,
        limits: TimeLimits,
        observer: Arc<dyn CallObserver>,
        network: Network,
    ) -> Result<Self, EndpointError> {
        let token = endpoint.token.expose_secret();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
        if token.is_empty() || !token.chars().all(plain) {
            return Err(EndpointError::Token);
        }
        let http = || {
            let builder = network
                .client(&endpoint.base)
                .connect_timeout(limits.connect)
                .redirect(Policy::none())
                .tcp_nodelay(true)
                .tcp_keepalive(Duration::from_secs(30))
                .pool_idle_timeout(Duration::from_mins(1))
                .pool_max_idle_per_host(64);
            builder.build().map_err(|error| EndpointError::Http(error.without_url().to_string()))
        };
        let base = endpoint.base.as_str().trim_end_matches('/');
        let url = |name: &&'static str| {
            let url = Url::parse(&format!("{base}/bot{token}/{name}"));
            url.map(|url| (*name, url)).map_err(|_invalid| EndpointError::Address)
        };
        if endpoint.base.cannot_be_a_base() || !matches!(endpoint.base.scheme(), "http" | "https") {
            return Err(EndpointError::Address);
        }
        Ok(Self(Arc::new(Shared {
            calls: Line { http: http()?, longest: LONGEST_ANSWER },
            polls: Line { http: http()?, longest: LONGEST_POLL },
            network,
            urls: NAMES.iter().map(url).collect::<Result<_, _>>()?,
            observer,
            limits,
        })))
    }

    /// Names of all methods that are ever called, so that their metrics exist from the start.
    pub fn methods() -> &'static [&'static str] {
        &NAMES
    }

    pub(super) async fn call<M: Method>(&self, method: &M) -> Result<M::Output, CallError> {
        let body = json(method);
        let limit = self.0.limits.call;
        self.exchange::<M>(&self.0.calls, body, limit).await.map(|(result, _)| result)
    }

    /// A call that uploads a file. `names` are the parameter that carries it and its file name.
    pub(super) async fn upload<M: Method>(
        &self,
        method: &M,
        names: (&'static str, &str),
        file: &[u8],
    ) -> Result<M::Output, CallError> {
        let body = form(method, names, file);
        let limit = self.0.limits.call;
        self.exchange::<M>(&self.0.calls, body, limit).await.map(|(result, _)| result)
    }

    /// A long poll: Telegram answers when it has something to report, after `patience` at the latest.
    pub(super) async fn long_call<M: Method>(
        &self,
        method: &M,
        patience: Duration,
    ) -> Result<M::Output, CallError> {
        let limit = self.0.limits.call.saturating_add(patience);
        self.exchange::<M>(&self.0.polls, json(method), limit).await.map(|(result, _)| result)
    }

    /// A call that also returns the `Date` header of the answer.
    pub(super) async fn dated_call<M: Method>(
        &self,
        method: &M,
    ) -> Result<(M::Output, Option<Millis>), CallError> {
        self.exchange::<M>(&self.0.calls, json(method), self.0.limits.call).await
    }

    async fn exchange<M: Method>(
        &self,
        line: &Line,
        body: Option<Body>,
        limit: Duration,
    ) -> Result<(M::Output, Option<Millis>), CallError> {
        let started = Instant::now();
        let _under_way = UnderWay::begin(&*self.0.observer);
        let result = self.post::<M>(line, body, limit).await;
        let outcome = result.as_ref().map_or_else(CallError::outcome, |_done| CallOutcome::Ok);
        self.0.observer.called(M::NAME, outcome, started.elapsed());
        result
    }

    async fn post<M: Method>(
        &self,
        line: &Line,
        body: Option<Body>,
        limit: Duration,
    ) -> Result<(M::Output, Option<Millis>), CallError> {
        const JSON: HeaderValue = HeaderValue::from_static("application/json");
        let body = body.ok_or(CallError::Unwritable)?;
        let url = self.0.urls.get(M::NAME).cloned().ok_or(CallError::Unwritable)?;
        let request = line.http.post(url).timeout(limit);
        let asked = Instant::now();
        let request = match body {
            Body::Json(json) => request.header(CONTENT_TYPE, JSON).body(json),
            Body::Form(form) => request.multipart(form),
        };
        let answer = request.send().await;
        let answer = answer.map_err(|error| CallError::of_transport(&error, &self.0.network))?;
        let status = answer.status();
        let date = answer.headers().get(DATE).and_then(date);
        let took = asked.elapsed();
        let bytes = whole(answer, line.longest, &self.0.network).await?;
        let result = read::<M>(status, &bytes)?;
        // An error page may be a proxy's.
        if let Some(date) = date {
            self.0.observer.dated(date, took);
        }
        Ok((result, date))
    }
}

/// The moment of a `Date` header.
fn date(header: &HeaderValue) -> Option<Millis> {
    let moment = httpdate::parse_http_date(header.to_str().ok()?).ok()?;
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Millis)
}

/// The encoded parameters of a call.
enum Body {
    Json(Vec<u8>),
    Form(Form),
}

/// Encodes the parameters as JSON; `None` if they cannot be serialized.
fn json<M: Method>(method: &M) -> Option<Body> {
    serde_json::to_vec(method).ok().map(Body::Json)
}

/// Encodes the parameters and a file as a form; `None` if they cannot be serialized.
fn form<M: Method>(method: &M, (field, name): (&'static str, &str), file: &[u8]) -> Option<Body> {
    let Ok(Value::Object(parameters)) = serde_json::to_value(method) else { return None };
    // Strings are sent without quotes, everything else as JSON.
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let form = Form::new().part(field, Part::bytes(file.to_vec()).file_name(name.to_owned()));
    let add = |form: Form, (name, value)| form.text::<String, String>(name, text(value));
    Some(Body::Form(parameters.into_iter().fold(form, add)))
}

/// Reads the body, and gives up if it is longer than any answer of Telegram's.
async fn whole(
    mut answer: reqwest::Response,
    longest: usize,
    network: &Network,
) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    let lost = |error| CallError::of_transport(&error, network);
    while let Some(part) = answer.chunk().await.map_err(lost)? {
        if part.len() > longest - bytes.len() {
            return Err(CallError::Malformed(answer.status().as_u16()));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// Guard of a call in progress: reports its end even if the call is cancelled.
struct UnderWay<'a>(&'a dyn CallObserver);

impl<'a> UnderWay<'a> {
    fn begin(observer: &'a dyn CallObserver) -> Self {
        observer.begun();
        Self(observer)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.over();
    }
}

#[derive(Deserialize)]
struct Success<T> {
    ok: bool,
    result: T,
}

#[derive(Deserialize)]
struct Failure<'a> {
    ok: bool,
    error_code: Option<u16>,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
    #[serde(default)]
    parameters: Option<Parameters>,
    #[serde(default)]
    result: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Parameters {
    /// Any JSON type: a malformed wait must not hide that Telegram requested one.
    retry_after: Value,
    migrate_to_chat_id: Option<i64>,
}

pub(super) fn read<M: Method>(status: StatusCode, bytes: &[u8]) -> Result<M::Output, CallError> {
    if status.is_success()
        && let Ok(Success { ok: true, result }) = serde_json::from_slice(bytes)
    {
        return Ok(result);
    }
    let code = status.as_u16();
    let Ok(failure) = serde_json::from_slice::<Failure<'_>>(bytes) else {
        // A proxy in front of Telegram may send a `429` with a body of its own.
        if code == 429 {
            return Err(CallError::Refused(ApiError::new(code, "", None, None)));
        }
        return Err(if code >= 500 { CallError::Server(code) } else { CallError::Malformed(code) });
    };
    if failure.ok || failure.result.is_some() {
        return Err(CallError::Malformed(code));
    }
    let code = failure.error_code.unwrap_or(code);
    if code >= 500 {
        return Err(CallError::Server(code));
    }
    let parameters = failure.parameters.unwrap_or_default();
    Err(CallError::Refused(ApiError::new(
        code,
        &failure.description,
        parameters.retry_after.as_u64(),
        parameters.migrate_to_chat_id,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_or_refused() {
        for (text, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 29 Feb 2024 12:00:00 GMT", Some(1_709_208_000)),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
            ("", None),
        ] {
            let read = date(&HeaderValue::from_static(text));
            assert_eq!(read, seconds.map(|seconds: i64| Millis(seconds * 1000)), "{text}");
        }
    }
}
