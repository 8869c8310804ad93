//! Reads and checks the owner's welcome file, with its time zones and pictures.

mod file;
mod steps;
mod check;
mod zones;
mod pictures;
mod loaded;

pub use loaded::WelcomeFile;
