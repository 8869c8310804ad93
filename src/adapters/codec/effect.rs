//! The stored format of sends, in the outbox and among the dead letters.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use domain;

use super::{
    CodecError,
    mirror::{Mirrored, is_false, list, maybe, mirrors, one},
};

/// The format that this release writes.
pub const FORMAT: u32 = 1;
const WHAT: &str = "a send";

/// Encodes a send.
pub fn encode(effect: &domain::Effect) -> Result<String, CodecError> {
    super::write(WHAT, &Borrowed(effect))
}

/// Decodes a send from this format.
pub fn decode(format: u32, json: &str) -> Result<domain::Effect, CodecError> {
    super::known(WHAT, format, FORMAT)?;
    super::read::<Owned>(WHAT, json).map(|owned| owned.0)
}

#[derive(Serialize)]
struct Borrowed<'a>(#[serde(with = "Effect")] &'a domain::Effect);

#[derive(Deserialize)]
struct Owned(#[serde(with = "Effect")] domain::Effect);

mirrors! {
    Relay of domain::Relay;
    Edit of domain::Edit;
    Tell of domain::Tell;
    Audience of domain::Audience;
    Button of domain::Button;
    ButtonAction of domain::ButtonAction;
    SceneLine of domain::SceneLine;
    SceneButton of domain::SceneButton;
    Report of domain::Report;
    Track of domain::Track;
    NewsletterSend of domain::NewsletterSend;
    NewsletterCall of domain::NewsletterCall;
    Panel of domain::Panel;
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Effect", rename_all = "snake_case")]
enum Effect {
    Relay(#[serde(with = "one")] domain::Relay),
    Edit(#[serde(with = "one")] domain::Edit),
    React {
        #[serde(with = "one")]
        from: domain::Side,
        #[serde(with = "one")]
        message: domain::MessageId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        reaction: Option<domain::Opaque>,
        #[serde(default, skip_serializing_if = "is_false")]
        late: bool,
    },
    Erase {
        #[serde(with = "one")]
        message: domain::MessageId,
        #[serde(with = "one")]
        command: domain::MessageId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        former: Option<domain::Former>,
    },
    Withdraw {
        #[serde(with = "one")]
        message: domain::MessageId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        note: Option<domain::MessageId>,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        former: Option<domain::Former>,
    },
    Tell(#[serde(with = "one")] domain::Tell),
    Scene(#[serde(with = "one")] domain::SceneLine),
    Pin {
        #[serde(with = "one")]
        message: domain::MessageId,
    },
    Unpin {
        #[serde(with = "one")]
        message: domain::MessageId,
    },
    CloseTopic,
    ReopenTopic,
    Refresh,
    Answer {
        #[serde(with = "one")]
        callback: domain::CallbackId,
        #[serde(with = "one")]
        side: domain::Side,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        text: Option<domain::Text>,
    },
    RetireButtons {
        #[serde(with = "one")]
        side: domain::Side,
        #[serde(with = "one")]
        message: domain::MessageId,
    },
    Report(#[serde(with = "one")] domain::Report),
    Track(#[serde(with = "one")] domain::Track),
    #[serde(rename = "mail")]
    Newsletter(#[serde(with = "one")] domain::NewsletterSend),
    Preview(#[serde(with = "one")] domain::NewsletterContent),
    Panel(#[serde(with = "one")] domain::Panel),
    #[serde(rename = "mail_report")]
    NewsletterReport(#[serde(with = "one")] domain::NewsletterId),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::NewsletterSend")]
struct NewsletterSend {
    #[serde(with = "one")]
    newsletter: domain::NewsletterId,
    #[serde(with = "one")]
    act: domain::NewsletterCall,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::NewsletterCall", rename_all = "snake_case")]
enum NewsletterCall {
    Deliver {
        #[serde(with = "one")]
        author: domain::UserId,
        #[serde(with = "one")]
        letter: domain::NewsletterContent,
    },
    Recall(#[serde(with = "list")] Vec<domain::MessageId>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Panel", rename_all = "snake_case")]
enum Panel {
    Draft,
    #[serde(rename = "mailing")]
    Newsletter(#[serde(with = "one")] domain::NewsletterId),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Relay")]
struct Relay {
    #[serde(with = "one")]
    from: domain::Side,
    #[serde(with = "one")]
    message: domain::MessageId,
    #[serde(with = "one")]
    kind: domain::ContentKind,
    #[serde(with = "one")]
    transfer: domain::Transfer,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    reply: Option<domain::Reply>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    album: Option<domain::AlbumId>,
    #[serde(with = "one")]
    fingerprint: domain::Fingerprint,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    body: Option<domain::Body>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    elsewhere: Option<domain::Elsewhere>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    links: domain::LinkRows,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    former: Option<domain::Former>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    written: Option<domain::Millis>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Edit")]
struct Edit {
    #[serde(with = "one")]
    from: domain::Side,
    #[serde(with = "one")]
    message: domain::MessageId,
    #[serde(with = "one")]
    kind: domain::ContentKind,
    #[serde(with = "one")]
    transfer: domain::Transfer,
    #[serde(with = "one")]
    body: domain::Body,
    #[serde(with = "one")]
    fingerprint: domain::Fingerprint,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    links: domain::LinkRows,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    former: Option<domain::Former>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Tell")]
struct Tell {
    #[serde(with = "one")]
    audience: domain::Audience,
    #[serde(with = "one")]
    text: domain::Text,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    reply_to: Option<domain::MessageId>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<domain::Button>,
    #[serde(default, skip_serializing_if = "is_false")]
    pin: bool,
}

/// A former topic is stored as its number, or as a list of two: the number and the operator who wrote there.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Former {
    Topic(#[serde(with = "one")] domain::TopicId),
    By(#[serde(with = "one")] domain::TopicId, #[serde(with = "one")] domain::UserId),
}

impl Mirrored for domain::Former {
    fn put<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self { topic, operator: None } => Former::Topic(topic),
            Self { topic, operator: Some(operator) } => Former::By(topic, operator),
        }
        .serialize(to)
    }

    fn take<'de, D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Former::deserialize(from)? {
            Former::Topic(topic) => topic.into(),
            Former::By(topic, operator) => Self { topic, operator: Some(operator) },
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Audience", rename_all = "snake_case")]
enum Audience {
    User,
    Topic,
    Aside,
    Former(#[serde(with = "one")] domain::Former),
    Chat {
        #[serde(with = "one")]
        chat: domain::ChatId,
        #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
        topic: Option<domain::TopicId>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Button")]
struct Button {
    #[serde(with = "one")]
    label: domain::Text,
    #[serde(with = "one")]
    action: domain::ButtonAction,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::ButtonAction", rename_all = "snake_case")]
enum ButtonAction {
    Language(#[serde(with = "one")] domain::Language),
    Retry(#[serde(with = "one")] domain::DeadId),
    Welcome { run: u32, step: usize, choice: usize },
    Newsletter(#[serde(with = "one")] domain::NewsletterButton),
    Flood(#[serde(with = "one")] domain::FloodButton),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::SceneLine")]
struct SceneLine {
    words: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    buttons: Vec<domain::SceneButton>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::SceneButton")]
struct SceneButton {
    label: String,
    #[serde(with = "one")]
    action: domain::ButtonAction,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Report", rename_all = "snake_case")]
enum Report {
    Status,
    Doctor,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Track", rename_all = "snake_case")]
enum Track {
    Update(#[serde(with = "one")] domain::Opaque),
    Goal(String),
}
