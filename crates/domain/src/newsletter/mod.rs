//! Newsletters: one message of an administrator's, to many users.
//!
//! Invariant: what a user has received is kept with the user, in the same commit as the send that brings it. So
//! whatever is interrupted goes on where it was, and nobody gets a newsletter twice.

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
