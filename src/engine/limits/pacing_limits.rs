//! The configured rate limits.

use std::time::Duration;

use ports::SharedLimits;

/// The rate limits. Zero disables a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacingLimits {
    /// Messages per second over all chats.
    pub overall_per_second: u32,
    /// Messages per second to one user.
    pub private_per_second: u32,
    /// Messages to one user that may be sent without a pause after a silence.
    pub private_burst: u32,
    /// Messages per `group_period` to the operators' group: all topics, edits and new topics together.
    pub group: u32,
    /// One minute at Telegram; tests use less.
    pub group_period: Duration,
}

impl PacingLimits {
    /// How long a lane that needs several slots of the group at once lets others take single ones.
    pub(in crate::engine) fn patience(&self) -> Duration {
        self.group_period / 3
    }

    /// The limits that all processes on a store share.
    pub fn shared(&self) -> SharedLimits {
        SharedLimits {
            overall: self.overall_per_second as usize,
            group: self.group as usize,
            group_period: self.group_period,
        }
    }
}
