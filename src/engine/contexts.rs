//! The contexts of the engine's parts, made of the ports: each part gets no more than it needs.

use std::sync::Arc;

use crate::{
    i18n::Texts,
    telemetry::{Heartbeats, Metrics, Readiness},
};
use ports::{Clock, Decoder, Messenger, Reporter, Store, Tracker, Welcomes};

use super::{Deciding, Desk, DeskSettings, Groups, Sending, desk::SharedParts};

/// The parts of a desk, which tests can replace.
#[derive(Debug)]
pub struct Parts {
    /// Inbox, outbox, conversations, links and dead letters.
    pub store: Arc<dyn Store>,
    /// Calls to Telegram.
    pub messenger: Arc<dyn Messenger>,
    /// Decodes Telegram's JSON into events.
    pub decoder: Arc<dyn Decoder>,
    /// Reports the desk's status to anyone who asks.
    pub reporter: Arc<dyn Reporter>,
    /// The desk's own texts.
    pub texts: Arc<Texts>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// The metrics.
    pub metrics: Metrics,
    /// Shows which loops are alive.
    pub heartbeats: Heartbeats,
    /// Shows whether the bot may work in the operators' group.
    pub readiness: Readiness,
    /// The owner's welcome, if there is one.
    pub welcome: Option<Arc<dyn Welcomes>>,
    /// Counts where users come from, if a tracker is configured.
    pub tracker: Option<Arc<dyn Tracker>>,
}

/// What the parts of the engine can reach.
#[derive(Debug)]
pub struct Contexts {
    /// For every part.
    pub desk: Arc<Desk>,
    /// For decisions.
    pub deciding: Arc<Deciding>,
    /// For sends.
    pub sending: Arc<Sending>,
}

impl Parts {
    /// Divides the parts among the contexts. `groups` are the operators' groups.
    pub fn divide(self, settings: DeskSettings, groups: Groups) -> Contexts {
        let Self {
            store,
            messenger,
            decoder,
            reporter,
            texts,
            clock,
            metrics,
            heartbeats,
            readiness,
            welcome,
            tracker,
        } = self;
        let shared = SharedParts { store, clock, metrics, heartbeats, readiness, tracker };
        let desk = Desk::new(shared, settings, groups);
        let deciding = Deciding::new(Arc::clone(&desk), decoder, welcome.clone());
        let sending = Sending::new(Arc::clone(&desk), messenger, reporter, texts, welcome);
        Contexts { desk, deciding, sending }
    }
}
