//! The engine's ports: its needs from outside, as small traits whose docs state failure and order.

mod archive;
mod clock;
mod items;
mod inbox;
mod ledger;
mod outbox;
mod reporter;
mod dead;
mod decoder;
mod groups;
mod messenger;
mod cluster;
mod store;
mod store_error;
mod tracker;
mod updates;
mod webhook;
mod welcome;

/// Makes the `async` methods of an implementation the boxed futures that the ports need to work behind `dyn`.
pub use async_trait::async_trait;

pub use archive::{CopyError, Facts, KnownUpdate, Record, RecordCounts, Restore, Snapshot, copy};
pub use clock::{Clock, SystemClock};
pub use cluster::{
    Board, ClassSet, GroupTerms, Leadership, LimitHistory, PartitionEvent, Partitions,
    SharedLimits, SharedSlots, SlotGrant, SlotRequest, Slots, SlotsAsked,
};
pub use dead::DeadLetters;
pub use decoder::{DecodeError, Decoder, Envelope, UpdateKind};
pub use groups::{GroupRegistry, GroupRow, TooManyGroups};
pub use inbox::{Arrival, Inbox, Received, Taken};
pub use items::{DeadLetter, InboxItem, Origin, OutboxItem, Queued, RawUpdate};
pub use ledger::{
    Commit, Committed, DeskState, GroupMove, Imported, Ledger, Notebook, PageEnd, RequestNumbers,
    Retention, Written,
};
pub use messenger::{
    Address, Call, Keys, Messenger, Photo, PhotoSource, Receipt, Resolved, SendError,
};
pub use outbox::{Backlog, LaneHead, LanePage, Outbox, Reached};
pub use reporter::Reporter;
pub use store::{Store, StoreFigures};
pub use store_error::StoreError;
pub use tracker::{TrackError, TrackTrouble, Tracker};
pub use updates::{PollError, RemovedWebhook, Updates};
pub use webhook::{PushFailure, Webhook, WebhookError, WebhookState};
pub use welcome::Welcomes;
