//! The rules of the desk: pure values and functions.
//!
//! Nothing here is async, does I/O, reads a clock or uses a third-party type.

mod ids;
mod time;
mod language;
mod role;
mod message;
mod event;
mod conversation;
mod welcome;
mod newsletter;
mod rules;
mod decision;
mod effect;
mod track;
mod queue;
mod link;
mod operations;

pub use conversation::{
    Conversation, Learnt, Notes, Piece, Profile, Revision, StaffAlbum, State, Topic,
};
pub use decision::{Decision, Fact};
pub use effect::{
    Audience, Button, ButtonAction, Class, Edit, Effect, Former, NewsletterCall, NewsletterSend,
    Panel, Relay, Replaced, Tell,
};
pub use event::{
    Asker, DeskCommand, Event, Incoming, Press, StaffAct, StaffCommand, StaffEvent, Subject,
    UserAct, UserEvent,
};
pub use ids::{
    CallbackId, ChatId, DeadId, MessageId, NewsletterId, Seq, Side, TopicId, UpdateId, UserId,
};
pub use language::Language;
pub use link::{Change, Link, LinkKey};
pub use message::{
    AlbumId, Body, Content, ContentKind, Elsewhere, FailureReason, Fingerprint, LinkRows, Media,
    Opaque, Quote, Reply, Text, Transfer, is_blank, is_unseen, on_one_line, seen_name, turns_text,
};
pub use newsletter::{
    Awaits, Draft, Newsletter, NewsletterButton, NewsletterContent, NewsletterState, Progress,
    Received, RecipientOutcome, Segment, SendOrRecall, Stage, UrlButton,
};
pub use operations::{
    Alerts, Backups, Check, Finding, Firing, Grade, Incident, Limits, Notice, NoticeKind, Panic,
    Part, Phase, PushTrouble, Report, Right, Room, Status, Stored, Told, Verdict, Waiting, Way,
    Work,
};
pub use queue::{Channel, InboxLane, OutboxLane, PARTITIONS, Partition, PartitionSet};
pub use role::{Role, Roles};
pub use rules::{Context, decide};
pub use time::Millis;
pub use track::{Firsts, Goals, Track};
pub use welcome::{
    Choice, Hours, MAXIMUM, Maximum, Request, Saying, Scene, SceneAct, SceneButton, SceneLine,
    ScenePlace, SceneStep, Welcome, WelcomeEnd, When, Words,
};
