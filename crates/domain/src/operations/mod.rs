//! What the owner and the administrators learn about the desk: findings of checks, notices, the status report.

mod finding;
mod notice;
mod status;

pub use finding::{Check, Finding, ProxyTrouble, PushTrouble, Right, Way};
pub use notice::{Incident, Notice, NoticeKind, Panic, Phase, Told, Verdict};
pub use status::{
    Alerts, Backups, Firing, Grade, LimitUse, Limits, Part, Report, Room, Status, Stored, Waiting,
    Work,
};
