//! Reads two rare parts of a message: a reply to a message in another chat, and the buttons of an inline bot.
//!
//! Both are parsed only if present. Malformed parts are left out.

use serde_json::{Value, value::RawValue};

use super::wire::Message;
use domain::{Elsewhere, LinkRows, UrlButton};

/// The message in another chat that a message replies to.
pub(super) fn elsewhere(message: &Message<'_>) -> Option<Elsewhere> {
    let external = message.external.filter(|_| message.answered.is_none())?;
    let external = value(external);
    let (origin, place) = (&external["origin"], &external["chat"]);
    let whose = [&origin["sender_user"], &origin["sender_chat"], &origin["chat"]];
    let who = origin["sender_user_name"].as_str().map(str::to_owned);
    let who = who.or_else(|| whose.into_iter().find_map(name));
    let mut names: Vec<String> = who.into_iter().chain(name(place)).collect();
    names.dedup();
    let link = page(place, &external["message_id"])
        .or_else(|| page(&origin["chat"], &origin["message_id"]))
        .or_else(|| page(&origin["sender_chat"], &Value::Null));
    let quote = message.quote.as_ref().map(|quote| quote.text.0.clone().into_owned());
    Some(Elsewhere { names, link, quote })
}

/// The name of a chat or a person.
fn name(of: &Value) -> Option<String> {
    let parts = ["title", "first_name", "last_name"].map(|part| of[part].as_str());
    let parts: Vec<&str> = parts.into_iter().flatten().map(str::trim).collect();
    let name = parts.join(" ").trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// The link to a public chat, or to a message in it.
fn page(chat: &Value, message: &Value) -> Option<String> {
    let fits = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let name = chat["username"].as_str().filter(|name| !name.is_empty()).filter(fits)?;
    Some(match message.as_i64() {
        Some(message) => format!("https://t.me/{name}/{message}"),
        None => format!("https://t.me/{name}"),
    })
}

/// The URL buttons under a message, in their rows. Callback buttons are left out: a press would go to the desk
/// instead of the inline bot.
pub(super) fn links(message: &Message<'_>) -> LinkRows {
    let Some(buttons) = message.buttons.filter(|_| message.via_bot) else { return Vec::new() };
    let buttons = value(buttons);
    let rows = buttons["inline_keyboard"].as_array().into_iter().flatten();
    let rows = rows.map(|row| row.as_array().into_iter().flatten().filter_map(link).collect());
    rows.filter(|row: &Vec<UrlButton>| !row.is_empty()).collect()
}

fn link(button: &Value) -> Option<UrlButton> {
    let (label, url) = (button["text"].as_str()?, button["url"].as_str()?);
    let (scheme, _) = url.split_once("://")?;
    let opens = ["http", "https", "tg"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let seen = opens && !label.trim().is_empty();
    seen.then(|| UrlButton { label: label.to_owned(), url: url.to_owned() })
}

fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or_default()
}
