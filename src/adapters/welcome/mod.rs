//! Reads and checks the owner's welcome file, with its time zones and pictures.

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
