//! Whose turn it is among the groups: one dispatch each, so that they share the limit over all chats.

use std::collections::VecDeque;

use tokio::time::Instant;

use crate::engine::lanes::Lanes;
use domain::{GroupKey, Millis};

use super::group::{GroupSlots, Offered};

/// The groups in the order in which they are served, beginning behind the one that was served last.
#[derive(Debug, Default)]
pub(super) struct Turns {
    last: GroupKey,
    /// Those that may still get slots now.
    left: VecDeque<GroupKey>,
    /// Those whose lanes wait for slots.
    waiting: Vec<GroupKey>,
    wake: Option<Instant>,
}

impl Turns {
    /// Begins to serve the groups to which lanes are ready.
    pub(super) fn begin(&mut self, lanes: &Lanes) {
        self.left.clear();
        self.left.extend(lanes.ready_groups(self.last));
        self.waiting.clear();
        self.wake = None;
    }

    /// Offers slots to the groups in turn, until a lane takes some. A group that cannot take any leaves its turn to the
    /// others, unless only the limit over all chats is in its way: then they would never let it collect enough.
    /// `most`: calls that a group may have under way, so that one that does not answer does not hold up the others.
    pub(super) fn offer(
        &mut self,
        slots: &mut GroupSlots<'_>,
        most: usize,
        now: Instant,
        wall: Millis,
    ) -> Offered {
        while let Some(group) = self.left.front().copied() {
            if slots.lanes.running_in_group(group) >= most {
                self.left.pop_front();
                continue;
            }
            slots.group = group;
            match slots.offer(now, wall) {
                start @ Offered::Start(..) => {
                    self.last = group;
                    self.left.rotate_left(1);
                    return start;
                }
                Offered::Wait(at) => {
                    self.wake = [self.wake, at].into_iter().flatten().min();
                    if slots.lacks_overall {
                        self.waiting.extend(self.left.drain(..));
                    } else {
                        self.waiting.extend(self.left.pop_front());
                    }
                }
            }
        }
        Offered::Wait(self.wake)
    }

    /// The groups whose lanes wait for slots, after all that could be taken were.
    pub(super) fn waiting(&self) -> &[GroupKey] {
        &self.waiting
    }
}
