//! What control requests describe: people, contents, faults.

use std::time::Duration;

use serde_json::Value;

use super::fields::{Fields, Refusal, needed};
use crate::{Content, Fault, Matcher, Times, UserSpec, What};

/// Kinds of content that are named by a file.
type OfFile = fn(&str) -> Content;
const FILES: [(&str, OfFile); 8] = [
    ("photo", Content::photo),
    ("video", Content::video),
    ("animation", Content::animation),
    ("audio", Content::audio),
    ("voice", Content::voice),
    ("video_note", Content::video_note),
    ("document", Content::document),
    ("sticker", Content::sticker),
];

/// A person: a first name, and what else is known.
pub(super) fn person(fields: &mut Fields) -> Result<UserSpec, Refusal> {
    let named = UserSpec::named(&needed(fields.text("first_name")?, "first_name")?);
    Ok(UserSpec {
        id: fields.int("id")?.unwrap_or(0),
        last_name: fields.text("last_name")?,
        username: fields.text("username")?,
        language_code: fields.text("language_code")?.or(named.language_code),
        ..named
    })
}

/// A text, a file with its id and perhaps a caption, or any fields of `Message` under `content`.
pub(super) fn content(fields: &mut Fields) -> Result<Content, Refusal> {
    if let Some(text) = fields.text("text")? {
        return Ok(Content::text(&text));
    }
    if let Some(raw) = fields.take("content") {
        return if raw.is_object() {
            Ok(Content::raw(raw))
        } else {
            Err(Refusal::bad("`content` is not an object"))
        };
    }
    for (kind, make) in FILES {
        if let Some(file) = fields.text(kind)? {
            let content = make(&file);
            return Ok(match fields.text("caption")? {
                Some(caption) => content.caption(&caption),
                None => content,
            });
        }
    }
    Err(Refusal::bad("`text`, `content` or a file is missing"))
}

/// The pieces of an album, each as a content of its own.
pub(super) fn pieces(list: Vec<Value>) -> Result<Vec<Content>, Refusal> {
    list.into_iter()
        .map(|piece| {
            let mut fields = Fields::of(piece)?;
            let piece = content(&mut fields)?;
            fields.end()?;
            Ok(piece)
        })
        .collect()
}

/// Which calls fail, how, and how often; without `times` or `share` it is one call.
pub(super) fn fault(fields: &mut Fields) -> Result<Fault, Refusal> {
    let what = what(fields)?;
    let method = fields.text("method")?;
    let mut on = method.as_deref().map_or_else(Matcher::any, Matcher::method);
    if let Some(chat) = fields.int("chat_id")? {
        on = on.in_chat(chat);
    }
    let share = fields.number("share")?;
    let times = match (fields.take("times"), share) {
        (None, Some(share)) => Times::Share(share, 0),
        (None, None) => Times::N(1),
        (Some(Value::String(always)), None) if always == "always" => Times::Always,
        (Some(times), None) => Times::N(needed(times.as_u64(), "times")?),
        (Some(_), Some(_)) => return Err(Refusal::bad("`times` and `share` exclude each other")),
    };
    Ok(Fault { on, what, times })
}

fn what(fields: &mut Fields) -> Result<What, Refusal> {
    let kind = needed(fields.text("what")?, "what")?;
    Ok(match kind.as_str() {
        "throttle" => What::Throttle { retry_after: fields.count("retry_after")?.unwrap_or(1) },
        "status" => {
            let code = needed(fields.count("code")?, "code")?;
            let code = u16::try_from(code).ok().filter(|code| (400..600).contains(code));
            let code = code.ok_or_else(|| Refusal::bad("`code` is not from 400 to 599"))?;
            What::Status(code, fields.text("body")?.unwrap_or_else(|| format!("<h1>{code}</h1>")))
        }
        "error" => {
            let code = needed(fields.count("code")?, "code")?;
            let code = u16::try_from(code).ok().filter(|code| (400..600).contains(code));
            let code = code.ok_or_else(|| Refusal::bad("`code` is not from 400 to 599"))?;
            What::Error { code, description: needed(fields.text("description")?, "description")? }
        }
        "slow" => What::Slow(Duration::from_millis(needed(
            fields.count("milliseconds")?,
            "milliseconds",
        )?)),
        "cut_before" => What::CutBefore,
        "cut_after" => What::CutAfter,
        "land_in_general" => What::LandInGeneral,
        "say_topic_deleted" => What::SayTopicDeleted,
        "refuse_closed_topics" => What::RefuseClosedTopics,
        other => return Err(Refusal::bad(format!("no fault is called `{other}`"))),
    })
}
