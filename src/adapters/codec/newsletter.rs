//! The stored format of newsletters: with their authors, with their recipients and in the outbox.

use serde::{Deserialize, Serialize};

use domain;

use super::mirror::{is_false, list, maybe, mirrors, one};

mirrors! {
    NewsletterContent of domain::NewsletterContent;
    UrlButton of domain::UrlButton;
    Segment of domain::Segment;
    Draft of domain::Draft;
    Awaits of domain::Awaits;
    Newsletter of domain::Newsletter;
    NewsletterState of domain::NewsletterState;
    Progress of domain::Progress;
    Received of domain::Received;
    RecipientOutcome of domain::RecipientOutcome;
    NewsletterButton of domain::NewsletterButton;
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::NewsletterContent")]
struct NewsletterContent {
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    messages: Vec<domain::MessageId>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    album: Option<domain::AlbumId>,
    #[serde(default, skip_serializing_if = "is_false")]
    forward: bool,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    links: Vec<domain::UrlButton>,
    #[serde(default, skip_serializing_if = "is_false")]
    paid: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::UrlButton")]
struct UrlButton {
    label: String,
    url: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Segment")]
struct Segment {
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    language: Option<domain::Language>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active_days: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Draft")]
struct Draft {
    #[serde(with = "one")]
    since: domain::Millis,
    #[serde(with = "one")]
    letter: domain::NewsletterContent,
    #[serde(with = "one")]
    segment: domain::Segment,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    at: Option<domain::Millis>,
    #[serde(with = "one")]
    awaits: domain::Awaits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipients: Option<u64>,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    panel: Option<domain::MessageId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Awaits", rename_all = "snake_case")]
enum Awaits {
    Content,
    Links,
    Time,
    Confirmation,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Newsletter")]
struct Newsletter {
    #[serde(with = "one")]
    id: domain::NewsletterId,
    #[serde(with = "one")]
    author: domain::UserId,
    #[serde(with = "one")]
    letter: domain::NewsletterContent,
    #[serde(with = "one")]
    segment: domain::Segment,
    #[serde(with = "one")]
    at: domain::Millis,
    recipients: u64,
    #[serde(with = "one")]
    state: domain::NewsletterState,
    #[serde(default, skip_serializing_if = "is_false")]
    cancelled: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    asks: bool,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    ended: Option<domain::Millis>,
    #[serde(with = "one")]
    last: domain::Progress,
    #[serde(default, with = "maybe", skip_serializing_if = "Option::is_none")]
    panel: Option<domain::MessageId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::NewsletterState", rename_all = "snake_case")]
enum NewsletterState {
    Planned,
    Running,
    Paused,
    Vanished,
    Stopping,
    Over,
    Undoing,
    Undone,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Progress")]
struct Progress {
    pending: u64,
    queued: u64,
    sent: u64,
    blocked: u64,
    failed: u64,
    vanished: u64,
    skipped: u64,
    recalled: u64,
    kept: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::Received")]
struct Received {
    #[serde(with = "one")]
    newsletter: domain::NewsletterId,
    #[serde(with = "one")]
    outcome: domain::RecipientOutcome,
    #[serde(default, with = "list", skip_serializing_if = "Vec::is_empty")]
    copies: Vec<domain::MessageId>,
    #[serde(with = "one")]
    at: domain::Millis,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::RecipientOutcome", rename_all = "snake_case")]
enum RecipientOutcome {
    Queued,
    Sent,
    Blocked,
    Failed,
    Vanished,
    Recalling,
    Recalled,
    Kept,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "domain::NewsletterButton", rename_all = "snake_case")]
enum NewsletterButton {
    Preview,
    Links,
    Language,
    Answer,
    Active,
    Time,
    Paid,
    Start,
    Confirm,
    Back,
    Discard,
    Pause(#[serde(with = "one")] domain::NewsletterId),
    GoOn(#[serde(with = "one")] domain::NewsletterId),
    Cancel(#[serde(with = "one")] domain::NewsletterId),
    Undo(#[serde(with = "one")] domain::NewsletterId),
    UndoConfirm(#[serde(with = "one")] domain::NewsletterId),
    Leave(#[serde(with = "one")] domain::NewsletterId),
}
