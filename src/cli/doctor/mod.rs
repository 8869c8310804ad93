//! `support-bot doctor`: checks what the desk depends on, and says how to fix what fails.

mod checks;
mod command;
mod limit_use;
mod report;

pub(super) use command::{Options, diagnose, doctor};
