//! The rules of the desk: pure values and functions.
//!
//! Nothing here is async, does I/O, reads a clock or uses a third-party type.

mod groups;
mod group_choice;
mod ids;
mod time;
mod backoff;
mod hash;
mod html;
mod language;
mod role;
mod message;
mod button;
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

pub use backoff::Backoff;
pub use button::{Button, ButtonAction, FloodButton, FloodChoice, Press};
pub use conversation::{
    Authoring, Conversation, Flood, Hold, HoldTimes, Learnt, Moderation, Notes, Piece, Profile,
    Request, Revision, ScenePosition, StaffAlbum, State, Topic, TopicState, WelcomeEnd,
    WelcomeProgress, WelcomeRun,
};
pub use decision::{Decision, Fact};
pub use effect::{
    Audience, Edit, Effect, Former, NewsletterCall, NewsletterSend, Panel, Relay, Replaced, Tell,
};
pub use event::{
    Asker, DeskCommand, Event, Incoming, StaffAct, StaffCommand, StaffEvent, Subject, UserAct,
    UserEvent,
};
pub use group_choice::{DeskGroup, GroupRule, GroupState, Newcomer, choose_group};
pub use groups::GroupChats;
pub(crate) use hash::splitmix64;
pub use hash::{fnv1a_32, fnv1a_64};
pub use html::{escape_html, escape_html_attribute};
pub use ids::{
    CallbackId, ChatId, DeadId, GroupKey, MessageId, NewsletterId, Seq, Side, TopicId, UpdateId,
    UserId,
};
pub use language::Language;
pub use link::{Change, Link, LinkKey};
pub use message::{
    AlbumId, Body, Content, ContentKind, Elsewhere, FailureReason, Fingerprint, LinkRows, Media,
    Opaque, Quote, Reply, Text, Transfer, UrlButton, is_blank, is_unseen, on_one_line, seen_name,
    turns_text,
};
pub use newsletter::{
    Awaits, Draft, Newsletter, NewsletterButton, NewsletterContent, NewsletterState, Progress,
    Received, Recipient, RecipientOutcome, Segment, SendOrRecall, Stage,
};
pub use operations::{
    Alerts, Backups, Check, Finding, Firing, Grade, Incident, LimitUse, Limits, Notice, NoticeKind,
    Panic, Part, Phase, ProxyTrouble, PushTrouble, Report, Right, Room, Status, Stored, Told,
    Verdict, Waiting, Way, Work,
};
pub use queue::{
    Channel, Class, InboxLane, OutboxLane, PARTITIONS, Partition, PartitionSet, Standing,
};
pub use role::{Role, Roles};
pub use rules::{Context, Pace, decide};
pub use time::{Date, Millis, Span, Spans};
pub use track::{Firsts, Goals, Track};
pub use welcome::{
    Choice, Hours, MAXIMUM, Maximum, Saying, Scene, SceneAct, SceneButton, SceneLine, SceneStep,
    When, Words, Zones,
};
