//! User texts, in English and Russian: `locales/*.ftl`, each replaceable by the desk's owner.
//!
//! Invariant: what could not be shown is refused at start, so rendering always has words.

mod texts;
mod phrase;
mod notices;
mod newsletter;
mod status;
mod findings;
mod catalogue;
mod entries;
mod check;
mod depth;
mod expand;
mod html;
mod mistake;
mod words;
#[cfg(test)]
mod tests;

pub use html::visible;
pub use mistake::{Problem, TextMistake, TextMistakes};
pub use newsletter::Shown;
pub use texts::Texts;
