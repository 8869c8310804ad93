//! What is said at the terminal. These texts cannot be replaced.

mod doctor;
mod setup;
mod texts;

pub use doctor::DoctorText;
pub use setup::SetupText;
pub use texts::{Phrase, Said, TerminalTexts};
use texts::{setting_wrong, with};
