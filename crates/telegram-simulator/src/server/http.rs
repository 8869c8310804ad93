//! The HTTP side: `/bot<token>/<method>` in, Telegram's envelope out; and the way to the control API.

use std::{
    future::IntoFuture,
    io,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, DefaultBodyLimit, Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, DATE},
    },
    response::Response,
};
use serde_json::{Map, Value};
use tokio::net::TcpListener;

use super::{
    parameters,
    wire::{ConnectionInfo, Listener},
};
use crate::{
    Shared,
    clock::Millis,
    control,
    error::ApiError,
    faults::What,
    methods::{self, Answer, Uploads},
    records::Record,
    spec::{Method, Spec},
};

/// Binds a port, serves until the stop, and returns the port.
pub(crate) async fn start(shared: Arc<Shared>) -> io::Result<u16> {
    let tcp = TcpListener::bind((shared.options.host, shared.options.port)).await?;
    let port = tcp.local_addr()?.port();
    let listener = Listener { tcp, wires: Arc::clone(&shared.wires) };
    let stop = shared.stop.clone();
    let router =
        Router::new().fallback(serve).layer(DefaultBodyLimit::disable()).with_state(shared);
    let server =
        axum::serve(listener, router.into_make_service_with_connect_info::<ConnectionInfo>())
            .into_future();
    crate::spawn(async move {
        tokio::select! {
            _ = server => {}
            () = stop.cancelled() => {}
        }
    });
    Ok(port)
}

/// The answer to a request, or that it gets none.
enum Outcome {
    Answer(Answer),
    Page(u16, String),
    Lost,
}

async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(ConnectionInfo { wire, peer }): ConnectInfo<ConnectionInfo>,
    request: Request,
) -> Response {
    if request.uri().path().starts_with("/control/") {
        let (status, body) = control::serve(&shared, peer.ip(), request).await;
        return respond(status, "application/json", body.to_string());
    }
    if !shared.options.latency.is_zero() {
        tokio::time::sleep(shared.options.latency).await;
    }
    let outcome = match route(&shared, request).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Answer(Err(error)),
    };
    let mut response = match outcome {
        Outcome::Answer(Ok(result)) => respond(200, "application/json", result.into_body()),
        Outcome::Answer(Err(error)) => {
            respond(error.code, "application/json", error.body().to_string())
        }
        Outcome::Page(status, page) => respond(status, "text/html", page),
        Outcome::Lost => {
            wire.cut();
            respond(500, "text/plain", String::new())
        }
    };
    // Telegram's clock, which a test may have set.
    let now = shared.world().now();
    if let Some(date) = date(now) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

async fn route(shared: &Arc<Shared>, request: Request) -> Result<Outcome, ApiError> {
    let path = decoded(request.uri().path());
    let Some((token, name)) = path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'))
    else {
        return Ok(file(shared, &path));
    };
    if token != shared.options.token {
        return Err(ApiError::new(401, "Unauthorized"));
    }
    let Some(method) = Spec::get().method(name) else {
        return Err(ApiError::new(404, "Not Found"));
    };
    let (parameters, uploads) = parameters::read(request).await?;
    perform(shared, method, parameters, &uploads).await
}

async fn perform(
    shared: &Arc<Shared>,
    method: &'static Method,
    mut parameters: Map<String, Value>,
    uploads: &Uploads,
) -> Result<Outcome, ApiError> {
    let verdict = Spec::get().check(method, &mut parameters);
    let verdict = verdict.map_err(|problem| ApiError::bad(problem.to_string()));
    let chat = parameters.get("chat_id").and_then(Value::as_i64);
    let parameters = Arc::new(parameters);
    let (call, fault) = {
        let mut world = shared.world();
        world.calls.add(method.name, &parameters);
        let call = world.records.next_call();
        let called = || Arc::clone(&parameters);
        world.records.add(|| Record::Called { call, method: method.name, parameters: called() });
        let fault = world.faults.next_for(method.name, chat, |what| !what.is_about_topics());
        if let (Some(What::Throttle { retry_after }), Some(chat)) = (&fault, chat) {
            let until = world.now() + retry_after * 1000;
            world.limiter.freeze(chat, until);
        }
        if matches!(fault, Some(What::Throttle { .. })) {
            world.limiter.throttled.by_faults += 1;
        }
        (call, fault)
    };
    let outcome = carry_out(shared, method, verdict, &parameters, uploads, call, fault).await;
    let (ok, lost) = match &outcome {
        Ok(Outcome::Answer(answer)) => (answer.is_ok(), false),
        Ok(Outcome::Page(..)) | Err(_) => (false, false),
        Ok(Outcome::Lost) => (false, true),
    };
    shared.world().records.add(|| Record::Answered { call, ok, lost });
    outcome
}

/// Carries out a call that is counted already, with the fault that affects it, if any.
async fn carry_out(
    shared: &Arc<Shared>,
    method: &'static Method,
    verdict: Result<(), ApiError>,
    parameters: &Arc<Map<String, Value>>,
    uploads: &Uploads,
    call: u64,
    fault: Option<What>,
) -> Result<Outcome, ApiError> {
    match &fault {
        Some(What::Throttle { retry_after }) => return Err(ApiError::throttled(*retry_after)),
        Some(What::Status(status, page)) => return Ok(Outcome::Page(*status, page.clone())),
        Some(What::CutBefore) => return Ok(Outcome::Lost),
        Some(What::Error { code, description }) => {
            return Err(ApiError::new(*code, description.clone()));
        }
        Some(What::Slow(wait)) => tokio::time::sleep(*wait).await,
        Some(
            What::CutAfter | What::LandInGeneral | What::SayTopicDeleted | What::RefuseClosedTopics,
        )
        | None => {}
    }
    verdict?;
    if parameters.contains_key("ephemeral_message_parameters") {
        return Err(ApiError::not_implemented("ephemeral messages"));
    }
    let answer = methods::call(shared, method, parameters, uploads, call).await;
    Ok(if fault == Some(What::CutAfter) { Outcome::Lost } else { Outcome::Answer(answer) })
}

/// `/file/bot<token>/<path>`: every file holds its own id.
fn file(shared: &Shared, path: &str) -> Outcome {
    let wanted = format!("/file/bot{}/", shared.options.token);
    let id = path.strip_prefix(&wanted).and_then(|path| path.rsplit('/').next());
    match id.filter(|id| shared.world().files.contains_key(*id)) {
        Some(id) => Outcome::Page(200, id.to_owned()),
        None => Outcome::Answer(Err(ApiError::new(404, "Not Found"))),
    }
}

/// A path without percent-encoding: clients differ in what they encode of a token or a file's path.
fn decoded(path: &str) -> String {
    let digit =
        |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let pair = after.first().and_then(digit).zip(after.get(1).and_then(digit));
        let (byte, used) = match pair.filter(|_| *first == b'%') {
            Some((high, low)) => (high * 16 + low, 3),
            None => (*first, 1),
        };
        bytes.push(byte);
        rest = rest.get(used..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A moment, as a `Date` header.
fn date(at: Millis) -> Option<HeaderValue> {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_millis(at);
    HeaderValue::from_str(&httpdate::fmt_http_date(moment)).ok()
}

fn respond(status: u16, kind: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
