//! Checks of replaced texts at start.

mod depth;
mod expand;
mod mistake;
mod replaced;

pub use mistake::{Problem, TextMistake, TextMistakes};
pub(super) use replaced::{check, parse};
#[cfg(test)]
pub(super) use replaced::{messages_of, problems, terms_of};
