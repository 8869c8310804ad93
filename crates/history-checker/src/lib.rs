//! Judges a recorded history of a support desk: what its Telegram has handed out, what was confirmed, and every call of the
//! desk with what came of it, while processes were killed and frozen and the store failed.
//!
//! The judgement is a pure function of the history. It knows of the desk what the desk promises, and shares no code with it.

mod entry;
mod figures;
mod log;
mod rules;
mod story;
mod verdict;

pub use entry::{Destination, Entry, Event, FaultKind, Side};
pub use figures::Figures;
pub use log::{read, write};
pub use rules::judge;
pub use verdict::{Verdict, Violation};
