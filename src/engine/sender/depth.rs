//! How full the outbox is.

use crate::domain::Millis;

use super::{lane::Place, lanes::Lanes};

/// How many sends wait, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::engine) struct Depth {
    pub ready: u64,
    pub delayed: u64,
    pub in_flight: u64,
    pub oldest: Option<Millis>,
}

impl Lanes {
    /// Sends waiting in ready lanes, in lanes that must wait, and running.
    pub(super) fn depth(&self) -> Depth {
        let mut depth = Depth::default();
        for lane in self.known.values() {
            let count = lane.waiting();
            match lane.place {
                Place::Idle | Place::Ready => depth.ready += count,
                Place::Waiting(_) | Place::Collecting(_) => depth.delayed += count,
                Place::Running => {
                    depth.in_flight += 1;
                    depth.ready += count.saturating_sub(1);
                }
            }
            let oldest = lane.loaded.front().map(|item| item.queued.received).or(lane.oldest);
            depth.oldest = [depth.oldest, oldest].into_iter().flatten().min();
        }
        depth
    }
}
