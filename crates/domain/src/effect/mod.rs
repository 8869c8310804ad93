//! Effects: things to do at Telegram, and the queues that they go through.

mod kinds;
mod routing;

pub use kinds::{
    Audience, Button, ButtonAction, Edit, Effect, Former, NewsletterCall, NewsletterSend, Panel,
    Relay, Tell,
};
pub use routing::{Class, Replaced};
