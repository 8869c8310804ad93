//! A stand-in for TGTrack: it checks reports strictly, and fails on demand.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use serde_json::Value;
use tokio::net::TcpListener;

/// The only key that it accepts; no other text contains these letters.
pub(crate) const KEY: &str = "a-tracker5ecret-key";

/// A report that it received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report {
    /// The body of `on_telegram_webhook`, byte for byte.
    Update(String),
    /// The user and the goal of `send_reach_goal`.
    Goal(String, String),
}

/// A failure instead of a proper answer.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Answers with this status, these headers and this body.
    Responds(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Accepts the report, and answers after this time.
    Late(Duration),
    /// Accepts no report, and never answers.
    Silent,
}

/// The stand-in, on a port of its own.
pub(crate) struct Tracker {
    address: SocketAddr,
    state: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    reports: Mutex<Vec<Report>>,
    /// Descriptions of malformed reports.
    wrong: Mutex<Vec<String>>,
    /// Failures of the next calls, before `always` applies.
    next: Mutex<VecDeque<Fault>>,
    always: Mutex<Option<Fault>>,
    /// A failure for reports that contain this text.
    matching: Mutex<Option<(String, Fault)>>,
    calls: Mutex<usize>,
}

impl Tracker {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Shared::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, state, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The settings of a desk that reports to this tracker.
    pub(crate) fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("TGTRACK_ENABLED", "true".to_owned()),
            ("TGTRACK_API_KEY", KEY.to_owned()),
            ("TGTRACK_URL", self.url()),
        ]
    }

    /// The accepted reports, in order of arrival.
    pub(crate) fn reports(&self) -> Vec<Report> {
        let wrong = self.state.wrong.lock().unwrap();
        assert!(wrong.is_empty(), "{wrong:#?}");
        self.state.reports.lock().unwrap().clone()
    }

    /// The goals of a user, in order of arrival.
    pub(crate) fn goals(&self, user: i64) -> Vec<String> {
        let of = |report| match report {
            Report::Goal(whose, goal) if whose == user.to_string() => Some(goal),
            Report::Goal(..) | Report::Update(_) => None,
        };
        self.reports().into_iter().filter_map(of).collect()
    }

    /// Number of calls, successful or not.
    pub(crate) fn calls(&self) -> usize {
        *self.state.calls.lock().unwrap()
    }

    /// Adds a failure to those of the next calls.
    pub(crate) fn fail_next(&self, fault: Fault) {
        self.state.next.lock().unwrap().push_back(fault);
    }

    /// Fails all reports that contain this text, until it is called with `None`.
    pub(crate) fn fail_matching(&self, words: &str, fault: Option<Fault>) {
        *self.state.matching.lock().unwrap() = fault.map(|fault| (words.to_owned(), fault));
    }

    /// Fails all further calls, or with `None`, none of them.
    pub(crate) fn fail_all(&self, fault: Option<Fault>) {
        *self.state.always.lock().unwrap() = fault;
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(state): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    *state.calls.lock().unwrap() += 1;
    let fault = state.next.lock().unwrap().pop_front();
    let fault = fault.or_else(|| state.always.lock().unwrap().clone());
    let text = String::from_utf8_lossy(&body);
    let of = state.matching.lock().unwrap().clone().filter(|(words, _)| text.contains(words));
    let fault = fault.or(of.map(|(_, fault)| fault));
    match fault {
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Responds(status, headers, body)) => {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, headers_of(headers), body).into_response();
        }
        Some(Fault::Late(time)) => {
            let answer = take(&state, &method, uri.path(), &headers, &body);
            tokio::time::sleep(time).await;
            return answer;
        }
        None => {}
    }
    take(&state, &method, uri.path(), &headers, &body)
}

/// Accepts a well-formed report; a malformed one is recorded and fails the test.
fn take(
    state: &Shared,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response {
    match read(method, path, headers, body) {
        Ok(report) => {
            state.reports.lock().unwrap().push(report);
            (StatusCode::OK, r#"{"error":{"code":0,"message":""}}"#).into_response()
        }
        Err(wrong) => {
            state.wrong.lock().unwrap().push(wrong);
            (StatusCode::OK, r#"{"error":{"code":1,"message":"wrong"}}"#).into_response()
        }
    }
}

fn read(method: &Method, path: &str, headers: &HeaderMap, body: &Bytes) -> Result<Report, String> {
    if method != Method::POST {
        return Err(format!("{method} {path}"));
    }
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
        return Err(format!("{path}: not application/json"));
    }
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let fields = json.as_object().ok_or("not an object")?;
    let method =
        path.strip_prefix(&format!("/v1/{KEY}/")).ok_or(format!("unknown path: {path}"))?;
    match method {
        "on_telegram_webhook" if fields.get("update_id").is_some_and(Value::is_i64) => {
            Ok(Report::Update(text.to_owned()))
        }
        "send_reach_goal" if fields.len() == 2 => {
            let word = |name: &str| fields.get(name).and_then(Value::as_str);
            let (user, goal) =
                word("user_id").zip(word("target")).ok_or("user_id and target must be strings")?;
            user.parse::<i64>().map_err(|_no_id| "user_id is not an id")?;
            Ok(Report::Goal(user.to_owned(), goal.to_owned()))
        }
        other => Err(format!("{other}: {text}")),
    }
}

fn headers_of(headers: &[(&'static str, &'static str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    headers.iter().map(header).collect()
}
