//! The transport: one JSON request, one answer, told apart by what a caller must know.
//!
//! teloxide's own sending is not used: it sleeps ten seconds inside a 5xx, drops the error code and
//! puts bodies into errors. Here every call ends within its limit, and nothing prints the token.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
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
    call_error::{ApiError, CallError, CallOutcome},
    http_date,
    method::{Method, NAMES},
};
use domain::Millis;

/// Where Telegram is, and who we are there.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The Bot API server, `https://api.telegram.org` or another.
    pub base: Url,
    /// The bot's token.
    pub token: SecretString,
}

/// How long calls may take.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// To connect.
    pub connect: Duration,
    /// For a call, from the first byte sent to the last received.
    pub call: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), call: Duration::from_secs(30) }
    }
}

/// Is told of every call.
pub trait CallObserver: fmt::Debug + Send + Sync + 'static {
    /// A call begins.
    fn begun(&self) {}

    /// A call is over, or nobody waits for it any more.
    fn over(&self) {}

    /// A call ended.
    fn called(&self, method: &'static str, outcome: CallOutcome, took: Duration);
}

/// Observes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl CallObserver for Unobserved {
    fn called(&self, _method: &'static str, _outcome: CallOutcome, _took: Duration) {}
}

/// Why a client could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// No calls can be made to an address like this.
    #[error("the address of the Bot API server cannot carry calls")]
    Address,
    /// The token has characters that no token has.
    #[error("the bot's token does not look like one: digits, a colon, letters and digits")]
    Token,
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

/// Makes calls. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

/// The longest answer to a poll: 100 updates, each far longer than Telegram's longest.
const LONGEST_POLL: usize = 64 << 20;

/// The longest answer to any other call, which is an album at most.
const LONGEST_ANSWER: usize = 2 << 20;

struct Shared {
    calls: Line,
    /// Long polls have connections of their own: one that hangs must not hold back a send.
    polls: Line,
    urls: HashMap<&'static str, Url>,
    observer: Arc<dyn CallObserver>,
    limits: TimeLimits,
}

/// Connections, and how much an answer on them may hold.
struct Line {
    http: reqwest::Client,
    longest: usize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The addresses hold the token.
        f.debug_struct("Client").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client; no connection is made yet.
    pub fn new(
        endpoint: &Endpoint,
        limits: TimeLimits,
        observer: Arc<dyn CallObserver>,
    ) -> Result<Self, EndpointError> {
        let token = endpoint.token.expose_secret();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
        if token.is_empty() || !token.chars().all(plain) {
            return Err(EndpointError::Token);
        }
        let http = || {
            let mut builder = reqwest::Client::builder()
                .connect_timeout(limits.connect)
                .redirect(Policy::none())
                .tcp_nodelay(true)
                .tcp_keepalive(Duration::from_secs(30))
                .pool_idle_timeout(Duration::from_mins(1))
                .pool_max_idle_per_host(64);
            if endpoint.base.scheme() == "http" {
                // Without encryption the server is near: no proxy has a way to it, or should see the token.
                builder = builder.no_proxy();
            }
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
            urls: NAMES.iter().map(url).collect::<Result<_, _>>()?,
            observer,
            limits,
        })))
    }

    /// The names of all methods that are ever called, for metrics that exist from the start.
    pub fn methods() -> &'static [&'static str] {
        &NAMES
    }

    pub(super) async fn call<M: Method>(&self, method: &M) -> Result<M::Output, CallError> {
        let body = json(method);
        let limit = self.0.limits.call;
        self.exchange::<M>(&self.0.calls, body, limit).await.map(|(result, _)| result)
    }

    /// A call with a file, which `name` is the parameter of.
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

    /// A call that Telegram answers when it has something to say, at the latest after `patience`.
    pub(super) async fn long_call<M: Method>(
        &self,
        method: &M,
        patience: Duration,
    ) -> Result<M::Output, CallError> {
        let limit = self.0.limits.call.saturating_add(patience);
        self.exchange::<M>(&self.0.polls, json(method), limit).await.map(|(result, _)| result)
    }

    /// A call, and what the server's clock said when it answered.
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
        let request = match body {
            Body::Json(json) => request.header(CONTENT_TYPE, JSON).body(json),
            Body::Form(form) => request.multipart(form),
        };
        let answer = request.send().await.map_err(|error| CallError::of_transport(&error))?;
        let status = answer.status();
        let date =
            answer.headers().get(DATE).and_then(|date| http_date::parse(date.to_str().ok()?));
        let bytes = whole(answer, line.longest).await?;
        read::<M>(status, &bytes).map(|result| (result, date))
    }
}

/// The parameters of a call, as they travel.
enum Body {
    Json(Vec<u8>),
    Form(Form),
}

/// `None` if they cannot be written.
fn json<M: Method>(method: &M) -> Option<Body> {
    serde_json::to_vec(method).ok().map(Body::Json)
}

/// The same with a file. `None` if they cannot be written.
fn form<M: Method>(method: &M, (field, name): (&'static str, &str), file: &[u8]) -> Option<Body> {
    let Ok(Value::Object(parameters)) = serde_json::to_value(method) else { return None };
    // A text travels without quotes, all else as JSON.
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let form = Form::new().part(field, Part::bytes(file.to_vec()).file_name(name.to_owned()));
    let add = |form: Form, (name, value)| form.text::<String, String>(name, text(value));
    Some(Body::Form(parameters.into_iter().fold(form, add)))
}

/// The body. One that is longer than any answer of Telegram's is not read to its end.
async fn whole(mut answer: reqwest::Response, longest: usize) -> Result<Vec<u8>, CallError> {
    let mut bytes = Vec::new();
    while let Some(part) = answer.chunk().await.map_err(|error| CallError::of_transport(&error))? {
        if part.len() > longest - bytes.len() {
            return Err(CallError::Malformed(answer.status().as_u16()));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

/// A call, for as long as somebody waits for it.
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
    /// Of any type: a wait that makes no sense must not hide that one was asked for.
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
        // Somebody before Telegram may ask to wait in words of their own.
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
