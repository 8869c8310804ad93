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
    WelcomeRun of domain::WelcomeRun;
    ScenePosition of domain::ScenePosition;
    Request of domain::Request;
    Firsts of domain::Firsts;
    Notes of domain::Notes;
    StaffAlbum of domain::StaffAlbum;
    Piece of domain::Piece;
}

/// The stored conversation is flat: its groups came later.
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
    #[serde(getter = "get::group", default, skip_serializing_if = "is_first")]
    group: u16,
    #[serde(getter = "get::topic", with = "one")]
    topic: domain::Topic,
    #[serde(getter = "get::former", default, with = "list", skip_serializing_if = "Vec::is_empty")]
    former: Vec<domain::TopicId>,
    #[serde(getter = "get::title_shown", default, skip_serializing_if = "Option::is_none")]
    title_shown: Option<String>,
    #[serde(
        getter = "get::card",
        default,
        with = "maybe",
        skip_serializing_if = "Option::is_none"
    )]
    card: Option<domain::MessageId>,
    #[serde(getter = "get::card_shown")]
    card_shown: u32,
    #[serde(getter = "get::banned", default, skip_serializing_if = "is_false")]
    banned: bool,
    #[serde(getter = "get::silent", default, skip_serializing_if = "is_false")]
    silent: bool,
    #[serde(
        getter = "get::silent_notice",
        default,
        with = "maybe",
        skip_serializing_if = "Option::is_none"
    )]
    silent_notice: Option<domain::MessageId>,
    #[serde(default, with = "one", skip_serializing_if = "is_without_notes")]
    notes: domain::Notes,
    #[serde(
        getter = "get::channels_told",
        default,
        with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    channels_told: Vec<domain::ChatId>,
    #[serde(default, skip_serializing_if = "is_false")]
    reachable: bool,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    thread: Option<domain::TopicId>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    waiting_since: Option<domain::Millis>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    answered: Option<domain::Millis>,
    #[serde(
        getter = "get::welcome",
        default,
        with = "maybe",
        skip_serializing_if = "Option::is_none"
    )]
    welcome: Option<domain::WelcomeRun>,
    #[serde(getter = "get::due", default, with = "maybe", skip_serializing_if = "Option::is_none")]
    due: Option<domain::Millis>,
    #[serde(getter = "get::answers", default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<String, String>,
    #[serde(getter = "get::zone", default, skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    request: Option<domain::Request>,
    #[serde(getter = "get::untold", default, skip_serializing_if = "Vec::is_empty")]
    untold: Vec<String>,
    #[serde(default, with = "one", skip_serializing_if = "is_nothing")]
    firsts: domain::Firsts,
    #[serde(
        getter = "get::seen",
        default,
        with = "maybe",
        skip_serializing_if = "Option::is_none"
    )]
    seen: Option<domain::Millis>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    received: Vec<domain::Received>,
    #[serde(
        getter = "get::draft",
        default,
        with = "maybe",
        skip_serializing_if = "Option::is_none"
    )]
    draft: Option<domain::Draft>,
    #[serde(
        getter = "get::mailings",
        default,
        with = "list",
        skip_serializing_if = "Vec::is_empty"
    )]
    mailings: Vec<domain::Newsletter>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    flood: Option<domain::Flood>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    dropped_until: Option<domain::Millis>,
}

/// Where the domain keeps the fields that the stored form has at the top.
mod get {
    use std::collections::BTreeMap;

    use domain::Conversation;

    macro_rules! fields {
        ($($name:ident: $type:ty = $($path:ident).+;)*) => {$(
            pub(super) fn $name(conversation: &Conversation) -> &$type {
                &conversation.$($path).+
            }
        )*};
    }

    pub(super) fn group(conversation: &Conversation) -> u16 {
        conversation.topic.group.number()
    }

    fields! {
        topic: domain::Topic = topic.current;
        former: Vec<domain::TopicId> = topic.former;
        title_shown: Option<String> = topic.title;
        card: Option<domain::MessageId> = topic.card;
        card_shown: u32 = topic.card_hash;
        banned: bool = moderation.banned;
        silent: bool = moderation.silent;
        silent_notice: Option<domain::MessageId> = moderation.silent_notice;
        channels_told: Vec<domain::ChatId> = topic.warned_channels;
        welcome: Option<domain::WelcomeRun> = welcome.run;
        due: Option<domain::Millis> = welcome.due;
        answers: BTreeMap<String, String> = welcome.answers;
        zone: Option<String> = welcome.zone;
        untold: Vec<String> = welcome.unseen;
        seen: Option<domain::Millis> = last_seen;
        draft: Option<domain::Draft> = authoring.draft;
        mailings: Vec<domain::Newsletter> = authoring.newsletters;
    }
}

impl From<Conversation> for domain::Conversation {
    fn from(stored: Conversation) -> Self {
        Self {
            user: stored.user,
            revision: stored.revision,
            profile: stored.profile,
            language: stored.language,
            since: stored.since,
            last_seen: stored.seen,
            reachable: stored.reachable,
            thread: stored.thread,
            waiting_since: stored.waiting_since,
            answered: stored.answered,
            topic: domain::TopicState {
                group: domain::GroupKey::new(stored.group).unwrap_or_default(),
                current: stored.topic,
                former: stored.former,
                title: stored.title_shown,
                card: stored.card,
                card_hash: stored.card_shown,
                warned_channels: stored.channels_told,
            },
            moderation: domain::Moderation {
                banned: stored.banned,
                silent: stored.silent,
                silent_notice: stored.silent_notice,
            },
            notes: stored.notes,
            welcome: domain::WelcomeProgress {
                run: stored.welcome,
                due: stored.due,
                answers: stored.answers,
                zone: stored.zone,
                unseen: stored.untold,
            },
            request: stored.request,
            firsts: stored.firsts,
            received: stored.received,
            authoring: domain::Authoring { draft: stored.draft, newsletters: stored.mailings },
            flood: stored.flood,
            dropped_until: stored.dropped_until,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::WelcomeRun")]
struct WelcomeRun {
    #[serde(rename = "run")]
    number: u32,
    shape: u32,
    #[serde(rename = "place", with = "one")]
    position: domain::ScenePosition,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::ScenePosition", rename_all = "snake_case")]
enum ScenePosition {
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
fn is_first(group: &u16) -> bool {
    *group == domain::GroupKey::FIRST.number()
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
