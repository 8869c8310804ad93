//! Albums.

use std::sync::Arc;

use serde_json::Value;

use super::send::media_fields;
use crate::{
    error::ApiError,
    methods::call::Invocation,
    text::Formatted,
    world::{Draft, Fields},
};

impl Invocation<'_> {
    /// The content that an `InputMedia` describes.
    pub(crate) fn input_media(&mut self, media: &Value) -> Result<Fields, ApiError> {
        let kind = media["type"].as_str().unwrap_or_default();
        let value = self.file(kind, media["media"].as_str().unwrap_or_default())?;
        let mut content = media_fields(kind, value);
        if let Some(caption) = media["caption"].as_str() {
            let mode = media["parse_mode"].as_str();
            let caption = Formatted::read(caption, mode, media.get("caption_entities"))?;
            if caption.len() > 1024 {
                return Err(ApiError::bad("message caption is too long"));
            }
            if !caption.text.is_empty() {
                caption.put(&mut content, "caption", "caption_entities");
            }
        }
        for (parameter, field) in [
            ("has_spoiler", "has_media_spoiler"),
            ("show_caption_above_media", "show_caption_above_media"),
        ] {
            if media[parameter] == true {
                content.insert(field.to_owned(), true.into());
            }
        }
        Ok(content)
    }
}

pub(crate) fn send_group(call: &mut Invocation<'_>) -> Result<Value, ApiError> {
    let to = call.destination()?;
    let media = call.value("media").and_then(Value::as_array).cloned().unwrap_or_default();
    if !(2..=10).contains(&media.len()) {
        return Err(ApiError::bad("group of media must include 2-10 items"));
    }
    let kinds: Vec<&str> = media.iter().filter_map(|item| item["type"].as_str()).collect();
    for (own, complaint) in [
        ("audio", "audio can't be mixed with other media types"),
        ("document", "document can't be mixed with other media types"),
    ] {
        if kinds.contains(&own) && kinds.iter().any(|kind| *kind != own) {
            return Err(ApiError::bad(complaint));
        }
    }
    if kinds.contains(&"animation") {
        return Err(ApiError::bad("type \"animation\" can't be used in sendMediaGroup"));
    }
    let reply = call.reply(to)?;
    let contents =
        media.iter().map(|item| call.input_media(item)).collect::<Result<Vec<_>, _>>()?;
    let album = call.world.unique().to_string();
    let mut sent = Vec::with_capacity(contents.len());
    for content in contents {
        let id = call.world.post(Draft {
            chat: to.chat,
            topic: to.topic,
            from: call.world.me.id,
            content: Arc::new(content),
            reply: reply.clone(),
            album: Some(album.clone()),
            protected: call.flag("protect_content"),
            ..Draft::default()
        });
        sent.extend(call.world.render(to.chat, id));
    }
    Ok(sent.into())
}
