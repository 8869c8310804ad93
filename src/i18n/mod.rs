//! Texts for people, in English and Russian: `locales/*.ftl`. The owner can replace each text.
//!
//! Invariant: texts that could not be shown are refused at start, so rendering never fails.

mod texts;
mod phrase;
mod notices;
mod newsletter;
mod status;
mod findings;
mod terminal;
mod catalogue;
mod entries;
mod check;
mod html;
mod zone;
mod sanitize;
#[cfg(test)]
mod tests;

pub use check::{Problem, TextMistake, TextMistakes};
pub use html::visible;
pub use newsletter::Shown;
pub use terminal::{DoctorText, Phrase as TerminalPhrase, Said, SetupText, TerminalTexts};
pub use texts::Texts;
pub use zone::Zone;
