//! Newsletters: one message of an administrator to many users.
//!
//! Invariant: the newsletters that a user received are stored with the user, in the same commit as the send. An
//! interrupted newsletter therefore continues where it was, and nobody gets it twice.

mod draft;
mod knob;
mod letter;
mod mailing;
mod received;
mod segment;
mod tally;
mod when;

pub use draft::{Awaits, Draft};
pub use knob::Knob;
pub use letter::{Letter, UrlButton};
pub use mailing::{Mailing, MailingState, Round, Stage};
pub use received::{Outcome, Received};
pub use segment::Segment;
pub use tally::Tally;
pub(super) use when::moment;
