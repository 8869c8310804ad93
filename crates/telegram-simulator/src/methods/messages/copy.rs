//! Copies and forwards.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Value, json};

use crate::{
    error::ApiError,
    methods::call::{Destination, Invocation},
    world::{Draft, Fields, Message, portable},
};

/// With the origin (forward), or without it (copy).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transfer {
    Copy,
    Forward,
}

impl Transfer {
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
    let source = source(call, Transfer::Copy)?;
    let mut content = copied_content(call, &source.content);
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
    let source = source(call, Transfer::Forward)?;
    let origin = call.world.origin_of(&source);
    let id = call.send_to(to, portable(&source.content), Some(origin))?;
    call.world.render(to.chat, id).ok_or_else(|| Transfer::Forward.missing())
}

pub(crate) fn copy_messages(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    batch(call, Transfer::Copy)
}

pub(crate) fn forward_messages(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    batch(call, Transfer::Forward)
}

fn source(call: &Invocation<'_>, way: Transfer) -> Result<Message, ApiError> {
    let from = call.chat("from_chat_id")?;
    let id = call.int("message_id").unwrap_or_default();
    let message = from.messages.get(&id).ok_or_else(|| way.missing())?;
    if may_leave_chat(call, from.protected, message, way) {
        Ok(message.clone())
    } else {
        Err(way.refused())
    }
}

/// Whether a message may be copied or forwarded. Protected content may not, unless the bot itself has sent it.
fn may_leave_chat(
    call: &Invocation<'_>,
    chat_is_protected: bool,
    message: &Message,
    way: Transfer,
) -> bool {
    let protected = (message.protected || chat_is_protected) && message.from != call.world.me.id;
    let fits = match way {
        Transfer::Copy => message.is_copyable(),
        Transfer::Forward => !message.is_service(),
    };
    fits && !protected
}

/// The content of a copy. It is shared with the source, but a dice is rolled again.
fn copied_content(call: &mut Invocation<'_>, content: &Arc<Fields>) -> Arc<Fields> {
    let mut content = portable(content);
    if content.contains_key("dice") {
        let value = call.world.random.i64(1..=5);
        if let Some(dice) = Arc::make_mut(&mut content).get_mut("dice") {
            dice["value"] = value.into();
        }
    }
    content
}

/// Up to 100 at once. Messages that do not exist or may not be copied are skipped.
fn batch(call: &mut Invocation<'_>, way: Transfer) -> Result<Value, ApiError> {
    let to = call.destination()?;
    let ids = call.message_ids("too many messages")?;
    if ids.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(ApiError::bad("message identifiers must be in a strictly increasing order"));
    }
    let from = call.chat("from_chat_id")?;
    let sources: Vec<Message> = ids
        .iter()
        .filter_map(|id| from.messages.get(id))
        .filter(|message| may_leave_chat(call, from.protected, message, way))
        .cloned()
        .collect();
    if sources.is_empty() {
        return Err(ApiError::bad(match way {
            Transfer::Copy => "there are no messages to copy",
            Transfer::Forward => "there are no messages to forward",
        }));
    }
    let mut albums: HashMap<String, String> = HashMap::new();
    let mut sent = Vec::with_capacity(sources.len());
    for source in sources {
        let album = source.album.as_ref().map(|old| {
            albums.entry(old.clone()).or_insert_with(|| call.world.unique().to_string()).clone()
        });
        sent.push(json!({ "message_id": repost(call, to, &source, way, album) }));
    }
    Ok(sent.into())
}

fn repost(
    call: &mut Invocation<'_>,
    to: Destination,
    source: &Message,
    way: Transfer,
    album: Option<String>,
) -> i64 {
    let (mut content, origin) = match way {
        Transfer::Copy => (copied_content(call, &source.content), None),
        Transfer::Forward => (portable(&source.content), Some(call.world.origin_of(source))),
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
