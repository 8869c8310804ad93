//! The context of decisions: the state that all parts share, and what the rules need besides.

use std::sync::{Arc, Mutex};

use crate::engine::Desk;
use ports::{Decoder, Welcomes};

use super::meter::Meter;

/// All that a decision can reach. It cannot reach Telegram: its effects do that later, when they are committed.
#[derive(Debug)]
pub struct Deciding {
    pub(super) desk: Arc<Desk>,
    pub(super) decoder: Arc<dyn Decoder>,
    pub(super) welcome: Option<Arc<dyn Welcomes>>,
    /// Whether a tracker counts where users come from.
    pub(super) tracked: bool,
    /// How fast each user writes.
    pub(super) meter: Mutex<Meter>,
}

impl Deciding {
    pub(in crate::engine) fn new(
        desk: Arc<Desk>,
        decoder: Arc<dyn Decoder>,
        welcome: Option<Arc<dyn Welcomes>>,
    ) -> Arc<Self> {
        let tracked = desk.tracker.is_some();
        let meter = Mutex::new(Meter::new(desk.settings.flood));
        Arc::new(Self { desk, decoder, welcome, tracked, meter })
    }
}
