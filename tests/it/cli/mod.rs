//! The command line, as a shell and a person see it.

mod doctor;
mod output;
mod start;
mod usage;
