//! The stored format of conversations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use domain::{self, Revision, UserId};

use super::{
    CodecError,
    mirror::{is_false, list, maybe, mirrors, one},
};

/// The format that this release writes.
pub const FORMAT: u32 = 1;
const WHAT: &str = "a conversation";

/// Encodes a conversation without its user and revision, which are stored in columns of their own.
pub fn encode(conversation: &domain::Conversation) -> Result<String, CodecError> {
    super::write(WHAT, &Borrowed(conversation))
}

/// Decodes the conversation of this user and revision from this format.
pub fn decode(
    format: u32,
    user: UserId,
    revision: Revision,
    json: &str,
) -> Result<domain::Conversation, CodecError> {
    super::known(WHAT, format, FORMAT)?;
    let Owned(stored) = super::read(WHAT, json)?;
    Ok(domain::Conversation { user, revision, ..stored })
}

#[derive(Serialize)]
struct Borrowed<'a>(#[serde(with = "Conversation")] &'a domain::Conversation);

#[derive(Deserialize)]
struct Owned(#[serde(with = "Conversation")] domain::Conversation);

mirrors! {
    Profile of domain::Profile;
    Topic of domain::Topic;
    Welcome of domain::Welcome;
    ScenePlace of domain::ScenePlace;
    Request of domain::Request;
    Firsts of domain::Firsts;
    Notes of domain::Notes;
    StaffAlbum of domain::StaffAlbum;
    Piece of domain::Piece;
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Conversation")]
struct Conversation {
    /// Stored in its own column.
    #[serde(skip, default = "nobody")]
    user: UserId,
    /// Stored in its own column.
    #[serde(skip)]
    revision: Revision,
    #[serde(with = "one")]
    profile: domain::Profile,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    language: Option<domain::Language>,
    #[serde(with = "one")]
    since: domain::Millis,
    #[serde(with = "one")]
    topic: domain::Topic,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    former: Vec<domain::TopicId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title_shown: Option<String>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    card: Option<domain::MessageId>,
    card_shown: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    banned: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    silent: bool,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    silent_notice: Option<domain::MessageId>,
    #[serde(default, with = "one", skip_serializing_if = "is_without_notes")]
    notes: domain::Notes,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    channels_told: Vec<domain::ChatId>,
    #[serde(default, skip_serializing_if = "is_false")]
    reachable: bool,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    thread: Option<domain::TopicId>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    waiting_since: Option<domain::Millis>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    welcome: Option<domain::Welcome>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    due: Option<domain::Millis>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    request: Option<domain::Request>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    untold: Vec<String>,
    #[serde(default, with = "one", skip_serializing_if = "is_nothing")]
    firsts: domain::Firsts,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    seen: Option<domain::Millis>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    received: Vec<domain::Received>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    draft: Option<domain::Draft>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    mailings: Vec<domain::Newsletter>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Welcome")]
struct Welcome {
    run: u32,
    shape: u32,
    #[serde(with = "one")]
    place: domain::ScenePlace,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::ScenePlace", rename_all = "snake_case")]
enum ScenePlace {
    Asking(usize),
    Waiting(usize),
    Over,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Request")]
struct Request {
    nth: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    #[serde(default, skip_serializing_if = "is_false")]
    closed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Firsts")]
struct Firsts {
    #[serde(default, skip_serializing_if = "is_false")]
    message: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    phone: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Notes")]
struct Notes {
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    withheld: Vec<domain::MessageId>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    albums: Vec<domain::StaffAlbum>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::StaffAlbum")]
struct StaffAlbum {
    #[serde(with = "one")]
    album: domain::AlbumId,
    #[serde(with = "list")]
    pieces: Vec<domain::Piece>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    waited: Option<domain::Millis>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Piece")]
struct Piece {
    #[serde(with = "one")]
    message: domain::MessageId,
    #[serde(with = "one")]
    kind: domain::ContentKind,
    #[serde(with = "one")]
    transfer: domain::Transfer,
    #[serde(with = "one")]
    fingerprint: domain::Fingerprint,
    #[serde(default, skip_serializing_if = "is_false")]
    note: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Profile")]
struct Profile {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language_code: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Topic", rename_all = "snake_case")]
enum Topic {
    None,
    Open(#[serde(with = "one")] domain::TopicId),
    Closed(#[serde(with = "one")] domain::TopicId),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_nothing(firsts: &domain::Firsts) -> bool {
    *firsts == domain::Firsts::default()
}

fn is_without_notes(notes: &domain::Notes) -> bool {
    *notes == domain::Notes::default()
}

/// A placeholder, which the row's user replaces.
fn nobody() -> UserId {
    UserId(0)
}
