//! The rules of the desk: pure values and functions.
//!
//! Nothing here is async, does I/O, reads a clock or uses a third-party type.

mod ids;
mod time;
mod calendar;
mod backoff;
mod hash;
mod html;
mod language;
mod content;
mod event;
mod text;
mod notice;
mod effect;
mod routing;
mod lane;
mod partition;
mod name;
mod conversation;
mod notes;
mod recent;
mod learnt;
mod welcome;
mod newsletter;
mod decision;
mod role;
mod status;
mod finding;
mod track;
mod link;
mod rules;

pub use backoff::Backoff;
pub use content::{
    AlbumId, Body, Content, ContentKind, Elsewhere, Fingerprint, LinkRows, Media, Opaque, Quote,
    Reply, Transfer,
};
pub use conversation::{Conversation, Profile, Revision, State, Topic};
pub use decision::{Decision, Fact};
pub use effect::{
    Audience, Button, ButtonAction, Edit, Effect, Former, NewsletterCall, NewsletterSend, Panel,
    Relay, Tell,
};
pub use event::{
    Asker, DeskCommand, Event, Incoming, Press, StaffAct, StaffCommand, StaffEvent, Subject,
    UserAct, UserEvent,
};
pub use finding::{Check, Finding, PushTrouble, Right, Way};
pub use hash::{fnv1a_32, fnv1a_64};
pub use html::escape_html;
pub use ids::{
    CallbackId, ChatId, DeadId, MessageId, NewsletterId, Seq, Side, TopicId, UpdateId, UserId,
};
pub use lane::{Channel, InboxLane, OutboxLane};
pub use language::Language;
pub use learnt::Learnt;
pub use link::{Change, Link, LinkKey};
pub use name::{is_blank, is_unseen, on_one_line, seen_name, turns_text};
pub use newsletter::{
    Awaits, Draft, Newsletter, NewsletterButton, NewsletterContent, NewsletterState, Progress,
    Received, RecipientOutcome, Segment, SendOrRecall, Stage, UrlButton,
};
pub use notes::{Notes, Piece, StaffAlbum};
pub use notice::{Incident, Notice, NoticeKind, Panic, Phase, Told, Verdict};
pub use partition::{PARTITIONS, Partition, PartitionSet};
pub use role::{Role, Roles};
pub use routing::{Class, Replaced};
pub use rules::{Context, decide};
pub use status::{
    Alerts, Backups, Firing, Grade, Limits, Part, Report, Room, Status, Stored, Waiting, Work,
};
pub use text::{FailureReason, Text};
pub use time::Millis;
pub use track::{Firsts, Goals, Track};
pub use welcome::{
    Choice, Hours, MAXIMUM, Maximum, Request, Saying, Scene, SceneAct, SceneButton, SceneLine,
    ScenePlace, SceneStep, Welcome, WelcomeEnd, When, Words,
};
