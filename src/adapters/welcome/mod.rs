//! The owner's welcome: its file, its time zones, its pictures.

mod mistakes;
mod table;
mod file;
mod steps;
mod check;
mod zones;
mod pictures;
mod played;

pub use mistakes::{WelcomeMistake, WelcomeMistakes};
pub use played::WelcomeFile;
