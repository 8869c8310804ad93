//! Newsletters: one message of an administrator to many users.
//!
//! Invariant: the newsletters that a user received are stored with the user, in the same commit as the send. An
//! interrupted newsletter therefore continues where it was, and nobody gets it twice.

mod draft;
mod button;
mod content;
mod campaign;
mod received;
mod recipient;
mod segment;
mod progress;
mod parse_moment;

pub use button::NewsletterButton;
pub use campaign::{Newsletter, NewsletterState, SendOrRecall, Stage};
pub use content::NewsletterContent;
pub use draft::{Awaits, Draft};
pub(super) use parse_moment::parse_moment;
pub use progress::Progress;
pub use received::{Received, RecipientOutcome};
pub use recipient::Recipient;
pub use segment::Segment;
