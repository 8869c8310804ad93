//! Reads and checks the owner's file of operators' groups.

mod surroundings;
mod entry;
mod file;
#[cfg(test)]
mod tests;

pub use entry::GroupEntry;
pub use file::GroupsFile;
pub use surroundings::{KnownQuestions, Surroundings};
