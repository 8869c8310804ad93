//! Effects: things to do at Telegram, and the queues that they go through.

mod kinds;
mod newsletter;
mod relay;
mod routing;
mod tell;

pub use kinds::Effect;
pub use newsletter::{NewsletterCall, NewsletterSend, Panel};
pub use relay::{Edit, Former, Relay};
pub use routing::Replaced;
pub use tell::{Audience, Tell};
