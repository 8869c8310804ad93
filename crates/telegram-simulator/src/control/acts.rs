//! What people do in a chat: `POST /control/chats/{chat}/{act}`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    fields::{Fields, Refusal, needed},
    groups, shapes,
};
use crate::{
    Group, Operator, Person, Shared, UserSpec,
    actors::Author,
    world::{Chat, ChatKind},
};

/// Carries out an act and answers its result.
pub(super) fn perform(
    shared: &Arc<Shared>,
    chat: i64,
    act: &str,
    fields: &mut Fields,
) -> Result<Value, Refusal> {
    let kind = shared.world().chats.get(&chat).map(|chat| chat.kind);
    let kind = kind.ok_or_else(|| Refusal::missing(format!("there is no chat {chat}")))?;
    if act == "join" {
        return join(shared, chat, kind, fields);
    }
    if let Some(answer) = groups::perform(shared, chat, kind, act, fields) {
        return answer;
    }
    let user = match fields.int("user")? {
        Some(user) => user,
        None if kind == ChatKind::Private => chat,
        None => return Err(Refusal::bad("`user` is missing")),
    };
    let author = Author::find(shared, chat, user)
        .ok_or_else(|| Refusal::missing(format!("there is no user {user} in the chat {chat}")))?;
    match act {
        "send" => send(&author, fields),
        "edit" => {
            let message = own_message(&author, fields)?;
            let content = shapes::content(fields)?;
            fields.end()?;
            author.edit(message, content);
            Ok(json!({}))
        }
        "react" => {
            let message = message(&author, fields, "message")?;
            let emoji = fields.text("emoji")?;
            fields.end()?;
            author.react(message, emoji.as_deref());
            Ok(json!({}))
        }
        "press" => {
            let message = message(&author, fields, "message")?;
            let data = needed(fields.text("data")?, "data")?;
            fields.end()?;
            let query = author.press(message, &data);
            let query =
                query.ok_or_else(|| Refusal::missing("no button of the message has this data"))?;
            Ok(json!({ "callback_query": query }))
        }
        "delete" => {
            let message = message(&author, fields, "message")?;
            fields.end()?;
            author.delete(message);
            Ok(json!({}))
        }
        "block" | "unblock" if kind == ChatKind::Private => {
            fields.end()?;
            let person = Person::of(shared, user);
            if act == "block" {
                person.blocks();
            } else {
                person.returns();
            }
            Ok(json!({}))
        }
        "open_topic" | "close_topic" | "reopen_topic" | "rename_topic" | "delete_topic" => {
            act_on_topic(&author, act, fields)
        }
        _ => Err(Refusal::missing(format!("nobody can `{act}` in this chat"))),
    }
}

fn join(
    shared: &Arc<Shared>,
    chat: i64,
    kind: ChatKind,
    fields: &mut Fields,
) -> Result<Value, Refusal> {
    if kind == ChatKind::Private {
        return Err(Refusal::bad("a private chat has one member"));
    }
    let spec = match fields.int("user")? {
        Some(user) => known(shared, user)?,
        None => shapes::person(fields)?,
    };
    let group = Group::of(Author { shared: Arc::clone(shared), user: 0, chat });
    let administrator = fields.flag("administrator")?.unwrap_or(true);
    fields.end()?;
    let joined = if administrator { group.operator(spec) } else { group.member(spec) };
    Ok(json!({ "id": joined.id() }))
}

/// A person who was created before.
fn known(shared: &Shared, user: i64) -> Result<UserSpec, Refusal> {
    let world = shared.world();
    let person = world.users.get(&user).filter(|user| !user.is_bot);
    let person = person.ok_or_else(|| Refusal::missing(format!("there is no user {user}")))?;
    Ok(UserSpec {
        id: user,
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        username: person.username.clone(),
        language_code: person.language_code.clone(),
    })
}

fn send(author: &Author, fields: &mut Fields) -> Result<Value, Refusal> {
    let topic = topic(author, fields)?;
    let quote = fields.text("quote")?;
    let reply = match optional_message(author, fields, "reply_to")? {
        Some(message) => Some(author.reply(message, quote.as_deref())),
        None if quote.is_some() => return Err(Refusal::bad("`quote` needs `reply_to`")),
        None => None,
    };
    if let Some(album) = fields.list("album")? {
        let pieces = shapes::pieces(album)?;
        if !(2..=10).contains(&pieces.len()) {
            return Err(Refusal::bad("an album has 2 to 10 pieces"));
        }
        fields.end()?;
        let (album, ids) = author.send_album(topic, pieces, reply.as_ref());
        return Ok(json!({ "media_group_id": album, "messages": ids }));
    }
    let content = shapes::content(fields)?;
    fields.end()?;
    let message = author.send(topic, content, reply, None);
    Ok(json!({ "message": message }))
}

fn act_on_topic(author: &Author, act: &str, fields: &mut Fields) -> Result<Value, Refusal> {
    let forum = in_chat(author, Chat::is_forum);
    if !forum {
        return Err(Refusal::bad("the chat is not a forum"));
    }
    let operator = Operator::of(author.clone());
    if act == "open_topic" {
        let name = needed(fields.text("name")?, "name")?;
        fields.end()?;
        return Ok(json!({ "topic": operator.opens_topic(&name) }));
    }
    let topic = needed(topic(author, fields)?, "topic")?;
    let name =
        if act == "rename_topic" { needed(fields.text("name")?, "name")? } else { String::new() };
    fields.end()?;
    match act {
        "close_topic" => operator.closes(topic),
        "reopen_topic" => operator.reopens(topic),
        "rename_topic" => operator.renames_topic(topic, &name),
        _ => operator.deletes_topic(topic),
    }
    Ok(json!({}))
}

/// The topic that is named, if one is; it must be there.
fn topic(author: &Author, fields: &mut Fields) -> Result<Option<i64>, Refusal> {
    let Some(topic) = fields.int("topic")? else { return Ok(None) };
    let there = |chat: &Chat| chat.topics.get(&topic).is_some_and(|topic| !topic.deleted);
    if in_chat(author, there) {
        Ok(Some(topic))
    } else {
        Err(Refusal::missing(format!("there is no topic {topic}")))
    }
}

fn message(author: &Author, fields: &mut Fields, name: &str) -> Result<i64, Refusal> {
    needed(optional_message(author, fields, name)?, name)
}

fn optional_message(
    author: &Author,
    fields: &mut Fields,
    name: &str,
) -> Result<Option<i64>, Refusal> {
    let Some(message) = fields.int(name)? else { return Ok(None) };
    if in_chat(author, |chat| chat.messages.contains_key(&message)) {
        Ok(Some(message))
    } else {
        Err(Refusal::missing(format!("there is no message {message}")))
    }
}

fn own_message(author: &Author, fields: &mut Fields) -> Result<i64, Refusal> {
    let id = message(author, fields, "message")?;
    let own = |chat: &Chat| chat.messages.get(&id).is_some_and(|found| found.from == author.user);
    if in_chat(author, own) { Ok(id) } else { Err(Refusal::bad("the message is not theirs")) }
}

fn in_chat(author: &Author, holds: impl Fn(&Chat) -> bool) -> bool {
    let world = author.shared.world();
    world.chats.get(&author.current_chat(&world)).is_some_and(holds)
}
