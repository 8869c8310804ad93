//! Which control request does what, and who may ask.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError},
    time::Duration,
};

use axum::{
    body::to_bytes,
    extract::Request,
    http::{Method, header::ORIGIN},
};
use serde_json::{Value, json};

use super::{
    acts,
    fields::{Fields, Refusal, needed},
    shapes, show,
};
use crate::{
    Control, FaultHandle, Group, Limits, Person, Rights, Shared, actors::Author, world::ChatKind,
};

/// Contents are named by file ids, so no request is large.
const LARGEST_BODY: usize = 1024 * 1024;

/// Answers a control request: a status and JSON.
pub(crate) async fn serve(shared: &Arc<Shared>, peer: IpAddr, request: Request) -> (u16, Value) {
    let answer = match admit(shared.options.control, peer, &request) {
        Ok(()) => route(shared, request).await,
        Err(refusal) => Err(refusal),
    };
    match answer {
        Ok(value) => (200, value),
        Err(refusal) => (refusal.status, json!({ "error": refusal.why })),
    }
}

/// A page in a browser on this machine is not a program on this machine: it names its origin.
fn admit(control: Control, peer: IpAddr, request: &Request) -> Result<(), Refusal> {
    match control {
        Control::Off => return Err(Refusal::missing("the control API is off")),
        Control::ThisMachine if !peer.to_canonical().is_loopback() => {
            return Err(Refusal::forbidden("the control API is for programs on this machine"));
        }
        Control::ThisMachine | Control::Anyone => {}
    }
    if request.headers().contains_key(ORIGIN) {
        return Err(Refusal::forbidden("the control API is not for pages in a browser"));
    }
    Ok(())
}

async fn route(shared: &Arc<Shared>, request: Request) -> Result<Value, Refusal> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let body = to_bytes(request.into_body(), LARGEST_BODY).await;
    let body = body.map_err(|_| Refusal::bad("the body is larger than 1 MB or broken"))?;
    let path: Vec<&str> = path.split('/').skip(2).collect();
    if method == Method::GET {
        return look(shared, &path, &query);
    }
    if method == Method::DELETE && path == ["faults"] {
        for fault in shared.injected.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            fault.remove();
        }
        return Ok(json!({}));
    }
    if method != Method::POST {
        return Err(Refusal { status: 405, why: "GET looks, POST acts".to_owned() });
    }
    let mut fields = Fields::read(&body)?;
    act(shared, &path, &mut fields)
}

fn look(shared: &Arc<Shared>, path: &[&str], query: &str) -> Result<Value, Refusal> {
    let asked = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    match path {
        ["bot"] => Ok(show::bot(shared)),
        ["chats"] => Ok(show::chats(&shared.world())),
        ["chats", chat, "topics"] => {
            let group = Group::of(anyone(shared, chat)?);
            Ok(group.topics().iter().map(show::topic).collect())
        }
        ["chats", chat, "messages"] => {
            let author = anyone(shared, chat)?;
            let topic = match asked("topic").as_deref() {
                None => None,
                Some("general") => Some(None),
                Some(topic) => Some(Some(number(topic)?)),
            };
            let seen = author.see(|_, message| topic.is_none_or(|topic| topic == message.topic));
            Ok(seen.into_iter().map(show::message).collect())
        }
        ["calls"] => {
            let calls = shared.world().calls.show();
            Ok(show::calls(&calls, asked("method").as_deref()))
        }
        ["answers"] => {
            let answers = shared.world().answers.clone();
            let answer = |(id, given)| json!({ "callback_query": id, "parameters": given });
            Ok(answers.into_iter().map(answer).collect())
        }
        ["faults"] => {
            let kept = shared.injected.0.lock().unwrap_or_else(PoisonError::into_inner);
            let fault =
                |(id, fault): (usize, &FaultHandle)| json!({ "id": id, "struck": fault.count() });
            Ok(kept.iter().enumerate().map(fault).collect())
        }
        _ => Err(unknown()),
    }
}

fn act(shared: &Arc<Shared>, path: &[&str], fields: &mut Fields) -> Result<Value, Refusal> {
    match path {
        ["users"] => {
            let spec = shapes::person(fields)?;
            fields.end()?;
            let person = Person::create(shared, spec);
            Ok(json!({ "id": person.id() }))
        }
        ["groups"] => {
            let title = needed(fields.text("title")?, "title")?;
            let kind = ChatKind::Supergroup { forum: fields.flag("forum")?.unwrap_or(false) };
            fields.end()?;
            let group = Group::create(shared, &title, kind, Rights::all());
            Ok(json!({ "id": group.id(), "owner": group.owner() }))
        }
        ["chats", chat, act] => acts::perform(shared, number(chat)?, act, fields),
        ["faults"] => {
            let fault = shapes::fault(fields)?;
            fields.end()?;
            let handle = shared.world().faults.inject(fault);
            let mut kept = shared.injected.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(handle);
            Ok(json!({ "id": kept.len() - 1 }))
        }
        ["limits"] => {
            let on = needed(fields.flag("on")?, "on")?;
            fields.end()?;
            shared.world().limiter.set(if on { Limits::telegram() } else { Limits::off() });
            Ok(json!({}))
        }
        ["time"] => {
            let by = needed(fields.count("advance")?, "advance")?;
            fields.end()?;
            let world = shared.world();
            world.clock.advance(Duration::from_secs(by));
            world.updates.wake();
            Ok(json!({}))
        }
        ["updates"] => {
            let update = needed(fields.take("update"), "update")?;
            fields.end()?;
            Ok(json!({ "update_id": crate::shared::push_update(shared, update) }))
        }
        _ => Err(unknown()),
    }
}

/// Whoever looks at a chat: looking needs nobody in particular.
fn anyone(shared: &Arc<Shared>, chat: &str) -> Result<Author, Refusal> {
    let id = number(chat)?;
    if !shared.world().chats.contains_key(&id) {
        return Err(Refusal::missing(format!("there is no chat {id}")));
    }
    Ok(Author { shared: Arc::clone(shared), user: 0, chat: id })
}

fn number(text: &str) -> Result<i64, Refusal> {
    text.parse().map_err(|_| Refusal::bad(format!("`{text}` is not a number")))
}

fn unknown() -> Refusal {
    Refusal::missing("the control API has no such request")
}
