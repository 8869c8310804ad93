//! Checks a recorded history of a support desk: the updates that its Telegram sent, the updates that the desk
//! confirmed, and every call of the desk with its effects, while processes were killed and frozen and the store
//! failed.
//!
//! The verdict is a pure function of the history. The checker knows the desk's promises and shares no code with the
//! desk.

mod entry;
mod figures;
mod log;
mod rules;
mod history;
mod verdict;

pub use entry::{Destination, Entry, Event, FaultKind, Side};
pub use figures::Figures;
pub use log::{read, write};
pub use rules::check;
pub use verdict::{Verdict, Violation};
