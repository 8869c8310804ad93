//! The program is killed in the middle of its work.

mod desk;
mod flood;
mod newsletter;
mod welcome;
