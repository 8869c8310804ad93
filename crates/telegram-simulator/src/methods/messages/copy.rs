//! Copies and forwards: contents go on without being read.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    methods::call::{Destination, Invocation},
    world::{Draft, Fields, Message, portable},
};

/// Whether a message goes on with its origin or without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Copy,
    Forward,
}

impl Way {
    fn refused(self) -> ApiError {
        ApiError::bad(match self {
            Self::Copy => "message can't be copied",
            Self::Forward => "message can't be forwarded",
        })
    }

    fn missing(self) -> ApiError {
        ApiError::bad(match self {
            Self::Copy => "message to copy not found",
            Self::Forward => "message to forward not found",
        })
    }
}

pub(crate) fn copy_message(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let to = call.destination()?;
    let source = source(call, Way::Copy)?;
    let mut content = renewed(call, &source.content);
    if call.value("caption").is_some() && !content.contains_key("text") {
        let caption = call.caption()?;
        let fields = Arc::make_mut(&mut content);
        fields.remove("caption");
        fields.remove("caption_entities");
        if let Some(caption) = caption {
            caption.put(fields, "caption", "caption_entities");
        }
    }
    let id = call.send_to(to, content, None)?;
    Ok(json!({ "message_id": id }))
}

pub(crate) fn forward_message(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let to = call.destination()?;
    let source = source(call, Way::Forward)?;
    let origin = call.world.origin_of(&source);
    let id = call.send_to(to, portable(&source.content), Some(origin))?;
    call.world.render(to.chat, id).ok_or_else(|| Way::Forward.missing())
}

pub(crate) fn copy_messages(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    batch(call, Way::Copy)
}

pub(crate) fn forward_messages(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    batch(call, Way::Forward)
}

fn source(call: &Invocation<'_>, way: Way) -> Result<Message, ApiError> {
    let from = call.chat("from_chat_id")?;
    let id = call.int("message_id").unwrap_or_default();
    let message = from.messages.get(&id).ok_or_else(|| way.missing())?;
    if may_go_on(call, from.protected, message, way) {
        Ok(message.clone())
    } else {
        Err(way.refused())
    }
}

/// Protected content stays, save for what the bot itself has sent.
fn may_go_on(call: &Invocation<'_>, chat_is_protected: bool, message: &Message, way: Way) -> bool {
    let protected = (message.protected || chat_is_protected) && message.from != call.world.me.id;
    let fits = match way {
        Way::Copy => message.is_copyable(),
        Way::Forward => !message.is_service(),
    };
    fits && !protected
}

/// A copy shares its content, save that a dice is rolled again.
fn renewed(call: &mut Invocation<'_>, content: &Arc<Fields>) -> Arc<Fields> {
    let mut content = portable(content);
    if content.contains_key("dice") {
        let value = call.world.random.i64(1..=5);
        if let Some(dice) = Arc::make_mut(&mut content).get_mut("dice") {
            dice["value"] = value.into();
        }
    }
    content
}

/// Up to 100 at once: what cannot be found or go on is passed over in silence.
fn batch(call: &mut Invocation<'_>, way: Way) -> Result<Value, ApiError> {
    let to = call.destination()?;
    let ids = call.message_ids("too many messages")?;
    if ids.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(ApiError::bad("message identifiers must be in a strictly increasing order"));
    }
    let from = call.chat("from_chat_id")?;
    let sources: Vec<Message> = ids
        .iter()
        .filter_map(|id| from.messages.get(id))
        .filter(|message| may_go_on(call, from.protected, message, way))
        .cloned()
        .collect();
    if sources.is_empty() {
        return Err(ApiError::bad(match way {
            Way::Copy => "there are no messages to copy",
            Way::Forward => "there are no messages to forward",
        }));
    }
    let mut albums: HashMap<String, String> = HashMap::new();
    let mut sent = Vec::with_capacity(sources.len());
    for source in sources {
        let album = source.album.as_ref().map(|old| {
            albums.entry(old.clone()).or_insert_with(|| call.world.unique().to_string()).clone()
        });
        sent.push(json!({ "message_id": send_on(call, to, &source, way, album) }));
    }
    Ok(sent.into())
}

fn send_on(
    call: &mut Invocation<'_>,
    to: Destination,
    source: &Message,
    way: Way,
    album: Option<String>,
) -> i64 {
    let (mut content, origin) = match way {
        Way::Copy => (renewed(call, &source.content), None),
        Way::Forward => (portable(&source.content), Some(call.world.origin_of(source))),
    };
    if call.flag("remove_caption") && content.contains_key("caption") {
        let fields = Arc::make_mut(&mut content);
        fields.remove("caption");
        fields.remove("caption_entities");
    }
    call.world.post(Draft {
        chat: to.chat,
        topic: to.topic,
        from: call.world.me.id,
        content,
        album,
        protected: call.flag("protect_content"),
        origin,
        ..Draft::default()
    })
}
