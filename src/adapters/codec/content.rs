//! The stored format of message contents.

use serde::{Deserialize, Serialize};

use domain;

use super::mirror::{is_false, maybe, mirrors, one};

mirrors! {
    Side of domain::Side;
    Language of domain::Language;
    ContentKind of domain::ContentKind;
    Transfer of domain::Transfer;
    Reply of domain::Reply;
    Quote of domain::Quote;
    Elsewhere of domain::Elsewhere;
    Body of domain::Body;
    Media of domain::Media;
    Fingerprint of domain::Fingerprint;
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Side", rename_all = "snake_case")]
enum Side {
    User,
    Staff,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Language")]
enum Language {
    #[serde(rename = "en")]
    English,
    #[serde(rename = "ru")]
    Russian,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::ContentKind", rename_all = "snake_case")]
enum ContentKind {
    Text,
    Photo,
    Video,
    Animation,
    Audio,
    Voice,
    VideoNote,
    Document,
    Sticker,
    Contact,
    Location,
    Venue,
    Poll,
    Dice,
    Story,
    Game,
    Checklist,
    PaidMedia,
    Invoice,
    Payment,
    Giveaway,
    Gift,
    Passport,
    Service,
    Protected,
    Other,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Transfer", rename_all = "snake_case")]
enum Transfer {
    Copy,
    ForwardOf(#[serde(with = "one")] domain::UserId),
    Forward,
    Notice,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Reply")]
struct Reply {
    #[serde(with = "one")]
    to: domain::MessageId,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    quote: Option<domain::Quote>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Quote")]
struct Quote {
    text: String,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    entities: Option<domain::Opaque>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Elsewhere")]
struct Elsewhere {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quote: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Body")]
struct Body {
    text: String,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    entities: Option<domain::Opaque>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    preview: Option<domain::Opaque>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    media: Option<domain::Media>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Media")]
struct Media {
    kind: String,
    file: String,
    #[serde(default, skip_serializing_if = "is_false")]
    spoiler: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    caption_above: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Fingerprint")]
struct Fingerprint {
    text: u32,
    media: u32,
}
