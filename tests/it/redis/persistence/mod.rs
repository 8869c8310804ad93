//! What Redis keeps, what it loses, and how much memory it takes.

mod archive;
mod losses;
mod memory;
mod power_cuts;
mod requests;
